"""Candidates for digits are found in reading order, and the way through them that reads best."""

import numpy as np
import pytest
from handwriting import strokes

from digits.data.strokes import draw
from digits.preprocessing.candidates import best_path, cut_out, find_candidates
from digits.preprocessing.components import find_components

MOST = 5000
"""Candidates on any picture: each costs the network's time."""


def page(*digits):
    """Draw (digit, size, left, top) tuples on a page of 600 pixels."""
    drawn = [draw(strokes(digit, size, left, top), 600, 12) for digit, size, left, top in digits]
    return np.max(drawn, axis=0).astype(np.float32) / 255


def find_lines(ink):
    return find_candidates(find_components(ink)).lines


def boxes(line):
    return [candidate.box for candidate in line.candidates]


def read(line, *expected):
    """Return the boxes on the best path if candidates read the better, the nearer they are to these."""
    far = [min(np.abs(np.subtract(box, other)).max() for other in expected) for box in boxes(line)]
    return [boxes(line)[i] for i in best_path(line, -np.minimum(np.array(far) / 10, 8.0))]


def whole(line):
    (only,) = [candidate for candidate in line.candidates if candidate.whole]
    return only


def test_a_box_fits_its_digit():
    (line,) = find_lines(page((0, 200, 100, 150)))
    x, y, w, h = whole(line).box
    # The strokes of the zero are 0.64 wide and 0.96 high; the pen adds 12 pixels.
    assert abs(w - (0.64 * 200 + 12)) <= 3
    assert abs(h - (0.96 * 200 + 12)) <= 3
    assert abs(x + w / 2 - 200) <= 2
    assert abs(y + h / 2 - 250) <= 2


def test_a_candidate_has_the_ink_of_its_own_and_none_of_its_neighbours():
    ink = page((7, 200, 100, 150), (1, 200, 170, 150))  # the one stands under the arm of the seven
    one = page((1, 200, 170, 150)).sum()
    found = find_candidates(find_components(ink))
    inks = [cut_out(found, candidate) for candidate in found.lines[0].candidates]
    assert all(own.max() == 1 and own.sum() <= ink.sum() for own in inks)
    assert any(abs(own.sum() - one) < 0.05 * one for own in inks)


def test_a_full_stop_is_no_digit_and_not_part_of_one():
    ink = page((1, 200, 100, 150))
    ink[330:345, 260:275] = 1
    (line,) = find_lines(ink)
    assert all(box[0] + box[2] < 250 for box in boxes(line))
    assert line.left_over([]) == [(260, 330, 15, 15), *(box for _, _, box in line.boxes)]


def test_a_small_zero_beside_tall_digits_is_a_digit():
    (line,) = find_lines(page((1, 200, 20, 150), (0, 80, 250, 220), (1, 200, 350, 150)))
    assert [box[2] for box in read(line, *(box for _, _, box in line.boxes))] == pytest.approx(
        [40, 63, 40], abs=10
    )


def test_a_neighbours_piece_is_cheaper_to_leave_out_than_a_digit():
    ink = page((3, 200, 200, 200), (0, 200, 20, 200))[180:420, 120:560]
    (line,) = find_lines(ink)
    (at_edge,) = [(first, last) for first, last, box in line.boxes if box[0] == 0]
    assert line.crop
    assert [price < 3 for first, last, price in line.droppable if (first, last) == at_edge] == [True]
    assert line.candidates[0].at_edge
    assert not line.candidates[-1].at_edge


@pytest.mark.parametrize("pitch", [7, 40])
def test_a_page_of_dots_is_bounded(pitch):
    dots = np.zeros((1000, 1000), np.float32)
    dots[::pitch, ::pitch] = dots[1::pitch, ::pitch] = dots[::pitch, 1::pitch] = 1
    assert sum(len(line.candidates) for line in find_lines(dots)) <= MOST


def test_a_line_across_the_page_is_not_cut():
    ink = np.zeros((100, 1000), np.float32)
    ink[40:43, 50:950] = ink[57:60, 50:950] = 1
    ink[40:60, 50:950:20] = 1
    assert [line.length for line in find_lines(ink)] == [1]
