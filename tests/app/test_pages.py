"""Every page through Streamlit's own test harness, with a stand-in for the canvas."""

import sys
import types
from pathlib import Path

import numpy as np
import pytest
from handwriting import strokes
from streamlit.testing.v1 import AppTest

from digits.contract import ROOT
from digits.data.strokes import draw

HOME = str(ROOT / "app" / "Home.py")
SEVEN = 255 - draw(strokes(7, 180, 50, 50), 280, 18)


class Drawn:
    """What the canvas component returns."""

    def __init__(self, image):
        self.image_data = None if image is None else np.dstack([image] * 3 + [np.full_like(image, 255)])
        self.json_data = None if image is None else {"objects": [{"type": "path", "stroke": "#000000"}]}


@pytest.fixture
def canvas(monkeypatch):
    """Put a fake canvas in place of the real one; set `.image` to draw on it, look into `.calls`."""
    fake = types.SimpleNamespace(image=None, calls=[])

    def st_canvas(**arguments):
        fake.calls.append(arguments)
        return Drawn(fake.image)

    module = types.ModuleType("streamlit_drawable_canvas")
    module.st_canvas = st_canvas
    monkeypatch.setitem(sys.modules, "streamlit_drawable_canvas", module)
    monkeypatch.syspath_prepend(str(ROOT / "app"))
    for name in [name for name in sys.modules if name.startswith("digit_ui")]:
        monkeypatch.delitem(sys.modules, name)
    return fake


def start(**state):
    app = AppTest.from_file(HOME, default_timeout=120)
    for key, value in state.items():
        app.session_state[key] = value
    return app.run()


def texts(app):
    return [element.value for element in app.markdown]


def test_an_empty_canvas_gets_a_hint_and_no_answer(canvas):
    app = start()
    assert not app.exception
    assert app.title[0].value == "Draw a digit"
    assert any("Draw a digit from 0 to 9" in text for text in texts(app))
    assert not any(text.isdigit() for text in texts(app))


def test_a_drawn_seven_is_read_without_a_button(canvas):
    canvas.image = SEVEN
    app = start()
    assert not app.exception
    assert "7" in texts(app)
    assert any(text.startswith("Sure") for text in texts(app))


def test_a_wiped_canvas_has_no_answer(canvas):
    canvas.image = np.full_like(SEVEN, 255)
    app = start()
    assert not any(text.isdigit() for text in texts(app))


def test_several_digits_are_read_and_named_so(canvas):
    canvas.image = 255 - np.maximum(
        draw(strokes(1, 120, 20, 80), 280, 12), draw(strokes(4, 120, 140, 80), 280, 12)
    )
    app = start()
    assert "14" in texts(app)
    assert any("Several digits" in text for text in texts(app))


def test_the_canvas_follows_brush_and_colour_and_keeps_the_drawing(canvas):
    canvas.image = SEVEN
    app = start()
    app.slider(key="brush").set_value(31).run()
    assert canvas.calls[-1]["stroke_width"] == 31
    assert canvas.calls[-1]["background_color"] == "#ffffff"
    before = canvas.calls[-1]["key"]
    app.toggle(key="dark").set_value(True).run()
    assert canvas.calls[-1]["background_color"] == "#000000"
    assert canvas.calls[-1]["key"] != before
    assert canvas.calls[-1]["initial_drawing"]["objects"] == [{"type": "path", "stroke": "#ffffff"}]
    assert "7" in texts(app)


def test_clear_gives_a_fresh_canvas_without_an_answer(canvas):
    canvas.image = SEVEN
    app = start()
    key = canvas.calls[-1]["key"]
    canvas.image = None
    app.button(key="clear").click().run()
    assert canvas.calls[-1]["key"] != key
    assert canvas.calls[-1]["initial_drawing"] is None
    assert "7" not in texts(app)


def test_the_drawing_survives_a_change_of_page(canvas):
    canvas.image = SEVEN
    app = start()
    app.switch_page("views/models.py").run()
    assert app.title[0].value == "Models"
    canvas.image = None  # a fresh canvas reports nothing until the next stroke
    app.switch_page("views/draw.py").run()
    assert canvas.calls[-1]["initial_drawing"]["objects"]
    assert "7" in texts(app)


def test_new_and_broken_models_are_listed_without_a_restart(canvas, surroundings, tiny_model):
    app = start()
    assert app.selectbox(key="model").options == []
    tiny_model.save(surroundings / "models" / "mine.keras")
    (surroundings / "models" / "bad.keras").write_text("no model")
    app.run()
    assert app.selectbox(key="model").options == ["mine"]
    captions = [caption.value for caption in app.sidebar.caption]
    assert any("bad.keras" in text and "broken" in text for text in captions)
    app.switch_page("views/models.py").run()
    assert not app.exception
    assert any("bad.keras" in warning.value for warning in app.warning)
    assert app.dataframe[0].value["Model"].tolist() == ["mine"]


def test_without_any_model_the_page_says_how_to_train_one(canvas, surroundings):
    canvas.image = SEVEN
    app = start()
    assert not app.exception
    assert "train_cnn.py" in app.error[0].value


def test_a_model_that_fails_to_load_is_an_error_and_no_crash(canvas, surroundings):
    import keras

    wrong = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(10)])
    wrong.save(surroundings / "models" / "wrong.keras")
    canvas.image = SEVEN
    app = start()
    assert not app.exception
    assert "(None, 32, 32, 3)" in app.error[0].value


@pytest.mark.parametrize("name", ["7.png", "3.png"])
def test_an_upload_is_read(canvas, name):
    picture = Path(__file__).resolve().parents[1] / "golden" / name
    app = start(source="Upload")
    app.file_uploader[0].upload(name, picture.read_bytes(), "image/png").run()
    assert not app.exception
    assert name[0] in texts(app)


def test_a_bad_upload_is_one_sentence(canvas):
    app = start(source="Upload")
    app.file_uploader[0].upload("seven.png", b"no picture", "image/png").run()
    assert not app.exception
    assert "seven.png is not a picture" in app.error[0].value
