"""Tables on their pictures: turned as they are read, with the marks of their cells."""

import re

import numpy as np
import pytest
from ruled import cell

from digits.plots.colours import INK, SECOND
from digits.plots.tables import SHOWN, CellMark, crop, table_svg, upright
from digits.reading import TableReading

SIDE = 20


def pictured(rows: int, columns: int) -> tuple[np.ndarray, TableReading]:
    """Return a picture (H, W, 3) uint8 with a table 30 pixels from its left and 40 from its top, each cell as
    bright as its place, and the table."""
    picture = np.zeros((rows * SIDE + 50, columns * SIDE + 60, 3), np.uint8)
    cells = []
    for row in range(rows):
        for column in range(columns):
            x, y = 30 + column * SIDE, 40 + row * SIDE
            picture[y : y + SIDE, x : x + SIDE] = 10 + row * columns + column
            read = cell(row, column, "1")
            cells.append(type(read)(read.number, row, column, (x, y, SIDE, SIDE), 0.9))
    return picture, TableReading((rows, columns), cells)


def rotated(picture, table, turns):
    """Return both after as many quarter turns against the clock."""
    for _ in range(turns):
        width = picture.shape[1]
        picture = np.rot90(picture)
        boxes = [(y, width - x - w, h, w) for x, y, w, h in (one.box for one in table.cells)]
        cells = [
            type(one)(one.number, one.row, one.column, box, one.confidence)
            for one, box in zip(table.cells, boxes, strict=True)
        ]
        table = TableReading(table.shape, cells)
    return picture, table


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("shape", [(2, 3), (1, 4), (4, 1)])
def test_a_table_stands_as_it_is_read_however_its_picture_lies(shape, turns):
    picture, boxes = upright(*rotated(*pictured(*shape), turns))
    for place, (x, y, w, h) in enumerate(boxes):
        assert (picture[y : y + h, x : x + w] == 10 + place).all()
    rim = round(0.03 * SIDE * max(shape))
    assert picture.shape[:2] == (SIDE * shape[0] + 2 * rim, SIDE * shape[1] + 2 * rim)


def test_every_cell_has_a_mark_that_colour_and_form_tell_apart():
    marks = [CellMark((x, 0, 30, 30), text, kind) for x, text, kind in (
        (0, "", "blank"), (30, "7", "sure"), (60, "<?", "doubtful"), (90, "4 ✓", "corrected"),
    )]  # fmt: skip
    svg = table_svg(np.zeros((30, 120, 3), np.uint8), marks)
    rects = re.findall(r"<rect [^>]*>", svg)
    assert [re.search('stroke="(.*?)"', rect)[1] for rect in rects] == [INK, SECOND, INK]
    assert ["dasharray" in rect for rect in rects] == [False, True, False]
    assert re.findall(r">([^<]*)</text>", svg) == ["7", "&lt;?", "4 ✓"]


def test_a_cell_is_cut_out_with_a_little_around_it_and_no_larger_than_it_is_looked_at():
    picture = np.zeros((1000, 1000, 3), np.uint8)
    assert crop(picture, (100, 100, 50, 25)).shape == (31, 62, 3)
    assert crop(picture, (0, 0, 50, 25)).shape == (28, 56, 3)
    assert max(crop(picture, (100, 100, 600, 300)).shape) == SHOWN
