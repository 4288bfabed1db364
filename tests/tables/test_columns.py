"""Tables without lines: rows and columns from the blank strips between, or none."""

import cv2
import numpy as np
import pytest

from digits.data.printed import typefaces
from digits.deploy.table import Sheet, notes
from digits.tables.columns import find_columns

ROWS = [["381", "42", "7"], ["56", "", "120"], ["294", "65", "83"], ["5", "70", ""]]
PITCH, WIDE, TALL = 90, 210, 44


def sheet(rows=ROWS, angle=0.0):
    """Return printed numbers in columns (H, W) uint8, without any line."""
    grey = np.full((len(rows) * PITCH + 80, len(rows[0]) * WIDE + 80), 235, np.uint8)
    face = next(face for face in typefaces() if face["0"].shape[0] > 40)
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            x = 50 + column * WIDE
            for character in text:
                ink = cv2.resize(face[character], (int(TALL * 0.62), TALL), interpolation=cv2.INTER_AREA)
                here = grey[50 + row * PITCH :, x:][:TALL, : ink.shape[1]]
                here[:] = np.minimum(here, 235 - 210 * ink)
                x += ink.shape[1] + 8
    turn = cv2.getRotationMatrix2D((grey.shape[1] / 2, grey.shape[0] / 2), angle, 0.85 if angle else 1)
    return cv2.warpAffine(grey, turn, grey.shape[::-1], borderValue=235)


@pytest.mark.parametrize("angle", [0.0, 4.0, -6.0])
def test_rows_and_columns_are_told_from_blank_strips(recognizer, angle):
    table = recognizer.read_table(sheet(angle=angle))
    assert (table.shape, table.ruled) == ((4, 3), False)
    assert table.rows == ROWS
    assert any("No lines are drawn" in note for note in notes(Sheet("page.png", table)))


def test_cells_lie_where_the_numbers_stand():
    grid = find_columns(sheet() / np.float32(255))
    across, down = grid.points[..., 0], grid.points[..., 1]
    for row in range(4):  # each number lies within its cell
        assert (down[row] < 50 + row * PITCH).all()
        assert (down[row + 1] > 50 + row * PITCH + TALL).all()
    for column in range(3):
        assert (across[:, column] < 50 + column * WIDE).all()


@pytest.mark.parametrize("rows", [[["381", "42", "7"]], [["3"], ["5"], ["8"], ["1"]]])
def test_one_row_or_one_column_is_no_table(recognizer, rows):
    with pytest.raises(ValueError, match="No table was found"):
        recognizer.read_table(sheet(rows))


def test_what_stands_anywhere_is_no_table():
    columns = [3, 0, 6, 2, 5, 1, 4]
    rows = [["" for _ in range(7)] for _ in range(7)]
    for place, column in enumerate(columns):
        rows[place][column] = "4"
    assert find_columns(sheet(rows) / np.float32(255)) is None
