"""What hangs together in an ink map."""

import cv2
import numpy as np

INKED = 0.35
"""Points with more ink than this belong to a piece."""


def find_pieces(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find what hangs together in an ink map (H, W), corners included.

    Returns:
        The number of each pixel's piece (H, W), 0 for none; and OpenCV's statistics (pieces + 1, 5).
    """
    _, pieces, stats, _ = cv2.connectedComponentsWithStats((ink > INKED).astype(np.uint8), connectivity=8)
    return pieces, stats
