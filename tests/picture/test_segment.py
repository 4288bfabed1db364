"""Digits are found in reading order; the parts of one digit stay together."""

import numpy as np
from handwriting import strokes

from digits.data.strokes import draw
from digits.picture.segment import MOST, split_digits, stand_apart


def page(*digits):
    """Draw (digit, size, left, top) tuples on a page of 600 pixels."""
    drawn = [draw(strokes(digit, size, left, top), 600, 12) for digit, size, left, top in digits]
    return np.max(drawn, axis=0).astype(np.float32) / 255


def lefts(pieces):
    return [piece.box[0] // 100 for piece in pieces]


def test_one_line_is_read_from_the_left():
    pieces = split_digits(page((3, 100, 400, 220), (1, 100, 50, 200), (8, 100, 230, 210)))
    assert lefts(pieces) == [0, 2, 4]
    assert stand_apart(pieces)


def test_two_lines_are_read_from_the_top():
    pieces = split_digits(page((1, 90, 450, 60), (2, 90, 50, 350), (3, 90, 250, 80), (4, 90, 300, 340)))
    assert lefts(pieces) == [2, 4, 0, 3]


def test_a_box_fits_its_digit():
    (piece,) = split_digits(page((0, 200, 100, 150)))
    x, y, w, h = piece.box
    # The strokes of the zero are 0.64 wide and 0.96 high; the pen adds 12 pixels.
    assert abs(w - (0.64 * 200 + 12)) <= 3
    assert abs(h - (0.96 * 200 + 12)) <= 3
    assert abs(x + w / 2 - 200) <= 2
    assert abs(y + h / 2 - 250) <= 2


def test_a_five_with_its_bar_apart_is_one_digit():
    ink = page((5, 200, 100, 150))
    ink[175:185] = 0  # lift the pen below the bar
    assert len(split_digits(ink)) == 1


def test_a_digit_broken_sideways_does_not_stand_apart():
    ink = page((0, 200, 100, 150))
    ink[:, 195:201] = 0  # a faint middle: two halves, six pixels apart
    assert not stand_apart(split_digits(ink))


def test_blank_paper_has_no_digits():
    assert split_digits(np.zeros((50, 50), np.float32)) == []


def test_a_bar_that_begins_right_of_its_five_belongs_to_it():
    ink = np.zeros((100, 100), np.float32)
    ink[30:80, 30:36] = ink[74:80, 30:60] = 1  # the body
    ink[24:30, 38:66] = 1  # the bar, two pixels off to the right
    (piece,) = split_digits(ink)
    assert piece.box == (30, 24, 36, 56)


def test_a_full_stop_is_no_digit_and_not_part_of_one():
    ink = page((1, 200, 100, 150))
    ink[330:345, 260:275] = 1
    (piece,) = split_digits(ink)
    assert piece.box[0] + piece.box[2] < 250
    assert piece.ink.shape[1] < 100


def test_a_small_zero_beside_tall_digits_is_a_digit():
    assert len(split_digits(page((9, 200, 20, 150), (0, 80, 250, 220), (7, 200, 350, 150)))) == 3


def test_a_page_of_dots_is_bounded():
    dots = np.zeros((1000, 1000), np.float32)
    dots[::15, ::15] = dots[1::15, ::15] = dots[::15, 1::15] = 1
    assert len(split_digits(dots)) <= MOST
