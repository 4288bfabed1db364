"""What all of this room ask of a frame."""

import numpy as np

from digits.contract import SIDE
from digits.runs import check


def checked(frame: np.ndarray) -> np.ndarray:
    """Return a frame as float32 (28, 28) in [0, 1].

    Args:
        frame: (28, 28), uint8, or any float in [0, 1]; bright ink on black.

    Raises:
        ValueError: another shape or range, or numbers that are none; the message says which.
    """
    frame = np.asarray(frame)
    check("The shape of the frame", frame.shape, frame.shape == (SIDE, SIDE), f"({SIDE}, {SIDE})")
    values = frame.astype(np.float32) / (255 if frame.dtype == np.uint8 else 1)
    low, high = values.min(), values.max()
    check("The range of the frame", f"{low} to {high}", low >= 0 and high <= 1, "0 to 1")  # false for NaN
    return values
