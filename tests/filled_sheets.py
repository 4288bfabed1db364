"""Sheets filled in with the tests' own handwriting, and photos of them."""

from functools import cache

import numpy as np
from handwriting import strokes

from digits.forms.sheet import DOTS, LAYOUTS
from evaluation.handwriting.simulate import sheet_photos
from evaluation.handwriting.simulate.pens import coverage

PRINTED = 6
"""Pixels per millimetre of the sheets before they are photographed."""

SIZE = (1500, 2000)
EMPTY = {5, 37, 50, 99}
"""Boxes left empty."""


@cache
def written(paper: str, tall: tuple[float, float] = (0.5, 0.75)) -> dict[int, list[np.ndarray]]:
    """Return the strokes on a sheet in millimetres, by the place of their box."""
    layout = LAYOUTS[paper]
    digits = {place: strokes(label, 1.0, 0, 0) for place, label in enumerate(layout.labels)}
    wanted = {place: digit for place, digit in digits.items() if place not in EMPTY}
    return sheet_photos.in_boxes(layout, wanted, np.random.default_rng(1), tall)


@cache
def sheet(paper: str, tall: tuple[float, float] = (0.5, 0.75), kind: str = "blue") -> np.ndarray:
    """Return a filled sheet, (H, W, 3) float32; nobody may change it."""
    printed = sheet_photos.print_sheet(LAYOUTS[paper], PRINTED)
    return sheet_photos.write(printed, written(paper, tall), PRINTED, np.random.default_rng(2), kind, 0.6)


@cache
def photo(paper: str = "A4", **view) -> np.ndarray:
    """Return a photo of it in uneven light, (H, W, 3) uint8; see `sheet_photos.View`."""
    looked = sheet_photos.View(**({"size": SIZE} | view))
    return sheet_photos.shoot(sheet(paper), LAYOUTS[paper], looked, np.random.default_rng(3))


def truth(paper: str, tall: tuple[float, float] = (0.5, 0.75)) -> np.ndarray:
    """Return where the pen has been on the straight sheet, (H, W) bool."""
    width, height = (round(side * DOTS) for side in LAYOUTS[paper].size)
    ink = np.zeros((height, width), bool)
    for digit in written(paper, tall).values():
        ink |= coverage([stroke * DOTS - 0.5 for stroke in digit], ink.shape, 0.6 * DOTS) > 0.5
    return ink
