"""The page that reads numbers, through Streamlit's own test harness."""

import io
import zipfile

import numpy as np
from app_pages import choose, pictures, sound, start, texts, words
from documents import document
from handwriting import strokes
from PIL import Image
from ruled import ROWS, by_hand, drawn

from digits import Recognizer
from digits.data.collection.store import Store
from digits.data.strokes import draw


def number_png(text: str) -> bytes:
    """Return a picture of a number, dark on light."""
    row = np.hstack([draw(strokes(int(digit), 150, 60, 60), 280, 14) for digit in text])
    file = io.BytesIO()
    Image.fromarray(255 - row).save(file, "PNG")
    return file.getvalue()


def read_page(*files, **state):
    """Open the Read page and upload files (name, bytes)."""
    app = start("read", **state)
    if files:
        app.file_uploader[0].set_value([(name, data, "") for name, data in files]).run()
    return sound(app)


def number_read(app):
    """Return the number on the Read page, or None."""
    found = [element.value for element in app.get("html") if element.value.startswith("<p>")]
    return found[0].removeprefix("<p>").removesuffix("</p>") if found else None


def boxes(app) -> list:
    return [box for box in app.selectbox if box.label.startswith("Digit")]


def kept() -> list[tuple]:
    return [(sample.label, sample.answer, sample.origin) for sample in Store().samples()]


def test_an_uploaded_number_is_read_put_right_and_its_digit_kept_alone(canvas, recognizer):
    app = read_page()
    assert app.title[0].value == "Read a number"
    assert "Choose a picture of a number" in words(app)
    assert number_read(app) is None
    assert not app.get("download_button")
    app = read_page(("2051.png", number_png("2051")))
    assert number_read(app) == "2051"
    assert any(text.startswith("Sure") for text in texts(app))
    assert [box.value for box in boxes(app)] == [2, 0, 5, 1]
    assert "kept on this computer" in words(app)
    boxes(app)[2].set_value(6).run()
    assert number_read(app) == "2061"
    assert "put right by you" in words(app)
    assert kept() == [(6, 5, "number")]
    assert recognizer.read_digit(Image.open(Store().samples()[0].picture)).digit == 5  # the five alone
    boxes(app)[2].set_value(8).run()
    assert kept() == [(8, 5, "number")]
    boxes(app)[2].set_value("").run()  # no digit at all
    assert (number_read(app), kept()) == ("201", [])
    boxes(app)[2].set_value(5).run()  # as it was read
    assert (number_read(app), kept()) == ("2051", [])
    assert len(app.get("download_button")) == 3


def test_each_page_of_a_pdf_is_a_picture(canvas):
    pages = [Image.open(io.BytesIO(number_png(text))) for text in ("34", "520")]
    app = read_page(("scan.pdf", document("PDF", pages)))
    table = app.dataframe[0].value
    assert sorted(zip(table["Picture"], table["Number"], strict=True)) == [
        ("scan.pdf, page 1", "34"),
        ("scan.pdf, page 2", "520"),
    ]


def test_many_pictures_are_a_table_the_most_doubtful_first_each_read_once(canvas, monkeypatch):
    asked, read_number = [], Recognizer.read_number
    monkeypatch.setattr(
        Recognizer, "read_number", lambda self, *rest: asked.append(rest[1]) or read_number(self, *rest)
    )
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
    app.run()
    assert asked == [False, False]
    choose(app, "toggle", "marks", True)
    assert asked == [False, False, True, True]


def test_blank_paper_and_bad_files_are_told_in_words(canvas):
    paper = io.BytesIO()
    Image.new("L", (60, 60), 255).save(paper, "PNG")
    app = read_page(("paper.png", paper.getvalue()))
    assert "no ink" in words(app)
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


def test_visitors_of_a_public_app_are_not_asked_and_nothing_of_theirs_is_kept(canvas, monkeypatch):
    monkeypatch.setenv("DIGITS_PUBLIC", "1")
    app = read_page(("2051.png", number_png("2051")))
    boxes(app)[2].set_value(6).run()
    assert "kept on this computer" not in words(sound(app))
    canvas.image = 255 - draw(strokes(7, 180, 50, 50), 280, 18)
    assert not [group for group in start().get("button_group") if "Wrong?" in group.label]
    assert not Store().folder.exists()


