"""Cells are cut out straight, known as blank, single or more, and read however the sheet lies."""

import cv2
import numpy as np
import pytest
from PIL import Image

from digits.data.printed import typefaces
from digits.tables.cells import cut_out, find_tables, placed
from digits.tables.grid import find_grids

STEP, EDGE = 90, 50
ROWS = [["3", "", "7"], ["", "52", "1"], ["9", "4", ""]]


def sheet(rows=ROWS, skip=()):
    """Return a printed table (H, W) uint8; `skip` are cells without a line on their right."""
    grey = np.full((2 * EDGE + len(rows) * STEP, 2 * EDGE + len(rows[0]) * STEP), 235, np.uint8)
    face = next(face for face in typefaces() if face["0"].shape[0] > 40)
    for row in range(len(rows) + 1):
        cv2.line(grey, (EDGE, EDGE + row * STEP), (grey.shape[1] - EDGE, EDGE + row * STEP), 60, 2)
    for column in range(len(rows[0]) + 1):
        for row in range(len(rows)):
            if (row, column - 1) not in skip:
                x, y = EDGE + column * STEP, EDGE + row * STEP
                cv2.line(grey, (x, y), (x, y + STEP), 60, 2)
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            x = EDGE + column * STEP + (30 if len(text) < 2 else 12)
            for character in text:
                ink = cv2.resize(face[character], None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
                here = grey[EDGE + row * STEP + 26 :, x:][: ink.shape[0], : ink.shape[1]]
                here[:] = np.minimum(here, 235 - 210 * ink)
                x += ink.shape[1] + 4
    return grey


@pytest.mark.parametrize("quarters", range(4))
def test_a_table_is_read_however_it_lies(recognizer, quarters):
    table = recognizer.read_table(np.ascontiguousarray(np.rot90(sheet(), quarters)))
    assert (table.shape, table.rows) == ((3, 3), ROWS)
    assert 0 <= table.confidence <= 1
    assert not table.others
    five = next(cell for cell in table.cells if cell.text == "52").number.digits[0]
    x, y, w, h = five.box
    if quarters == 0:
        middle = EDGE + 1.35 * STEP, EDGE + 1.5 * STEP
        assert (x + w / 2, y + h / 2) == pytest.approx(middle, abs=0.15 * STEP)


def test_a_merged_cell_says_so_and_others_keep_their_place(recognizer):
    table = recognizer.read_table(sheet([["3", "", "7"], ["8", "6", "1"]], skip={(0, 0)}))
    (wide,) = [cell for cell in table.cells if cell.columns > 1]
    assert (wide.row, wide.column, wide.rows, wide.columns) == (0, 0, 1, 2)
    assert table.rows == [["3", "", "7"], ["8", "6", "1"]]


def test_light_lines_on_a_dark_board(recognizer):
    assert recognizer.read_table(255 - sheet()).rows == ROWS


def test_no_table_is_one_sentence(recognizer):
    for picture in (np.full((60, 80), 200, np.uint8), Image.new("RGB", (8, 8))):
        with pytest.raises(ValueError, match=r"No table was found; expected ruled lines that cross"):
            recognizer.read_table(picture)


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr("digits.tables.cells.MOST_ROWS", 2)
    with pytest.raises(ValueError, match="3 rows and 3 columns; expected at most 2 and 100, and 3,000 cells"):
        find_tables(sheet() / np.float32(255))


def test_cells_are_known_as_blank_or_not():
    grey = sheet() / np.float32(255)
    ((_, looks),) = find_tables(grey)
    full = [look.written > 0.5 for look in looks]
    assert full == [text != "" for row in ROWS for text in row]
    assert [look.digits for look in looks if look.written > 0.5] == [1, 1, 2, 1, 1, 1]


@pytest.mark.parametrize("size", [40, 300])
def test_what_lies_between_four_corners_is_cut_out_straight_and_placed_back(size):
    corners = np.array([[10, 12], [10 + size, 20], [12 + size, 16 + size], [5, 10 + size]], np.float32)
    x, y = np.meshgrid(np.arange(size + 30), np.arange(size + 40))
    part, back = cut_out((x / (size + 40)).astype(np.float32), corners, 64)
    assert min(part.shape) == 64
    assert part[32, 32] == pytest.approx(corners[:, 0].mean() / (size + 40), abs=0.03)
    left, top, wide, high = placed((0, 0, *part.shape[::-1]), back)
    low, far = corners.min(axis=0), corners.max(axis=0)
    assert (left, top, left + wide, top + high) == pytest.approx((*low, *far), abs=3)


def test_what_nobody_waits_for_is_not_read_to_its_end(recognizer):
    from digits.preprocessing.decode import to_grey
    from digits.tables import read

    with pytest.raises(read.Stopped):
        read.read(to_grey(sheet()), recognizer, marks=False, stop=lambda: True)


def test_wide_cells_and_small_writing_are_not_blank(recognizer):
    wide = np.full((300, 1500), 235, np.uint8)
    for y in (50, 125, 200):
        cv2.line(wide, (40, y), (1460, y), 60, 2)
    for x in (40, 1460):
        cv2.line(wide, (x, 50), (x, 200), 60, 2)
    cv2.putText(wide, "7", (700, 110), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 30, 4)
    table = recognizer.read_table(wide)
    assert table.shape == (2, 1)
    assert [cell.status == "blank" for cell in table.cells] == [False, True]
    large = np.full((700, 700), 235, np.uint8)
    for at in (50, 350, 650):
        cv2.line(large, (50, at), (650, at), 60, 3)
        cv2.line(large, (at, 50), (at, 650), 60, 3)
    cv2.putText(large, "4", (180, 210), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 30, 3)
    assert [cell.status == "blank" for cell in recognizer.read_table(large).cells] == [
        False,
        True,
        True,
        True,
    ]


def test_the_feet_of_digits_in_a_row_are_no_line():
    rows = [[str(100 + 37 * row * column % 900)[:2] for column in range(8)] for row in range(1, 13)]
    grey = sheet(rows) / np.float32(255)
    large = cv2.resize(grey, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    assert find_grids(large)[0].shape == (12, 8)
