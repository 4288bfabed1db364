"""Ink -> one piece of ink per digit, in reading order.

Pieces that lie above one another belong to one digit (the halves of a broken eight), as does a bar close to
its digit (of a five); other pieces side by side are different digits, and marks are dropped. Digits that
touch are not cut apart.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from digits.picture.ink import find_pieces

OVERLAP = 0.35
"""Pieces whose widths overlap by more, as a share of the narrower one, are one digit."""

LOW, LOWEST = 0.45, 0.3
"""A piece lower than the first share of the tallest digit is a bar or a mark; above the second,
perhaps a small zero."""

FLAT, WIDE = 1.25, 0.25
"""A bar is so many times as wide as high, and so wide a share of the tallest digit; a zero is only wide."""

NEAR = 0.12
"""A bar belongs to a digit that is at most so far beside it, as a share of the tallest digit."""

MOST = 200
"""Only so many pieces, the largest, are looked at: a page of print or of dots must not take minutes."""


@dataclass(frozen=True)
class Piece:
    """One digit: its `ink` (h, w), all else blank, and its `box` (x, y, w, h) in pixels of the whole map."""

    ink: np.ndarray
    box: tuple[int, int, int, int]


def split_digits(ink: np.ndarray) -> list[Piece]:
    """Split an ink map (H, W) float32 in [0, 1] into digits: lines from the top, each from the left."""
    pieces, stats = find_pieces(ink)
    largest = 1 + np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable")[:MOST]
    groups = _merge([([int(i)], tuple(map(int, stats[i, :4]))) for i in largest])
    if not groups:
        return []
    digits = _attach_bars(groups)
    return [_cut_out(ink, pieces, labels, box) for labels, box in _reading_order(digits)]


def _cut_out(ink: np.ndarray, pieces: np.ndarray, labels: list[int], box) -> Piece:
    x, y, w, h = box
    region = slice(max(0, y - 2), y + h + 2), slice(max(0, x - 2), x + w + 2)  # with its soft rim
    own = np.isin(pieces[region], labels).astype(np.uint8)
    return Piece(ink[region] * cv2.dilate(own, np.ones((3, 3), np.uint8)), box)


def stand_apart(pieces: list[Piece]) -> bool:
    """Tell whether pieces are several digits rather than one that was written or printed with a gap.

    Together digits are wider than a single digit, or there is clear paper between them.
    """
    if len(pieces) < 2:
        return False
    boxes = [piece.box for piece in pieces]
    height = float(np.median([h for _, _, _, h in boxes]))
    widest = max(x + w for x, _, w, _ in boxes) - min(x for x, _, _, _ in boxes)
    gap = max(b[0] - (a[0] + a[2]) for a, b in zip(boxes, boxes[1:], strict=False))
    below = max(b[1] - (a[1] + a[3]) for a, b in zip(boxes, boxes[1:], strict=False))
    return widest > 1.05 * height or max(gap, below) > 0.25 * height


def _merge(groups: list) -> list:
    """Join pieces that overlap sideways until none do, within one line of writing."""
    merged: list = []
    for group in groups:
        while mates := [other for other in merged if _same_digit(other[1], group[1])]:
            merged = [other for other in merged if other not in mates]
            for labels, box in mates:
                group = (group[0] + labels, _hull(group[1], box))
        merged.append(group)
    return merged


def _attach_bars(groups: list) -> list:
    """Give bars to the digits they belong to, and drop marks such as full stops."""
    tallest = max(box[3] for _, box in groups)
    digits, bars = [], []
    for group in groups:
        width, height = group[1][2:]
        low, wide, flat = height < LOW * tallest, width >= WIDE * tallest, width >= FLAT * height
        if not low or (wide and not flat and height >= LOWEST * tallest):
            digits.append(group)
        elif wide and flat:
            bars.append(group)
    for labels, bar in bars:
        nearest = min(range(len(digits)), key=lambda i: _gap(digits[i][1], bar))
        if _gap(digits[nearest][1], bar) <= NEAR * tallest:
            digits[nearest] = (digits[nearest][0] + labels, _hull(digits[nearest][1], bar))
    return digits


def _gap(a, b) -> int:
    """Return the paper between two boxes, across or down, whichever is wider; negative when they overlap."""
    return max(_between(a, b, axis=0), _between(a, b, axis=1))


def _between(a, b, axis: int) -> int:
    """Return the paper between two boxes across (0) or down (1); negative by as much as they overlap."""
    return max(a[axis], b[axis]) - min(a[axis] + a[axis + 2], b[axis] + b[axis + 2])


def _same_digit(a, b) -> bool:
    overlap, gap = -_between(a, b, axis=0), _between(a, b, axis=1)
    # Digits of different lines also overlap sideways; a gap like that is wide beside both their heights.
    return overlap > OVERLAP * min(a[2], b[2]) and gap < 0.35 * max(a[3], b[3])


def _hull(a, b) -> tuple[int, int, int, int]:
    left, top = min(a[0], b[0]), min(a[1], b[1])
    right, bottom = max(a[0] + a[2], b[0] + b[2]), max(a[1] + a[3], b[1] + b[3])
    return left, top, right - left, bottom - top


def _reading_order(groups: list) -> list:
    """Gather groups into lines by the overlap of their heights, then sort each line from the left."""
    lines: list[list] = []
    for group in sorted(groups, key=lambda g: g[1][1]):
        for line in lines:
            top = min(box[1] for _, box in line)
            bottom = max(box[1] + box[3] for _, box in line)
            _, y, _, h = group[1]
            if min(bottom, y + h) - max(top, y) > 0.4 * min(h, bottom - top):
                line.append(group)
                break
        else:
            lines.append([group])
    return [group for line in lines for group in sorted(line, key=lambda g: g[1][0])]
