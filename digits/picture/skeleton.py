"""Ink -> its strokes: the parts between the places where lines meet or cross.

Digits that touch meet at such places, whereas a straight cut between them would also take off whatever
reaches over to the other side.
"""

import cv2
import numpy as np


def find_strokes(inked: np.ndarray) -> np.ndarray:
    """Take ink apart where the lines of its skeleton (Zhang and Suen, 1984) meet.

    Args:
        inked: (h, w) bool.

    Returns:
        (h, w) int32, the number of the stroke that each point is nearest to, from 1 to as many as there are,
        paper included; all 0 without ink.
    """
    from skimage.morphology import skeletonize  # late: most pictures need no cuts

    skeleton = skeletonize(inked).astype(np.uint8)
    if not skeleton.any():
        return np.zeros(inked.shape, np.int32)
    window = np.ones((3, 3), np.uint8)
    around = cv2.filter2D(skeleton, -1, window.astype(np.float32), borderType=cv2.BORDER_CONSTANT)
    meeting = (skeleton & (around > 3)).astype(np.uint8)  # itself and three neighbours or more
    lines = skeleton & (cv2.dilate(meeting, window) == 0)
    if not lines.any():
        lines = skeleton
    _, numbers = cv2.connectedComponents(lines, connectivity=8)
    _, nearest = cv2.distanceTransformWithLabels(
        1 - lines, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    names = np.zeros(nearest.max() + 1, np.int32)
    names[nearest[lines > 0]] = numbers[lines > 0]
    return names[nearest]
