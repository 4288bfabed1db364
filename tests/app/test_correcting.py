""" "That was a ...": what is said on the pages is kept, once, and nothing where strangers use the app."""

import gc

import numpy as np
from app_pages import SEVEN, start, texts
from PIL import Image
from test_pages import number_png, read_page

from digits import Reading
from digits.data.collection.store import Store


def right(app):
    """Return the ten small buttons, or None."""
    found = [group for group in app.get("button_group") if "Wrong?" in group.label]
    return found[0] if found else None


def say(app, digit):
    right(app).set_value(digit).run()
    assert not app.exception
    return app


def thanks(app):
    return [text for text in texts(app) if "Thanks" in text]


def test_a_wrong_answer_is_put_right_once_and_taken_back(canvas):
    canvas.image = SEVEN
    app = say(start(), 4)
    assert thanks(app) == ["🙏 Thanks, kept as **4**, on this computer."]
    assert right(app) is None
    (sample,) = Store().samples()
    assert (sample.label, sample.answer, sample.status, sample.origin) == (4, 7, "digit", "draw")
    assert sample.model == "handwriting"
    assert len(sample.model_sha256) == 64
    assert np.array_equal(np.asarray(Image.open(sample.picture)), SEVEN)
    app.run()
    assert thanks(app)
    app.switch_page("models/page.py").run()
    app.switch_page("draw/page.py").run()
    assert thanks(app)
    assert len(Store()) == 1
    app.button(key=next(b.key for b in app.button if b.key.startswith("undo-"))).click().run()
    assert not thanks(app)
    assert len(Store()) == 0
    assert right(app).value is None
    assert [sample.label for sample in (say(app, 1), Store().samples())[1]] == [1]


def test_a_right_answer_counts_too_and_another_drawing_is_asked_about_anew(canvas):
    canvas.image = SEVEN
    app = say(start(), 7)
    assert not Store().samples()[0].is_doubtful
    canvas.image = np.rot90(SEVEN, 2).copy()
    app.run()
    assert not thanks(app)
    assert right(app) is not None
    canvas.image = SEVEN
    app.run()
    assert thanks(app)


def test_nothing_is_asked_without_a_digit(canvas):
    assert right(start()) is None
    canvas.image = np.full_like(SEVEN, 255)
    assert right(start()) is None


def test_what_was_deleted_elsewhere_is_asked_about_anew(canvas):
    canvas.image = SEVEN
    app = say(start(), 4)
    Store().relabel(Store().samples()[0].id, 2)
    assert "**2**" in thanks(app.run())[0]
    Store().delete_all()
    assert not thanks(app.run())
    assert right(app) is not None


def test_a_store_that_cannot_be_written_is_a_sentence(canvas, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DIGITS_USER_DIR", str(tmp_path / "file"))
    canvas.image = SEVEN
    app = say(start(), 4)
    assert "could not be kept" in app.error[0].value
    assert "7" in texts(app)
    assert not app.run().error


def test_strangers_are_not_asked_and_nothing_of_theirs_is_kept(canvas, monkeypatch):
    monkeypatch.setenv("DIGITS_PUBLIC", "1")
    canvas.image = SEVEN
    assert right(start()) is None
    app = read_page(("2051.png", number_png("2051")))
    next(box for box in app.selectbox if box.label == "Digit 3").set_value(6).run()
    assert not app.exception
    assert not any("kept on this computer" in caption.value for caption in app.caption)
    assert not Store().folder.exists()


def test_a_digit_of_a_number_put_right_is_kept_alone(canvas, recognizer):
    app = read_page(("2051.png", number_png("2051")))
    assert any("kept on this computer" in caption.value for caption in app.caption)

    def choose(digit):
        next(box for box in app.selectbox if box.label == "Digit 3").set_value(digit).run()
        assert not app.exception
        return [(sample.label, sample.answer, sample.origin) for sample in Store().samples()]

    assert choose(6) == [(6, 5, "number")]
    picture = Image.open(Store().samples()[0].picture)
    assert recognizer.read_digit(picture).digit == 5  # the five alone
    assert choose(8) == [(8, 5, "number")]
    assert choose("") == []
    assert choose(6) == [(6, 5, "number")]
    assert choose(5) == []  # as it was read


def test_an_upload_says_where_it_came_from(canvas):
    app = start(source="Upload")
    app.file_uploader[0].upload("2.png", number_png("2"), "image/png").run()
    say(app, 3)
    assert [(sample.label, sample.origin) for sample in Store().samples()] == [(3, "upload")]


def readings_alive():
    gc.collect()
    return sum(isinstance(found, Reading) for found in gc.get_objects())


def test_drawings_that_were_answered_are_forgotten(canvas):
    canvas.image = SEVEN
    app = start()
    before = readings_alive()
    for shift in range(1, 7):  # each asks "Wrong?" anew, of another drawing
        canvas.image = np.roll(SEVEN, 3 * shift, axis=1)
        app.run()
        assert right(app) is not None
    assert readings_alive() <= before + 1
