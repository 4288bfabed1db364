"""The page that shows why, through Streamlit's own test harness."""

import re
import shutil

import numpy as np
import pytest
import streamlit as st
from app_pages import SEVEN, start, texts

from digits.explain import faithfulness, report
from digits.explain.attribution import Explainer
from digits.models import leaderboard

PARTS = ("Where it looks", "Inside", "Look-alikes", "What would change its mind")


def open_page(**state):
    app = start(**state).switch_page("explain/page.py").run()
    assert not app.exception
    return app


@pytest.fixture
def drawn(canvas):
    """Return the page after a seven was drawn, with the shipped models."""
    canvas.image = SEVEN
    return open_page()


@pytest.fixture
def own_models(canvas, surroundings):
    """Return a function that puts a model of one's own, without a card, in place of the shipped ones."""
    st.cache_resource.clear()  # the test digits of other tests
    st.cache_data.clear()

    def put(model):
        model.save(surroundings / "models" / "mine.keras")
        return surroundings / "models"

    yield put
    st.cache_resource.clear()


def pictures(app) -> dict[str, str]:
    """Return the pictures that stand on the page, by their names; of equal names the last."""
    found = re.findall(r'<img src="([^"]+)" alt="([^"]+)"', "".join(e.value for e in app.get("html")))
    return {name: source for source, name in found}


def words(app) -> str:
    return " ".join(texts(app) + [e.value for e in app.caption] + [e.value for e in app.info])


def go_to(app, part):
    app.segmented_control(key="explain_part").set_value(part).run()
    assert not app.exception
    return app


def charts(app) -> int:
    return len(app.get("vega_lite_chart"))


def test_a_drawn_digit_has_an_answer_and_reasons_in_words(drawn):
    assert drawn.title[0].value == "Why this answer?"
    assert "7" in texts(drawn)
    assert "% sure of 7" in words(drawn)


def test_layer_target_method_and_strength_change_the_map(drawn):
    assert list(pictures(drawn)) == [
        "Your drawing, as a network sees it",
        "Grad-CAM for 7, layer last_conv",
    ]
    assert "is a blob" in words(drawn)
    assert "than chance" in words(drawn)
    seen = set(pictures(drawn).values())
    drawn.selectbox(key="heat_layer_handwriting").set_value("stem2").run()
    assert "is a blob" not in words(drawn)
    changes = [
        ("selectbox", "heat_target", 3, "Grad-CAM for 3, layer stem2"),
        ("slider", "heat_strength", 0.3, "Grad-CAM for 3, layer stem2"),
        ("selectbox", "heat_method", "integrated_gradients", "Integrated gradients for 3"),
    ]
    for kind, key, value, name in changes:
        getattr(drawn, kind)(key=key).set_value(value).run()
        assert not drawn.exception
        assert pictures(drawn)[name] not in seen
        seen.add(pictures(drawn)[name])
    assert "add up to what this digit scores" in words(drawn)
    assert len(drawn.get("download_button")) == 1
    drawn.slider(key="heat_strength").set_value(0.0).run()  # no colours: the frame itself
    assert not drawn.exception


def test_the_inside_shows_channels_of_each_layer_and_one_of_them_large(drawn):
    go_to(drawn, "Inside")
    # The grid, the channel, its input and its kernel, and the first filters.
    assert charts(drawn) == 5
    layer = drawn.selectbox(key="inside_layer_handwriting")
    assert layer.value == "stem1"
    channels = drawn.selectbox(key="channel_stem1").options
    assert len(channels) == 32
    assert "The 9 products add up to" in words(drawn)
    assert "Batch normalisation brings it to the usual range" in words(drawn)
    layer.set_value("deep1b_depthwise").run()
    assert not drawn.exception
    assert charts(drawn) == 5
    drawn.selectbox(key="channel_deep1b_depthwise").set_value(3).run()
    assert "Channel 3 of deep1b_depthwise" in words(drawn)
    drawn.selectbox(key="inside_layer_handwriting").set_value("pool").run()
    assert charts(drawn) == 4  # no kernel
    assert "products add up to" not in words(drawn)
    assert "the largest kept" in words(drawn)


