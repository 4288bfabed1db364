"""Where a picture of a form has boxes: what a person need not mark by hand."""

from collections.abc import Sequence

import cv2
import numpy as np

from digits.config import check
from digits.fields import LONGEST
from digits.forms.box import NARROWEST, Box
from digits.forms.template import MOST_BOXES
from digits.preprocessing.components import Box as Rectangle
from digits.tables.grid import find_grids

SIDE = 2000
"""Longer side in pixels at which closed lines are looked for."""

BESIDE, DARKER = 31, 8
"""A point of a line is darker than its surroundings, so many pixels wide, by so much of 255."""

SMALLEST, LARGEST = 14, 0.6
"""Pixels that a box is wide and high at least, and share of the picture that it covers at most."""

RECTANGULAR = 0.85
"""Share of the upright rectangle around it that a box covers at least."""

SAME = 0.5
"""Boxes that share so much of the smaller one are the same."""

LIKE, APART, SQUARE = 0.2, 0.35, 1.3
"""Boxes for a digit each stand side by side: as high, wide and at the same height, give or take the first
share; farther apart by no more than the second, in widths; and no wider than so many heights."""


def find_boxes(grey: np.ndarray) -> list[Box]:
    """Return the boxes on a picture (H, W) float32 in [0, 1] of a form that lies upright, in reading order,
    called "Box 1" and so on; boxes for a digit each that stand side by side as one.

    Raises:
        ValueError: there are more than a form may have.
    """
    found: list[tuple[Rectangle, int | None]] = []
    taken: list[Rectangle] = []
    for grid in find_grids(grey):
        cells = [_around(grid.corners(cell)) for cell in grid.cells()]
        if not any(_shared(cell, other) > SAME for cell in cells for other in taken):
            found += _rows(cells) if grid.shape[0] == 1 else [(cell, None) for cell in cells]
            taken += cells
    closed = [one for one in _closed(grey) if not any(_shared(one, other) > SAME for other in taken)]
    found += _rows(closed)
    height, width = grey.shape
    kept = [(_within(box, width, height), digits) for box, digits in found]
    kept = [(box, digits) for box, digits in kept if min(box[2] / (digits or 1), box[3]) >= NARROWEST]
    check("The number of boxes found", len(kept), len(kept) <= MOST_BOXES, f"{MOST_BOXES} at most")
    return [
        Box(f"Box {number}", box, digits=digits)
        for number, (box, digits) in enumerate(_in_order(kept), start=1)
    ]


def _closed(grey: np.ndarray) -> list[Rectangle]:
    """Return the upright rectangles that are closed by dark lines."""
    factor = min(1.0, SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else grey
    levels = cv2.convertScaleAbs(small, alpha=255)
    dark = cv2.adaptiveThreshold(
        levels, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, BESIDE, DARKER
    )
    dark = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((3, 3)))
    outlines, tree = cv2.findContours(dark, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    found: list[Rectangle] = []
    for outline, (_, _, _, parent) in zip(outlines, tree[0] if tree is not None else [], strict=True):
        x, y, width, height = cv2.boundingRect(outline)
        area = cv2.contourArea(outline)
        good = parent >= 0 and min(width, height) >= SMALLEST and area <= LARGEST * dark.size
        if good and area >= RECTANGULAR * width * height:
            found.append((x, y, width, height))
    found.sort(key=lambda box: -box[2] * box[3])
    kept: list[Rectangle] = []
    for box in found:
        if len(kept) < 2 * MOST_BOXES and not any(_shared(box, other) > SAME for other in kept):
            kept.append(box)
    return [tuple(round(side / factor) for side in box) for box in kept]


def _rows(boxes: Sequence[Rectangle]) -> list[tuple[Rectangle, int | None]]:
    """Return boxes, those for a digit each that stand side by side as one, with how many they are."""
    left = sorted(boxes)
    found: list[tuple[Rectangle, int | None]] = []
    while left:
        row = [left.pop(0)]
        while (after := next((box for box in left if _goes_on(row[-1], box)), None)) is not None:
            left.remove(after)
            row.append(after)
        if not 1 < len(row) <= LONGEST:
            found += [(box, None) for box in row]
            continue
        top, foot = min(box[1] for box in row), max(box[1] + box[3] for box in row)
        end = row[-1][0] + row[-1][2]
        found.append(((row[0][0], top, end - row[0][0], foot - top), len(row)))
    return found


def _goes_on(box: Rectangle, after: Rectangle) -> bool:
    x, y, width, height = box
    gap = after[0] - x - width
    alike = abs(after[1] - y) <= LIKE * height and abs(after[3] - height) <= LIKE * height
    alike &= abs(after[2] - width) <= LIKE * width
    return alike and -LIKE * width <= gap <= APART * width and width <= SQUARE * height


def _shared(one: Rectangle, other: Rectangle) -> float:
    """Return how much of the smaller of two boxes they share."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    tall = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0, wide) * max(0, tall) / max(1, min(one[2] * one[3], other[2] * other[3]))


def _around(corners: np.ndarray) -> Rectangle:
    left, top = np.round(corners.min(axis=0)).astype(int).tolist()
    right, foot = np.round(corners.max(axis=0)).astype(int).tolist()
    return left, top, right - left, foot - top


def _within(box: Rectangle, width: int, height: int) -> Rectangle:
    x, y, w, h = box
    left, top = max(0, x), max(0, y)
    return left, top, min(width, x + w) - left, min(height, y + h) - top


def _in_order(found: list[tuple[Rectangle, int | None]]) -> list[tuple[Rectangle, int | None]]:
    """Return boxes line by line, each from the left."""
    left = sorted(found, key=lambda one: one[0][1])
    ordered: list[tuple[Rectangle, int | None]] = []
    while left:
        _, top, _, height = left[0][0]
        line = [one for one in left if one[0][1] + one[0][3] / 2 < top + height]
        left = [one for one in left if one not in line]
        ordered += sorted(line)
    return ordered
