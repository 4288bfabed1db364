"""The order in which digits are asked for."""

import numpy as np
import pytest

from app.teach.guided import mixed


@pytest.mark.parametrize("each", [1, 3, 20])
def test_every_digit_comes_as_often_as_asked_and_never_twice_in_a_row(each):
    for seed in range(20):
        order = mixed(each, np.random.default_rng(seed))
        assert np.bincount(order, minlength=10).tolist() == [each] * 10
        assert all(a != b for a, b in zip(order[:-1], order[1:], strict=True))


def test_who_stops_early_has_written_all_digits_about_as_often():
    order = mixed(10, np.random.default_rng(1))
    for stop in range(10, 100, 7):
        counts = np.bincount(order[:stop], minlength=10)
        assert counts.max() - counts.min() <= 1


def test_the_order_is_mixed():
    first, other = (mixed(3, np.random.default_rng(seed)) for seed in (1, 2))
    assert first != other
    assert first != sorted(first)


def test_none_of_each_is_refused():
    with pytest.raises(ValueError, match="0 of each digit; expected 1 or more"):
        mixed(0, np.random.default_rng(1))
