"""Cuts part digits that touch, and tear no stroke."""

import cv2
import numpy as np
import pytest
from pathologies import written

from digits.preprocessing.cuts import find_cuts


def circles(apart, thick=8, radius=40):
    """Return two rings whose middles are `apart` pixels apart, cut out, (h, w) float32 in [0, 1]."""
    ink = np.zeros((120, 300), np.uint8)
    for x in (60, 60 + apart):
        cv2.circle(ink, (x, 60), radius, 255, thick, cv2.LINE_AA)
    return cut_out(ink / np.float32(255))


def cut_out(ink):
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def least_torn(ink, of_left, slant=0.0):
    """Return how much of both digits is on the wrong side of the best cut; `of_left` (h, w) bool is the left
    one's ink."""
    strokes, cuts = find_cuts(ink, slant)
    of_right = (ink > 0.5) & ~of_left
    torn = [
        (of_left & ~left[strokes]).sum() / of_left.sum() + (of_right & left[strokes]).sum() / of_right.sum()
        for left in cuts
    ]
    return min(torn, default=2.0)


@pytest.mark.parametrize("pair", [(0, 0), (3, 8), (6, 9)])
def test_a_cut_between_touching_digits_leaves_each_nearly_whole(pair):
    left, right = (cut_out(written(digit)) for digit in pair)
    height = max(len(left), len(right))
    left, right = (np.pad(ink, ((height - len(ink), 0), (0, 0))) for ink in (left, right))
    overlap = 4
    both = np.zeros((height, left.shape[1] + right.shape[1] - overlap), np.float32)
    both[:, : left.shape[1]] = left
    both[:, -right.shape[1] :] = np.maximum(both[:, -right.shape[1] :], right)
    of_left = np.zeros(both.shape, bool)
    of_left[:, : left.shape[1]] = left > 0.5
    assert least_torn(both, of_left) < 0.2


@pytest.mark.parametrize("slant", [0.3, 0.6, -0.3])
def test_cuts_lean_with_the_writing(slant):
    ink = circles(84)
    height, width = ink.shape
    room = int(abs(slant) * height)
    move = np.array([[1, -slant, room if slant > 0 else 0], [0, 1, 0]])
    leaning = cv2.warpAffine(ink, move, (width + room, height))
    rows, columns = np.indices(leaning.shape)
    middle = width / 2 + move[0, 2] - slant * rows
    assert least_torn(leaning, (leaning > 0.5) & (columns < middle), slant) < 0.25


def test_no_stroke_is_torn_and_none_cut_twice():
    strokes, cuts = find_cuts(circles(84), 0.0)
    assert strokes.min() >= 1
    assert cuts.shape[1] > strokes.max()
    assert not cuts[:, 0].any()
    assert len(np.unique(cuts, axis=0)) == len(cuts)
    share = [(left[strokes]).mean() for left in cuts]
    assert all(0 < each < 1 for each in share)


def test_a_stroke_without_an_end_is_not_cut_unless_it_is_too_wide_for_a_digit():
    ring = circles(0)
    assert len(find_cuts(cv2.resize(ring, (60, 88)), 0.0)[1]) == 0
    assert len(find_cuts(cv2.resize(ring, (130, 88)), 0.0)[1]) > 0


@pytest.mark.parametrize("shape", [(1, 1), (100, 3), (3, 100), (40, 17)])
def test_slivers_are_no_trouble(shape):
    strokes, cuts = find_cuts(np.ones(shape, np.float32), 0.3)
    assert strokes.shape == shape
    assert cuts.shape[1] > strokes.max()
