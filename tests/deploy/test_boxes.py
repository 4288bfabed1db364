"""Boxes that a person moved, added, divided and joined, on numbers and tables with known answers."""

from dataclasses import replace

import numpy as np
import pytest
from pages import written_line
from ruled import cell, digit, drawn

from digits.deploy import boxes
from digits.deploy.boxes import Edits, View
from digits.reading import NumberReading, TableReading

SIDE = 20


def at(value, *box):
    return replace(digit(value), box=box)


def pictured(rows: int, columns: int) -> tuple[np.ndarray, TableReading]:
    """Return a picture (H, W, 3) uint8 with a table 30 pixels from its left and 40 from its top, each cell as
    bright as its place, and the table."""
    picture = np.zeros((rows * SIDE + 50, columns * SIDE + 60, 3), np.uint8)
    cells = []
    for row in range(rows):
        for column in range(columns):
            x, y = 30 + column * SIDE, 40 + row * SIDE
            picture[y : y + SIDE, x : x + SIDE] = 10 + row * columns + column
            cells.append(replace(cell(row, column, "1"), box=(x, y, SIDE, SIDE)))
    return picture, TableReading((rows, columns), cells)


def rotated(picture, table, turns):
    """Return both after as many quarter turns against the clock."""
    for _ in range(turns):
        width = picture.shape[1]
        picture = np.rot90(picture)
        cells = []
        for one in table.cells:
            x, y, w, h = one.box
            cells.append(replace(one, box=(y, width - x - w, h, w)))
        table = TableReading(table.shape, cells)
    return picture, table


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("shape", [(2, 3), (1, 4), (4, 1)])
def test_a_table_stands_as_it_is_read_however_its_picture_lies(shape, turns):
    picture, table = rotated(*pictured(*shape), turns)
    view = View.of_table(picture, table)
    for place, one in enumerate(table.cells):
        x, y, w, h = view.box(one.box)
        assert (view.picture[y : y + h, x : x + w] == 10 + place).all()
        assert view.back((x, y, w, h)) == one.box
    rim = round(0.03 * SIDE * max(shape))
    assert view.picture.shape[:2] == (SIDE * shape[0] + 2 * rim, SIDE * shape[1] + 2 * rim)


def test_what_is_not_on_the_picture_is_cut_off_and_what_is_no_box_is_refused():
    view = View.whole(np.zeros((50, 80, 3), np.uint8))
    assert view.clipped([-5, 10.4, 30, 1e9]) == (0, 10, 25, 40)
    for bad in ([0, 0, 7, 20], [100, 0, 20, 20], [0, 0, float("nan"), 20], [0, 0, 20]):
        with pytest.raises(ValueError, match="A box"):
            view.clipped(bad)


def test_edits_say_draw_and_forget():
    edits = Edits().say("a", "7").say("b", "8")
    assert edits.say("a", None).said == {"b": "8"}
    joined = edits.draw({"c": (1, 2, 30, 40)}, ["a", "b"])
    assert (joined.said, dict(joined.boxes), joined.gone) == ({}, {"c": (1, 2, 30, 40)}, {"a", "b"})
    moved = joined.say("c", "9").draw({"c": (5, 5, 30, 40)})
    assert (moved.said, moved.boxes["c"]) == ({}, (5, 5, 30, 40))
    back = joined.draw({"a": (1, 2, 9, 9)}, ["c"])
    assert (set(back.boxes), back.gone) == ({"a"}, {"b", "c"})
    with pytest.raises(ValueError, match="at most 1,000"):
        Edits().draw({str(i): (0, 0, 9, 9) for i in range(1001)})


def test_boxes_that_are_drawn_take_their_place_in_the_lines():
    number = NumberReading([[at(1, 0, 0, 10, 20), ",", at(2, 40, 0, 10, 20)], [at(3, 0, 50, 10, 20)]], True)
    edits = Edits({}, {"new": (20, 2, 10, 20), "end": (60, 48, 10, 20), "far": (0, 100, 10, 20)})
    edits = replace(edits, gone=frozenset({"40,0,10,20", "not there"}))
    found, keys = boxes.edited_number(number, edits, lambda box: at(7, *box))
    assert found.lines == ["1,7", "37", "7"]
    assert keys == ["0,0,10,20", "new", "0,50,10,20", "end", "far"]
    moved, keys = boxes.edited_number(number, Edits({}, {"0,50,10,20": (80, 0, 10, 20)}), lambda b: at(3, *b))
    assert (moved.lines, keys[-1]) == (["1,23"], "0,50,10,20")