def test_look_alikes_have_labels_and_a_map(drawn):
    go_to(drawn, "Look-alikes")
    assert "7" in pictures(drawn)
    assert "farther from their nearest one" in words(drawn)
    assert charts(drawn) == 1
    drawn.selectbox(key="alike_rival").set_value(4).run()
    assert "Most like it among the 4s" in words(drawn)
    assert "4" in pictures(drawn)
    drawn.segmented_control(key="alike_map").set_value("pca").run()
    assert not drawn.exception
    assert "exactly where its own features put it" in words(drawn)


def test_a_change_of_ink_changes_its_mind(drawn):
    go_to(drawn, "What would change its mind")
    assert {"Before: read as 7", "The change"} <= pictures(drawn).keys()
    assert re.search(r"With \d+% of its ink (erased|added).* it reads as \*\*\d\*\*", words(drawn))
    before = pictures(drawn)["The change"]
    drawn.selectbox(key="change_goal").set_value(9).run()
    assert "After: read as 9" in pictures(drawn)
    drawn.segmented_control(key="change_ways").set_value("Erasing").run()
    assert not drawn.exception
    assert pictures(drawn).get("The change") != before
    drawn.selectbox(key="change_goal").set_value(7).run()
    assert drawn.info[0].value == "It is read as 7 already."


def test_what_is_no_digit_is_explained_too(canvas):
    canvas.image = np.full_like(SEVEN, 255)
    canvas.image[60:70, 60:220] = canvas.image[140:150, 60:220] = 0
    canvas.image[60:220, 60:70] = canvas.image[60:220, 210:220] = 0
    app = open_page()
    assert "?" in texts(app)
    assert "Too little speaks for any digit" in words(app)
    for part in PARTS:
        assert not go_to(app, part).error


def test_a_blot_is_explained_as_what_the_network_would_say(canvas):
    canvas.image = np.full_like(SEVEN, 255)
    canvas.image[110:170, 110:170] = 0
    app = open_page()
    assert "the model was not even asked" in words(app)
    (asked,) = re.findall(r"If it were asked, it would say (\d)", words(app))
    assert f"what it would be, if asked: {asked}" in app.selectbox(key="heat_target").options
    assert any(name.startswith(f"Grad-CAM for {asked}") for name in pictures(app))
    for part in PARTS:
        assert not go_to(app, part).error


def test_a_method_that_does_not_look_at_what_was_learnt_has_a_warning(own_models, tiny_model, surroundings):
    models = own_models(tiny_model)
    layer = Explainer(tiny_model).map_layer()
    alike = {"grad_cam": (0.02, 0.25), "grad_cam_plus_plus": (0.45, 0.0)}
    result = {"data": "test", "n": 100, "seed": 0, "shuffled": {"n": 30, "times": 5}}
    result["methods"] = {
        name: {"layer": layer, "randomised_correlation": value, "randomised_empty": empty}
        for name, (value, empty) in alike.items()
    }
    result["methods"]["smooth_grad"] = {"randomised_correlation": None, "randomised_empty": 1.0}
    leaderboard.Result(path=models / "mine.keras", kind="explanations", figures=result).write()
    app = open_page()
    assert "2% alike, where those were not empty (75%). So they show what the network has" in words(app)
    app.selectbox(key="heat_method").set_value("grad_cam_plus_plus").run()
    assert re.search("⚠️ On 30 test digits.* 45% alike. So a good part of such a map", words(app))
    app.selectbox(key="heat_method").set_value("smooth_grad").run()
    assert "more light here would speak for" in words(app)
    assert "those were all empty. So they show" in words(app)
    app.selectbox(key="heat_method").set_value("occlusion").run()
    assert "weights shuffled" not in words(app)  # it was not measured
    tiny_model.save(models / "mine.keras", overwrite=True)
    (models / "mine.keras").write_bytes((models / "mine.keras").read_bytes() + b"0")
    assert "weights shuffled" not in words(open_page())  # of another file


