"""The page to draw on and the sidebar, through Streamlit's own test harness."""

import gc
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from app_pages import SEVEN, choose, sound, start, texts, words
from handwriting import strokes
from PIL import Image

from digits import Reading
from digits.config import DEFAULT_MODEL, ROOT
from digits.data.collection.store import Store
from digits.data.strokes import draw

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
FOURTEEN = 255 - np.maximum(draw(strokes(1, 120, 20, 80), 280, 12), draw(strokes(4, 120, 140, 80), 280, 12))


def test_a_drawing_is_read_cleared_and_drawn_anew(canvas):
    app = start()
    assert app.title[0].value == "Draw a digit"
    assert "Draw a digit from 0 to 9" in words(app)
    assert not any(text.isdigit() for text in texts(app))
    canvas.image = SEVEN
    sound(app.run())
    assert "7" in texts(app)
    assert any(text.startswith("Sure") for text in texts(app))
    canvas.image = np.full_like(SEVEN, 255)
    sound(app.run())
    assert not any(text.isdigit() for text in texts(app))
    canvas.image = FOURTEEN
    sound(app.run())
    assert "14" in texts(app)
    assert "Several digits" in words(app)
    canvas.image = SEVEN
    app.run()
    before = canvas.calls[-1]["initial_drawing"]
    canvas.image = None
    app.button(key="clear").click().run()
    assert canvas.calls[-1]["initial_drawing"]["objects"] == []
    assert canvas.calls[-1]["initial_drawing"] != before
    assert "7" not in texts(app)
    app.button(key="undo_stroke").click().run()  # the clearing
    assert len(canvas.calls[-1]["initial_drawing"]["objects"]) == 1
    assert "7" in texts(sound(app))
    app.button(key="undo_stroke").click().run()  # and the one stroke
    assert canvas.calls[-1]["initial_drawing"]["objects"] == []
    assert "7" not in texts(sound(app))


def test_the_canvas_keeps_its_drawing_for_another_brush_colour_and_page(canvas):
    canvas.image = SEVEN
    app = choose(start(), "slider", "brush", 31)
    assert canvas.calls[-1]["stroke_width"] == 31
    assert canvas.calls[-1]["background_color"] == "#ffffff"
    choose(app, "toggle", "dark", True)
    assert canvas.calls[-1]["background_color"] == "#000000"
    (stroke,) = canvas.calls[-1]["initial_drawing"]["objects"]
    assert stroke["stroke"] == "#ffffff"
    assert "7" in texts(app)
    app.switch_page("models/page.py").run()
    assert app.title[0].value == "Models"
    canvas.image = None  # a fresh canvas reports nothing until the next stroke
    app.switch_page("draw/page.py").run()
    assert canvas.calls[-1]["initial_drawing"]["objects"]
    assert "7" in texts(app)


def test_an_upload_is_read_or_refused_in_one_sentence(canvas):
    app = start(source="Upload")
    app.file_uploader[0].upload("3.png", (GOLDEN / "3.png").read_bytes(), "image/png").run()
    assert "3" in texts(sound(app))
    say(app, 5)
    assert [(sample.label, sample.origin) for sample in Store().samples()] == [(5, "upload")]
    app.file_uploader[0].upload("seven.png", b"no picture", "image/png").run()
    assert "seven.png is not a picture" in sound(app).error[0].value


def test_a_run_of_a_page_leaves_compiled_models_alone(canvas, own_models, tiny_model, monkeypatch):
    from tensorflow.python.eager import context

    tiny_model.save(own_models / "mine.keras")
    canvas.image = SEVEN
    app = sound(start())
    cleared = []
    monkeypatch.setattr(context.context(), "clear_kernel_cache", lambda: cleared.append(True))
    sound(app.run())
    assert not cleared


# What the sidebar offers.


def test_models_are_listed_without_a_restart_and_broken_ones_with_the_reason(canvas, own_models, tiny_model):
    import keras

    canvas.image = SEVEN
    app = sound(start())
    assert app.selectbox(key="model").options == []
    assert "train_cnn.py" in app.error[0].value
    path = own_models / "mine.keras"
    tiny_model.save(path)
    wrong = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(10)])
    wrong.save(own_models / "wrong.keras")
    sound(app.run())
    assert (app.selectbox(key="model").options, app.selectbox(key="model").value) == (["mine"], "mine")
    assert "wrong.keras" in " ".join(caption.value for caption in app.sidebar.caption)
    whole = path.read_bytes()
    path.write_bytes(whole[:1000])
    assert sound(app.run()).selectbox(key="model").value is None
    path.write_bytes(whole)
    assert sound(app.run()).selectbox(key="model").value == "mine"
    sound(app.switch_page("models/page.py").run())
    assert any("(None, 32, 32, 3)" in warning.value for warning in app.warning)
    assert app.dataframe[0].value["Model"].tolist() == ["mine"]


