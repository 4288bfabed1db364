"""Boxes of closed lines on a picture of a form are found, in reading order."""

import cv2
import numpy as np
import pytest

from digits.forms import find
from digits.forms.find import find_boxes


def paper(*boxes, shape=(600, 1600)):
    """Return a form (H, W) float32 with boxes drawn on it."""
    levels = np.full(shape, 255, np.uint8)
    for x, y, width, height in boxes:
        cv2.rectangle(levels, (x, y), (x + width, y + height), 0, 2)
    return levels.astype(np.float32) / 255


def test_boxes_side_by_side_are_digits_of_one():
    row = [(100 + 34 * i, 80, 30, 40) for i in range(6)]
    one, other = find_boxes(paper(*row, (100, 300, 300, 50)))
    assert (one.name, one.digits, other.name, other.digits) == ("Box 1", 6, "Box 2", None)
    assert np.abs(np.subtract(other.box, (100, 300, 300, 50))).max() <= 3


def test_more_than_a_number_has_digits_are_boxes_of_their_own():
    found = find_boxes(paper(*[(20 + 34 * i, 80, 30, 40) for i in range(45)]))
    assert [box.digits for box in found] == [None] * 45


def test_more_boxes_than_a_form_has_are_refused_and_not_left_out(monkeypatch):
    monkeypatch.setattr(find, "MOST_BOXES", 2)
    boxes = [(100, 100 + 150 * i, 300, 50) for i in range(3)]
    assert len(find_boxes(paper(*boxes[:2]))) == 2
    with pytest.raises(ValueError, match="is 3; expected 2 at most"):
        find_boxes(paper(*boxes))
