"""The page that explains the model step by step, through Streamlit's own test harness."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from app_pages import SEVEN, html, sound, start, texts, words
from PIL import Image

from app.learn.demonstrations import edge_patch
from digits import Recognizer
from digits.config import models_dir
from digits.explain.activations import ActivationReader
from digits.models import checkpoints
from digits.models.layer_graph import LayerGraph

STEPS = 8


@pytest.fixture
def drawn(canvas):
    """Return the page after a seven was drawn, with the shipped models."""
    canvas.image = SEVEN
    return start("learn")


def go_to(app, step: int):
    app.session_state["learn_step"] = step
    return sound(app.run())


def tables(app) -> dict[str, list[str]]:
    """Return the cells of each table of numbers, by its title."""
    found = re.findall(r'<table class="numbers"><caption>(.*?)</caption>(.*?)</table>', html(app))
    return {title: re.findall(r"<td[^>]*>(.*?)</td>", cells) for title, cells in found}


def question(app):
    (radio,) = [radio for radio in app.radio if radio.key.startswith("learn_")]
    return radio


def solve(app) -> str:
    """Try all choices until one is right; return it. Each wrong one gives the hint."""
    for choice in question(app).options:
        sound(question(app).set_value(choice).run())
        if app.success:
            assert not app.warning
            return choice
        assert len(app.warning) == 1
    raise AssertionError(f"no choice of {question(app).label!r} is right")


def look_at_pixels(app, frame):
    cells = tables(app)["Inside the frame"]
    assert cells.count("?") == 1
    right = solve(app)
    patch = edge_patch(frame)
    assert tables(app)["Inside the frame"] == [f"{value:.2f}" for value in patch.values.ravel()]
    assert right == f"{frame[patch.corner[0] + 2, patch.corner[1] + 2]:.2f}"
    wrong = next(choice for choice in question(app).options if choice != right)
    question(app).set_value(wrong).run()
    assert "Compare its grey" in app.warning[0].value
    assert tables(app)["Inside the frame"] == cells  # the secret is kept again
    solve(app)


def look_at_framing(app, frame):
    solve(app)
    assert "What the model gets of it" in html(app)
    assert "It reads both as a 7." in app.success[0].value


def look_at_convolution(app, frame):
    right = solve(app)
    window, weights, products = (list(map(float, cells)) for cells in tables(app).values())
    np.testing.assert_allclose(np.multiply(window, weights), products, atol=0.011)
    assert float(right) in products
    reader = ActivationReader(LayerGraph(checkpoints.load(models_dir() / "handwriting.keras")[0]))
    (said,) = re.findall(r"products add up to (-?[\d.]+\d)", " ".join(texts(app)))
    assert float(said) == pytest.approx(float(reader(frame).map("stem1").max()), rel=0.01)


def look_at_pooling(app, frame):
    right = solve(app)
    cells = tables(app)["Inside the frame"]
    assert len(cells) == 4
    assert float(right) == max(map(float, cells))


def look_at_softmax(app, frame):
    assert html(app).count("<td>?</td>") == 1
    solve(app)
    assert html(app).count("<td>?</td>") == 0
    assert "this is a 7" in app.success[0].value


def look_at_charts(app, frame):
    solve(app)
    assert len(app.get("vega_lite_chart")) == 1


def look_at_attack(app, frame):
    right = solve(app)
    assert ("still a 7" in app.success[0].value) == (right == "7")
    assert f"a {right}" in app.success[0].value


def test_all_steps_can_be_walked_on_a_drawn_digit(drawn):
    assert drawn.title[0].value == "How it works"
    assert drawn.button(key="learn_back").disabled
    frame = Recognizer.load().read_digit(SEVEN).framed
    looks = [look_at_pixels, look_at_framing, look_at_convolution, look_at_pooling, look_at_softmax]
    looks += [look_at_charts, look_at_charts, look_at_attack]
    titles = []
    for step, look in enumerate(looks):
        titles.append(drawn.header[0].value)
        assert len(question(drawn).options) >= 2
        assert not drawn.success
        look(drawn, frame)
        if step < STEPS - 1:
            sound(drawn.button(key="learn_next").click().run())
    assert len(set(titles)) == STEPS
    assert drawn.button(key="learn_next").disabled
    sound(drawn.button(key="learn_back").click().run())
    assert drawn.header[0].value == titles[-2]
    assert drawn.success  # what was answered stays answered


def test_the_small_copy_is_compared_before_it_is_said_to_be_read_alike(drawn, monkeypatch):
    whole = Recognizer.read_digit

    def fooled(self, image, *rest, **options):
        reading = whole(self, image, *rest, **options)
        return replace(reading, index=1) if np.ndim(image) == 2 else reading  # the copy is grey

    monkeypatch.setattr(Recognizer, "read_digit", fooled)
    go_to(drawn, 1)
    solve(drawn)
    assert "reads the first as a 7 and the small one as a 1" in drawn.success[0].value
    monkeypatch.setattr("app.learn.demonstrations.alike", lambda *frames: 0.1)
    assert "too small to be cut out well" in go_to(drawn, 1).info[0].value


def test_an_attack_on_what_is_misread_already_proves_nothing(drawn, monkeypatch):
    from app.learn.scene import Scene

    monkeypatch.setattr(Scene, "truth", property(lambda scene: 4))
    go_to(drawn, 7)
    assert "The model took it for a 7 even before" in words(drawn)
    solve(drawn)
    assert "read wrong from the start" in drawn.success[0].value


def test_an_uploaded_picture_goes_the_same_way(drawn):
    file = io.BytesIO()
    Image.fromarray(SEVEN).save(file, "PNG")
    sound(drawn.segmented_control(key="learn_source").set_value("Upload").run())
    assert not drawn.radio
    drawn.file_uploader(key="learn_file").set_value(("seven.png", file.getvalue(), "image/png")).run()
    go_to(drawn, 1)
    solve(drawn)
    assert "What the model gets of it" in html(drawn)


def test_what_is_missing_is_said_in_one_sentence(own_models, tiny_model, linear_model, monkeypatch):
    tiny_model.save(own_models / "mine.keras")
    app = start("learn")
    said = {}
    for step in range(STEPS):
        go_to(app, step)
        if app.radio:
            solve(app)
        else:
            (said[step],) = [info.value for info in app.info]
    assert list(said) == [5, 6]  # training and mistakes: neither a card nor a result
    assert "how its training went" in said[5]
    assert "--model mine" in said[6]
    go_to(app, 0)
    sound(app.button(key="learn_another").click().run())
    assert not app.success  # another digit is asked about anew
    (own_models / "mine.keras").unlink()
    linear_model.save(own_models / "straight.keras")
    app = start("learn")
    for step, expected in ((2, "does not look for small patterns"), (3, "has no pooling layer")):
        go_to(app, step)
        assert expected in app.info[0].value
        assert not app.radio
        assert not app.button(key="learn_next").disabled
    (own_models / "straight.keras").unlink()
    app = start("learn")
    assert "train_cnn.py" in app.error[0].value
    assert not app.radio


def test_without_test_digits_it_asks_for_a_drawing(own_models, tiny_model, monkeypatch):
    def missing(part):
        raise FileNotFoundError("MNIST was found nowhere: put mnist.npz into the folder data/.")

    monkeypatch.setattr("digits.data.mnist.load_arrays", missing)
    tiny_model.save(own_models / "mine.keras")
    app = start("learn")
    assert any("There are no test digits here" in info.value for info in app.info)
    assert not app.radio
