"""Boxes around what stands on a page."""

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
