"""The page that reads numbers, through Streamlit's own test harness."""

import io
import zipfile

import numpy as np
from app_pages import HOME, choose, pictures, sound, start, texts, words
from documents import document
from handwriting import strokes
from PIL import Image
from ruled import ROWS, by_hand, drawn
from streamlit.testing.v1 import AppTest

from digits import Recognizer
from digits.data.collection.store import Store
from digits.data.strokes import draw
from digits.explain import finding


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


def kept() -> list[tuple]:
    return [(sample.label, sample.answer, sample.origin) for sample in Store().samples()]


def test_an_uploaded_number_is_read_put_right_and_its_digit_kept_alone(editor, recognizer):
    app = read_page()
    assert app.title[0].value == "Read numbers, tables, forms"
    assert "Choose a picture of a number" in words(app)
    assert number_read(app) is None
    assert not app.get("download_button")
    app = read_page(("2051.png", number_png("2051")))
    assert number_read(app) == "2051"
    assert any(text.startswith("Sure") for text in texts(app))
    assert [item["r"] for item in editor.items.values()] == ["2", "0", "5", "1"]
    assert list(pictures(app))[0] == "Every digit in a box: 2051"
    assert finding.TITLE in pictures(app)
    editor.act(app, "say", "Digit 3", text="6")
    assert number_read(app) == "2061"
    assert "put right by you" in words(app)
    assert kept() == [(6, 5, "number")]
    assert recognizer.read_digit(Image.open(Store().samples()[0].picture)).digit == 5  # the five alone
    editor.act(app, "say", "Digit 3", text="8")
    assert kept() == [(8, 5, "number")]
    editor.act(app, "say", "Digit 3", text="")  # no digit at all
    assert (number_read(app), kept()) == ("201", [])
    editor.act(app, "say", "Digit 3", text="5")  # as it was read
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


def test_corrections_are_undone_one_by_one(editor):
    app = read_page(("2051.png", number_png("2051")))
    assert app.button(key="undo").disabled
    editor.act(app, "say", "Digit 3", text="6")
    editor.act(app, "say", "Digit 4", text="7")
    assert (number_read(app), len(kept())) == ("2067", 2)
    app.button(key="undo").click().run()
    assert (number_read(app), kept()) == ("2061", [(6, 5, "number")])
    editor.act(app, "undo")
    assert (number_read(app), kept(), app.button(key="undo").disabled) == ("2051", [], True)
    editor.act(app, "undo")
    assert number_read(app) == "2051"


def test_who_does_not_agree_keeps_nothing(editor):
    app = read_page(("2051.png", number_png("2051")))
    choose(app, "toggle", "teach_me", False)
    editor.act(app, "say", "Digit 3", text="6")
    assert (number_read(app), kept()) == ("2061", [])


def test_boxes_of_digits_are_divided_joined_moved_and_added(editor):
    app = read_page(("2051.png", number_png("2051")))
    first = editor.items["Digit 1"]["b"]
    editor.act(app, "merge", keys=[editor.items[f"Digit {place}"]["k"] for place in (1, 2)])
    assert len(editor.items) == 3
    editor.act(app, "split", "Digit 1")
    assert number_read(app) == "2051"
    editor.act(app, "say", "Digit 1", text="")
    assert number_read(app) == "051"
    editor.act(app, "add", box=first)
    assert number_read(app) == "2051"
    gone = next(title for title, item in editor.items.items() if item["s"] == "")
    editor.act(app, "move", gone, box=editor.items["Digit 4"]["b"])  # a five now, where one is
    assert number_read(app) == "20551"
    assert editor.items["Digit 3"]["b"] == editor.items["Digit 4"]["b"]


def test_whatever_a_browser_sends_the_page_stays(editor):
    app = read_page(("2051.png", number_png("2051")))
    logs = [
        None,
        7,
        {"mount": 1, "actions": []},
        {"mount": "x" * 99, "actions": []},
        {"mount": "a", "actions": 1},
    ]
    for log in [*logs, {"mount": "b", "actions": [None, {}, {"n": "1"}, {"n": True}]}]:
        editor.send(app, log)
    for more in (
        {"do": "say", "key": ["no"], "text": "1"},
        {"do": "say", "key": editor.items["Digit 1"]["k"], "text": "12"},
        {"do": "say", "key": editor.items["Digit 1"]["k"], "text": "²"},
        {"do": "move", "key": editor.items["Digit 1"]["k"], "box": [0, 0, float("nan"), 9]},
        {"do": "add", "box": "wide"},
        {"do": "add", "box": [True, 1, 90, 90]},
        {"do": "merge", "keys": ["a"]},
        {"do": "fly"},
        {},
    ):
        do = more.pop("do", None)
        editor.act(app, do, **more)
        assert len(app.error) == 1
    assert number_read(app) == "2051"


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
    app = read_page(number_source="Draw")
    assert number_read(app) == "407"
    assert (canvas.calls[-1]["width"], canvas.calls[-1]["height"]) == (680, 300)
    turn = canvas.calls[-1]["initial_drawing"]["turn"]
    canvas.image = None
    assert number_read(start_again(app.query_params["work"])) == "407"
    app.button(key="clear").click().run()
    assert number_read(app) is None
    assert canvas.calls[-1]["initial_drawing"]["turn"] > turn


