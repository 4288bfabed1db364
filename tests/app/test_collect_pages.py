"""Writing on screen and on paper: what is asked for, what is found, and that it is kept once."""

import io

import filled_sheets as sheets
import numpy as np
import pytest
from app_pages import start, texts
from handwriting import strokes
from PIL import Image

from digits.data.collection.store import Store
from digits.data.strokes import draw
from digits.plots.text import articles


def part(name, **state):
    app = start(teach_part=name, **state).switch_page("teach/page.py").run()
    assert not app.exception
    return app


def asked(app):
    """Return the digit that is asked for."""
    (text,) = [text for text in texts(app) if text.startswith("Write a")]
    return int(text.split("**")[1])


def drawn(digit):
    return 255 - draw(strokes(digit, 180, 50, 50), 280, 18)


def keep(app, canvas, image):
    canvas.image = image
    app.run()
    app.button(key="guided_keep").click()
    app.run()
    canvas.image = None  # a fresh canvas reports nothing
    app.run()
    assert not app.exception
    return app


def test_digits_are_asked_for_and_kept_one_by_one(canvas):
    app = part("On screen", guided_each=3)
    written = []
    for _ in range(3):
        written.append(asked(app))
        key = canvas.calls[-1]["key"]
        keep(app, canvas, drawn(written[-1]))
        assert canvas.calls[-1]["key"] != key  # an empty canvas
    samples = Store().samples()
    assert [sample.label for sample in samples] == written[::-1]
    assert {sample.origin for sample in samples} == {"guided"}
    assert {sample.model for sample in samples} == {"handwriting"}
    assert all(len(sample.model_sha256) == 64 for sample in samples)
    assert all(sample.answer == sample.label for sample in samples)
    assert app.get("progress")[0].proto.text == "3 written, 27 to go"


def test_a_blank_canvas_is_not_kept(canvas):
    app = part("On screen")
    digit = asked(app)
    app.button(key="guided_keep").click().run()
    assert articles(f"Write a {digit}") in app.info[0].value
    canvas.image = np.full((280, 280), 255, np.uint8)
    app.run()
    app.button(key="guided_keep").click().run()
    assert "empty" in app.info[0].value
    assert asked(app) == digit
    assert not Store().samples()


def test_the_last_one_is_taken_back_and_asked_for_again(canvas):
    app = part("On screen")
    first = asked(app)
    assert app.button(key="guided_undo").disabled
    keep(app, canvas, drawn(first))
    app.button(key="guided_undo").click().run()
    assert not app.exception
    assert asked(app) == first
    assert not Store().samples()


def test_a_digit_is_skipped_and_a_round_ends(canvas):
    app = part("On screen", guided_each=3)
    for _ in range(30):
        asked(app)
        app.button(key="guided_skip").click().run()
    assert not app.exception
    assert any("That was all" in done.value for done in app.success)
    app.button(key="guided_more").click().run()
    assert app.get("progress")[0].proto.text == "0 written, 30 to go"
    asked(app)


@pytest.fixture(scope="module")
def photo():
    """Return a photo of a filled sheet as a JPEG file."""
    file = io.BytesIO()
    Image.fromarray(sheets.photo(tilt=15)).save(file, "JPEG", quality=90)
    return file.getvalue()


def sheet_page(photo):
    app = part("On paper")
    app.file_uploader(key="sheet_file").set_value(("sheet.jpg", photo, "image/jpeg")).run()
    assert not app.exception
    return app


def test_both_sheets_can_be_printed(canvas):
    app = part("On paper")
    assert [button.label for button in app.get("download_button")] == [
        "Sheet for A4 paper",
        "Sheet for Letter paper",
    ]
    assert any("empty boxes do no harm" in info.value for info in app.info)


def test_a_sheet_is_found_looked_through_and_kept_once(canvas, photo):
    app = sheet_page(photo)
    assert any(text.startswith("**96 of 100** boxes written") for text in texts(app))
    app.toggle(key="sheet_all").set_value(True).run()
    boxes = [box for box in app.selectbox if box.label.startswith("Box ")]
    assert len(boxes) == 96
    boxes = {box.label: box for box in boxes}
    before = int(app.button(key="sheet_keep").label.split()[1])
    boxes["Box 1"].set_value(8).run()
    boxes = {box.label: box for box in app.selectbox}
    boxes["Box 2"].set_value("✕").run()
    app.toggle(key="sheet_all").set_value(False).run()  # choices last
    assert app.button(key="sheet_keep").label == f"Keep {before - 1} digits"
    app.button(key="sheet_keep").click().run()
    assert not app.exception
    assert f"🙏 Thanks, **{before - 1}** kept, on this computer." in texts(app)
    counts = Store().counts()
    assert counts.sum() == before - 1
    assert counts[0] < counts[8]  # one of the zeros was called an eight, another left out
    assert {sample.origin for sample in Store().samples()} == {"sheet"}
    app.run()
    assert len(Store()) == before - 1
    again = sheet_page(photo)  # another visit, the same photo
    again.button(key="sheet_keep").click().run()
    assert len(Store()) <= before + 1  # only the two that were changed before can be new
    again.button(key="sheet_undo").click().run()
    assert len(Store()) == before - 1


def test_a_kept_sheet_is_settled_until_it_is_taken_back(canvas, photo):
    app = sheet_page(photo)
    app.toggle(key="sheet_all").set_value(True).run()
    app.button(key="sheet_keep").click().run()
    assert all(box.disabled for box in app.selectbox if box.label.startswith("Box "))
    Store().delete_all()  # in another window
    app.button(key="sheet_undo").click().run()
    assert not app.exception
    assert not app.error
    assert not any(box.disabled for box in app.selectbox if box.label.startswith("Box "))
    assert app.button(key="sheet_keep").label.startswith("Keep ")


def test_a_photo_without_a_sheet_is_one_sentence(canvas):
    file = io.BytesIO()
    Image.new("L", (300, 400), 200).save(file, "PNG")
    app = part("On paper")
    app.file_uploader(key="sheet_file").set_value(("sheet.png", file.getvalue(), "image/png")).run()
    assert not app.exception
    assert "There is no sheet on this photo" in app.error[0].value
