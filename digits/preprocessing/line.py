"""What the line reader is shown of a picture."""

import cv2
import numpy as np

from digits.models.line import HIGH, ROWS
from digits.preprocessing.finder import even, resized

MULTIPLE = 4
"""Points by which the width of a strip grows: so few shapes are asked."""


def strip(grey: np.ndarray, middle: float, height: float, slope: float = 0.0) -> np.ndarray:
    """Return a line of a picture as the line reader is shown it.

    Args:
        grey: (H, W) float32 in [0, 1].
        middle, height: where the middle of its digits is, down, at the left edge of the picture, and how high
            they are, in pixels.
        slope: how much it falls, in pixels for each to the right.

    Returns:
        (48, W', 2) float32: evened grey, and 1 inside the picture.
    """
    factor = HIGH / height
    evened = even(resized(grey, factor))
    inside = np.ones_like(evened)
    first = round(middle * factor - ROWS / 2)
    shown = np.zeros((ROWS, -(-evened.shape[1] // MULTIPLE) * MULTIPLE, 2), np.float32)
    if slope:
        falls = np.array([[1, 0, 0], [slope, 1, first]], np.float32)
        flags, size = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, (evened.shape[1], ROWS)
        shown[:, : evened.shape[1]] = cv2.warpAffine(np.dstack([evened, inside]), falls, size, flags=flags)
        return shown
    top, bottom = max(0, first), max(0, min(evened.shape[0], first + ROWS))
    shown[top - first : bottom - first, : evened.shape[1]] = np.dstack([evened, inside])[top:bottom]
    return shown
