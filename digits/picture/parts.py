"""Ink -> lines of parts: pieces that hang together, and the cuts through those too wide for one digit.

Writing often leans, so that upright boxes overlap where digits do not; all places along a line are therefore
taken upright, after the slant of the whole is undone.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from digits.picture.boxes import Box, gap, hull
from digits.picture.cuts import find_cuts
from digits.picture.frame import stroke_width
from digits.picture.pieces import find_pieces
from digits.picture.slant import find_slant

LOW, LOWEST = 0.45, 0.3
"""A piece lower than the first share of its line is a part of a digit or a mark; above the second, perhaps a
small zero."""

FLAT, LEAST = 1.25, 0.25
"""A bar is so many times as wide as high, and so wide a share of the line's height; a zero is only wide."""

NEAR = 0.2
"""Small pieces belong to a digit that is at most so far away, in heights of the line; others are marks."""

FULL, BAR = 0.6, 0.33
"""But not where they are lower than the first share of it, or drawn with a pen wider than the second share of
their own height: those are bars and blots."""

STACKED, BROKEN = 0.35, 0.2
"""Parts of a digit that lie above one another are at most so far apart, in heights of the taller one; those
of a broken stroke so far."""

WIDE, TOO_WIDE = 0.55, 1.3
"""Pieces wider than so many heights of their line may be several digits."""

NARROW = 0.25
"""A line from the picture's top to its foot is no wider than this share of its height."""

MOST = 200
"""Only so many pieces, the largest, and so many cuts are looked at: a page of print must not take minutes."""


@dataclass(frozen=True)
class Atom:
    """The smallest that is looked at: a piece, or a stroke of one that may be cut."""

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
    """Small pieces that stand apart: points, commas, dashes, dirt."""


def find_parts(ink: np.ndarray, alone: bool = False) -> tuple[np.ndarray, list[PartLine]]:
    """Take an ink map (H, W) float32 in [0, 1] apart.

    Args:
        ink: the map.
        alone: whether a single digit is expected: then only what is far too wide for one, or cut off by the
            picture's edge, is cut.

    Returns:
        The number of each pixel's atom, (H, W) int32, 0 for none; and the lines of writing, from the top.
    """
    pieces, stats = find_pieces(ink)
    largest = 1 + np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable")[:MOST]
    if not len(largest):
        return pieces, []
    slant = find_slant(ink)
    extents = _extents(pieces, stats, slant)
    whole = {int(i): tuple(map(int, stats[i, :4])) for i in largest}
    tallest = _tallest(whole, ink.shape)
    groups = [group for group in _stacked(whole, tallest) if _is_digit_sized(group[1], tallest)]
    crop = any(
        x <= 1 or y <= 1 or x + w >= ink.shape[1] - 1 or y + h >= ink.shape[0] - 1
        for x, y, w, h in whole.values()
    )
    widest = TOO_WIDE if alone and not crop else WIDE
    numbers = pieces.copy()
    found, cuts = [], 0
    for line in _gather(groups):
        height = float(np.median([box[3] for _, box in line]))
        parts = []
        for i in [i for members, _ in line for i in members]:
            limit = widest if cuts < MOST else np.inf
            parts.append(_cut(ink, numbers, i, whole[i], extents[i], height, slant, limit))
            cuts += len(parts[-1].cuts) - 1
        found.append((parts, height, []))
    for i in whole.keys() - {i for members, _ in groups for i in members}:
        _place_small(found, i, whole[i], extents[i], ink.shape)
    return numbers, [
        PartLine(sorted(parts, key=lambda part: sum(part.place)), height, slant, crop, marks)
        for parts, height, marks in found
    ]


def _extents(pieces: np.ndarray, stats: np.ndarray, slant: float) -> np.ndarray:
    """Return where each piece begins and ends along the line, upright, (pieces + 1, 2)."""
    left, top = stats[1:, :2].min(axis=0)
    right, foot = (stats[1:, :2] + stats[1:, 2:4]).max(axis=0)
    y, x = np.nonzero(pieces[top:foot, left:right] > 0)
    y, x = y + top, x + left
    labels, place = pieces[y, x], x + slant * y
    extents = np.empty((len(stats), 2))
    extents[:, 0], extents[:, 1] = np.inf, -np.inf
    np.minimum.at(extents[:, 0], labels, place)
    np.maximum.at(extents[:, 1], labels, place + 1)
    return extents


def _tallest(boxes: dict[int, Box], shape: tuple[int, int]) -> float:
    """Return the height of the tallest piece that does not run through the whole picture, if there is one."""
    through = {i for i, (x, y, w, h) in boxes.items() if h >= shape[0] - 2 or w >= shape[1] - 2}
    inside = [box[3] for i, box in boxes.items() if i not in through]
    every = max(box[3] for box in boxes.values())
    return max(inside) if inside and max(inside) > 0.3 * every else every