def test_a_model_that_fails_its_trial_is_an_error_and_no_crash(canvas, own_models, tiny_model, monkeypatch):
    from digits.models.sandbox import trial
    from digits.models.sandbox.container import Refusal

    def refuse(*_):
        raise Refusal("It needs more than 1 GiB of memory.")

    monkeypatch.setattr(trial, "run", refuse)
    tiny_model.save(own_models / "greedy.keras")
    canvas.image = SEVEN
    assert sound(start()).error[0].value == "greedy.keras: It needs more than 1 GiB of memory."


TRADE_OFF = [
    {"unsure_below": 0.5, "refused": 0.002, "errors_caught": 0.3, "letters_caught": 0.7},
    {"unsure_below": 0.9, "refused": 0.01, "errors_caught": 0.82, "letters_caught": 0.91},
    {"unsure_below": 1.1, "refused": 0.1, "errors_caught": 0.99, "letters_caught": 0.98},
]


def shelve(folder, trade_off, thresholds):
    """Put the default model into a folder, with another trade-off in its card."""
    shutil.copy(ROOT / "models" / f"{DEFAULT_MODEL}.keras", folder)
    card = json.loads((ROOT / "models" / f"{DEFAULT_MODEL}.json").read_text(encoding="utf-8"))
    card |= {"trade_off": trade_off, "thresholds": thresholds}
    (folder / f"{DEFAULT_MODEL}.json").write_text(json.dumps(card), encoding="utf-8")


def test_care_has_a_price_and_changes_the_answer(canvas, own_models):
    shelve(own_models, TRADE_OFF, TRADE_OFF[1])
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


@pytest.mark.parametrize(
    ("trade_off", "thresholds", "chosen"),
    [([], {"unsure_below": 0.5}, None), (TRADE_OFF, {"unsure_below": 0.7, "refused": 0.08}, 2)],
    ids=["there is no choice", "it begins at the row nearest to the card"],
)
def test_the_slider_of_care_is_that_of_the_card(canvas, own_models, trade_off, thresholds, chosen):
    shelve(own_models, trade_off, thresholds)
    app = start()
    assert [slider.value for slider in app.sidebar.select_slider] == ([] if chosen is None else [chosen])
    assert any("one degree of care" in note.value for note in app.sidebar.caption) == (chosen is None)


# "Wrong? That was a ...": what is said is kept, once, and nothing of visitors to a public app.


def asked(app):
    """Return the buttons for what it was, by their words."""
    return {button.label: button for button in app.button if (button.key or "").startswith("right-")}


def say(app, digit):
    asked(app)[str(digit)].click().run()
    return sound(app)


def thanks(app):
    return [text for text in texts(app) if "Thanks" in text]


def test_a_wrong_answer_is_put_right_once_and_taken_back(canvas):
    assert not asked(start())
    canvas.image = SEVEN
    app = say(start(), 4)
    assert len(thanks(app)) == 1
    assert "kept as **4**" in thanks(app)[0]
    assert not asked(app)
    (sample,) = Store().samples()
    assert (sample.label, sample.answer, sample.status, sample.origin) == (4, 7, "digit", "draw")
    assert sample.model == "handwriting"
    assert len(sample.model_sha256) == 64
    assert np.array_equal(np.asarray(Image.open(sample.picture)), SEVEN)
    app.switch_page("models/page.py").run()
    app.switch_page("draw/page.py").run()
    assert thanks(app)
    assert len(Store()) == 1
    app.button(key=next(b.key for b in app.button if b.key.startswith("undo-"))).click().run()
    assert not thanks(app)
    assert len(Store()) == 0
    assert "no digit" in thanks(say(app, "Not a digit"))[0]
    assert len(Store()) == 0
    app.button(key=next(b.key for b in app.button if b.key.startswith("undo-"))).click().run()
    say(app, 7)  # a right answer counts too
    (sample,) = Store().samples()
    assert (sample.label, sample.is_doubtful) == (7, False)
    canvas.image = np.rot90(SEVEN, 2).copy()  # another drawing is asked about anew
    app.run()
    assert not thanks(app)
    assert asked(app)
    canvas.image = SEVEN
    Store().relabel(sample.id, 2)
    assert "**2**" in thanks(app.run())[0]
    Store().delete_all()  # elsewhere
    assert not thanks(app.run())
    assert asked(app)


def test_a_store_that_cannot_be_written_is_a_sentence(canvas, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DIGITS_USER_DIR", str(tmp_path / "file"))
    canvas.image = SEVEN
    app = say(start(), 4)
    assert "could not be kept" in app.error[0].value
    assert "7" in texts(app)
    assert not app.run().error


def test_drawings_that_were_answered_are_forgotten(canvas):
    def readings_alive():
        gc.collect()
        return sum(isinstance(found, Reading) for found in gc.get_objects())

    canvas.image = SEVEN
    app = start()
    before = readings_alive()
    for shift in range(1, 5):  # each asks "Wrong?" anew, of another drawing
        canvas.image = np.roll(SEVEN, 3 * shift, axis=1)
        app.run()
        assert asked(app)
    assert readings_alive() <= before + 1
