"""The page that explains the model step by step, through Streamlit's own test harness."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
from app_pages import SEVEN, start, texts
from PIL import Image

from app.learn.demonstrations import edge_patch
from digits import Recognizer
from digits.config import models_dir
from digits.explain.activations import ActivationReader
from digits.explain.layer_graph import LayerGraph
from digits.models import checkpoints

STEPS = 8


@pytest.fixture
def drawn(canvas):
    """Return the page after a seven was drawn, with the shipped models."""
    canvas.image = SEVEN
    return open_page()


@pytest.fixture
def small(canvas, surroundings, tiny_model):
    """Put an untrained model without card and results, and small test digits, in place of the real ones."""
    st.cache_resource.clear()  # the test digits of other tests
    tiny_model.save(surroundings / "models" / "mine.keras")
    yield surroundings
    st.cache_resource.clear()


def open_page(**state):
    app = start(**state).switch_page("learn/page.py").run()
    assert not app.exception
    return app


def go_to(app, step: int):
    app.session_state["learn_step"] = step
    app.run()
    assert not app.exception
    return app


def html(app) -> str:
    return "".join(element.value for element in app.get("html"))


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
        question(app).set_value(choice).run()
        assert not app.exception
        if app.success:
            assert not app.warning
            return choice
        assert len(app.warning) == 1
    raise AssertionError(f"no choice of {question(app).label!r} is right")


def frame_of(app) -> np.ndarray:
    return Recognizer.load().read_digit(SEVEN).framed


def test_all_steps_can_be_walked_on_a_drawn_digit(drawn):
    assert drawn.title[0].value == "How it works"
    assert drawn.button(key="learn_back").disabled
    titles = []
    for step in range(STEPS):
        titles.append(drawn.subheader[0].value)
        assert len(question(drawn).options) >= 2
        assert not drawn.success
        solve(drawn)
        assert not re.search(r"[{}]", " ".join([*texts(drawn), drawn.success[0].value]))
        if step < STEPS - 1:
            drawn.button(key="learn_next").click().run()
            assert not drawn.exception
    assert len(set(titles)) == STEPS
    assert drawn.button(key="learn_next").disabled
    drawn.button(key="learn_back").click().run()
    assert drawn.subheader[0].value == titles[-2]
    assert drawn.success  # what was answered stays answered


def test_a_wrong_answer_gives_a_hint_and_keeps_the_secret(drawn):
    cells = tables(drawn)["Inside the frame"]
    assert cells.count("?") == 1
    right = solve(drawn)
    wrong = next(choice for choice in question(drawn).options if choice != right)
    assert tables(drawn)["Inside the frame"].count("?") == 0
    question(drawn).set_value(wrong).run()
    assert "Compare its grey" in drawn.warning[0].value
    assert tables(drawn)["Inside the frame"] == cells


def test_the_pixels_are_those_of_the_digit(drawn):
    right = solve(drawn)
    frame = np.round(frame_of(drawn) * 255) / 255
    patch = edge_patch(frame.astype(np.float32))
    assert tables(drawn)["Inside the frame"] == [f"{value:.2f}" for value in patch.values.ravel()]
    assert right == f"{frame[patch.corner[0] + 2, patch.corner[1] + 2]:.2f}"


def test_the_convolution_multiplies_the_digit_with_the_models_own_weights(drawn):
    go_to(drawn, 2)
    right = solve(drawn)
    window, weights, products = (list(map(float, cells)) for cells in tables(drawn).values())
    np.testing.assert_allclose(np.multiply(window, weights), products, atol=0.011)
    assert float(right) in products
    reader = ActivationReader(LayerGraph(checkpoints.load(models_dir() / "handwriting.keras")[0]))
    largest = reader(np.round(frame_of(drawn) * 255).astype(np.float32) / 255).map("stem1").max()
    (said,) = re.findall(r"products add up to (-?[\d.]+\d)", " ".join(texts(drawn)))
    assert float(said) == pytest.approx(float(largest), rel=0.01)


def test_pooling_keeps_the_largest(drawn):
    go_to(drawn, 3)
    right = solve(drawn)
    cells = tables(drawn)["Inside the frame"]
    assert len(cells) == 4
    assert float(right) == max(map(float, cells))


def test_the_shares_of_softmax_add_up(drawn):
    go_to(drawn, 4)
    assert html(drawn).count("<td>?</td>") == 1
    solve(drawn)
    assert html(drawn).count("<td>?</td>") == 0
    assert "this is a 7" in drawn.success[0].value


def test_the_attack_says_whether_the_model_was_fooled(drawn):
    go_to(drawn, 7)
    right = solve(drawn)
    said = drawn.success[0].value
    assert ("still a 7" in said) == (right == "7")
    assert f"a {right}" in said


def test_the_small_copy_is_compared_before_it_is_said_to_be_read_alike(drawn, monkeypatch):
    go_to(drawn, 1)
    solve(drawn)
    assert "It reads both as a 7." in drawn.success[0].value
    whole = Recognizer.read_digit

    def fooled(self, image):
        reading = whole(self, image)
        return replace(reading, digit=1) if np.ndim(image) == 2 else reading  # the copy is grey

    monkeypatch.setattr(Recognizer, "read_digit", fooled)
    drawn.run()
    assert "reads the first as a 7 and the small one as a 1" in drawn.success[0].value
    monkeypatch.setattr("app.learn.demonstrations.alike", lambda *frames: 0.1)
    assert "too small to be cut out well" in go_to(drawn, 1).info[0].value


def test_an_attack_on_what_is_misread_already_proves_nothing(drawn, monkeypatch):
    from app.learn.scene import Scene

    monkeypatch.setattr(Scene, "truth", property(lambda scene: 4))
    go_to(drawn, 7)
    assert "The model took it for a 7 even before" in " ".join(texts(drawn))
    solve(drawn)
    assert "read wrong from the start" in drawn.success[0].value


def test_a_test_digit_will_do_and_another_one_asks_anew(small):
    app = open_page()
    solve(app)
    app.button(key="learn_another").click().run()
    assert not app.exception
    assert not app.success


def test_what_a_model_lacks_is_said_in_one_sentence(small):
    app = open_page()
    said = {}
    for step in range(STEPS):
        go_to(app, step)
        if not app.radio:
            (said[step],) = [info.value for info in app.info]
        else:
            solve(app)
    assert list(said) == [5, 6]  # training and mistakes: neither a card nor a result
    assert "how its training went" in said[5]
    assert "evaluate.py --model mine" in said[6]


def test_a_model_without_convolution_says_so(small, linear_model):
    for path in (small / "models").iterdir():
        path.unlink()
    linear_model.save(small / "models" / "straight.keras")
    app = open_page()
    for step, words in ((2, "does not look for small patterns"), (3, "has no pooling layer")):
        go_to(app, step)
        assert words in app.info[0].value
        assert not app.radio
        assert not app.button(key="learn_next").disabled


def test_without_a_model_the_page_says_what_to_do(small):
    for path in (small / "models").iterdir():
        path.unlink()
    app = open_page()
    assert "train_cnn.py" in app.error[0].value
    assert not app.radio


def test_without_test_digits_it_asks_for_a_drawing(small, canvas, monkeypatch):
    def missing(part):
        raise FileNotFoundError("MNIST was found nowhere: put mnist.npz into the folder data/.")

    monkeypatch.setattr("digits.data.mnist.load_arrays", missing)
    app = open_page()
    assert any("There are no test digits here" in info.value for info in app.info)
    assert not app.radio


def test_an_uploaded_picture_goes_the_same_way(drawn):
    file = io.BytesIO()
    Image.fromarray(SEVEN).save(file, "PNG")
    drawn.segmented_control(key="learn_source").set_value("Upload").run()
    assert not drawn.exception
    assert not drawn.radio
    drawn.file_uploader(key="learn_file").set_value(("seven.png", file.getvalue(), "image/png")).run()
    go_to(drawn, 1)
    solve(drawn)
    assert "What the model gets of it" in html(drawn)
