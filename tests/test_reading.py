"""Readings spell themselves: lines, marks, doubts, corrections; rows of them become text, CSV and JSON."""

import csv
import io
import json

import numpy as np
import pytest

from digits.reading import (
    COLUMNS,
    Cell,
    NumberReading,
    Reading,
    Row,
    TableReading,
    nothing,
    to_csv,
    to_json,
    to_text,
)


def digit(value, confidence=0.9, status="digit", left=0):
    rest = (1 - confidence) / 9
    probabilities = np.full(10, rest, np.float32)
    probabilities[value or 0] = confidence
    return Reading(value, probabilities, status, np.zeros((28, 28)), {}, (left, 2, 3, 4))


def number(*digits):
    return NumberReading([list(digits)])


LETTER = digit(None, 0.1, "not_a_digit")


def test_numbers_are_spelled_line_by_line_with_their_marks():
    bare = NumberReading([[digit(4), digit(0)], [digit(7, 0.5, "unsure"), LETTER]])
    assert (bare.lines, bare.text) == (["40", "7?"], "407?")
    assert [reading.digit for reading in bare.digits] == [4, 0, 7, None]
    marked = NumberReading([["-", digit(1), ".", digit(5)], [digit(1), " ", digit(2)]], marks=True)
    assert (marked.lines, marked.text) == (["-1.5", "1 2"], "-1.5\n1 2")
    assert [reading.digit for reading in marked.digits] == [1, 5, 1, 2]


def test_corrections_are_counted_over_all_lines():
    number = NumberReading([[digit(1), ".", LETTER], [digit(1)]], marks=True)
    assert number.spelled({1: 0, 2: 9}) == ["1.0", "9"]
    assert number.spelled({}) == number.lines == ["1.?", "1"]  # and change nothing
    assert number.spelled({99: 1}) == number.lines


def test_a_reading_ranks_the_digits_and_nothing_has_no_favourite():
    assert digit(6).confidence == pytest.approx(0.9)
    assert (digit(6).label, LETTER.label) == ("6", None)
    assert digit(6).ranking == [6, 0, 1, 2, 3, 4, 5, 7, 8, 9]
    blank = nothing("blank")
    assert (blank.digit, blank.status, blank.confidence, blank.box) == (None, "blank", 0.0, None)
    assert blank.probabilities == pytest.approx(np.full(10, 0.1))
    assert blank.framed.shape == (28, 28)
    assert not blank.framed.any()


@pytest.mark.parametrize(
    ("digits", "confidence", "status", "is_doubtful"),
    [
        ([digit(1), digit(2)], 0.9, "digit", False),
        ([digit(1), digit(2)], 0.4, "digit", True),  # perhaps nothing is written there
        ([digit(1), digit(2, 0.8, "unsure")], 0.8, "unsure", True),
        ([digit(1, 0.8, "unsure"), LETTER], 0.0, "not_a_digit", True),
        ([], 0.9, "blank", False),
        ([], 0.3, "blank", True),
    ],
)
def test_a_cell_is_doubtful_by_its_gravest_digit_or_if_it_is_rather_wrong(
    digits, confidence, status, is_doubtful
):
    cell = Cell(number(*digits), 0, 0, (0, 0, 9, 9), confidence)
    assert (cell.status, cell.is_doubtful) == (status, is_doubtful)


def test_a_table_has_its_texts_where_its_cells_begin():
    cells = [
        Cell(number(digit(1)), 0, 0, (0, 0, 9, 9), 0.5, columns=2),
        Cell(number(digit(2), digit(3)), 1, 1, (0, 0, 9, 9), 0.8),
    ]
    table = TableReading((2, 2), cells)
    assert table.rows == [["1", ""], ["", "23"]]
    assert table.confidence == pytest.approx(0.4)


SURE = Row("sure.png", number(digit(3, 0.99), digit(2, 0.95, left=10)))
MIXED = Row("mixed.png", number(digit(3, 0.99), digit(5, 0.4, "unsure"), LETTER))


def cells(*rows):
    return list(csv.DictReader(io.StringIO(to_csv(rows))))


