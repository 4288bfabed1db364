"""What a visitor prefers: kept for the next visit, and whatever stands where it is kept."""

import json

import pytest
from app_pages import HOME, choose, sound, start
from streamlit.testing.v1 import AppTest

from app.shared.preferences import FIRST, checked


@pytest.mark.parametrize(
    ("raw", "good"),
    [
        (None, {}),
        ([1, 2], {}),
        ({"brush": 12, "dark": True, "model": "mine"}, {"brush": 12, "dark": True, "model": "mine"}),
        ({"brush": 41, "dark": 1, "model": 7, "before": "../up"}, {}),
        ({"brush": float("nan"), "care": {"mine": True, "x": -1, "y": 1e9, "z" * 61: 1}}, {}),
        ({"brush": True, "care": {"mine": 3, "../x": 1}, "more": "x"}, {"care": {"mine": 3}}),
        ({"care": {str(n): 1 for n in range(12)}}, {"care": {str(n): 1 for n in range(2, 12)}}),
    ],
    ids=["nothing", "a list", "good", "wrong values", "strange numbers", "some good", "too many"],
)
def test_what_was_read_elsewhere_is_checked(raw, good):
    assert checked(raw) == FIRST | {"care": {}} | good


def test_choices_begin_the_next_visit_and_a_bad_file_none(canvas, tmp_path):
    file = tmp_path / "kept" / "preferences.json"
    assert start().selectbox(key="model").value == "handwriting"
    assert not file.exists()  # who chose nothing leaves nothing
    app = choose(choose(start(), "slider", "brush", 31), "selectbox", "model", "mnist_cnn")
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert (kept["brush"], kept["model"]) == (31, "mnist_cnn")
    app = sound(start())
    assert (app.slider(key="brush").value, app.selectbox(key="model").value) == (31, "mnist_cnn")
    assert canvas.calls[-1]["stroke_width"] == 31
    for bad in ("[" * 2000, "{", json.dumps(kept | {"model": "gone"})):
        file.write_text(bad, encoding="utf-8")
        assert sound(start()).selectbox(key="model").value == "handwriting"


def test_what_cannot_be_kept_holds_for_the_visit(canvas, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DIGITS_USER_DIR", str(tmp_path / "file"))
    app = choose(start(), "selectbox", "model", "mnist_cnn")
    assert "could not be kept" in app.warning[0].value
    assert app.selectbox(key="model").value == "mnist_cnn"
    assert not app.run().warning


def adopting():
    """Adopt a model, as the pages Teach and Models do; a script of its own."""
    from app.shared import preferences, work

    work.begin()
    preferences.adopt("mnist_tiny")


def test_an_adopted_model_is_used_from_then_on_until_it_is_taken_back(canvas):
    sound(AppTest.from_function(adopting).run())
    app = start()
    assert app.selectbox(key="model").value == "mnist_tiny"
    sound(app.button(key="take_back").click().run())
    assert app.selectbox(key="model").value == "handwriting"
    assert "take_back" not in [button.key for button in app.button]
    assert start().selectbox(key="model").value == "handwriting"


def test_an_unknown_model_in_the_address_is_told_and_the_default_reads(canvas):
    app = AppTest.from_file(HOME, default_timeout=300)
    app.query_params["model"] = "no **such**"
    sound(app.run())
    assert "There is no model “no \\*\\*such\\*\\*”" in app.warning[0].value
    assert app.selectbox(key="model").value == "handwriting"
    app.query_params["model"] = "mnist_tiny"
    sound(app.run())
    assert not app.warning
    assert app.selectbox(key="model").value == "mnist_tiny"
    choose(app, "selectbox", "model", "mnist_cnn")
    assert app.query_params["model"] == "mnist_cnn"
