"""Ink -> lines of parts: what hangs together, and the cuts through what is too wide for one digit.

Writing often leans, so that upright boxes overlap where digits do not; all places along a line are therefore
taken upright, after the slant of the whole is undone.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from digits.preprocessing.components import FLAT, LEAST, Box, Components, find_groups, gap, gather
from digits.preprocessing.cuts import find_cuts
from digits.preprocessing.frame import stroke_width

NEAR = 0.2
"""What is small belongs to a digit that is at most so far away, in heights of the line; others are marks."""

WIDE, TOO_WIDE = 0.55, 1.3
"""Components wider than so many heights of their line may be several digits."""

FULL, BAR = 0.6, 0.33
"""But not where they are lower than the first share of it, or drawn with a pen wider than the second share of
their own height: those are bars and blots."""

LONGEST = 15
"""What is wider than so many of its heights is a line or a scrawl, not touching digits."""

NARROW = 0.25
"""A line from the picture's top to its foot is no wider than this share of its height."""

MOST = 200
"""Only so many components, the largest, and so many cuts are looked at: a page of print must not take
minutes."""

SLANTS = np.round(np.arange(-0.4, 0.81, 0.1), 1)
"""All that are tried, in pixels to the right per pixel of height."""


@dataclass(frozen=True)
class Atom:
    """The smallest that is looked at: a component, or a stroke of one that may be cut."""

    number: int
    """In the map of atoms."""
    box: Box
    left: float
    right: float
    """Where it stands along the line, upright, in pixels."""
    at_edge: bool = False
    """Whether it touches the left or right edge of the picture, and may be cut off, or runs as a thin line
    from its top to its foot."""


@dataclass(frozen=True)
class Part:
    """What hangs together."""

    atoms: list[Atom]
    cuts: np.ndarray
    """(cuts + 2, atoms) bool: which atoms lie left of each cut, from the left; the first row, which has none
    of them, and the last, which has all, are its ends."""
    small: bool = False
    """Whether it is too small for a digit, but near one."""

    @property
    def place(self) -> tuple[float, float]:
        """Where it begins and ends along the line, upright, in pixels."""
        return min(atom.left for atom in self.atoms), max(atom.right for atom in self.atoms)


@dataclass(frozen=True)
class PartLine:
    """One line of writing, not yet read."""

    parts: list[Part]
    """From the left."""
    height: float
    """Of its digits, in pixels."""
    slant: float
    """By how many pixels it leans to the right per pixel of height."""
    crop: bool
    """Whether writing touches the picture's edge: the picture may be cut from a page."""
    marks: list[Box]
    """Small components that stand apart: points, commas, dashes, dirt."""


def find_parts(found: Components, alone: bool = False) -> tuple[np.ndarray, list[PartLine]]:
    """Take an ink map (H, W) apart; where one digit is expected `alone`, only what is far too wide for one,
    or cut off by the picture's edge, is cut.

    Returns:
        The number of each point's atom, (H, W) int32, 0 for none; and the lines of writing, from the top.
    """
    largest = 1 + np.argsort(-found.areas[1:], kind="stable")[:MOST]
    if not len(largest):
        return found.labels, []
    ink, shape = found.ink, found.ink.shape
    slant = find_slant(ink)
    extents = _extents(found, slant)
    boxes = found.stats[:, :4].tolist()
    whole: dict[int, Box] = {i: tuple(boxes[i]) for i in largest.tolist()}
    groups = find_groups(whole, shape)
    crop = any(
        x <= 1 or y <= 1 or x + w >= shape[1] - 1 or y + h >= shape[0] - 1 for x, y, w, h in whole.values()
    )
    widest = TOO_WIDE if alone and not crop else WIDE
    numbers = found.labels.copy()
    lines: list[PartLine] = []
    cuts = 0
    for members in gather(groups):
        line = PartLine([], float(np.median([box[3] for _, box in members])), slant, crop, [])
        for i in [i for group, _ in members for i in group]:
            limit = widest if cuts < MOST else np.inf
            line.parts.append(_cut(ink, numbers, i, whole[i], extents[i], line, limit))
            cuts += len(line.parts[-1].cuts) - 2
        lines.append(line)
    for i in whole.keys() - {i for group, _ in groups for i in group}:
        _place_small(lines, i, whole[i], extents[i], shape)
    for line in lines:
        line.parts.sort(key=lambda part: sum(part.place))
    return numbers, lines


