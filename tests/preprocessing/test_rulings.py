"""Ruled paper loses its lines, forms lose their boxes; strokes across them stay whole, and digits stay."""

import cv2
import numpy as np
import pytest
from pathologies import SIDE, written

from digits.preprocessing import rulings
from digits.preprocessing.components import INKED, find_components
from digits.preprocessing.rulings import remove_rulings

LINE = 0.3
"""How dark a line is; ink has 1."""


def ruling(pitch=34, lean=0.0, upright=False, width=2):
    """Return lines across a picture, or down it, (SIDE, SIDE) float32; `lean` pixels off per pixel."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    along, across = (rows, columns) if upright else (columns, rows)
    return LINE * ((across + lean * along + pitch / 2) % pitch < width).astype(np.float32)


PAPERS = {
    "ruled": ruling(),
    "fine lines": ruling(width=1),
    "narrow": ruling(pitch=20),
    "askew": ruling(lean=0.05),
    "leaving above and below": ruling(lean=0.1),
    "upright": ruling(upright=True),
    "squared": np.maximum(ruling(), ruling(upright=True)),
    "squared askew": np.maximum(ruling(lean=0.04), ruling(lean=-0.04, upright=True)),
}


@pytest.mark.parametrize("digit", [0, 1, 2, 5, 7])
@pytest.mark.parametrize("name", PAPERS)
def test_lines_vanish_and_the_strokes_that_cross_them_stay_whole(name, digit):
    ink = written(digit)
    ruled = remove_rulings(np.maximum(ink, PAPERS[name]))
    assert ruled.number >= 6
    assert sum(area > 20 for area in find_components(ruled.contrast).areas[1:]) == 1
    assert ruled.contrast[ink == 1].mean() > 0.95
    assert ruled.contrast[ink == 0].mean() < 0.01


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("pen", [1.5, 18])
def test_digits_on_plain_paper_are_left_as_they_are(digit, pen):
    for size, left, top in ((120, 60, 60), (200, 20, 20)):
        ink = written(digit, pen, size, left, top)
        assert np.array_equal(remove_rulings(ink).contrast, ink)
        assert np.array_equal(remove_boxes(ink), ink)


@pytest.mark.parametrize("side", [20, 60, 1000])
def test_a_lone_bar_inside_the_picture_is_no_ruling(side):
    bar = np.zeros((side, side), np.float32)
    thick = max(1, side // 28)
    bar[side // 10 : -side // 10, side // 2 : side // 2 + thick] = 1
    for ink in (bar, bar.T.copy()):
        ruled = remove_rulings(ink)
        assert ruled.number == 0
        assert np.array_equal(ruled.contrast, ink)


def test_noise_and_empty_paper_have_no_rulings():
    noise = np.random.default_rng(1).normal(0, 0.03, (200, 200)).astype(np.float32)
    assert remove_rulings(noise).number == 0
    assert remove_rulings(np.zeros((200, 100), np.float32)).number == 0


def remove_boxes(ink):
    return rulings.remove_boxes(find_components(ink)).ink


def box(thick=2, x=40, y=40, width=160, height=160, turn=0.0):
    """Return a printed box, (SIDE, SIDE) float32."""
    corners = cv2.boxPoints(((x + width / 2, y + height / 2), (width, height), turn))
    drawn = np.zeros((SIDE, SIDE), np.uint8)
    cv2.polylines(drawn, [np.round(corners).astype(np.int32)], True, 255, thick, cv2.LINE_AA)
    return drawn.astype(np.float32) / 255


def assert_gone(frame, ink):
    """Expect that only ink is left of ink in a frame, but for the frame's faint rim."""
    clean = remove_boxes(np.maximum(ink, frame))
    assert clean[ink > 0].sum() == pytest.approx(ink.sum(), rel=0.01)
    assert clean[ink == 0].sum() < 0.05 * frame.sum()
    assert clean[ink == 0].max() <= INKED


@pytest.mark.parametrize("digit", [0, 1, 4, 7, 8])
@pytest.mark.parametrize("frame", [box(2), box(5), box(2, 50, 20, 140, 200), box(2, turn=2.0)])
def test_a_box_goes_and_its_digit_stays(digit, frame):
    assert_gone(frame, written(digit))


def test_boxes_that_share_their_walls_all_go():
    frame = np.zeros((SIDE, 3 * SIDE), np.float32)
    cv2.rectangle(frame, (20, 30), (700, 210), 1, 2)
    for wall in (247, 473):
        cv2.line(frame, (wall, 30), (wall, 210), 1, 2)
    assert_gone(frame, np.hstack([written(digit) for digit in (4, 7, 1)]))


def test_a_digit_that_touches_its_box_stays():
    ink = written(7, left=88)  # its corner crosses the right side
    frame = box()
    clean = remove_boxes(np.maximum(ink, frame))
    assert clean[(ink == 0) & (frame > 0)].mean() < 0.1
    assert clean[ink > 0.5].mean() > 0.9


ANGULAR = {
    0: [box(8, 80, 50, 80, 140)],
    8: [box(8, 80, 50, 80, 140), box(8, 80, 50, 80, 70)],
    6: [box(8, 80, 120, 80, 70), box(8, 80, 50, 0, 140)],
}


@pytest.mark.parametrize("digit", ANGULAR)
def test_an_angular_digit_is_no_box(digit):
    ink = np.max(ANGULAR[digit], axis=0)
    assert np.array_equal(remove_boxes(ink), ink)


def test_an_empty_box_stays():
    assert np.array_equal(remove_boxes(box()), box())  # it may be a zero
