"""Every page through Streamlit's own test harness, with a stand-in for the canvas."""

import io
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from app_pages import SEVEN, start, texts
from handwriting import strokes
from PIL import Image

from digits.config import ROOT
from digits.data.strokes import draw


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
    app.switch_page("models/page.py").run()
    assert app.title[0].value == "Models"
    canvas.image = None  # a fresh canvas reports nothing until the next stroke
    app.switch_page("draw/page.py").run()
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
    app.switch_page("models/page.py").run()
    assert not app.exception
    assert any("bad.keras" in warning.value for warning in app.warning)
    assert app.dataframe[0].value["Model"].tolist() == ["mine"]


def test_without_any_model_the_page_says_how_to_train_one(canvas, surroundings):
    canvas.image = SEVEN
    app = start()
    assert not app.exception
    assert "train_cnn.py" in app.error[0].value


def test_a_model_of_another_shape_is_listed_with_the_reason(canvas, surroundings):
    import keras

    wrong = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(10)])
    wrong.save(surroundings / "models" / "wrong.keras")
    canvas.image = SEVEN
    app = start()
    assert not app.exception
    app.switch_page("models/page.py").run()
    assert not app.exception
    assert any("(None, 32, 32, 3)" in warning.value for warning in app.warning)


def test_a_model_that_fails_its_trial_is_an_error_and_no_crash(canvas, surroundings, tiny_model, monkeypatch):
    from digits.models.sandbox import trial
    from digits.models.sandbox.container import Refusal

    def refuse(path, parameters):
        raise Refusal("It needs more than 1 GiB of memory.")

    monkeypatch.setattr(trial, "run", refuse)
    keras_file = surroundings / "models" / "greedy.keras"
    tiny_model.save(keras_file)
    canvas.image = SEVEN
    app = start()
    assert not app.exception
    assert app.error[0].value == "greedy.keras: It needs more than 1 GiB of memory."


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


def number_png(text: str) -> bytes:
    """Return a picture of a number, dark on light."""
    row = np.hstack([draw(strokes(int(digit), 150, 60, 60), 280, 14) for digit in text])
    file = io.BytesIO()
    Image.fromarray(255 - row).save(file, "PNG")
    return file.getvalue()


def read_page(*files, **state):
    """Open the Read page and upload files (name, bytes)."""
    app = start(**state).switch_page("read/page.py").run()
    assert not app.exception
    if files:
        app.file_uploader[0].set_value([(name, data, "") for name, data in files]).run()
        assert not app.exception
    return app


def number_read(app):
    """Return the number on the Read page, or None."""
    found = [element.value for element in app.get("html") if element.value.startswith("<p>")]
    return found[0].removeprefix("<p>").removesuffix("</p>") if found else None


def test_the_read_page_begins_with_a_hint(canvas):
    app = read_page()
    assert app.title[0].value == "Read a number"
    assert any("Choose a picture of a number" in text for text in texts(app))
    assert number_read(app) is None
    assert not app.get("download_button")


def test_an_uploaded_number_is_read_and_can_be_put_right(canvas):
    app = read_page(("2051.png", number_png("2051")))
    assert number_read(app) == "2051"
    assert any(text.startswith("Sure") for text in texts(app))
    boxes = [box for box in app.selectbox if box.label.startswith("Digit")]
    assert [box.value for box in boxes] == [2, 0, 5, 1]
    boxes[2].set_value(6).run()
    assert number_read(app) == "2061"
    assert any("put right by you" in text for text in texts(app))
    boxes = [box for box in app.selectbox if box.label.startswith("Digit")]
    boxes[3].set_value("").run()  # no digit at all
    assert number_read(app) == "206"
    boxes = [box for box in app.selectbox if box.label.startswith("Digit")]
    boxes[2].set_value(5).run()
    assert number_read(app) == "205"
    assert len(app.get("download_button")) == 3


def test_many_pictures_are_a_table_with_the_most_doubtful_first(canvas):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a/34.png", number_png("34"))
        file.writestr("a/bad.png", b"no picture")
    app = read_page(("12.png", number_png("12")), ("more.zip", archive.getvalue()))
    table = app.dataframe[0].value
    assert table["Picture"].tolist()[0] == "more.zip/a/bad.png"
    assert "is not a picture" in table["Remark"].tolist()[0]
    assert sorted(table["Number"]) == ["", "12", "34"]
    assert table["Doubt"].is_monotonic_decreasing
    assert number_read(app) == table["Number"].tolist()[1]  # the most doubtful that can be shown


