"""Tables as files: text, CSV, JSON and .xlsx, with what a person put right."""

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from ruled import by_hand, cell

from digits import config
from digits.deploy import table
from digits.deploy.table import Sheet
from digits.reading import TableReading

READ = [["12", "007", ""], ["5", "1.50", "-3"], ["17", "", "?"]]


def sheet(corrections=None, file="scans/page 1.jpg") -> Sheet:
    return Sheet(file, by_hand(), corrections=corrections or {})


def book(*sheets):
    return load_workbook(io.BytesIO(table.to_xlsx(sheets)))


def test_a_sheet_tells_its_texts_and_what_was_put_right():
    read = sheet()
    assert read.rows == READ
    assert (read.status, read.confidence) == ("not_a_digit", 0.0)
    right = sheet({(2, 2): "4", (1, 0): "6", (2, 1): "no cell begins here"})
    assert right.rows == [["12", "007", ""], ["6", "1.50", "-3"], ["17", "", "4"]]
    assert (right.status, right.confidence) == ("corrected", pytest.approx(0.99**6))
    failed = Sheet("a.png", error="a.png is bad.")
    assert (failed.rows, failed.status, failed.confidence) == ([], "error", 0.0)


def test_merged_cells_and_other_tables_are_told():
    assert table.notes(sheet()) == [
        "1 cell takes several places, with no line between: row 3, columns 1 to 2.",
        "1 smaller table is on the same picture, of 1 x 2 cells.",
    ]
    known = cell(0, 0, "8")
    known = replace(known, number=replace(known.number, unbound="7"))
    read = TableReading((1, 2), [known, cell(0, 1, "9")])
    assert "row 1, column 1 (7)" in "".join(table.notes(Sheet("a.png", read)))
    assert table.notes(Sheet("a.png", read, corrections={(0, 0): "7"})) == []
    many = TableReading((14, 1), [cell(2 * row, 0, "1", rows=2) for row in range(7)])
    (said,) = table.notes(Sheet("a.png", many))
    assert said.startswith("7 cells take several places")
    assert said.endswith("rows 9 to 10, column 1 and 2 more.")
    assert table.notes(Sheet("a.png", TableReading((1, 1), [cell(0, 0, "1")]))) == []
    assert table.notes(Sheet("a.png", error="bad")) == []


@pytest.mark.parametrize(
    ("row", "total", "is_right"),
    [
        (["1", "2", "3"], "6", True),
        (["1", "2", "4"], "7", False),
        (["0.1", "0,20", "0.3"], "0.60", True),
        (["3", "3"], "6", False),  # one alone is no sum
        (["1", "2", "3", ""], "6", False),
        (["007", "", "-3"], "4", False),
    ],
)
def test_rows_are_added_up(row, total, is_right):
    assert table.sums([row]) == [(Decimal(total), is_right)]


def test_what_is_no_number_is_not_added_up():
    assert table.sums([["1", "?"], ["", ""], ["1,234", "1"], ["1 2"]]) == [(None, False)] * 4


def test_text_has_tabs_and_csv_a_table_below_the_other():
    assert table.to_text(sheet()) == "12\t007\t\n5\t1.50\t-3\n17\t\t?\n"
    assert list(csv.reader(io.StringIO(table.to_csv([sheet()])))) == READ
    both = table.to_csv([sheet(), Sheet("bad.png", error="bad"), sheet({(0, 0): "1,5"})])
    rows = [*READ, ["1,5", "007", ""], *READ[1:]]
    assert list(csv.reader(io.StringIO(both))) == [["scans/page 1.jpg", *row] for row in rows]


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1+2", "-1+2", "@SUM(A1)"])
def test_no_file_holds_a_formula(text):
    bad = sheet({(0, 0): text})
    assert table.to_text(bad).startswith("'" + text)
    assert next(csv.reader(io.StringIO(table.to_csv([bad]))))[0] == "'" + text
    place = book(bad).worksheets[0]["A1"]
    assert (place.value, place.data_type, place.quotePrefix) == (text, "s", True)


