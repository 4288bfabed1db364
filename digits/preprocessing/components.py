"""What hangs together in an ink map, and how boxes around it lie: parts of one digit, digits of one line."""

from dataclasses import dataclass

import cv2
import numpy as np

Box = tuple[int, int, int, int]
"""Left, top, width and height, in pixels of the ink map."""

Group = tuple[list[int], Box]
"""The numbers of some components, and the box around them."""

INKED = 0.35
"""Points with more ink than this belong to a component."""

LOW, LOWEST = 0.45, 0.3
"""What is lower than the first share of its line is a part of a digit or a mark; above the second, perhaps a
small zero."""

FLAT, LEAST = 1.25, 0.25
"""A bar is so many times as wide as high, and so wide a share of the line's height; a zero is only wide."""

STACKED, BROKEN = 0.35, 0.2
"""Parts of a digit that lie above one another are at most so far apart, in heights of the taller one; those
of a broken stroke so far."""


@dataclass(frozen=True)
class Components:
    """An ink map and what hangs together in it, corners included."""

    ink: np.ndarray
    """(H, W) float32 in [0, 1], ink bright."""
    labels: np.ndarray
    """(H, W) int32: the number of each point's component, 0 for none."""
    stats: np.ndarray
    """OpenCV's (components + 1, 5) int32: left, top, width, height, area; the first row, the paper's, means
    nothing."""

    @property
    def areas(self) -> np.ndarray:
        """(components + 1,) int32, in points."""
        return self.stats[:, cv2.CC_STAT_AREA]

    def keep(self, kept: np.ndarray) -> "Components":
        """Return those that are `kept` (components + 1,) bool, each with its soft rim, on blank paper."""
        if kept[1:].all() and len(kept) > 1:
            return self
        reach = max(1, min(self.ink.shape) // 200)
        mine = kept[self.labels] & (self.labels > 0)
        ink = self.ink * cv2.dilate(mine.astype(np.uint8), np.ones((2 * reach + 1,) * 2, np.uint8))
        if reach > 1:
            return find_components(ink)  # scraps of a neighbour two points off may stay
        stays = np.flatnonzero(kept[1:]) + 1
        names = np.zeros(len(kept), np.int32)
        names[stays] = np.arange(1, len(stays) + 1)
        return Components(ink, names[self.labels], self.stats[np.concatenate([[0], stays])])


def find_components(ink: np.ndarray) -> Components:
    """Find what hangs together in an ink map (H, W) float32 in [0, 1]."""
    inked = (ink > INKED).view(np.uint8)
    x, y, w, h = cv2.boundingRect(inked)  # most of a picture is paper
    region = np.s_[y : y + max(h, 1), x : x + max(w, 1)]
    labels = np.zeros(ink.shape, np.int32)
    _, labels[region], stats, _ = cv2.connectedComponentsWithStats(inked[region], connectivity=8)
    stats[:, [cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP]] += (x, y)
    return Components(ink, labels, stats)


def gap(a: Box, b: Box, axis: int) -> int:
    """Return the paper between two boxes across (0) or down (1); negative by as much as they overlap."""
    return max(a[axis], b[axis]) - min(a[axis] + a[axis + 2], b[axis] + b[axis + 2])


def hull(a: Box, b: Box) -> Box:
    """Return the smallest box around two."""
    left, top = min(a[0], b[0]), min(a[1], b[1])
    right, bottom = max(a[0] + a[2], b[0] + b[2]), max(a[1] + a[3], b[1] + b[3])
    return left, top, right - left, bottom - top


def shared(a: Box, b: Box) -> float:
    """Return how much two boxes have in common, as a share of all that lies in either.

    >>> shared((0, 0, 10, 10), (5, 0, 10, 10))
    0.3333333333333333
    """
    common = max(0, -gap(a, b, 0)) * max(0, -gap(a, b, 1))
    return common / max(1, a[2] * a[3] + b[2] * b[3] - common)


def find_groups(boxes: dict[int, Box], shape: tuple[int, ...]) -> list[Group]:
    """Return what is large enough for a digit in a picture of that height and width: components, by their
    numbers and one at least, or several that lie close above one another."""
    tallest = _tallest(boxes, shape)
    return [group for group in _stacked(boxes, tallest) if _is_digit_sized(group[1], tallest)]


def gather(groups: list[Group]) -> list[list[Group]]:
    """Gather groups into lines, from the top: each joins the line whose last one before it stands level."""
    lines: list[list[Group]] = []
    for group in sorted(groups, key=lambda group: group[1][0]):
        near = [line for line in lines if _level(line[-1][1], group[1])]
        if near:
            min(near, key=lambda line: gap(line[-1][1], group[1], 0)).append(group)
        else:
            lines.append([group])
    return sorted(lines, key=lambda line: np.mean([box[1] + box[3] / 2 for _, box in line]))


def _tallest(boxes: dict[int, Box], shape: tuple[int, ...]) -> float:
    """Return the height of the tallest one that does not run through the whole picture, if there is one."""
    through = {i for i, (x, y, w, h) in boxes.items() if h >= shape[0] - 2 or w >= shape[1] - 2}
    inside = [box[3] for i, box in boxes.items() if i not in through]
    every = max(box[3] for box in boxes.values())
    return max(inside) if inside and max(inside) > 0.3 * every else every


def _is_digit_sized(box: Box, tallest: float) -> bool:
    width, height = box[2:]
    flat = width >= FLAT * height
    return height >= LOW * tallest or (width >= LEAST * tallest and not flat and height >= LOWEST * tallest)


def _stacked(boxes: dict[int, Box], tallest: float) -> list[Group]:
    """Put together what lies close above one another, unless that is far taller than the other digits: an
    eight of two loops is one digit, two digits of a column are not."""
    parts = [i for i in boxes if max(boxes[i][2:]) >= LEAST * tallest]
    usual = float(np.median([boxes[i][3] for i in parts if _is_digit_sized(boxes[i], tallest)]))

    def belong(a: Box, b: Box) -> bool:
        overlap, between, taller = -gap(a, b, 0), gap(a, b, 1), max(a[3], b[3])
        fits = len(parts) == 2 or between < BROKEN * taller or hull(a, b)[3] <= 1.4 * usual
        bar = any(w >= FLAT * h for _, _, w, h in (a, b))  # it may stand well to the side of its five
        return overlap > (0.2 if bar else 0.5) * min(a[2], b[2]) and between < STACKED * taller and fits

    groups: list[Group] = []
    for i in sorted(parts, key=lambda i: boxes[i][1]):
        group = [i], boxes[i]
        while mates := [other for other in groups if belong(other[1], group[1])]:
            groups.remove(mates[0])
            group = mates[0][0] + group[0], hull(mates[0][1], group[1])
        groups.append(group)
    return groups


def _level(a: Box, b: Box) -> bool:
    return -gap(a, b, axis=1) > 0.4 * min(a[3], b[3])