def find_slant(ink: np.ndarray) -> float:
    """Return by how many pixels writing leans to the right per pixel of height.

    Of all slants the one under which ink stands in the fewest, fullest columns (Vinciarelli and Luettin, "A
    new normalization technique for cursive handwritten words", 2001).
    """
    factor = min(1.0, 64 / ink.shape[0], 512 / ink.shape[1])
    size = max(1, round(ink.shape[1] * factor)), max(1, round(ink.shape[0] * factor))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    height, width = small.shape

    def fullness(slant: float) -> float:
        shift = np.array([[1, slant, abs(slant) * height if slant < 0 else 0], [0, 1, 0]])
        room = (width + int(abs(slant) * height) + 1, height)
        profile = cv2.warpAffine(small, shift, room, flags=cv2.INTER_LINEAR).sum(axis=0)
        return float((profile**2).sum()) * (1 - 0.1 * abs(slant))  # in doubt upright

    return float(max(SLANTS, key=fullness))


def _extents(found: Components, slant: float) -> np.ndarray:
    """Return where each component begins and ends along the line, upright, (components + 1, 2)."""
    stats = found.stats
    left, top = stats[1:, :2].min(axis=0)
    right, foot = (stats[1:, :2] + stats[1:, 2:4]).max(axis=0)
    y, x = np.nonzero(found.labels[top:foot, left:right] > 0)
    y, x = y + top, x + left
    labels, place = found.labels[y, x], x + slant * y
    extents = np.empty((len(stats), 2))
    extents[:, 0], extents[:, 1] = np.inf, -np.inf
    np.minimum.at(extents[:, 0], labels, place)
    np.maximum.at(extents[:, 1], labels, place + 1)
    return extents


def _cut(
    ink: np.ndarray, numbers: np.ndarray, i: int, box: Box, extent: np.ndarray, line: PartLine, widest: float
) -> Part:
    """Return a component whole, or with its strokes and cuts; `numbers` is changed accordingly."""
    x, y, w, h = box
    left, right = map(float, extent)
    region = np.s_[y : y + h, x : x + w]
    own = numbers[region] == i
    own_ink = ink[region] * own
    wide = widest * line.height < right - left < LONGEST * h
    if wide and h >= FULL * line.height and stroke_width(own_ink) < BAR * h:
        strokes, cuts = find_cuts(own_ink, line.slant)
        if len(cuts):
            return _taken_apart(numbers, i, (x, y), own, strokes, cuts, line.slant)
    at_edge = _at_edge(box, ink.shape)
    return _whole(Atom(i, box, left, right, at_edge))


def _whole(atom: Atom, small: bool = False) -> Part:
    return Part([atom], np.array([[False], [True]]), small)


def _taken_apart(
    numbers: np.ndarray,
    i: int,
    corner: tuple[int, int],
    own: np.ndarray,
    strokes: np.ndarray,
    cuts: np.ndarray,
    slant: float,
) -> Part:
    """Give each stroke of a component `own` (h, w) bool a number; return it as a part."""
    x, y = corner
    number, following = i, int(numbers.max()) + 1
    atoms, kept = [], []
    for stroke in range(1, cuts.shape[1]):
        rows, columns = np.nonzero(own & (strokes == stroke))
        if not len(rows):
            continue
        rows, columns = rows + y, columns + x
        numbers[rows, columns] = number
        place = columns + slant * rows
        left, top = int(columns.min()), int(rows.min())
        box = left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1
        at_edge = _at_edge(box, numbers.shape)
        atoms.append(Atom(number, box, float(place.min()), float(place.max() + 1), at_edge))
        kept.append(stroke)
        number, following = following, following + 1
    ends = np.zeros((1, len(kept)), bool)
    return Part(atoms, np.concatenate([ends, cuts[:, kept], ~ends]))


def _at_edge(box: Box, shape: tuple[int, ...]) -> bool:
    """Tell whether something touches the picture's left or right edge, or runs thin from top to foot."""
    x, y, w, h = box
    through = y <= 1 and y + h >= shape[0] - 1 and w < NARROW * h
    return x <= 1 or x + w >= shape[1] - 1 or through


def _place_small(lines: list[PartLine], i: int, box: Box, extent: np.ndarray, shape: tuple[int, ...]) -> None:
    """Give a small component to the digits it may be a part of, or to the marks of the nearest line."""

    def distance(other: Box) -> int:
        return max(gap(box, other, 0), gap(box, other, 1))

    nearest = min(lines, key=lambda line: min(distance(a.box) for part in line.parts for a in part.atoms))
    parts, height = nearest.parts, nearest.height
    left, right = map(float, extent)
    close = [part.place for part in parts if min(distance(a.box) for a in part.atoms) <= NEAR * height]
    above = any(
        min(right, its_right) - max(left, its_left) > 0.5 * min(right - left, its_right - its_left)
        for its_left, its_right in close
    )
    bar = box[2] >= FLAT * box[3] and box[2] >= LEAST * height
    if close and (above or bar):
        parts.append(_whole(Atom(i, box, left, right, _at_edge(box, shape)), small=True))
    else:
        nearest.marks.append(box)
