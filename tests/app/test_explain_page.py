"""The page that shows why, through Streamlit's own test harness."""

import io
import re

import numpy as np
import pytest
import streamlit as st
from app_pages import SEVEN, choose, pictures, sound, start, texts, words
from pathologies import picture
from PIL import Image

from digits.explain import faithfulness, finding
from digits.explain.attribution import Explainer
from digits.models import leaderboard

PARTS = ("Where it looks", "Inside", "Look-alikes", "What would change its mind")


@pytest.fixture
def drawn(canvas):
    """Return the page after a seven was drawn, with the shipped models."""
    canvas.image = SEVEN
    return start("explain")


def go_to(app, part):
    return choose(app, "segmented_control", "explain_part", part)


def charts(app) -> int:
    return len(app.get("vega_lite_chart"))


def test_of_a_photo_it_shows_what_the_finder_sees(canvas):
    file = io.BytesIO()
    Image.fromarray(picture("noise", 3)).save(file, "JPEG", quality=95)
    app = start("explain")
    choose(app, "segmented_control", "explain_source", "Upload")
    app.file_uploader[0].set_value([("3.jpg", file.getvalue(), "image/jpeg")]).run()
    assert {finding.TITLE, "Where it sees something written"} <= set(pictures(sound(app)))
    assert "gives a digit a chance of" in words(app)


def test_layer_target_method_and_strength_change_the_map(drawn):
    assert drawn.title[0].value == "Why this answer?"
    assert "7" in texts(drawn)
    assert "% sure of 7" in words(drawn)
    assert list(pictures(drawn)) == [
        "Your drawing, as a network sees it",
        "Grad-CAM for 7, layer last_conv",
    ]
    assert "is a blob" in words(drawn)
    assert "than chance" in words(drawn)
    seen = set(pictures(drawn).values())
    choose(drawn, "selectbox", "heat_layer_handwriting", "stem2")
    assert "is a blob" not in words(drawn)
    changes = [
        ("selectbox", "heat_target", 3, "Grad-CAM for 3, layer stem2"),
        ("slider", "heat_strength", 0.3, "Grad-CAM for 3, layer stem2"),
        ("selectbox", "heat_method", "integrated_gradients", "Integrated gradients for 3"),
    ]
    for kind, key, value, name in changes:
        choose(drawn, kind, key, value)
        assert pictures(drawn)[name] not in seen
        seen.add(pictures(drawn)[name])
    assert "add up to what this digit scores" in words(drawn)
    assert len(drawn.get("download_button")) == 1


def test_the_inside_shows_channels_of_each_layer_and_one_of_them_large(drawn):
    go_to(drawn, "Inside")
    # The grid, the channel, its input and its kernel, and the first filters.
    assert charts(drawn) == 5
    assert drawn.selectbox(key="inside_layer_handwriting").value == "stem1"
    assert len(drawn.selectbox(key="channel_stem1").options) == 32
    assert "The 9 products add up to" in words(drawn)
    assert "Batch normalisation brings it to the usual range" in words(drawn)
    choose(drawn, "selectbox", "inside_layer_handwriting", "deep1b_depthwise")
    assert charts(drawn) == 5
    choose(drawn, "selectbox", "channel_deep1b_depthwise", 3)
    assert "Channel 3 of deep1b_depthwise" in words(drawn)
    choose(drawn, "selectbox", "inside_layer_handwriting", "pool")
    assert charts(drawn) == 4  # no kernel
    assert "products add up to" not in words(drawn)
    assert "the largest kept" in words(drawn)


def test_look_alikes_have_labels_and_a_map(drawn):
    go_to(drawn, "Look-alikes")
    assert "7" in pictures(drawn)
    assert "farther from their nearest one" in words(drawn)
    assert charts(drawn) == 1
    choose(drawn, "selectbox", "alike_rival", 4)
    assert "Most like it among the 4s" in words(drawn)
    assert "4" in pictures(drawn)
    choose(drawn, "segmented_control", "alike_map", "pca")
    assert "exactly where its own features put it" in words(drawn)


def test_a_change_of_ink_changes_its_mind(drawn):
    go_to(drawn, "What would change its mind")
    assert {"Before: read as 7", "The change"} <= pictures(drawn).keys()
    assert re.search(r"With \d+% of its ink (erased|added).* it reads as \*\*\d\*\*", words(drawn))
    before = pictures(drawn)["The change"]
    choose(drawn, "selectbox", "change_goal", 9)
    assert "After: read as 9" in pictures(drawn)
    choose(drawn, "segmented_control", "change_ways", "Erasing")
    assert pictures(drawn).get("The change") != before
    choose(drawn, "selectbox", "change_goal", 7)
    assert drawn.info[0].value == "It is read as 7 already."


def test_what_is_no_digit_and_what_was_not_asked_about_are_explained_too(canvas):
    canvas.image = np.full_like(SEVEN, 255)
    canvas.image[60:70, 60:220] = canvas.image[140:150, 60:220] = 0
    canvas.image[60:220, 60:70] = canvas.image[60:220, 210:220] = 0
    app = start("explain")
    assert "?" in texts(app)
    assert "Too little speaks for any digit" in words(app)
    canvas.image = np.full_like(SEVEN, 255)
    canvas.image[110:170, 110:170] = 0
    app = start("explain")
    assert "the model was not even asked" in words(app)
    (asked,) = re.findall(r"If it were asked, it would say (\d)", words(app))
    assert f"what it would be, if asked: {asked}" in app.selectbox(key="heat_target").options
    assert any(name.startswith(f"Grad-CAM for {asked}") for name in pictures(app))
    for part in PARTS:
        assert not go_to(app, part).error


