"""Tables with known answers: one drawn on a picture, one made by hand."""

import cv2
import numpy as np
from handwriting import strokes

from digits.data.strokes import draw
from digits.reading import Cell, NumberReading, Reading, TableReading

ROWS = [["1", "2", "3"], ["4", "", "6"], ["7", "8", "5"]]
"""What `drawn` has in its cells."""


def drawn(rows=ROWS, side: int = 100) -> np.ndarray:
    """Return a picture of a table with ruled lines, (H, W) uint8, a digit or nothing in each cell."""
    high, wide = len(rows) * side, len(rows[0]) * side
    paper = np.full((high + side, wide + side), 255, np.uint8)
    rim = side // 2
    for line in range(len(rows) + 1):
        cv2.line(paper, (rim, rim + line * side), (rim + wide, rim + line * side), 0, 3)
    for line in range(len(rows[0]) + 1):
        cv2.line(paper, (rim + line * side, rim), (rim + line * side, rim + high), 0, 3)
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            if text:
                ink = draw(strokes(int(text), 0.6 * side, 0.2 * side, 0.2 * side), side, 0.06 * side)
                place = np.s_[rim + row * side :, rim + column * side :]
                paper[place][:side, :side] = np.minimum(paper[place][:side, :side], 255 - ink)
    return paper


def scrawled() -> np.ndarray:
    """Return the same with an H in place of the 2 and a tick in place of the 4: both are doubtful."""
    paper = drawn()
    for (row, column), lines in {
        (0, 1): [((30, 25), (30, 75)), ((70, 25), (70, 75)), ((30, 50), (70, 50))],
        (1, 0): [((20, 50), (40, 75)), ((40, 75), (80, 20))],
    }.items():
        cell = paper[50 + 100 * row :, 50 + 100 * column :][8:92, 8:92]
        cell[:] = 255
        for one, other in lines:
            cv2.line(cell, tuple(x - 8 for x in one), tuple(x - 8 for x in other), 0, 6)
    return paper


def digit(value: int | None, confidence: float = 0.99, status: str = "digit") -> Reading:
    """Return a digit as it may be read; None with a status for what is none."""
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    probabilities[value or 0] = confidence
    return Reading(value, probabilities, status, np.zeros((28, 28), np.float32), box=(1, 2, 3, 4))


def cell(row: int, column: int, text: str = "", confidence: float = 0.99, status: str = "digit", **more):
    """Return a cell with digits, of which the last has the status."""
    tokens: list = [digit(int(one)) if one.isdigit() else one for one in text]
    if status == "not_a_digit":
        tokens = [*tokens, digit(None, 0.1, status)]
    elif text:
        tokens[-1] = digit(tokens[-1].digit, confidence, status)
    box = (10 * column, 10 * row, 10, 10)
    return Cell(NumberReading([tokens] if tokens else []), row, column, box, confidence, **more)


def by_hand() -> TableReading:
    """Return a table of 3 x 3:

    | 12    007  (blank) |
    | 5 ?   1.50 -3      |
    | 17 (two columns) ? |
    """
    cells = [
        cell(0, 0, "12"),
        cell(0, 1, "007"),
        cell(0, 2),
        cell(1, 0, "5", 0.6, "unsure"),
        cell(1, 1, "1.50"),
        cell(1, 2, "-3"),
        cell(2, 0, "17", columns=2),
        cell(2, 2, "", 0.0, "not_a_digit"),
    ]
    return TableReading((3, 3), cells, [TableReading((1, 2), [cell(0, 0, "8"), cell(0, 1, "9")])])
