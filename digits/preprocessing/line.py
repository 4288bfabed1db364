"""What the line reader is shown of a picture."""

import math

import cv2
import numpy as np

from digits.models.line import HIGH, ROWS
from digits.preprocessing.finder import WINDOW, even, resized

MULTIPLE = 4
"""Points by which the width of a strip grows: so few shapes are asked."""


def strip(
    grey: np.ndarray, across: tuple[float, float], middle: float, height: float, slope: float = 0.0
) -> np.ndarray:
    """Return a line of a picture as the line reader is shown it.

    Args:
        grey: (H, W) float32 in [0, 1].
        across: from where to where it reaches, in pixels; what is beyond the picture is left out.
        middle, height: where the middle of its digits is, down, at the left edge of the picture, and how high
            they are, in pixels.
        slope: how much it falls, in pixels for each to the right.

    Returns:
        (48, W', 2) float32: evened grey, and 1 inside the picture.
    """
    factor = HIGH / height
    left, right = max(0, int(across[0])), min(grey.shape[1], math.ceil(across[1]))
    ends = [middle + slope * x for x in (left, right)]
    reach = (ROWS + WINDOW) / 2 / factor  # all that tells how light and contrast are there
    above, below = max(0, int(min(ends) - reach)), min(grey.shape[0], math.ceil(max(ends) + reach))
    middle += slope * left - above
    part = grey[above : max(above + 1, below), left : max(left + 1, right)]
    evened = even(resized(part, factor))
    inside = np.ones_like(evened)
    first = round(middle * factor - ROWS / 2)
    shown = np.zeros((ROWS, -(-evened.shape[1] // MULTIPLE) * MULTIPLE, 2), np.float32)
    falls = np.array([[1, 0, 0], [slope, 1, first]], np.float32)
    flags, size = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, (evened.shape[1], ROWS)
    shown[:, : evened.shape[1]] = cv2.warpAffine(np.dstack([evened, inside]), falls, size, flags=flags)
    return shown