def test_visitors_of_a_public_app_are_not_asked_and_nothing_of_theirs_is_kept(canvas, editor, monkeypatch):
    monkeypatch.setenv("DIGITS_PUBLIC", "1")
    app = read_page(("2051.png", number_png("2051")))
    editor.act(app, "say", "Digit 3", text="6")
    assert (number_read(app), [toggle.key for toggle in app.toggle]) == ("2061", ["marks"])
    canvas.image = 255 - draw(strokes(7, 180, 50, 50), 280, 18)
    assert not [button for button in start().button if (button.key or "").startswith("right-")]
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


def test_a_table_is_read_and_can_be_taken_as_files(editor, monkeypatch):
    app = read_page(read_what="Table")
    assert "Choose a picture of a table" in words(app)
    app = table_page(monkeypatch)
    assert "3 rows, 3 columns." in words(app)
    assert editor.grid == ROWS
    assert "Rows add up to 6 ✓, 10, 20." in words(app)
    assert "Columns add up to 12, 10, 14." in words(app)
    assert list(pictures(app))[0] == "The table, every cell in a box"
    assert [button.label for button in app.get("download_button")] == ["Excel", "CSV", "JSON"]
    assert app.code[0].value == "1\t2\t3\n4\t\t6\n7\t8\t5"


def test_doubtful_cells_are_put_right_the_most_doubtful_first(editor, monkeypatch):
    app = table_page(monkeypatch, by_hand)
    assert "2 of 8 cells are doubtful; of the others about 1 in 100 is wrong." in words(app)
    assert "1 cell takes several places" in words(app)
    doubtful = sorted((item["p"], title, item["r"]) for title, item in editor.items.items() if item["d"])
    assert doubtful == [(0, "Row 3, column 3", "?"), (1, "Row 2, column 1", "5")]
    editor.act(app, "say", "Row 3, column 3", text="24")
    assert "1 of 8 cells is doubtful" in words(app)
    assert editor.grid[2] == ["17", "", "24"]
    editor.act(app, "say", "Row 2, column 1", text="5")  # it was read right
    assert "Sure, or put right by you" in words(app)
    choose(app, "button_group", "read_what", ["Number"])
    choose(app, "button_group", "read_what", ["Table"])
    assert "Sure, or put right by you" in words(app)
    assert [editor.items[title]["s"] for _, title, _ in doubtful] == ["24", "5"]
    editor.act(app, "say", "Row 3, column 3", text=None)  # taken back
    assert editor.grid[2] == ["17", "", "?"]
    editor.act(app, "say", "Row 1, column 1", text="12")  # it was sure, and so it is no correction
    assert editor.items["Row 1, column 1"]["s"] is None


def test_digits_of_cells_are_kept_where_they_can_be_told_apart(editor, monkeypatch):
    app = table_page(monkeypatch)
    editor.act(app, "say", "Row 1, column 2", text="8")
    assert kept() == [(8, 2, "number")]
    editor.act(app, "say", "Row 1, column 3", text="33")  # which of them is the digit that was read?
    editor.act(app, "say", "Row 2, column 2", text="5")  # where none was
    assert kept() == [(8, 2, "number")]
    editor.act(app, "merge", keys=[editor.items[f"Row 3, column {place}"]["k"] for place in (1, 2)])
    assert (editor.grid[2], editor.items["Row 3, column 1"]["at"]) == (["78", "", "5"], [2, 0, 1, 2])
    editor.act(app, "say", "Row 3, column 1", text="1.9")
    assert sorted(kept()) == [(1, 7, "number"), (8, 2, "number"), (9, 8, "number")]