def test_pictures_are_read_once_for_all_reruns(canvas, monkeypatch):
    from digits import Recognizer

    asked = []
    read_number = Recognizer.read_number
    monkeypatch.setattr(
        Recognizer, "read_number", lambda self, *rest: asked.append(rest[1]) or read_number(self, *rest)
    )
    app = read_page(("12.png", number_png("12")), ("34.png", number_png("34")))
    app.run()
    assert asked == [False, False]
    app.toggle(key="marks").set_value(True).run()
    assert asked == [False, False, True, True]


def test_blank_paper_and_bad_files_are_told_in_words(canvas):
    paper = io.BytesIO()
    Image.new("L", (60, 60), 255).save(paper, "PNG")
    app = read_page(("paper.png", paper.getvalue()))
    assert any("no ink" in text for text in texts(app))
    app.file_uploader[0].set_value([("text.png", b"seven", "")]).run()
    assert "text.png is not a picture" in app.error[0].value


def test_a_number_drawn_on_the_wide_canvas_is_read(canvas):
    digits = [draw(strokes(digit, 150, 10, 60), 300, 14)[:, :220] for digit in (4, 0, 7)]
    canvas.image = 255 - np.hstack(digits)
    app = read_page(read_source="Draw")
    assert number_read(app) == "407"
    assert (canvas.calls[-1]["width"], canvas.calls[-1]["height"]) == (680, 300)
    key = canvas.calls[-1]["key"]
    canvas.image = None
    app.button(key="clear").click().run()
    assert number_read(app) is None
    assert canvas.calls[-1]["key"] != key


def test_several_digits_point_to_the_page_for_numbers(canvas):
    canvas.image = 255 - np.maximum(
        draw(strokes(1, 120, 20, 80), 280, 12), draw(strokes(4, 120, 140, 80), 280, 12)
    )
    assert any("Read a number" in link.proto.label for link in start().get("page_link"))


TRADE_OFF = [
    {"unsure_below": 0.5, "refused": 0.002, "errors_caught": 0.3, "letters_caught": 0.7},
    {"unsure_below": 0.9, "refused": 0.01, "errors_caught": 0.82, "letters_caught": 0.91},
    {"unsure_below": 1.1, "refused": 0.1, "errors_caught": 0.99, "letters_caught": 0.98},
]


def shelve(folder, trade_off, thresholds):
    """Put the default model into a folder, with another trade-off in its card."""
    from digits.config import DEFAULT_MODEL

    shutil.copy(ROOT / "models" / f"{DEFAULT_MODEL}.keras", folder)
    card = json.loads((ROOT / "models" / f"{DEFAULT_MODEL}.json").read_text(encoding="utf-8"))
    card |= {"trade_off": trade_off, "thresholds": thresholds}
    (folder / f"{DEFAULT_MODEL}.json").write_text(json.dumps(card), encoding="utf-8")


def test_care_has_a_price_and_changes_the_answer(canvas, surroundings):
    shelve(surroundings / "models", TRADE_OFF, TRADE_OFF[1])
    canvas.image = SEVEN
    app = start()
    assert any(text.startswith("Sure") for text in texts(app))
    captions = [caption.value for caption in app.sidebar.caption]
    assert "Holds back 1 in 100 good digits. Catches 82 of 100 mistakes and 91 of 100 letters." in captions
    care = next(slider for slider in app.sidebar.select_slider if slider.label == "How careful?")
    care.set_value(2).run()
    assert any("Not sure: **7**" in text for text in texts(app))
    app.switch_page("read/page.py").run()
    assert next(iter(app.sidebar.select_slider)).value == 2


def test_without_a_trade_off_there_is_no_slider(canvas, surroundings):
    shelve(surroundings / "models", [], {"unsure_below": 0.5})
    app = start()
    assert not app.sidebar.select_slider
    assert any("one degree of care" in caption.value for caption in app.sidebar.caption)


def test_the_slider_begins_at_the_row_that_is_nearest_to_the_card(canvas, surroundings):
    shelve(surroundings / "models", TRADE_OFF, {"unsure_below": 0.7, "refused": 0.08})
    app = start()
    assert next(iter(app.sidebar.select_slider)).value == 2