def test_what_is_known_of_a_number_is_heeded_and_told(canvas):
    app = read_page(("1234.png", number_png("1234")))
    app.text_input(key="known_pattern").set_value("dd-dd").run()
    assert number_read(app) == "12-34"
    app.text_input(key="known_pattern").set_value("").run()
    app.text_input(key="known_values").set_value("9, 12345").run()
    assert "Nothing that could be read here fits" in words(app) or number_read(app) in ("9", "12345")
    app.text_input(key="known_values").set_value("").run()
    app.text_input(key="known_length").set_value("many").run()
    assert "The field 'length=many' is not understood" in app.error[0].value


def png(picture) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def table_page(monkeypatch, read=None, *files):
    """Open the Read page for tables and upload pictures; `read` reads each, where no model shall."""
    if read:
        monkeypatch.setattr(Recognizer, "read_table", lambda *_: read())
    return read_page(*(files or [("page 1.png", png(drawn()))]), read_what="Table")


def doubts(app) -> dict[str, str]:
    return {box.label: box.value for box in app.text_input if box.label.startswith("Row ")}


def grid(app) -> list[list[str]]:
    return app.session_state["grid_begins"]


def test_a_table_is_read_and_can_be_taken_as_files(canvas, monkeypatch):
    app = read_page(read_what="Table")
    assert "Choose a picture of a table" in words(app)
    app = table_page(monkeypatch)
    assert "3 rows, 3 columns." in words(app)
    assert grid(app) == ROWS
    assert "Rows add up to 6 ✓, 10, 20." in words(app)
    assert "Columns add up to 12, 10, 14." in words(app)
    assert list(pictures(app))[0] == "The table, every cell in a box"
    assert [button.label for button in app.get("download_button")] == ["Excel", "CSV", "JSON"]
    assert app.code[0].value == "1\t2\t3\n4\t\t6\n7\t8\t5"


def test_doubtful_cells_are_put_right_the_most_doubtful_first(canvas, monkeypatch):
    app = table_page(monkeypatch, by_hand)
    assert "2 cells are doubtful" in words(app)
    assert "1 cell takes several places" in words(app)
    assert list(doubts(app).items()) == [("Row 3, column 3", "?"), ("Row 2, column 1", "5")]
    app.text_input(key=cell_key(app, 2, 2)).set_value("24").run()
    assert "One cell is doubtful" in words(sound(app))
    assert grid(app)[2] == ["17", "", "24"]
    app.button(key=f"{cell_key(app, 1, 0)}-ok").click().run()  # it was read right
    assert "Sure, or put right by you" in words(sound(app))
    choose(app, "button_group", "read_what", ["Number"])
    choose(app, "button_group", "read_what", ["Table"])
    assert "Sure, or put right by you" in words(app)
    assert doubts(app) == {"Row 3, column 3": "24", "Row 2, column 1": "5"}
    app.button(key=f"{cell_key(app, 2, 2)}-ok").click().run()  # taken back
    assert grid(sound(app))[2] == ["17", "", "?"]


def cell_key(app, row, column) -> str:
    return next(box.key for box in app.text_input if box.label == f"Row {row + 1}, column {column + 1}")


def test_what_is_written_into_the_grid_counts_where_a_cell_begins(canvas, monkeypatch):
    from app.read import grid as page

    app = table_page(monkeypatch, by_hand)
    source, sheet = app.session_state[page.SHOWN]
    key = f"grid-{source.key}-0"
    edits = {"edited_rows": {0: {"2": "8", "3": None}, 2: {"2": "no cell begins here"}}}
    state = {page.SHOWN: (source, sheet), page.VERSIONS: {source.key: 0}, key: edits}
    monkeypatch.setattr(page.st, "session_state", state)
    page._edited(key)
    assert state["cell_corrections"] == {source.key: {(0, 1): "8"}}  # the blank one stays blank
    assert state[page.VERSIONS] == {source.key: 1}  # and what cannot be is wiped out
    page._edited("grid-another-0")  # a late click
    assert state["cell_corrections"] == {source.key: {(0, 1): "8"}}


def test_a_picture_without_a_table_is_told_and_of_many_one_is_chosen(canvas, monkeypatch):
    app = table_page(monkeypatch, None, ("2051.png", number_png("2051")), ("a.png", png(drawn())))
    assert "No table was found" in app.error[0].value
    choose(app, "selectbox", "table_picture", 1)
    assert not app.error
    assert grid(app) == ROWS
