"""Class activation maps, by hand."""

import numpy as np
import pytest

from digits.explain import attribution

OUTPUTS = np.array([[[1, 0], [2, 4]], [[0, 1], [3, 3]]], np.float32)  # (2, 2, 2): channels sum to 6 and 8


def test_grad_cam_by_hand():
    slopes = np.zeros((2, 2, 2), np.float32)
    slopes[..., 0], slopes[..., 1] = [[4, 0], [0, 4]], -1  # mean 2 and -1
    # 2 * 1 - 0, 2 * 2 - 4; 0 - 1 is cut off, 2 * 3 - 3
    assert attribution.grad_cam(OUTPUTS, slopes).tolist() == [[2, 0], [0, 3]]


def test_grad_cam_plus_plus_by_hand():
    slopes = np.zeros((2, 2, 2), np.float32)
    slopes[..., 0], slopes[..., 1] = [[1, -3], [0, 0.5]], -1
    # The first channel: 1 / (2 + 1 * 6) + 0.5 / (2 + 0.5 * 6) = 0.125 + 0.1; the second has none above 0.
    expected = 0.225 * OUTPUTS[..., 0]
    assert attribution.grad_cam_plus_plus(OUTPUTS, slopes) == pytest.approx(expected)


def test_a_channel_that_sums_to_less_than_nothing_has_a_finite_weight():
    outputs, slopes = np.full((2, 2, 1), -0.5, np.float32), np.ones((2, 2, 1), np.float32)
    outputs[0, 0] = 1  # the sum is -0.5; at -2 the paper's divisor would be 0
    assert attribution.grad_cam_plus_plus(outputs, slopes) == pytest.approx(np.array([[2.0, 0], [0, 0]]))
    assert np.isfinite(attribution.grad_cam_plus_plus(outputs - 0.375, slopes)).all()


def test_enlarging_keeps_corners_and_meets_in_the_middle():
    large = attribution.enlarge(np.array([[0, 4], [8, 12]], np.float32))
    assert large.dtype == np.float32
    assert [large[0, 0], large[0, -1], large[-1, 0], large[-1, -1]] == [0, 4, 8, 12]
    assert large[13:15, 13:15].mean() == pytest.approx(6)
    assert not attribution.enlarge(np.zeros((7, 7))).any()