def test_cells_are_moved_divided_and_added(editor, monkeypatch):
    app = table_page(monkeypatch)
    six, five = (editor.items[f"Row {row}, column 3"]["b"] for row in (2, 3))
    editor.act(app, "move", "Row 2, column 3", box=five)
    assert editor.grid[1] == ["4", "", "5"]
    editor.act(app, "undo")
    assert editor.grid == ROWS
    editor.act(app, "split", "Row 1, column 1")
    assert "nothing to divide" in app.error[0].value
    editor.act(app, "add", way="column")
    assert [row[:3] for row in editor.grid] == ROWS
    assert "3 rows, 4 columns." in words(app)


def test_work_survives_a_reload_but_is_nobody_elses(editor, monkeypatch):
    from app.shared import work

    app = table_page(monkeypatch)
    editor.act(app, "say", "Row 1, column 2", text="8")
    token = app.query_params["work"]
    again = start_again(token)
    assert "page 1.png" in words(again)
    assert editor.grid[0] == ["1", "8", "3"]
    again.button(key="undo").click().run()
    assert editor.grid == ROWS
    next(button for button in again.button if button.label == "Take away").click().run()
    assert "Choose a picture of a table" in words(again)
    calls = len(editor.calls)
    assert "Choose a picture of a number" in words(start_again("guessed"))
    monkeypatch.setattr(work, "_browser", lambda cookie: "another")
    assert "Choose a picture of a number" in words(start_again(token))
    monkeypatch.setenv("DIGITS_PUBLIC", "1")  # here the browser has no cookie, and could be any
    monkeypatch.setattr(work, "_browser", lambda cookie: "")
    app = table_page(monkeypatch)
    assert len(editor.calls) > calls
    assert "work" not in app.query_params


def start_again(*token):
    """Open the Read page as a reload of the tab does: a new session, with the address of the old one."""
    app = AppTest.from_file(HOME, default_timeout=300)
    app.query_params["work"] = token[0]
    return sound(app.run().switch_page("read/page.py").run())


def test_a_picture_without_a_table_is_told_and_of_many_one_is_chosen(editor, monkeypatch):
    app = table_page(monkeypatch, None, ("2051.png", number_png("2051")), ("a.png", png(drawn())))
    listed = app.dataframe[0].value
    assert listed["Picture"].tolist() == ["2051.png", "a.png"]
    assert "No table was found" in listed["Remark"][0]
    assert not app.error
    assert editor.grid == ROWS


def test_where_nothing_is_left_the_next_doubtful_picture_comes(editor, monkeypatch):
    first, other = png(drawn()), png(drawn([["1"], ["2"]]))
    app = table_page(monkeypatch, by_hand, ("a.png", first), ("b.png", other))
    here = editor.calls[-1]["name"]
    assert editor.calls[-1]["more"] == 1
    editor.act(app, "say", "Row 3, column 3", text="24")
    editor.act(app, "say", "Row 2, column 1", text="5")
    assert (editor.calls[-1]["name"], editor.calls[-1]["more"]) == (here, 1)
    editor.act(app, "next")
    assert editor.calls[-1]["name"] != here
    assert editor.calls[-1]["more"] == 0


def test_digits_whose_check_digit_holds_are_added_on_a_click_and_taken_back(editor):
    app = read_page(("20511.png", number_png("20511")), ("2051.png", number_png("2051")))
    assert "agreed_add" not in {button.key for button in app.button}, "nothing is known of them"
    app = read_page(("2055.png", number_png("20552")))
    choose(app, "selectbox", "known_check", "Luhn (cards)")
    assert number_read(app) == "20552"
    assert app.button(key="agreed_add").label == "Add these 5 digits to your hand"
    sound(app.button(key="agreed_add").click().run())
    assert sorted(kept()) == [(label, label, "number") for label in (0, 2, 2, 5, 5)]
    assert "Your hand: 5 digits" in words(app)
    sound(app.button(key="agreed_undo").click().run())
    assert not kept()
    editor.act(app, "say", "Digit 1", text="7")
    assert "agreed_add" not in {button.key for button in app.button}, "a person said otherwise"


def test_cells_of_rows_that_add_up_are_offered_alone(editor, monkeypatch):
    app = read_page(
        ("page.png", png(drawn([["1", "2", "3"], ["4", "5", "9"], ["7", "8", "6"]]))), read_what="Table"
    )
    assert "Rows add up to 6 ✓, 18 ✓, 21." in words(app)
    sound(app.button(key="agreed_add").click().run())
    assert sorted(label for label, *_ in kept()) == [1, 2, 3, 4, 5, 9]
