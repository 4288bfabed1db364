"""Printed boxes around digits, as forms have them: taken out of the ink."""

import cv2
import numpy as np

from digits.picture.pieces import INKED, find_pieces

RIM = 0.14
"""The sides of a box lie within this share of its width or height of its edge."""

STRAIGHT = 0.9
"""Each side is inked on at least this share of its way."""

THIN = 0.06
"""No side is thicker than this share of the box."""

ROW = 1.5
"""What is so many times as wide as high, or as high as wide, may be several boxes that share their walls."""

INSIDE = 0.25, 0.97
"""What is written in a box is at least so high a share of it, and less than so wide or high a share:
otherwise the box is itself a digit, such as an angular zero or eight."""


def remove_boxes(ink: np.ndarray) -> np.ndarray:
    """Return an ink map (H, W) float32 in [0, 1] without the boxes that have something in them."""
    pieces, stats = find_pieces(ink)
    clean = ink
    for i, (x, y, w, h, area) in enumerate(stats[1:], start=1):
        if min(w, h) < 0.2 * min(ink.shape) or area > 0.5 * w * h or min(w, h) < 16:
            continue
        region = np.s_[y : y + h, x : x + w]
        own = pieces[region] == i
        inner = _inside(own)
        if inner is None:
            continue
        inner &= ~_walls(inner & own)
        if not _is_written(inner & (ink[region] > INKED)):
            continue
        if clean is ink:
            clean = ink.copy()
        clean[region] = np.where(inner | ((pieces[region] != i) & (pieces[region] > 0)), ink[region], 0)
    return clean


def _inside(own: np.ndarray) -> np.ndarray | None:
    """Return what lies within the four sides of a piece (h, w) bool, or None where it is no box."""
    sides = [_side(turned) for turned in (own, own[::-1], own.T, own.T[::-1])]
    top, bottom, left, right = sides
    if top is None or bottom is None or left is None or right is None:
        return None
    rows, columns = np.indices(own.shape)
    height, width = own.shape
    within = (rows > top[columns]) & (height - 1 - rows > bottom[columns])
    return within & (columns > left[rows]) & (width - 1 - columns > right[rows])


def _walls(own: np.ndarray) -> np.ndarray:
    """Return the thin lines from side to side among what hangs on a row of boxes, (h, w) bool."""
    if max(own.shape) < ROW * min(own.shape):
        return np.zeros_like(own)
    parts, stats = find_pieces(own.astype(np.float32))
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    short = min(own.shape)
    walls = (np.minimum(wide, high) <= THIN * short) & (np.maximum(wide, high) >= STRAIGHT * short)
    return walls[parts] & own


def _side(own: np.ndarray) -> np.ndarray | None:
    """Return how deep the upper side of a box reaches in each column (w,), or None where there is none."""
    depth, width = own.shape
    begins = np.where(own.any(axis=0), own.argmax(axis=0), depth)
    near = begins <= RIM * depth
    if near.mean() < STRAIGHT:
        return None
    blank = ~np.pad(own, ((0, 1), (0, 0)))
    below = np.arange(depth + 1)[:, None] >= begins
    thick = (blank & below).argmax(axis=0) - begins
    usual = float(np.median(thick[near]))
    if usual > max(2.0, THIN * min(own.shape)):
        return None
    # Where a stroke meets the side, the side is as thick as usual.
    ends = begins + np.minimum(thick, usual + 1)
    return np.where(near, ends, np.median(ends[near])) + 1


def _is_written(inside: np.ndarray) -> bool:
    points = cv2.findNonZero(inside.astype(np.uint8))
    if points is None:
        return False
    _, _, width, height = cv2.boundingRect(points)
    high, wide = height / inside.shape[0], width / inside.shape[1]
    return high >= INSIDE[0] and (wide < INSIDE[1] and high < INSIDE[1])
