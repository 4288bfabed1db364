"""Writing on screen and on paper: what is asked for, what is found, and that it is kept once."""

import io
import itertools

import filled_sheets as sheets
import numpy as np
import pytest
from app_pages import start, texts
from handwriting import strokes
from PIL import Image

from app.shared import icons
from app.teach.guided import mixed
from digits.data.collection.store import Store
from digits.data.strokes import draw
from digits.plots.text import articles


def part(name, **state):
    app = start(teach_part=name, **state).switch_page("teach/page.py").run()
    assert not app.exception
    return app


def click(app, key):
    app.button(key=key).click().run()
    assert not app.exception
    return app


SCRIBBLE = [
    np.array(line, np.float32) for line in ([(70, 220), (140, 50), (210, 220)], [(95, 160), (185, 160)])
]


def asked(app):
    """Return the digit that is asked for."""
    (text,) = [text for text in texts(app) if text.startswith("Write a")]
    return int(text.split("**")[1])


def keep(app, canvas, image):
    canvas.image = image
    app.run()
    app.button(key="guided_keep").click().run()  # ends in a rerun of the fragment, which the harness lacks
    canvas.image = None  # a fresh canvas reports nothing
    app.run()
    assert not app.exception


def test_digits_are_asked_for_kept_taken_back_and_skipped(canvas):
    app = part("On screen", guided_each=3)
    first = asked(app)
    assert app.button(key="guided_undo").disabled
    assert articles(f"Write a {first}") in click(app, "guided_keep").info[0].value, "nothing was drawn"
    canvas.image = np.full((280, 280), 255, np.uint8)
    app.run()
    assert "empty" in click(app, "guided_keep").info[0].value
    assert not Store().samples()
    written = []
    for _ in range(3):
        written.append(asked(app))
        turn = canvas.calls[-1]["initial_drawing"]["turn"]
        keep(app, canvas, 255 - draw(strokes(written[-1], 180, 50, 50), 280, 18))
        assert canvas.calls[-1]["initial_drawing"]["turn"] > turn, "an empty canvas"
    samples = Store().samples()
    assert [sample.label for sample in samples] == written[::-1]
    for sample in samples:
        assert (sample.origin, sample.model, sample.answer) == ("guided", "handwriting", sample.label)
        assert len(sample.model_sha256) == 64
    assert app.get("progress")[0].proto.text == "3 written, 27 to go"
    assert asked(click(app, "guided_undo")) == written[-1]
    assert len(Store()) == 2
    for _ in range(28):
        asked(app)
        app.button(key="guided_skip").click().run()
    assert any("That was all" in done.value for done in app.success)
    click(app, "guided_more")
    assert app.get("progress")[0].proto.text == "0 written, 30 to go"


def test_a_scribble_is_kept_only_if_that_is_said_twice_and_another_digit_is_told(canvas):
    app = part("On screen", guided_each=3)
    canvas.image = 255 - draw(SCRIBBLE, 280, 12)
    app.run()
    said = click(app, "guided_keep").warning[0].value
    assert "Not kept yet" in said
    assert not Store().samples()
    keep(app, canvas, canvas.image)
    assert len(Store()) == 1
    assert not app.warning
    other = (asked(app) + 1) % 10
    keep(app, canvas, 255 - draw(strokes(other, 180, 50, 50), 280, 18))
    assert f"though I read a {other}" in app.warning[0].value.replace("an 8", "a 8")
    assert len(Store()) == 2
    click(app, "guided_undo")
    assert not app.warning


def test_the_order_is_mixed_without_repeats_and_even_wherever_one_stops():
    orders = [mixed([10] * 10, np.random.default_rng(seed)) for seed in range(20)]
    assert orders[0] != orders[1]
    for order in orders:
        assert np.bincount(order).tolist() == [10] * 10
        assert all(a != b for a, b in itertools.pairwise(order))
        counts = [np.bincount(order[:stop], minlength=10) for stop in range(10, 100, 7)]
        assert all(count.max() - count.min() <= 1 for count in counts)


@pytest.fixture(scope="module")
def photo():
    """Return a photo of a filled sheet as a JPEG file."""
    file = io.BytesIO()
    Image.fromarray(sheets.photo(tilt=15)).save(file, "JPEG", quality=90)
    return file.getvalue()


def show(app, data, kind="jpeg"):
    app.file_uploader(key="sheet_file").set_value((f"sheet.{kind}", data, f"image/{kind}")).run()
    assert not app.exception
    return app


def boxes(app):
    return {box.label: box for box in app.selectbox if box.label.startswith("Box ")}


def test_a_sheet_is_printed_found_looked_through_and_kept_once(canvas, photo):
    app = part("On paper")
    assert [button.label for button in app.get("download_button")] == [
        "Sheet for A4 paper",
        "Sheet for Letter paper",
    ]
    file = io.BytesIO()
    Image.new("L", (300, 400), 200).save(file, "PNG")
    assert "There is no sheet on this photo" in show(app, file.getvalue(), "png").error[0].value
    show(app, photo)
    assert any(text.startswith("**96 of 100** boxes written") for text in texts(app))
    app.toggle(key="sheet_all").set_value(True).run()
    assert len(boxes(app)) == 96
    before = int(app.button(key="sheet_keep").label.split()[1])
    boxes(app)["Box 1"].set_value(8).run()
    boxes(app)["Box 2"].set_value("✕").run()
    app.toggle(key="sheet_all").set_value(False).run()  # choices last
    assert app.button(key="sheet_keep").label == f"Keep {before - 1} digits"
    click(app, "sheet_keep")
    assert f"{icons.THANKS} Thanks, **{before - 1}** kept, on this computer." in texts(app)
    assert all(box.disabled for box in boxes(app).values()), "settled until it is taken back"
    counts = Store().counts()
    assert counts.sum() == before - 1
    assert counts[0] < counts[8], "one of the zeros was called an eight, another left out"
    assert {sample.origin for sample in Store().samples()} == {"sheet"}
    app.run()
    assert len(Store()) == before - 1
    again = click(show(part("On paper"), photo), "sheet_keep")  # another visit, the same photo
    assert len(Store()) <= before + 1, "only the two that were changed before can be new"
    click(again, "sheet_undo")
    assert len(Store()) == before - 1
    Store().delete_all()  # in another window
    assert not click(app, "sheet_undo").error
    assert not any(box.disabled for box in boxes(app).values())
