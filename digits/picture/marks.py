"""Points, commas, minus signs and spaces between the digits of a line."""

from digits.picture.boxes import Box, gap

DOT = 0.3
"""A point is at most so high and so wide, in heights of the line."""

DASH, DASH_WIDE = 1.6, 0.18
"""A minus sign is so many times as wide as high, and so wide a share of the line's height."""

MIDDLE = 0.2, 0.8
"""Where a minus sign stands, from the top of its neighbour to its foot."""

LOW = 0.55
"""A point or a comma begins below this share of its neighbour."""

TAIL = 1.35
"""A comma is so many times as high as wide, or hangs below its neighbour's foot by `HANG` of its height."""

HANG = 0.1

SPACE, WIDER = 0.55, 1.8
"""Paper between digits is a space where it is so wide a share of the line's height, and so many times as wide
as usual in this line."""

LONE = 0.4
"""The usual paper between digits where there is one gap alone, in heights of the line."""

STRAY = 0.8
"""Marks farther than so many heights from any digit are dirt."""


def name_mark(box: Box, digits: list[Box], height: float) -> str | None:
    """Return what a small piece is: ".", ",", "-", or None for dirt.

    Args:
        box: of the piece.
        digits: boxes of the digits of its line, one at least.
        height: of the line's digits, in pixels.
    """
    near = min(digits, key=lambda digit: gap(box, digit, 0))
    if gap(box, near, 0) > STRAY * height:
        return None
    _, top, wide, high = box
    begins, middle = ((y - near[1]) / near[3] for y in (top, top + high / 2))
    if wide >= DASH * high and wide >= DASH_WIDE * height and MIDDLE[0] <= middle <= MIDDLE[1]:
        return "-"
    if begins < LOW or wide > DOT * height:
        return None
    hangs = top + high - near[1] - near[3] > HANG * height
    if high >= TAIL * wide or (hangs and high > wide):
        return "," if high <= 2 * DOT * height else None
    return "." if high <= DOT * height else None


def spaces(boxes: list[Box], height: float) -> list[int]:
    """Return before which of the boxes of a line, from the left, a space stands.

    Args:
        boxes: of digits and marks.
        height: of the line's digits, in pixels.
    """
    gaps = [max(0, gap(a, b, 0)) for a, b in zip(boxes, boxes[1:], strict=False)]
    usual = sorted(gaps)[(len(gaps) - 1) // 2] if len(gaps) > 1 else LONE * height  # the lower median
    return [i + 1 for i, wide in enumerate(gaps) if wide > SPACE * height and wide > WIDER * usual]
