"""Arrays in, pictures out: pixels alone, without a plotting library."""

import cv2
import numpy as np


def png(picture: np.ndarray) -> bytes:
    """Return a picture, point for point, as a PNG file.

    Args:
        picture: (h, w) grey or (h, w, 3) RGB, uint8, or float32 in [0, 1].
    """
    points = picture if picture.dtype == np.uint8 else np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return cv2.imencode(".png", points[..., ::-1] if points.ndim == 3 else points)[1].tobytes()


def thumbnail_png(picture: np.ndarray, side: int) -> bytes:
    """Return a picture (h, w) float32 in [0, 1], centred on a square of `side` pixels, as a PNG file."""
    factor = side / max(picture.shape)
    height, width = (max(1, round(n * factor)) for n in picture.shape)
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_NEAREST
    sized = cv2.resize(np.clip(picture, 0, 1), (width, height), interpolation=method)
    square = np.zeros((side, side), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = np.round(sized * 255)
    return cv2.imencode(".png", square)[1].tobytes()


DARKER, SAME, LIGHTER = np.array([(0, 84, 190), (158, 158, 158), (255, 150, 0)], np.float32)
"""Blue, grey, orange: told apart by colour-blind people too."""


def change_map(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return how a picture changed, in colours: blue where it is darker, orange where lighter, grey the same.

    Args:
        before, after: (h, w) float32 in [0, 1].

    Returns:
        (h, w, 3) uint8 RGB; the largest change has the full colour, however small it is.
    """
    change = np.asarray(after, np.float32) - before
    strength = (change / max(1e-6, float(np.abs(change).max())))[..., None]
    to = np.where(strength < 0, DARKER, LIGHTER)
    return np.round(SAME + np.abs(strength) * (to - SAME)).astype(np.uint8)


KEPT, ERASED, ADDED = np.array([(200, 200, 200), (213, 94, 0), (0, 158, 115)], np.float32)
"""Grey, and the vermillion and bluish green of `style.FRIENDLY`."""


def ink_change_map(changed: np.ndarray, erased: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Return a changed digit in colours: grey what stayed, vermillion what was erased, green what was added.

    Args:
        changed, erased, added: (h, w) float32 in [0, 1]: the digit after the change, and ink gone and new.

    Returns:
        (h, w, 3) uint8 RGB, on black.
    """
    parts = np.stack([np.clip(changed - added, 0, 1), erased, added], axis=-1)
    return np.round(np.clip(parts @ np.stack([KEPT, ERASED, ADDED]), 0, 255)).astype(np.uint8)
