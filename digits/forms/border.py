"""A box of a form without the lines that are printed around it: a digit would be seen in them."""

import cv2
import numpy as np

from digits.tables.cells import cut_out

MARGIN = 0.16
"""So much around a box is looked at too, and that far from its place a line may be, in shorter sides of it:
paper is never quite flat."""

SEGMENTS = 3
"""A side is found in so many parts, each at its own place."""

HALF = 0.035
"""On either side of a line's middle so much may show it, in shorter sides of the box."""

DARK, NARROW = 0.05, 0.6
"""A line is darker than its paper by the first, and beside it there is less than this share of that."""

RIVAL = 0.5
"""Of several that might be the line, as dark as this share of the darkest, the nearest to its place is."""

OVER_LINE, OVER = 1.35, 0.06
"""What is darker than so many times the line, and by so much more, is ink."""

REST = 0.12
"""A line ends where it is paler than this share of its middle."""

INK = 0.996
"""This share of a box is paler than the darkest of its ink."""

PAPER = 0.8
"""This share of a box is darker than its paper."""


def cut_clean(grey: np.ndarray, corners: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what lies between four corners (4, 2), without printed lines at its sides; see `cut_out`."""
    wide, back = cut_out(grey, _widened(corners), round(side * (1 + 2 * MARGIN)))
    margin = round(MARGIN * side)
    wide = np.ascontiguousarray(wide)
    height, width = wide.shape
    for turned, across, along in ((wide, height, width), (wide.T, width, height)):
        for at in (margin, across - margin):
            _take_out(turned, at, margin, along - margin, side)
    inner = wide[margin : height - margin, margin : width - margin]
    return np.ascontiguousarray(inner), back @ np.array([[1, 0, margin], [0, 1, margin], [0, 0, 1.0]])


def _widened(corners: np.ndarray) -> np.ndarray:
    """Return the corners (4, 2) of a box with its surroundings."""
    top, right, foot, left = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    wide, tall = max((top + foot) / 2, 1.0), max((left + right) / 2, 1.0)
    by = MARGIN * min(wide, tall)
    square = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], np.float32)
    outer = square + np.array([[-by, -by], [by, -by], [by, by], [-by, by]], np.float32)
    there = cv2.getPerspectiveTransform(square, corners.astype(np.float32))
    return cv2.perspectiveTransform(outer[None], there)[0]


def _take_out(part: np.ndarray, at: int, begin: int, end: int, side: int) -> None:
    """Set a level line of a picture (h, w) to paper, near row `at`, but not what was written over it."""
    reach, half = round(MARGIN * side), max(1, round(HALF * side))
    first = max(0, at - reach)
    band = part[first : at + reach + 1]
    for some in np.array_split(np.arange(begin - half, end + half), SEGMENTS):
        strip = band[:, some[0] : some[-1] + 1]
        if not strip.size:
            continue
        paper = np.quantile(strip, PAPER)
        profile = paper - np.median(strip, axis=1)
        top = profile.max()
        if top < DARK:
            continue
        rivals = np.flatnonzero(profile >= RIVAL * top)
        middle = int(rivals[np.abs(rivals + first - at).argmin()])
        low, high = max(0, middle - half), middle + half + 1
        middle = low + int(profile[low:high].argmax())
        low, high = _foot(profile, middle, -1, 2 * half), _foot(profile, middle, 1, 2 * half) + 1
        beside = profile[[max(0, low - 1), min(len(profile) - 1, high)]]
        if beside.max() > NARROW * profile[middle]:
            continue
        line = strip[low:high]
        most = np.maximum(profile[low:high, None], 0) * OVER_LINE + OVER
        line[paper - line < most] = paper


def _foot(profile: np.ndarray, middle: int, step: int, most: int) -> int:
    """Return how far a line (n,) that is darkest in the middle goes in one direction, blur and all."""
    place = middle
    for _ in range(most):
        after = place + step
        if (
            not 0 <= after < len(profile)
            or profile[after] > profile[place]
            or profile[place] < REST * profile[middle]
        ):
            break
        place = after
    return place


def contrast(part: np.ndarray) -> float:
    """Return by which share the darkest that is written in a clean box (h, w) is darker than its paper."""
    height, width = part.shape
    rim = round(MARGIN * min(height, width) / 2)
    smooth = cv2.GaussianBlur(part, (0, 0), 0.02 * min(height, width))[rim : height - rim, rim : width - rim]
    paper = cv2.GaussianBlur(part, (0, 0), 0.35 * min(height, width))[rim : height - rim, rim : width - rim]
    paper = np.maximum(np.maximum(paper, np.median(part)), 0.04)
    return float(np.quantile(1 - smooth / paper, INK))
