"""Seams part digits that touch: between them, along their slant, through as little ink as there is."""

import cv2
import numpy as np
import pytest
from pathologies import written

from digits.picture.cuts import find_seams


def circles(apart, thick=8, radius=40):
    """Return two rings whose middles are `apart` pixels apart, cut out, (h, w) float32 in [0, 1]."""
    ink = np.zeros((120, 300), np.uint8)
    for x in (60, 60 + apart):
        cv2.circle(ink, (x, 60), radius, 255, thick, cv2.LINE_AA)
    return cut_out(ink / np.float32(255))


def cut_out(ink):
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def nearest(seams, column):
    """Return the seam that runs nearest to a column on its whole way."""
    return min(seams, key=lambda seam: np.abs(seam[0] - column).mean())


@pytest.mark.parametrize("apart", [76, 80, 84, 88])
def test_rings_that_touch_or_overlap_get_a_seam_between_them(apart):
    ink = circles(apart)
    middle = ink.shape[1] / 2
    path, depth = nearest(find_seams(ink, 0.0), middle)
    assert path.shape == (len(ink),)
    assert np.abs(path - middle).mean() < 12
    assert depth < 0.3  # it crosses where they touch, not along a stroke


@pytest.mark.parametrize("pair", [(0, 0), (3, 8), (8, 2), (6, 9), (2, 3)])
def test_a_seam_between_touching_digits_leaves_each_nearly_whole(pair):
    left, right = (cut_out(written(digit)) for digit in pair)
    height = max(len(left), len(right))
    left, right = (np.pad(ink, ((height - len(ink), 0), (0, 0))) for ink in (left, right))
    overlap = 4
    both = np.zeros((height, left.shape[1] + right.shape[1] - overlap), np.float32)
    both[:, : left.shape[1]] = left
    both[:, -right.shape[1] :] = np.maximum(both[:, -right.shape[1] :], right)
    columns = np.arange(both.shape[1]) + 0.5
    of_left = np.zeros(both.shape, bool)
    of_left[:, : left.shape[1]] = left > 0.5

    def lost(path):
        before = columns[None] < path[:, None]
        of_right = (both > 0.5) & ~of_left
        return (of_left & ~before).sum() / of_left.sum() + (of_right & before).sum() / of_right.sum()

    assert min(lost(path) for path, _ in find_seams(both, 0.0)) < 0.2


@pytest.mark.parametrize("slant", [0.3, 0.6, -0.3])
def test_a_seam_leans_with_the_writing(slant):
    ink = circles(84)
    height, width = ink.shape
    room = int(abs(slant) * height)
    move = np.array([[1, -slant, room if slant > 0 else 0], [0, 1, 0]])
    leaning = cv2.warpAffine(ink, move, (width + room, height))
    middle = width / 2 + move[0, 2] - slant * np.arange(height)
    path, depth = nearest(find_seams(leaning, slant), middle)
    assert np.abs(path - middle).mean() < 12
    assert depth < 0.3


def test_seams_come_from_the_left_and_none_twice():
    seams = find_seams(circles(84), 0.0)
    places = [path.mean() for path, _ in seams]
    assert places == sorted(places)
    assert len({round(place) for place in places}) == len(places)


def test_paper_between_costs_nothing_and_ink_all_the_way_down_is_no_seam():
    apart = circles(120)
    assert nearest(find_seams(apart, 0.0), apart.shape[1] / 2)[1] == pytest.approx(0, abs=0.01)
    assert find_seams(np.ones((40, 100), np.float32), 0.0) == []


@pytest.mark.parametrize("shape", [(1, 1), (100, 3), (3, 100), (40, 17)])
def test_slivers_are_no_trouble(shape):
    for path, depth in find_seams(np.ones(shape, np.float32), 0.3):
        assert path.shape == (shape[0],)
        assert depth >= 0
