"""What is known of a table: fields of its columns, and sums, which are read together."""

import numpy as np
import pytest
from ruled import digit, drawn

from digits.deploy.table import Sheet, as_dict, notes
from digits.fields import Field
from digits.reading import NumberReading, Reading
from digits.tables.known import Known, is_heading, single

SUMMED = [["1", "2", "3"], ["4", "", "4"], ["5", "2", "7"]]


def number(text, *alternatives):
    """Return a number with its likeliest texts; "?" is none, "" blank."""
    tokens = [digit(None, 0.1, "not_a_digit") if one == "?" else digit(int(one), 0.9) for one in text]
    return NumberReading([tokens] if tokens else [], alternatives=alternatives)


def places(rows):
    return {(i, k): number(text) for i, row in enumerate(rows) for k, text in enumerate(row)}


def unsure_cells(table):
    return [cell.place for cell in table.cells if cell.status == "unsure"]


def test_sums_are_read_with_the_table_and_told(recognizer):
    table = recognizer.read_table(drawn(SUMMED), sums=["rows", "columns"])
    assert (table.rows, table.first) == (SUMMED, (0, 0))
    assert not unsure_cells(table)
    sheet = Sheet("page.png", table)
    assert notes(sheet) == []
    said = as_dict(sheet)["sums"]
    assert [(one["way"], one["line"]) for one in said] == [
        *(("columns", line) for line in range(3)),
        *(("rows", line) for line in range(3)),
    ]
    assert all(one["holds"] for one in said)
    corrected = Sheet("page.png", table, corrections={(0, 0): "2"})
    assert [one["holds"] for one in as_dict(corrected)["sums"]] == [False, True, True, False, True, True]
    assert notes(corrected) == ["What does not add up: column 1 and row 1."]


def test_what_does_not_add_up_makes_nothing_else_unsure(recognizer):
    wrong = [["1", "2"], ["4", "3"], ["5", "8"]]
    table = recognizer.read_table(drawn(wrong), sums=["columns"])
    assert {place[1] for place in unsure_cells(table)} == {1}
    read = [
        wrong[cell.row][cell.column] if cell.number.unbound is None else cell.number.unbound
        for cell in table.cells
    ]
    assert read == sum(wrong, [])
    if table.rows == wrong:
        assert notes(Sheet("page.png", table)) == ["What does not add up: column 2."]


def test_the_field_of_a_column_binds_its_cells_alone_and_not_its_sum(recognizer):
    field = Field(values=["1", "4", "6"])
    table = recognizer.read_table(drawn(SUMMED), fields={0: field}, sums=["columns"])
    assert [cell.number.value for cell in table.cells] == ["1", None, None, "4", *[None] * 5]
    assert (table.rows, unsure_cells(table)) == (SUMMED, [])
    bound = recognizer.read_table(drawn(SUMMED), fields={0: Field(values=["2", "3"])})
    for cell in bound.cells[::3]:
        assert cell.status == "unsure"
        assert cell.number.value in ("2", "3", None)


def test_cells_of_several_digits_are_read_with_their_field(recognizer, monkeypatch):
    asked, read_number = [], type(recognizer).read_number
    monkeypatch.setattr(
        type(recognizer),
        "read_number",
        lambda self, image, marks=False, field=None, thorough=True: (
            asked.append(field) or read_number(self, image, marks, field, thorough)
        ),
    )
    long = Field(length=2)
    table = recognizer.read_table(drawn([["1", "2"], ["4", "5"]]), fields={1: long})
    assert asked.count(long) == 2, "no single digit fits"
    assert all(
        cell.status != "digit" for cell in table.cells if cell.column == 1 and cell.number.value is None
    )
    assert [cell.text for cell in table.cells if cell.column == 0] == ["1", "4"]


def test_a_table_without_the_column_is_told(recognizer):
    with pytest.raises(ValueError, match="last column with a field is 8; expected 1 to 3"):
        recognizer.read_table(drawn(), fields={7: Field(length=1)})


def test_headings_are_left_alone():
    rows = [["??", "?", "?1"], ["?", "2", "3"], ["1?", "4", "5"], ["?", "6", "8"]]
    assert is_heading(map(number, rows[0]))
    assert is_heading(number(row[0]) for row in rows)
    assert not is_heading(map(number, ["12", "?", "7"]))
    assert not is_heading(map(number, ["", ""]))
    read, sums, first = Known(sums=["columns"]).summed(places(rows), (4, 3), 1, 0.8)
    assert first == (1, 1)
    assert [(one.total, one.of) for one in sums] == [((3, 1), ((1, 1), (2, 1))), ((3, 2), ((1, 2), (2, 2)))]
    assert {read[row, 1].digits[0].status for row in (1, 2, 3)} == {"digit"}
    _, sums, first = Known({0: Field(length=1)}, ["columns"]).summed(places(rows), (4, 3), 1, 0.8)
    assert (first, len(sums)) == ((1, 0), 3)


def test_cells_that_go_on_are_counted_once():
    cells = places([["1", "2"], ["3", "4"], ["4", "6"]])
    del cells[1, 1]
    _, sums, _ = Known(sums=["columns"]).summed(cells, (3, 2), 0, 0.8)
    assert [one.of for one in sums] == [((0, 0), (1, 0)), ((0, 1),)]
    del cells[2, 1]
    assert len(Known(sums=["columns"]).summed(cells, (3, 2), 0, 0.8)[1]) == 1


def test_single_digits_are_judged_by_all_ten_probabilities():
    chances = np.array([0, 0.7, 0, 0, 0, 0, 0, 0.3, 0, 0], np.float32)
    one = NumberReading([[Reading(1, chances, "digit", np.zeros((28, 28), np.float32))]])
    seven = single(one, Field(values=["7", "9"]), 0.9)
    assert (seven.text, seven.value, seven.unbound) == ("7", "7", "1")
    assert seven.digits[0].probabilities[7] == pytest.approx(0.3 / (0.3 + 0.02 * 0.7), abs=0.01)
    assert seven.alternatives[0][0] == "7"
    same = single(one, Field(between=(0, 5)), 0.6)
    assert (same.value, same.unbound, same.digits[0].status) == ("1", None, "digit")
    refuted = single(one, Field(values=["3"]), 0.6)
    assert (refuted.text, refuted.value, refuted.digits[0].status) == ("1", None, "unsure")
    nothing = number("?")
    assert single(nothing, Field(length=1), 0.6) is nothing


def test_what_is_known_is_said_in_words():
    known = Known.parse(["2:length=4", "2:check=luhn", "10:between=0,100"], ["rows"])
    assert known == Known({1: Field(length=4, check="luhn"), 9: Field(between=(0, 100))}, ("rows",))
    assert not Known()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Known.parse(["length=4"]), "a column from 1 before it"),
        (lambda: Known.parse(["a:length=4"]), "a column from 1 before it"),
        (lambda: Known.parse(["9999999:length=4"]), "a column from 1 before it"),
        (lambda: Known.parse(["0:length=4"]), "column of a field is 0; expected 1 to 100"),
        (lambda: Known.parse(["1:len=4"]), "'len=4' is not understood"),
        (lambda: Known.parse([], ["diagonals"]), "expected a list of rows and columns"),
        (lambda: Known(sums="rows"), "expected a list of rows and columns"),
        (lambda: Known({-1: Field(length=1)}), "column with a field is -1"),
        (lambda: Known({True: Field(length=1)}), "column with a field is True"),
        (lambda: Known({1: "length=1"}), "expected a Field"),
    ],
)
def test_what_makes_no_sense_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()
