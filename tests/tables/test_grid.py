"""Drawn tables are found with their exact lines, however they lie; what only looks like lines is none."""

import cv2
import numpy as np
import pytest

from digits.tables.grid import Grid, find_grids

CORNER, STEP = 60, 70


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def drawn(rows=4, columns=5, wide=2, paper=0.9, skip=()):
    """Return a sheet with a table; `skip` are pieces of line left out: ("across" or "down", row, column)."""
    sheet = np.full((CORNER * 2 + rows * STEP, CORNER * 2 + columns * STEP), paper, np.float32)
    for row in range(rows + 1):
        for column in range(columns + 1):
            x, y = CORNER + column * STEP, CORNER + row * STEP
            if column < columns and ("across", row, column) not in skip:
                cv2.line(sheet, (x, y), (x + STEP, y), 0.2, wide)
            if row < rows and ("down", row, column) not in skip:
                cv2.line(sheet, (x, y), (x, y + STEP), 0.2, wide)
    return sheet


def crossings(rows=4, columns=5):
    x, y = np.meshgrid(np.arange(columns + 1) * STEP + CORNER, np.arange(rows + 1) * STEP + CORNER)
    return np.stack([x, y], axis=-1)


def test_lines_are_where_they_were_drawn():
    (grid,) = find_grids(drawn())
    assert grid.shape == (4, 5)
    assert grid.points == pytest.approx(crossings(), abs=1.5)
    assert min(grid.across.min(), grid.down.min()) > 0.9
    assert len(grid.cells()) == 20


@pytest.mark.parametrize("degrees", [-40, -12, 7, 30])
def test_a_turned_table_under_perspective_and_light(degrees, rng):
    sheet = drawn()
    height, width = sheet.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.75)
    tilt = np.array([[1, 0.03, 0], [0, 1, 0], [0.0002, 0.0001, 1]])
    matrix = tilt @ np.vstack([turn, [0, 0, 1]])
    photo = cv2.warpPerspective(sheet, matrix, (width, height), borderValue=0.9)
    photo = photo * np.linspace(0.5, 1, width, dtype=np.float32) + rng.normal(0, 0.02, photo.shape)
    (grid,) = find_grids(np.clip(photo, 0, 1).astype(np.float32))
    expected = cv2.perspectiveTransform(crossings().reshape(-1, 1, 2).astype(np.float64), matrix).reshape(
        -1, 2
    )
    assert grid.points.reshape(-1, 2) == pytest.approx(expected, abs=4)


def test_digits_in_a_column_and_lines_of_text_are_no_lines():
    sheet = np.round(255 * drawn()).astype(np.uint8)
    for row in range(4):
        for column in range(5):
            place = CORNER + column * STEP + 25, CORNER + row * STEP + 52
            cv2.putText(sheet, "1", place, cv2.FONT_HERSHEY_SIMPLEX, 1.4, 20, 3)
    cv2.putText(sheet, "not a line at all", (70, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 20, 2)
    (grid,) = find_grids(sheet.astype(np.float32) / 255)
    assert grid.shape == (4, 5)


def test_cells_without_a_line_between_are_one_and_torn_lines_change_nothing():
    (grid,) = find_grids(drawn(skip={("down", 0, 2), ("across", 2, 4)}))
    spans = {tuple((side.start, side.stop) for side in cell) for cell in grid.cells()}
    assert len(spans) == 18
    assert ((0, 1), (1, 3)) in spans
    assert ((1, 3), (4, 5)) in spans
    torn = drawn()
    torn[CORNER + STEP - 3 : CORNER + STEP + 4, CORNER + 20 : CORNER + 34] = 0.9
    (grid,) = find_grids(torn)
    assert len(grid.cells()) == 20


def test_what_makes_no_rectangle_is_not_joined():
    seen = np.ones((3, 2)), np.ones((2, 3))
    seen[0][1, 0] = seen[1][0, 1] = 0  # an L of three cells
    grid = Grid(np.zeros((3, 3, 2), np.float32), *seen)
    assert len(grid.cells()) == 4


def test_two_tables_the_larger_first():
    sheet = np.full((900, 700), 0.9, np.float32)
    sheet[:400, :470] = drawn()[:400, :470]
    small = drawn(2, 2)
    sheet[600 : 600 + len(small), 100 : 100 + small.shape[1]] = small
    assert [grid.shape for grid in find_grids(sheet)] == [(4, 5), (2, 2)]


@pytest.mark.parametrize("quarters", range(4))
def test_quarter_turns_lead_back(quarters):
    (grid,) = find_grids(drawn(skip={("down", 0, 2)}))
    turned = grid.turned(quarters)
    assert turned.shape == (grid.shape if quarters % 2 == 0 else grid.shape[::-1])
    assert len(turned.cells()) == len(grid.cells())
    again = turned.turned(4 - quarters)
    assert np.array_equal(again.points, grid.points)
    assert np.array_equal(again.down, grid.down)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_blank_paper_and_noise_have_no_table(value, rng):
    assert find_grids(np.full((300, 400), value, np.float32)) == []
    assert find_grids(np.clip(rng.normal(0.6, 0.2, (300, 400)), 0, 1).astype(np.float32)) == []
    assert find_grids(np.full((8, 8), value, np.float32)) == []


def test_one_cell_and_one_line_are_no_table():
    assert find_grids(drawn(1, 1)) == []
    line = np.full((200, 300), 0.9, np.float32)
    line[100:102] = 0.1
    assert find_grids(line) == []
