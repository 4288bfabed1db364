"""Ink -> one piece of ink per digit, in reading order.

Pieces that lie above one another belong to one digit (the halves of a broken eight), as does a bar close to
its digit (of a five); other pieces side by side are different digits, and marks are dropped. Digits that
touch are not cut apart.
"""

from dataclasses import dataclass

import cv2
import numpy as np

OVERLAP = 0.35
"""Pieces whose widths overlap by more, as a share of the narrower one, are one digit."""

LEAST_HEIGHT = 0.45
"""A piece lower than this share of the tallest digit is no digit of its own, but a bar or a mark."""

BAR = 0.25
"""A low piece wider than this share of the tallest digit is a bar, as of a five; else it is a mark."""

NEAR = 0.12
"""A bar belongs to a digit that is at most so far beside it, as a share of the tallest digit."""


@dataclass(frozen=True)
class Piece:
    """One digit's ink: `ink` (H, W) like the whole map, all else blank; `box` (x, y, w, h) in its pixels."""

    ink: np.ndarray
    box: tuple[int, int, int, int]


def split_digits(ink: np.ndarray) -> list[Piece]:
    """Split an ink map (H, W) float32 in [0, 1] into digits: lines from the top, each from the left."""
    _, pieces, stats, _ = cv2.connectedComponentsWithStats((ink > 0.35).astype(np.uint8), connectivity=8)
    groups = _merge([([i], tuple(map(int, stats[i, :4]))) for i in range(1, len(stats))])
    if not groups:
        return []
    digits = _attach_bars(groups)
    return [
        Piece(ink * cv2.dilate(np.isin(pieces, labels).astype(np.uint8), np.ones((3, 3), np.uint8)), box)
        for labels, box in _reading_order(digits)
    ]


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
    merged = True
    while merged:
        merged = False
        for a in range(len(groups)):
            for b in range(a + 1, len(groups)):
                if _same_digit(groups[a][1], groups[b][1]):
                    labels = groups[a][0] + groups[b][0]
                    box = _hull(groups[a][1], groups[b][1])
                    groups = [g for i, g in enumerate(groups) if i not in (a, b)] + [(labels, box)]
                    merged = True
                    break
            if merged:
                break
    return groups


def _attach_bars(groups: list) -> list:
    """Give bars to the digits they belong to, and drop marks such as full stops."""
    tallest = max(box[3] for _, box in groups)
    digits = [group for group in groups if group[1][3] >= LEAST_HEIGHT * tallest]
    for labels, bar in groups:
        if bar[3] >= LEAST_HEIGHT * tallest or bar[2] < BAR * tallest:
            continue
        nearest = min(range(len(digits)), key=lambda i: _gap(digits[i][1], bar))
        if _gap(digits[nearest][1], bar) <= NEAR * tallest:
            digits[nearest] = (digits[nearest][0] + labels, _hull(digits[nearest][1], bar))
    return digits


def _gap(a, b) -> int:
    """Return the paper between two boxes, across or down, whichever is wider; negative when they overlap."""
    across = max(a[0], b[0]) - min(a[0] + a[2], b[0] + b[2])
    down = max(a[1], b[1]) - min(a[1] + a[3], b[1] + b[3])
    return max(across, down)


def _same_digit(a, b) -> bool:
    overlap = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    gap = max(a[1], b[1]) - min(a[1] + a[3], b[1] + b[3])
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
