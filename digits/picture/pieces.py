"""What hangs together in an ink map."""

import cv2
import numpy as np

INKED = 0.35
"""Points with more ink than this belong to a piece."""


def find_pieces(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find what hangs together in an ink map (H, W), corners included.

    Returns:
        The number of each pixel's piece (H, W) int32, 0 for none; and OpenCV's statistics (pieces + 1, 5), of
        which the first row, the paper's, means nothing.
    """
    inked = (ink > INKED).view(np.uint8)
    x, y, w, h = cv2.boundingRect(inked)  # most of a picture is paper
    region = np.s_[y : y + max(h, 1), x : x + max(w, 1)]
    pieces = np.zeros(ink.shape, np.int32)
    _, pieces[region], stats, _ = cv2.connectedComponentsWithStats(inked[region], connectivity=8)
    stats[:, [cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP]] += (x, y)
    return pieces, stats
