"""A straightened sheet -> the ink in each of its boxes, without the boxes' printed lines.

Writing may touch a box's lines and run over them: what hangs together belongs to the box in which most of it
is, and where a stroke crosses a line only the line is taken away.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from digits.config import CLASSES
from digits.forms.sheet import COLUMNS, DOTS, GAP, Rectangle, Straight
from digits.preprocessing.background import otsu
from digits.preprocessing.components import Box, find_components

WINDOW = 12.0
"""The paper around a point is judged in a window of so many millimetres: no stroke fills half of it."""

COARSE = 4
"""That is done on a picture so many times smaller."""

LEAST_CONTRAST, NOISE_FACTOR = 0.1, 5.0
"""Ink is darker than its paper by this share, and by so many standard deviations of the noise."""

SMALLEST = 2.0
"""Writing is at least so high or wide, in millimetres: less is a dot, or dirt."""

SPECK = 0.15
"""Square millimetres; less belongs to no digit."""

RESTS = 1.0
"""What never leaves a strip of so many millimetres on either side of a line is a rest of it."""

PARTED = 0.25
"""A piece of ink of which two boxes have more than this share is parted between them."""

FAINT = 0.4
"""What is paler than this share of the sheet's usual pen is a trace from below, or of the camera."""

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

Side = tuple[bool, int, int, int]
"""A part of a box's side: whether upright, the place across, and from where to where along, in pixels."""


@dataclass(frozen=True)
class Cell:
    """What stands in one box."""

    place: int
    """Of the box among the layout's, in reading order from 0."""
    label: int
    """The digit that belongs there."""
    ink: np.ndarray
    """(h, w) float32 in [0, 1], ink bright: of the box and the gaps around it."""
    at_edge: bool
    """Whether the writing touches the box's lines."""

    @property
    def picture(self) -> np.ndarray:
        """The writing, dark on white: (h, w) uint8."""
        return cv2.convertScaleAbs(1 - self.ink, alpha=255)


def cut(sheet: Straight) -> list[Cell]:
    """Return the boxes in which something is written, in reading order."""
    contrast = _contrast(sheet.grey)
    boxes = [_pixels(box) for box in sheet.layout.boxes]
    contrast = _without_lines(contrast, boxes)
    least = max(LEAST_CONTRAST, NOISE_FACTOR * _noise(contrast, boxes))
    shares = zip(boxes, _shares(contrast, boxes, least), strict=True)
    inks = [_ink(contrast[_around(box)], mine, least) for box, mine in shares]
    pen = float(np.median([full for _, full in inks if full] or [0]))
    return [
        Cell(place, label, ink, _leaves(ink))
        for place, (label, (ink, full)) in enumerate(zip(sheet.layout.labels, inks, strict=True))
        if full > FAINT * pen and _is_written(ink)
    ]


def _contrast(grey: np.ndarray) -> np.ndarray:
    """Return by which share each point is darker than the paper around it, (H, W) float32."""
    small = cv2.resize(grey, None, fx=1 / COARSE, fy=1 / COARSE, interpolation=cv2.INTER_AREA)
    reach = round(WINDOW * DOTS / COARSE) | 1
    paper = cv2.GaussianBlur(cv2.medianBlur(small, reach), (0, 0), 1.5)
    paper = cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_LINEAR).astype(np.float32)
    return 1 - cv2.GaussianBlur(grey, (0, 0), 0.6) / np.maximum(paper, 10)