def test_a_sum_that_is_not_right_to_the_percent_is_said_in_full(canvas):
    from app.explain import heatmaps

    tests = {"completeness_error": 0.18, "completeness_nats": 0.0054, "rise": 0.03}
    said = heatmaps.complete(tests, 8)
    assert "the difference is 0.03, and the points add up to it but for 0.0054" in said
    assert "but for 0.4%" in heatmaps.complete(tests | {"completeness_error": 0.004}, 8)


def test_every_figure_can_be_downloaded(drawn, monkeypatch):
    files = {}

    def download_button(label, data, file_name, *_, **__):
        files[file_name] = data()

    monkeypatch.setattr(st, "download_button", download_button)
    for part in PARTS:
        go_to(drawn, part)
    assert set(files) == {
        "grad_cam_7.png",
        "channels_stem1.png",
        "filters_stem1.png",
        *[name for name in files if re.fullmatch(r"channel_\d+_stem1.png", name)],
        "lookalikes.png",
        "map_tsne.png",
        "change_of_mind.png",
        "before_and_after.png",
    }
    assert all(file.startswith(b"\x89PNG") for file in files.values())


@pytest.mark.parametrize("part", PARTS)
def test_each_part_runs_for_a_test_digit_and_another_model(canvas, part):
    app = start()
    app.sidebar.selectbox(key="model").set_value("mnist_plain").run()
    app.switch_page("explain/page.py").run()
    go_to(app, part)
    assert not app.error
    if not any("no test digits" in info.value for info in app.info):
        assert app.get("download_button")
        app.button(key="explain_another").click().run()
        assert not app.exception


def test_a_model_without_convolutions_or_index_says_so_and_explains_what_it_can(own_models, linear_model):
    own_models(linear_model)
    app = open_page()
    assert "has no convolutions" in words(app)
    app.selectbox(key="heat_method").set_value("occlusion").run()
    assert not app.exception
    assert any(name.startswith("Occlusion for") for name in pictures(app))
    assert "takes all points at once" in words(go_to(app, "Inside"))
    assert "python -m evaluation.build_index --model mine" in words(go_to(app, "Look-alikes"))
    go_to(app, "What would change its mind")
    assert "The change" in pictures(app) or "No change was found" in words(app)


def test_a_model_of_models_without_a_card_explains_itself(own_models):
    import model_makes  # late: it brings TensorFlow

    own_models(model_makes.made("two models inside"))
    app = open_page()
    assert any(name.endswith("layer mind/late") for name in pictures(app))
    for part in PARTS:
        assert not go_to(app, part).error


def test_what_cannot_be_explained_is_said(own_models, tiny_model, monkeypatch):
    def refuse(model):
        raise ValueError("The Keras backend is jax; expected tensorflow.")

    own_models(tiny_model)
    monkeypatch.setattr("digits.explain.report.load", refuse)
    assert "expected tensorflow" in open_page().error[0].value


def test_what_was_found_is_kept(own_models, tiny_model, monkeypatch):
    asked, whole = [], faithfulness.judge

    def judge(*arguments):
        asked.append(arguments[1])
        return whole(*arguments)

    own_models(tiny_model)
    monkeypatch.setattr(report, "judge", judge)
    app = open_page()
    app.slider(key="heat_strength").set_value(0.2).run()
    go_to(app, "Inside")
    go_to(app, "Where it looks")
    assert app.slider(key="heat_strength").value == 0.2
    assert asked == ["grad_cam"]
    app.selectbox(key="heat_method").set_value("smooth_grad").run()
    assert asked == ["grad_cam", "smooth_grad"]


def test_without_a_model_or_a_digit_the_page_says_what_to_do(own_models, tiny_model, canvas):
    models = own_models(tiny_model)
    app = open_page()
    for source, hint in (("Your drawing", "Nothing is drawn yet"), ("Upload", "Choose a picture")):
        app.segmented_control(key="explain_source").set_value(source).run()
        assert not app.exception
        assert hint in app.info[0].value
        assert "explain_part" not in [control.key for control in app.segmented_control]
    canvas.image = np.full_like(SEVEN, 255)
    app = open_page(explain_source="Your drawing")
    assert "not exactly one digit" in app.info[0].value
    shutil.rmtree(models)
    models.mkdir()
    canvas.image = SEVEN
    app = open_page()
    assert "train_cnn.py" in app.error[0].value
