"""How much writing leans."""

import cv2
import numpy as np

SLANTS = np.round(np.arange(-0.4, 0.81, 0.1), 1)
"""All that are tried, in pixels to the right per pixel of height."""


def find_slant(ink: np.ndarray) -> float:
    """Return by how many pixels writing leans to the right per pixel of height.

    Of all slants the one under which ink stands in the fewest, fullest columns (Vinciarelli and Luettin, "A
    new normalization technique for cursive handwritten words", 2001).
    """
    factor = min(1.0, 64 / ink.shape[0], 512 / ink.shape[1])
    small = cv2.resize(ink, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    height, width = small.shape

    def fullness(slant: float) -> float:
        shift = np.array([[1, slant, abs(slant) * height if slant < 0 else 0], [0, 1, 0]])
        room = (width + int(abs(slant) * height) + 1, height)
        profile = cv2.warpAffine(small, shift, room, flags=cv2.INTER_LINEAR).sum(axis=0)
        return float((profile**2).sum()) * (1 - 0.1 * abs(slant))  # in doubt upright

    return float(max(SLANTS, key=fullness))