def _noise(contrast: np.ndarray, boxes: list[Box]) -> float:
    """Estimate the standard deviation of the paper's noise, in the middle of the boxes."""
    inner = [
        contrast[y + h // 4 : y + 3 * h // 4, x + w // 4 : x + 3 * w // 4].ravel() for x, y, w, h in boxes
    ]
    values = np.concatenate(inner)
    # Ink is on one side only: the lower half of the values is the paper's.
    middle = np.median(values)
    return float(middle - np.quantile(values, 0.16))


def _without_lines(contrast: np.ndarray, boxes: list[Box]) -> np.ndarray:
    """Return a sheet with the boxes' lines set to paper, but not what was written over them.

    Args:
        contrast: (H, W) float32, by which share each point is darker than its paper; a copy is changed.
        boxes: all of the layout, in pixels.
    """
    parts = [part for box in boxes for part in _sides(box)]
    # How dark each is, across it: without the corners, where other sides are; a median, for strokes cross it.
    strips = (_strip(contrast, part, -round(0.6 * DOTS)) for part in parts)
    profiles = np.stack([np.median(strip, axis=1) for strip in strips])
    usual = float(np.median(profiles.max(axis=1)))
    clean = contrast.copy()
    for part, profile, middle in zip(parts, profiles, _middles(profiles, usual), strict=True):
        _blank(clean, part, profile, middle, usual)
    return clean


def _sides(box: Box) -> list[Side]:
    """Return the parts of a box's sides."""
    x, y, w, h = box
    parts = []
    for upright, begin, length, places in ((False, x, w, (y, y + h)), (True, y, h, (x, x + w))):
        ends = np.linspace(begin, begin + length, SEGMENTS + 1).round().astype(int).tolist()
        parts += [(upright, at, a, b) for at in places for a, b in zip(ends[:-1], ends[1:], strict=True)]
    return parts


def _strip(contrast: np.ndarray, part: Side, spare: int) -> np.ndarray:
    """Return a view of what lies about a part of a side, (2 * reach + 1, length + 2 * spare)."""
    upright, at, begin, end = part
    reach = round((STRAY + HALF_LINE) * DOTS)
    turned = contrast.T if upright else contrast
    return turned[at - reach : at + reach + 1, begin - spare : end + spare]


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


def _blank(clean: np.ndarray, part: Side, profile: np.ndarray, middle: int, usual: float) -> None:
    half = round(HALF_LINE * DOTS)
    rows = np.s_[middle - half : middle + half + 1]
    line = np.clip(profile[rows, None], 0.3 * usual, CAPPED * usual)
    strip = _strip(clean, part, half)[rows]
    strip[strip < OVER_LINE * line + OVER_USUAL * usual] = 0


def _shares(contrast: np.ndarray, boxes: list[Box], least: float) -> Iterator[np.ndarray]:
    """Yield for each box which points around it are its own ink, (h, w) bool; see `_around`."""
    nobody = len(boxes)
    territory = np.full(contrast.shape, nobody, np.int32)
    inked = np.zeros_like(contrast)
    for place, box in enumerate(boxes):
        inked[_around(box)] = contrast[_around(box)] > least
        territory[_around(box, GAP / 2)] = place
    found = find_components(inked)
    pieces, areas = found.labels, found.areas
    shared = np.zeros((len(areas), nobody + 1), np.int64)
    where = pieces > 0
    np.add.at(shared, (pieces[where], territory[where]), 1)
    shared[areas < SPECK * DOTS**2] = 0
    # What several boxes have a good part of is writing that ran together: each keeps what is near it.
    parted = (shared[:, :nobody] > PARTED * areas[:, None]).sum(axis=1) > 1
    owner = np.where(shared.any(axis=1) & ~parted, shared.argmax(axis=1), nobody)
    for place, box in enumerate(boxes):
        here = pieces[_around(box)]
        mine = (owner[here] == place) | (parted[here] & (territory[_around(box)] == place))
        yield mine & (here > 0)


def _ink(contrast: np.ndarray, mine: np.ndarray, least: float) -> tuple[np.ndarray, float]:
    """Bring one box's own ink to 1 and all else to 0; return how dark it was, too: 0 where there is none."""
    inked = contrast[mine]
    if not len(inked):
        return np.zeros_like(contrast), 0.0
    full = float(np.median(inked[inked >= otsu(inked)]))
    floor = min(0.5 * full, max(0.12 * full, 0.6 * least))
    near = cv2.dilate(mine.astype(np.uint8), np.ones((3, 3), np.uint8))  # with their soft rims
    ink = near * np.clip((contrast - floor) / (0.95 * full - floor), 0, 1)
    return _without_rests(ink.astype(np.float32)), full


def _without_rests(ink: np.ndarray) -> np.ndarray:
    """Remove pieces that lie wholly where the box's lines were: rests of them."""
    found = find_components(ink)
    pieces = found.labels
    inner, outer = (round((GAP + by) * DOTS) for by in (RESTS, -RESTS))
    elsewhere = pieces.copy()
    elsewhere[outer:-outer, outer:-outer] = 0
    elsewhere[inner:-inner, inner:-inner] = pieces[inner:-inner, inner:-inner]
    kept = np.zeros(len(found.areas), bool)
    kept[elsewhere] = True
    kept[0] = False
    return ink * cv2.dilate(kept[pieces].astype(np.uint8), np.ones((3, 3), np.uint8))


def _is_written(ink: np.ndarray) -> bool:
    sides = find_components(ink).stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    return bool(sides.max(initial=0) >= SMALLEST * DOTS)


def _leaves(ink: np.ndarray) -> bool:
    """Tell whether ink reaches the lines of the box."""
    inner = round(GAP * DOTS) + round(0.3 * DOTS)
    outside = ink > 0.5
    outside[inner:-inner, inner:-inner] = False
    return bool(np.count_nonzero(outside) > SPECK * DOTS**2)


def _pixels(box: Rectangle) -> Box:
    x, y, w, h = (round(value * DOTS) for value in box)
    return x, y, w, h


def _around(box: Box, by: float = GAP) -> tuple[slice, slice]:
    """Return the rows and columns of a box and so many millimetres around it."""
    x, y, w, h = box
    spare = round(by * DOTS)
    return np.s_[y - spare : y + h + spare, x - spare : x + w + spare]
