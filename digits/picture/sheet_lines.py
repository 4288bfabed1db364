"""The printed lines of a sheet's boxes, taken out of a straightened photo; what is written on them stays."""

import cv2
import numpy as np

from digits.contract import CLASSES
from digits.picture.boxes import Box
from digits.picture.sheet import COLUMNS
from digits.picture.sheet_photo import DOTS

STRAY = 1.4
"""A line is looked for within so many millimetres of its place, for paper is never quite flat."""

SEGMENTS = 3
"""A side is found in so many parts, each at its own place: paper bends."""

GIVE = 0.4
"""By how many millimetres neighbouring lines may stray differently."""

HALF_LINE = 0.6
"""Millimetres on either side of a line's middle that may show it: half of it, and blur."""

CAPPED = 1.2
"""No line is more than so many times as dark as lines usually are on this sheet."""

OVER_LINE, OVER_USUAL = 1.35, 0.2
"""What is darker than so many times its line there, and this share of a usual line, is ink."""


def without_lines(contrast: np.ndarray, boxes: list[Box]) -> np.ndarray:
    """Return a sheet with the boxes' lines set to paper, but not what was written over them.

    Args:
        contrast: (H, W) float32, by which share each point is darker than its paper; a copy is changed.
        boxes: all of the layout, in pixels.
    """
    parts = [part for box in boxes for part in _sides(box)]
    profiles = np.stack([_profile(contrast, part) for part in parts])
    usual = float(np.median(profiles.max(axis=1)))
    clean = contrast.copy()
    for part, profile, middle in zip(parts, profiles, _middles(profiles, usual), strict=True):
        _blank(clean, part, profile, middle, usual)
    return clean


def _sides(box: Box) -> list[tuple[bool, int, int, int]]:
    """Return parts of a box's sides: whether upright, the place across, and from where to where along."""
    x, y, w, h = box
    parts = []
    for upright, begin, length, places in ((False, x, w, (y, y + h)), (True, y, h, (x, x + w))):
        ends = np.linspace(begin, begin + length, SEGMENTS + 1).round().astype(int).tolist()
        parts += [(upright, at, a, b) for at in places for a, b in zip(ends[:-1], ends[1:], strict=True)]
    return parts


def _strip(contrast: np.ndarray, part: tuple, spare: int) -> np.ndarray:
    """Return a view of what lies about a part of a side, (2 * reach + 1, length + 2 * spare)."""
    upright, at, begin, end = part
    reach = round((STRAY + HALF_LINE) * DOTS)
    turned = contrast.T if upright else contrast
    return turned[at - reach : at + reach + 1, begin - spare : end + spare]


def _profile(contrast: np.ndarray, part: tuple) -> np.ndarray:
    """Return how dark a part of a side is, across it: a median along it, for strokes cross it."""
    strip = _strip(contrast, part, -round(0.6 * DOTS))  # not the corners, where other sides are
    return np.median(strip, axis=1)


def _middles(profiles: np.ndarray, usual: float) -> np.ndarray:
    """Return at which place of each profile (N, n) the line is, (N,) int.

    A stroke along a line looks like one. But paper bends slowly: a line is where those of the boxes around
    say, give or take `GIVE`.
    """
    around = cv2.blur(np.minimum(profiles, CAPPED * usual), (3, 1))
    places = np.arange(profiles.shape[1])
    half, give = round(HALF_LINE * DOTS), round(GIVE * DOTS)
    first = half + around[:, half:-half].argmax(axis=1)
    # Rows of boxes, boxes, level or upright, the two sides, their parts; as they lie on the sheet.
    grid = first.reshape(CLASSES, COLUMNS, 2, 2, SEGMENTS).astype(np.float32)
    expected = np.empty_like(grid)
    for upright, axes in ((0, (0, 2, 1, 3)), (1, (0, 3, 1, 2))):
        lying = grid[:, :, upright].transpose(axes)
        smooth = cv2.medianBlur(lying.reshape(lying.shape[0] * lying.shape[1], -1), 5)
        expected[:, :, upright] = smooth.reshape(lying.shape).transpose(np.argsort(axes))
    near = np.abs(places - expected.reshape(-1, 1)) <= give
    return np.clip(np.where(near, around, -1).argmax(axis=1), half, len(places) - half - 1)


def _blank(clean: np.ndarray, part: tuple, profile: np.ndarray, middle: int, usual: float) -> None:
    half = round(HALF_LINE * DOTS)
    rows = np.s_[middle - half : middle + half + 1]
    line = np.clip(profile[rows, None], 0.3 * usual, CAPPED * usual)
    strip = _strip(clean, part, half)[rows]
    strip[strip < OVER_LINE * line + OVER_USUAL * usual] = 0
