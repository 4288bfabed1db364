"""Printed boxes go, what is written in them stays; digits that look like boxes are digits."""

import cv2
import numpy as np
import pytest
from pathologies import SIDE, written

from digits.preprocessing.components import INKED
from digits.preprocessing.rulings import remove_boxes


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


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("frame", [box(2), box(5), box(2, 50, 20, 140, 200), box(2, turn=2.0)])
def test_a_box_goes_and_its_digit_stays(digit, frame):
    assert_gone(frame, written(digit))


def test_boxes_beside_one_another_all_go():
    assert_gone(np.hstack([box()] * 3), np.hstack([written(digit) for digit in (4, 7, 1)]))


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


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("pen", [2, 8, 20])
def test_digits_without_a_box_are_left_as_they_are(digit, pen):
    ink = written(digit, pen)
    assert np.array_equal(remove_boxes(ink), ink)


def test_an_empty_box_stays():
    assert np.array_equal(remove_boxes(box()), box())  # it may be a zero
