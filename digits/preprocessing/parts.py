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
    uncut: bool = False
    """Whether it was left whole though it may be several digits."""

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


def find_parts(
    found: Components, alone: bool = False, lazy: bool = False
) -> tuple[np.ndarray, list[PartLine]]:
    """Take an ink map (H, W) apart; where one digit is expected `alone`, only what is far too wide for one,
    or cut off by the picture's edge, is cut. With `lazy` the only component of a picture is never cut, but
    marked as uncut if it would be.

    Returns:
        The number of each point's atom, (H, W) int32, 0 for none; and the lines of writing, from the top.
    """
    largest = 1 + np.argsort(-found.areas[1:], kind="stable")[:MOST]
    if not len(largest):
        return found.labels, []
    ink, shape = found.ink, found.ink.shape
    slant = find_slant(ink)
    boxes = found.stats[:, :4].tolist()
    every: dict[int, Box] = {i: tuple(boxes[i]) for i in largest.tolist()}
    extents = {i: _extent(found.labels, i, box, slant) for i, box in every.items()}
    groups = find_groups(every, shape)
    crop = any(
        x <= 1 or y <= 1 or x + w >= shape[1] - 1 or y + h >= shape[0] - 1 for x, y, w, h in every.values()
    )
    widest, lazy = TOO_WIDE if alone and not crop else WIDE, lazy and len(every) == 1
    numbers = found.labels.copy()
    lines: list[PartLine] = []
    cuts = 0
    for members in gather(groups):
        line = PartLine([], float(np.median([box[3] for _, box in members])), slant, crop, [])
        for i in [i for group, _ in members for i in group]:
            limit = widest if cuts < MOST else np.inf
            line.parts.append(_cut(ink, numbers, i, every[i], extents[i], line, limit, lazy))
            cuts += len(line.parts[-1].cuts) - 2
        lines.append(line)
    for i in every.keys() - {i for group, _ in groups for i in group}:
        _place_small(lines, i, every[i], extents[i], shape)
    for line in lines:
        line.parts.sort(key=lambda part: sum(part.place))
    return numbers, lines


def find_slant(ink: np.ndarray) -> float:
    """Return by how many pixels ink, of which there is some, leans to the right per pixel of height.

    Of all slants the one under which ink stands in the fewest, fullest columns (Vinciarelli and Luettin, "A
    new normalization technique for cursive handwritten words", 2001).
    """
    left, top, w, h = cv2.boundingRect((ink > 0).view(np.uint8))  # the paper around it says nothing
    factor = min(1.0, 64 / h, 512 / w)
    width, height = max(1, round(w * factor)), max(1, round(h * factor))
    inked = ink[top : top + h, left : left + w]
    small = cv2.resize(inked, (width, height), interpolation=cv2.INTER_AREA)
    y, x = small.nonzero()
    place = x + height + SLANTS[:, None] * y  # (slants, points); no slant is as steep as 1 to the left
    column = place.astype(np.int64)
    right = small[y, x] * (place - column)  # so much of a point falls into the next column
    room = width + 2 * height + 1
    column += room * np.arange(len(SLANTS))[:, None]
    profiles = np.bincount(column.ravel(), (small[y, x] - right).ravel(), room * len(SLANTS))
    profiles[1:] += np.bincount(column.ravel(), right.ravel(), room * len(SLANTS))[:-1]
    fullness = (profiles.reshape(len(SLANTS), room) ** 2).sum(axis=1)
    return float(SLANTS[np.argmax(fullness * (1 - 0.1 * np.abs(SLANTS)))])  # in doubt upright


def _extent(labels: np.ndarray, i: int, box: Box, slant: float) -> tuple[float, float]:
    """Return where a component begins and ends along the line, upright."""
    x, y, w, h = box
    own, down = labels[y : y + h, x : x + w] == i, slant * np.arange(y, y + h)
    first, last = own.argmax(axis=1), w - 1 - own[:, ::-1].argmax(axis=1)  # it has a point in each row
    return float((x + first + down).min()), float((x + last + down).max() + 1)


def _cut(
    ink: np.ndarray,
    numbers: np.ndarray,
    i: int,
    box: Box,
    extent: tuple[float, float],
    line: PartLine,
    widest: float,
    lazy: bool,
) -> Part:
    """Return a component whole, always if `lazy`, or with its strokes and cuts; `numbers` is changed
    accordingly."""
    x, y, w, h = box
    left, right = extent
    region = np.s_[y : y + h, x : x + w]
    own = numbers[region] == i
    own_ink = ink[region] * own
    wide = widest * line.height < right - left < LONGEST * h
    several = wide and h >= FULL * line.height and stroke_width(own_ink) < BAR * h
    if several and not lazy:
        strokes, cuts = find_cuts(own_ink, line.slant)
        if len(cuts):
            return _taken_apart(numbers, i, (x, y), own, strokes, cuts, line.slant)
    at_edge = _at_edge(box, ink.shape)
    return _whole(Atom(i, box, left, right, at_edge), uncut=several and lazy)


def _whole(atom: Atom, small: bool = False, uncut: bool = False) -> Part:
    return Part([atom], np.array([[False], [True]]), small, uncut)


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


def _place_small(
    lines: list[PartLine], i: int, box: Box, extent: tuple[float, float], shape: tuple[int, ...]
) -> None:
    """Give a small component to the digits it may be a part of, or to the marks of the nearest line."""

    def distance(other: Box) -> int:
        return max(gap(box, other, 0), gap(box, other, 1))

    nearest = min(lines, key=lambda line: min(distance(a.box) for part in line.parts for a in part.atoms))
    parts, height = nearest.parts, nearest.height
    left, right = extent
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
