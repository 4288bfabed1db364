"""Digits drawn for the tests of the collection."""

import numpy as np
from handwriting import strokes

from digits.data.strokes import draw


def drawn(digit: int, place: int = 50) -> np.ndarray:
    """Return a digit on paper, (280, 280) uint8, dark on light; another place makes another picture."""
    return 255 - draw(strokes(digit, 180, place, 50), 280, 18)
