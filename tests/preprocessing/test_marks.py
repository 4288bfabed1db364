"""Small pieces are named by their shape and place, whatever the size of the writing; spaces by width."""

import pytest

from digits.preprocessing.lattice import name_mark, spaces

HEIGHT = 100
DIGITS = [(0, 0, 60, HEIGHT), (120, 0, 60, HEIGHT)]
"""Boxes of two digits, with room for a mark between them."""

MARKS = {
    "a point on the line": ((85, 90, 10, 10), "."),
    "a fat point": ((80, 80, 20, 20), "."),
    "a point a little below the line": ((85, 97, 10, 10), "."),
    "a comma below the line": ((85, 88, 12, 32), ","),
    "a slanting comma": ((80, 90, 18, 34), ","),
    "a short stroke on the line": ((85, 80, 8, 20), ","),
    "a minus sign": ((75, 47, 35, 7), "-"),
    "a steep minus sign": ((75, 42, 35, 16), "-"),
    "a point in the middle": ((85, 45, 10, 10), None),
    "a speck above": ((85, 5, 8, 8), None),
    "an apostrophe": ((85, 5, 8, 25), None),
    "an underline": ((0, 118, 180, 8), None),
    "a line above": ((60, -20, 60, 8), None),
    "a block on the line": ((65, 55, 45, 45), None),
    "a point far away": ((400, 90, 10, 10), None),
}


@pytest.mark.parametrize("name", MARKS)
@pytest.mark.parametrize("scale", [0.3, 1, 4])
def test_marks_are_named_by_shape_and_place(name, scale):
    box, expected = MARKS[name]

    def sized(box):
        return tuple(round(side * scale) for side in box)

    assert name_mark(sized(box), [sized(digit) for digit in DIGITS], HEIGHT * scale) == expected


def test_a_minus_sign_may_stand_first_and_a_point_last():
    assert name_mark((-60, 48, 40, 8), DIGITS, HEIGHT) == "-"
    assert name_mark((195, 90, 10, 10), DIGITS, HEIGHT) == "."


def row(*gaps, width=60):
    """Return boxes with these gaps between them."""
    lefts = [0]
    for gap in gaps:
        lefts.append(lefts[-1] + width + gap)
    return [(left, 0, width, HEIGHT) for left in lefts]


def test_a_space_is_far_wider_than_the_usual_gap():
    assert spaces(row(15, 90, 15), HEIGHT) == [2]
    assert spaces(row(15, 90, 15, 20, 110, 10), HEIGHT) == [2, 5]


def test_even_gaps_are_no_spaces_narrow_or_wide():
    assert spaces(row(15, 20, 15), HEIGHT) == []
    assert spaces(row(80, 90, 85, 80), HEIGHT) == []
    assert spaces(row(-10, 5, -4), HEIGHT) == []


def test_one_box_and_none_have_no_spaces():
    assert spaces(row(), HEIGHT) == []
    assert spaces([], HEIGHT) == []
