"""Doubt and disagreement, by numbers worked out by hand."""

import numpy as np
import pytest

from digits.metrics import disagreement, doubt, together

SURE = np.eye(10)


def test_the_mean_is_over_readers():
    said = np.stack([SURE[[7, 1]], SURE[[7, 2]]])  # two readers, two digits
    assert together(said).shape == (2, 10)
    assert together(said)[1, [1, 2]].tolist() == [0.5, 0.5]


def test_doubt_is_what_the_first_digit_does_not_get():
    half = (SURE[7] + SURE[1]) / 2
    # 7 gets (1 + 1 + 0.5) / 3
    assert doubt(np.stack([SURE[7], SURE[7], half])) == pytest.approx(1 / 6)
    assert doubt(SURE[[7, 7]]) == 0
    assert doubt(np.full((3, 10), 0.1)) == pytest.approx(0.9)


def test_disagreement_is_none_where_all_share_a_doubt():
    half = (SURE[7] + SURE[1]) / 2
    assert disagreement(np.stack([half, half])) == pytest.approx(0)
    assert doubt(np.stack([half, half])) == pytest.approx(0.5)


def test_disagreement_is_in_bits_and_per_digit():
    said = np.stack([SURE[[7, 3]], SURE[[1, 3]], SURE[[2, 3]], SURE[[4, 3]]])
    assert disagreement(said).tolist() == [2.0, 0.0]  # log2 of four parties; all of one mind


def test_disagreement_of_a_sure_and_an_undecided_reader():
    half = (SURE[7] + SURE[1]) / 2
    # The mean, (3/4, 1/4), has 2 - 3/4 log2(3) bits of entropy; the readers have 0 and 1, in the mean 1/2.
    assert disagreement(np.stack([SURE[7], half])) == pytest.approx(1.5 - 0.75 * np.log2(3))