def _is_digit_sized(box: Box, tallest: float) -> bool:
    width, height = box[2:]
    flat = width >= FLAT * height
    return height >= LOW * tallest or (width >= LEAST * tallest and not flat and height >= LOWEST * tallest)


def _stacked(boxes: dict[int, Box], tallest: float) -> list[tuple[list[int], Box]]:
    """Put pieces close above one another together, unless that is far taller than the other digits: an eight
    of two loops is one digit, two digits of a column are not."""
    parts = [i for i in boxes if max(boxes[i][2:]) >= LEAST * tallest]
    usual = float(np.median([boxes[i][3] for i in parts if _is_digit_sized(boxes[i], tallest)]))

    def belong(a: Box, b: Box) -> bool:
        overlap, between, taller = -gap(a, b, 0), gap(a, b, 1), max(a[3], b[3])
        fits = len(parts) == 2 or between < BROKEN * taller or hull(a, b)[3] <= 1.4 * usual
        bar = any(w >= FLAT * h for _, _, w, h in (a, b))  # it may stand well to the side of its five
        return overlap > (0.2 if bar else 0.5) * min(a[2], b[2]) and between < STACKED * taller and fits

    groups: list[tuple[list[int], Box]] = []
    for i in sorted(parts, key=lambda i: boxes[i][1]):
        group = [i], boxes[i]
        while mates := [other for other in groups if belong(other[1], group[1])]:
            groups.remove(mates[0])
            group = mates[0][0] + group[0], hull(mates[0][1], group[1])
        groups.append(group)
    return groups


def _gather(groups: list[tuple[list[int], Box]]) -> list[list[tuple[list[int], Box]]]:
    """Gather pieces into lines, from the top: each joins the line whose last piece before it stands level."""
    lines: list[list] = []
    for group in sorted(groups, key=lambda group: group[1][0]):
        near = [line for line in lines if _level(line[-1][1], group[1])]
        if near:
            min(near, key=lambda line: gap(line[-1][1], group[1], 0)).append(group)
        else:
            lines.append([group])
    return sorted(lines, key=lambda line: np.mean([box[1] + box[3] / 2 for _, box in line]))


def _level(a: Box, b: Box) -> bool:
    return -gap(a, b, axis=1) > 0.4 * min(a[3], b[3])


def _cut(ink, numbers, i: int, box: Box, extent, height: float, slant: float, widest: float) -> Part:
    """Return a piece whole, or with its strokes and cuts; `numbers` is changed accordingly."""
    x, y, w, h = box
    left, right = map(float, extent)
    region = np.s_[y : y + h, x : x + w]
    own = numbers[region] == i
    own_ink = ink[region] * own
    if right - left > widest * height and h >= FULL * height and stroke_width(own_ink) < BAR * h:
        strokes, cuts = find_cuts(own_ink, slant)
        if len(cuts):
            return _taken_apart(numbers, i, (x, y), own, strokes, cuts, slant)
    at_edge = _at_edge(box, ink.shape) or _through(box, ink.shape)
    return _whole(Atom(i, box, left, right, at_edge))


def _whole(atom: Atom, small: bool = False) -> Part:
    return Part([atom], np.array([[False], [True]]), small)


def _taken_apart(numbers, i: int, corner: tuple[int, int], own, strokes, cuts, slant: float) -> Part:
    """Give each stroke of a piece `own` (h, w) bool a number; return it as a part."""
    x, y = corner
    number, atoms, kept = i, [], []
    for stroke in range(1, cuts.shape[1]):
        rows, columns = np.nonzero(own & (strokes == stroke))
        if not len(rows):
            continue
        rows, columns = rows + y, columns + x
        numbers[rows, columns] = number
        place = columns + slant * rows
        box = tuple(int(v) for v in (columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1))
        at_edge = _at_edge(box, numbers.shape) or _through(box, numbers.shape)
        atoms.append(Atom(number, box, float(place.min()), float(place.max() + 1), at_edge))
        kept.append(stroke)
        number = int(numbers.max()) + 1
    ends = np.zeros((1, len(kept)), bool)
    return Part(atoms, np.concatenate([ends, cuts[:, kept], ~ends]))


def _at_edge(box: Box, shape: tuple[int, int]) -> bool:
    return box[0] <= 1 or box[0] + box[2] >= shape[1] - 1


def _through(box: Box, shape: tuple[int, int]) -> bool:
    """Tell whether something thin runs from the picture's top to its foot."""
    return box[1] <= 1 and box[1] + box[3] >= shape[0] - 1 and box[2] < NARROW * box[3]


def _place_small(found: list, i: int, box: Box, extent, shape) -> None:
    """Give a small piece to the digits it may be a part of, or to the marks of the nearest line."""

    def distance(other: Box) -> int:
        return max(gap(box, other, 0), gap(box, other, 1))

    nearest = min(found, key=lambda line: min(distance(atom.box) for part in line[0] for atom in part.atoms))
    parts, height, marks = nearest
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
        marks.append(box)