def test_a_number_is_as_doubtful_as_its_worst_digit():
    assert (SURE.text, SURE.status) == ("32", "digit")
    assert pytest.approx(0.05) == SURE.doubt
    assert (MIXED.text, MIXED.status, MIXED.doubt) == ("35?", "not_a_digit", 1.0)
    blank = Row("blank.png", number())
    assert (blank.text, blank.status, blank.doubt) == ("", "blank", 1.0)
    failed = Row("bad.png", error="bad.png is bad.")
    assert (failed.text, failed.status, failed.doubt) == ("", "error", 1.0)


def test_single_digits_are_rows_as_well():
    assert (Row("a", digit(7)).text, Row("a", digit(7)).status) == ("7", "digit")
    assert Row("a", digit(None, 0.1, "several")).digits == []
    assert Row("a", digit(None, 0.1, "not_a_digit")).text == "?"
    assert Row("a", digit(None, 0.1, "blank")).text == ""


def test_corrections_change_text_status_and_doubt():
    row = Row("mixed.png", MIXED.reading, corrections={1: 6, 2: ""})
    assert (row.text, row.status) == ("36", "corrected")
    assert row.doubt == pytest.approx(0.01)
    assert Row("a", number(digit(3)), corrections={0: 8}).doubt == 0.0
    found = json.loads(to_json([row]))[0]
    assert found["text"] == "36"
    assert [part.get("corrected_to", "-") for part in found["digits"]] == ["-", 6, None]
    assert [part["confidence"] for part in found["digits"]][1:] == [1, 1]  # not what the reader had thought
    (line,) = cells(row)
    assert (line["text"], line["corrected"], line["confidence"]) == ("36", "2: 6; 3:", "0.99")


def test_csv_has_a_line_per_row_with_boxes_in_pixels():
    first, second = cells(SURE, Row("bad.png", error="bad.png is bad."))
    assert tuple(first) == COLUMNS
    assert first == {
        "file": "sure.png",
        "text": "32",
        "status": "digit",
        "doubt": "0.05",
        "confidence": "0.95",
        "digits": "2",
        "boxes": "0 2 3 4; 10 2 3 4",
        "error": "",
        "corrected": "",
        "value": "",
        "unbound": "",
    }
    assert (second["status"], second["doubt"], second["error"]) == ("error", "1.0", "bad.png is bad.")


@pytest.mark.parametrize(
    "name",
    [
        "=cmd|' /C calc'!A0",
        "+1+2",
        "-1+2",
        "@SUM(A1)",
        "\t=1",
        " =1",
        "\n=1",
        "\r\n =1",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff=1",
        "\u3000=1",
        "＝1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        " ＝1",
        "﹦1",
    ],
)
def test_csv_holds_no_formulas(name):
    (row,) = cells(Row(name, number(digit(3)), error=name))
    assert row["file"] == row["error"] == "'" + name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a;=1.png", "a;'=1.png"),
        ("a\t+1", "a\t'+1"),
        ("a\n@b", "a\n'@b"),
        ("a; ＝1;-2", "a;' ＝1;'-2"),
        ("a-b=c+d@e.png", "a-b=c+d@e.png"),
        ("a; b", "a; b"),
        ("", ""),
    ],
)
def test_nor_a_cell_that_begins_where_a_spreadsheet_parts_the_name(name, safe):
    assert cells(Row(name, number(digit(3))))[0]["file"] == safe


def test_a_negative_number_stays_a_number():
    minus = Row("a.png", NumberReading([["-", digit(1), ",", digit(5)]], marks=True))
    assert cells(minus)[0]["text"] == "-1,5"
    lines = Row("a.png", NumberReading([["-", digit(1)], [digit(2)]], marks=True))
    assert cells(lines)[0]["text"] == "'-1\n2"


def test_json_keeps_probabilities_and_names_in_all_letters():
    one, many = json.loads(to_json([Row("sieben ☺.png", digit(7)), SURE]))
    assert (one["file"], one["digit"], one["box"]) == ("sieben ☺.png", 7, [0, 2, 3, 4])
    assert sum(one["probabilities"]) == pytest.approx(1, abs=1e-3)
    assert [part["digit"] for part in many["digits"]] == [3, 2]
    assert many["doubt"] == 0.05


def test_text_is_bare_for_one_picture_and_named_for_many():
    assert to_text([SURE]) == "32\n"
    assert to_text([SURE, Row("bad.png", error="x")]) == "sure.png: 32\nbad.png: error\n"
