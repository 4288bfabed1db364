"""Neighbours among five digits whose directions are known."""

import numpy as np
import pytest
from indexes import index

from digits.explain import neighbours


def test_the_nearest_come_first_whatever_the_length_of_the_features():
    for length in (0.01, 1, 100):
        found = neighbours.nearest(index(), length * np.array([1, 0]), n=3)
        assert [neighbour.number for neighbour in found] == [10, 11, 12]
        assert [neighbour.label for neighbour in found] == [1, 1, 7]
        assert [n.distance for n in found] == pytest.approx([0, 1 - np.sqrt(3) / 2, 0.5], abs=1e-6)
        assert [neighbour.borderline for neighbour in found] == [False, True, False]
        assert [neighbour.picture[0, 0] for neighbour in found] == [0, 1, 2]


def test_the_nearest_of_one_digit_are_all_of_that_digit():
    found = neighbours.nearest(index(), np.array([1.0, 0.1]), n=5, label=7)
    assert [neighbour.number for neighbour in found] == [12, 14]
    assert found[1].distance == pytest.approx(1 + 1 / np.sqrt(1.01))
    assert neighbours.nearest(index(), np.array([1.0, 0]), label=3) == []


def test_no_features_at_all_are_equally_far_from_everything():
    found = neighbours.nearest(index(), np.zeros(2), n=9)
    assert [neighbour.distance for neighbour in found] == [1] * 5


def test_what_cannot_be_is_refused_with_a_sentence():
    with pytest.raises(ValueError, match=r"shape \(3,\); expected \(2,\)"):
        neighbours.nearest(index(), np.zeros(3))
    with pytest.raises(ValueError, match="0 neighbours; expected 1 or more"):
        neighbours.nearest(index(), np.zeros(2), n=0)
    with pytest.raises(ValueError, match="label 10; expected 0 to 9"):
        neighbours.nearest(index(), np.zeros(2), label=10)


def test_how_familiar_a_distance_is():
    shares = [neighbours.share_farther(index(), distance) for distance in (0, 0.05, 0.2, 1)]
    assert shares == pytest.approx([1, 0.75, 0, 0])
