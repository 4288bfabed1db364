"""Which pieces make a digit together, and which digits a line: by their boxes alone.

Boxes around what stands on a page.

What hangs together in an ink map.

How much writing leans.
"""

import cv2
import numpy as np

Box = tuple[int, int, int, int]
"""Left, top, width and height, in pixels of the ink map."""


def gap(a: Box, b: Box, axis: int) -> int:
    """Return the paper between two boxes across (0) or down (1); negative by as much as they overlap."""
    return max(a[axis], b[axis]) - min(a[axis] + a[axis + 2], b[axis] + b[axis + 2])


def hull(a: Box, b: Box) -> Box:
    """Return the smallest box around two."""
    left, top = min(a[0], b[0]), min(a[1], b[1])
    right, bottom = max(a[0] + a[2], b[0] + b[2]), max(a[1] + a[3], b[1] + b[3])
    return left, top, right - left, bottom - top


LOW, LOWEST = 0.45, 0.3
"""A piece lower than the first share of its line is a part of a digit or a mark; above the second, perhaps a
small zero."""

FLAT, LEAST = 1.25, 0.25
"""A bar is so many times as wide as high, and so wide a share of the line's height; a zero is only wide."""

STACKED, BROKEN = 0.35, 0.2
"""Parts of a digit that lie above one another are at most so far apart, in heights of the taller one; those
of a broken stroke so far."""

Group = tuple[list[int], Box]
"""The numbers of some pieces, and the box around them."""


def find_groups(boxes: dict[int, Box], shape: tuple[int, int]) -> list[Group]:
    """Return what is large enough for a digit: pieces, or several that lie close above one another.

    Args:
        boxes: of the pieces, by their numbers; one at least.
        shape: height and width of the picture.
    """
    tallest = _tallest(boxes, shape)
    return [group for group in _stacked(boxes, tallest) if _is_digit_sized(group[1], tallest)]


def gather(groups: list[Group]) -> list[list[Group]]:
    """Gather pieces into lines, from the top: each joins the line whose last piece before it stands level."""
    lines: list[list] = []
    for group in sorted(groups, key=lambda group: group[1][0]):
        near = [line for line in lines if _level(line[-1][1], group[1])]
        if near:
            min(near, key=lambda line: gap(line[-1][1], group[1], 0)).append(group)
        else:
            lines.append([group])
    return sorted(lines, key=lambda line: np.mean([box[1] + box[3] / 2 for _, box in line]))


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


def _stacked(boxes: dict[int, Box], tallest: float) -> list[Group]:
    """Put pieces close above one another together, unless that is far taller than the other digits: an eight
    of two loops is one digit, two digits of a column are not."""
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


INKED = 0.35
"""Points with more ink than this belong to a piece."""


def find_components(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find what hangs together in an ink map (H, W), corners included.

    Returns:
        The number of each pixel's piece (H, W) int32, 0 for none; and OpenCV's statistics (pieces + 1, 5), of
        which the first row, the paper's, means nothing.
    """
    inked = (ink > INKED).view(np.uint8)
    x, y, w, h = cv2.boundingRect(inked)  # most of a picture is paper
    region = np.s_[y : y + max(h, 1), x : x + max(w, 1)]
    pieces = np.zeros(ink.shape, np.int32)
    _, pieces[region], stats, _ = cv2.connectedComponentsWithStats(inked[region], connectivity=8)
    stats[:, [cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP]] += (x, y)
    return pieces, stats


SLANTS = np.round(np.arange(-0.4, 0.81, 0.1), 1)
"""All that are tried, in pixels to the right per pixel of height."""


def find_slant(ink: np.ndarray) -> float:
    """Return by how many pixels writing leans to the right per pixel of height.

    Of all slants the one under which ink stands in the fewest, fullest columns (Vinciarelli and Luettin, "A
    new normalization technique for cursive handwritten words", 2001).
    """
    factor = min(1.0, 64 / ink.shape[0], 512 / ink.shape[1])
    small = cv2.resize(ink, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    height, width = small.shape

    def fullness(slant: float) -> float:
        shift = np.array([[1, slant, abs(slant) * height if slant < 0 else 0], [0, 1, 0]])
        room = (width + int(abs(slant) * height) + 1, height)
        profile = cv2.warpAffine(small, shift, room, flags=cv2.INTER_LINEAR).sum(axis=0)
        return float((profile**2).sum()) * (1 - 0.1 * abs(slant))  # in doubt upright

    return float(max(SLANTS, key=fullness))