def test_json_has_every_cell_with_its_digits_and_what_was_read():
    (found,) = json.loads(table.to_json([sheet({(1, 0): "6"})]))
    assert (found["file"], found["shape"], found["status"]) == ("scans/page 1.jpg", [3, 3], "not_a_digit")
    assert len(found["cells"]) == 8
    first, put_right, merged = (found["cells"][place] for place in (0, 3, 6))
    assert {key: first[key] for key in ("row", "column", "rows", "columns", "text", "status", "box")} == {
        "row": 0,
        "column": 0,
        "rows": 1,
        "columns": 1,
        "text": "12",
        "status": "digit",
        "box": [0, 0, 10, 10],
    }
    assert [one["digit"] for one in first["digits"]] == [1, 2]
    assert (first["confidence"], "read" in first) == (0.99, False)
    assert (put_right["text"], put_right["read"], put_right["status"]) == ("6", "5", "corrected")
    assert (merged["columns"], merged["text"]) == (2, "17")
    assert [one["shape"] for one in found["others"]] == [[1, 2]]
    (bad,) = json.loads(table.to_json([Sheet("bad.png", error="bad.png is bad.")]))
    assert bad == {"file": "bad.png", "status": "error", "error": "bad.png is bad."}


def test_a_spreadsheet_holds_numbers_where_nothing_is_lost_and_else_text():
    page = book(sheet({(0, 2): "1234567890123456", (1, 1): "1,5"})).worksheets[0]
    assert [page[name].value for name in ("A1", "B1", "C1")] == [12, "007", "1234567890123456"]
    assert [page[name].value for name in ("A2", "B2", "C2")] == [5, "1,5", -3]
    assert [page[name].value for name in ("A3", "C3")] == [17, "?"]
    assert (page["B1"].number_format, page["A1"].number_format) == ("@", "0")
    money = book(sheet()).worksheets[0]["B2"]
    assert (money.value, money.number_format) == (1.5, "0.00")  # it shows 1.50


def test_a_spreadsheet_says_how_sure_each_cell_is_colours_doubts_and_merges():
    page = book(sheet({(2, 2): "4"})).worksheets[0]
    assert page["A1"].comment.text == "99.0 % sure."
    assert page["A2"].comment.text == "Doubtful: 60.0 % sure."
    assert page["C3"].comment.text.startswith("Put right by a person. It was read as ?")
    assert page["C1"].comment is None
    assert page["A2"].fill.fgColor.rgb.endswith(table.DOUBTFUL)
    assert page["C3"].fill.fgColor.rgb.endswith(table.CORRECTED)
    assert page["A1"].fill.fill_type is None
    assert [str(area) for area in page.merged_cells.ranges] == ["A3:B3"]


def test_each_picture_and_each_smaller_table_has_a_sheet_of_its_own():
    named = [
        sheet(),
        sheet(file="b/PAGE 1.png"),
        Sheet("bad.png", error="bad"),
        sheet(file="'[x]*?:" + 40 * "y"),
    ]
    names = book(*named).sheetnames
    assert names[:4] == ["page 1", "page 1 (2)", "PAGE 1 (3)", "PAGE 1 (4)"]
    assert len(names) == 6
    assert all(len(name) <= 31 and not set(name) & set("[]*?:/\\'") for name in names)
    other = book(sheet()).worksheets[1]
    assert [other["A1"].value, other["B1"].value] == [8, 9]


def test_signs_that_no_spreadsheet_can_hold_are_left_out():
    assert book(sheet({(0, 0): "a\x00b"})).worksheets[0]["A1"].value == "ab"


def test_without_a_table_or_the_package_one_sentence_says_so(monkeypatch):
    with pytest.raises(ValueError, match=r"no table to write; expected one"):
        table.to_xlsx([Sheet("bad.png", error="bad")])
    monkeypatch.setattr(config, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"openpyxl, which is not installed: pip install -e '\.\[table\]'"):
        table.to_xlsx([sheet()])