def table_of(*texts: str) -> TableReading:
    cells = [replace(cell(0, i, text), box=(30 * i, 10, 30, 30)) for i, text in enumerate(texts)]
    return TableReading((1, len(texts)), cells)


def answer(text):
    return lambda box: NumberReading([[digit(int(text))]])


def test_cells_are_joined_divided_moved_and_added():
    table, view = table_of("1", "2", "3"), View.whole(np.zeros((100, 200, 3), np.uint8))
    found, gone = boxes.joined_cells(table, table.cells[:2])
    assert (found, gone) == ({"0,0,1,2": (0, 10, 60, 30)}, ["0,0,1,1", "0,1,1,1"])
    joined = Edits().draw(found, gone)
    merged = boxes.edited_table(table, joined, answer("9"))
    assert (merged.rows, merged.cells[0].columns) == ([["9", "", "3"]], 2)
    parts = boxes.divided_cell(view, merged.cells[0])
    assert parts == {"0,0,1,1": (0, 10, 30, 30), "0,1,1,1": (30, 10, 30, 30)}
    apart = boxes.edited_table(table, joined.draw(parts, ["0,0,1,2"]), answer("8"))
    assert apart.rows == [["8", "8", "3"]]
    moved = boxes.edited_table(table, Edits().draw({"0,2,1,1": (62, 12, 30, 30)}), answer("5"))
    assert (moved.rows, moved.cells[2].box) == ([["1", "2", "5"]], (62, 12, 30, 30))
    below = boxes.more_cells(view, merged, "row")
    assert below == {f"1,{i},1,1": (30 * i, 40, 30, 30) for i in range(3)}
    beside = boxes.more_cells(view, merged, "column")
    assert beside == {"0,3,1,1": (90, 10, 30, 30)}
    more = boxes.edited_table(table, Edits().draw({**below, **beside}), answer("4"))
    assert (more.shape, more.rows) == ((2, 4), [["1", "2", "3", "4"], ["4", "4", "4", ""]])
    low = View.whole(np.zeros((42, 200, 3), np.uint8))
    assert boxes.more_cells(low, table, "row")["1,0,1,1"] == (0, 40, 30, 1)  # no room
    with pytest.raises(ValueError, match="nothing to divide"):
        boxes.divided_cell(view, table.cells[0])
    with pytest.raises(ValueError, match="no rectangle"):
        boxes.joined_cells(table, table.cells[:1])
    corner = replace(cell(1, 0, "1", columns=2), box=(0, 40, 60, 30))
    last = replace(cell(1, 2, "1"), box=(60, 40, 30, 30))
    torn = TableReading((2, 3), [*table.cells, corner, last])
    with pytest.raises(ValueError, match="no rectangle"):
        boxes.joined_cells(torn, [torn.cells[1], last])


def test_edits_of_cells_that_are_not_there_are_passed_over():
    table = table_of("1", "2")
    edits = Edits({"7,7,1,1": "5"}, {"no cell": (0, 0, 9, 9)}, frozenset({"9,9,1,1"}))
    assert boxes.edited_table(table, edits, answer("3")) == table


def test_a_moved_box_is_read_anew(recognizer):
    picture = np.dstack([drawn()] * 3)
    view = View.whole(picture)

    def text(*box):
        return boxes.read_box(recognizer, view, box, False).text

    assert (text(50, 50, 100, 100), text(150, 50, 100, 100), text(150, 150, 100, 100)) == ("1", "2", "")
    assert text(50, 250, 200, 100) == "78"
    six = boxes.read_box(recognizer, view, (250, 150, 100, 100), False).digits[0]
    x, y, w, h = six.box
    assert 250 < x < x + w < 350
    assert 150 < y < y + h < 250
    assert boxes.read_one(recognizer, view, (255, 155, 90, 90)).digit == 6
    blank = boxes.read_one(recognizer, view, (160, 160, 80, 80))
    assert (blank.digit, blank.status, blank.box) == (None, "not_a_digit", (160, 160, 80, 80))


def test_two_digits_in_a_box_are_divided_between_them(recognizer):
    ink = written_line("47")
    view = View.whole(np.dstack([(255 * (1 - ink)).astype(np.uint8)] * 3))
    parts = boxes.divided_digit(view, (0, 0, *ink.shape[::-1]))
    assert [boxes.read_one(recognizer, view, box).digit for box in parts.values()] == [4, 7]
    assert list(parts) == [",".join(map(str, box)) for box in parts.values()]
    with pytest.raises(ValueError, match="too narrow"):
        boxes.divided_digit(view, (0, 0, 10, 50))