def test_every_figure_can_be_downloaded_of_a_test_digit_and_another_model(canvas, monkeypatch):
    files = {}

    def download_button(label, data, file_name, *_, **__):
        files[file_name] = data()

    app = start()
    app.sidebar.selectbox(key="model").set_value("mnist_plain").run()
    monkeypatch.setattr(st, "download_button", download_button)
    sound(app.switch_page("explain/page.py").run())
    assert any(name.startswith("Test digit 0, labelled 7") for name in pictures(app))
    for part in PARTS:
        assert not go_to(app, part).error
    kinds = ["grad_cam", "channels", "channel", "filters", "lookalikes", "map_", "change_of", "before_and"]
    assert [name for name, kind in zip(files, kinds, strict=True) if not name.startswith(kind)] == []
    assert all(file.startswith(b"\x89PNG") for file in files.values())


def test_a_method_that_does_not_look_at_what_was_learnt_has_a_warning(own_models, tiny_model):
    path = own_models / "mine.keras"
    tiny_model.save(path)
    alike = {"grad_cam": (0.02, 0.25), "grad_cam_plus_plus": (0.45, 0.0)}
    result = {"data": "test", "n": 100, "seed": 0, "shuffled": {"n": 30, "times": 5}}
    layer = Explainer(tiny_model).map_layer()
    result["methods"] = {
        name: {"layer": layer, "randomised_correlation": value, "randomised_empty": empty}
        for name, (value, empty) in alike.items()
    }
    leaderboard.Result(path=path, kind="explanations", figures=result).write()
    app = start("explain")
    assert "2% alike, where those were not empty (75%). So they show what the network has" in words(app)
    choose(app, "selectbox", "heat_method", "grad_cam_plus_plus")
    assert re.search(
        ":material/warning: On 30 test digits.* 45% alike. So a good part of such a map", words(app)
    )
    choose(app, "selectbox", "heat_method", "occlusion")
    assert "weights shuffled" not in words(app)  # it was not measured
    path.write_bytes(path.read_bytes() + b"0")
    assert "weights shuffled" not in words(start("explain"))  # of another file


def test_what_was_found_is_kept(own_models, tiny_model, monkeypatch):
    asked, whole = [], faithfulness.judge

    def judge(*arguments):
        asked.append(arguments[1])
        return whole(*arguments)

    tiny_model.save(own_models / "mine.keras")
    monkeypatch.setattr(faithfulness, "judge", judge)
    app = start("explain")
    choose(app, "slider", "heat_strength", 0.2)
    go_to(app, "Inside")
    go_to(app, "Where it looks")
    assert app.slider(key="heat_strength").value == 0.2
    assert asked == ["grad_cam"]
    choose(app, "selectbox", "heat_method", "smooth_grad")
    assert asked == ["grad_cam", "smooth_grad"]


def test_a_model_without_convolutions_or_index_says_so_and_explains_what_it_can(
    own_models, linear_model, canvas
):
    linear_model.save(own_models / "mine.keras")
    app = start("explain")
    assert "has no convolutions" in words(app)
    choose(app, "selectbox", "heat_method", "occlusion")
    assert any(name.startswith("Occlusion for") for name in pictures(app))
    assert "takes all points at once" in words(go_to(app, "Inside"))
    assert "**mine** are not made yet" in words(go_to(app, "Look-alikes"))
    sound(app.button(key="alike_make").click().run())
    assert canvas.tasks == [("mine", "index")]
    go_to(app, "What would change its mind")
    assert "The change" in pictures(app) or "No change was found" in words(app)


def test_a_model_of_models_without_a_card_explains_itself(own_models):
    import model_makes  # late: it brings TensorFlow

    model_makes.made("two models inside").save(own_models / "mine.keras")
    app = start("explain")
    assert any(name.endswith("layer mind_late") for name in pictures(app))
    assert not go_to(app, "Inside").error


def test_what_is_missing_or_cannot_be_explained_is_said(own_models, tiny_model, canvas, monkeypatch):
    canvas.image = SEVEN
    assert "train_cnn.py" in start("explain").error[0].value
    tiny_model.save(own_models / "mine.keras")

    def refuse(model):
        raise ValueError("The Keras backend is jax; expected tensorflow.")

    with monkeypatch.context() as patched:
        patched.setattr("digits.explain.report.load", refuse)
        assert "expected tensorflow" in start("explain").error[0].value
    canvas.image = None
    app = start("explain")
    for source, hint in (("Your picture", "Nothing is drawn"), ("Upload", "Choose a picture")):
        choose(app, "segmented_control", "explain_source", source)
        assert hint in app.info[0].value
        assert "explain_part" not in [control.key for control in app.segmented_control]
    canvas.image = np.full_like(SEVEN, 255)
    app = start("explain", explain_source="Your picture")
    assert "There is no ink on it" in app.info[0].value


def test_a_sum_that_is_not_right_to_the_percent_is_said_in_full():
    from app.explain import heatmaps

    tests = {"completeness_error": 0.18, "completeness_nats": 0.0054, "rise": 0.03}
    said = heatmaps.complete(tests, 8)
    assert "the difference is 0.03, and the points add up to it but for 0.0054" in said
    assert "but for 0.4%" in heatmaps.complete(tests | {"completeness_error": 0.004}, 8)
