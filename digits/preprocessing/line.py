"""What the line reader is shown of a picture."""

import numpy as np

from digits.models.line import HIGH, ROWS
from digits.preprocessing.finder import even, resized

MULTIPLE = 4
"""Points by which the width of a strip grows: so few shapes are asked."""


def strip(grey: np.ndarray, middle: float, height: float) -> np.ndarray:
    """Return a line of a picture as the line reader is shown it.

    Args:
        grey: (H, W) float32 in [0, 1].
        middle, height: where the middle of its digits is, down, and how high they are, in pixels.

    Returns:
        (48, W', 2) float32: evened grey, and 1 inside the picture.
    """
    factor = HIGH / height
    sized = resized(grey, factor)
    first = round(middle * factor - ROWS / 2)
    top, bottom = max(0, first), min(sized.shape[0], first + ROWS)
    shown = np.zeros((ROWS, -(-sized.shape[1] // MULTIPLE) * MULTIPLE, 2), np.float32)
    here = np.s_[top - first : bottom - first, : sized.shape[1]]
    shown[here] = np.stack([even(sized)[top:bottom], np.ones((bottom - top, sized.shape[1]))], axis=-1)
    return shown
