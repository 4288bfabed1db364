"""Intervals, against numbers worked out by hand and against what chance does."""

import numpy as np
import pytest

from digits import metrics


def test_the_bootstrap_of_a_mean_agrees_with_theory():
    values = np.random.default_rng(1).normal(5, 2, 400)
    low, high = metrics.bootstrap(
        lambda rows: float(values[rows].mean()), 400, np.random.default_rng(2), draws=2000
    )
    spread = 1.96 * values.std() / 20
    assert (low, high) == pytest.approx((values.mean() - spread, values.mean() + spread), abs=0.02)


def test_a_reader_whose_confidences_are_true_lies_where_chance_puts_it():
    rng = np.random.default_rng(3)
    sure = rng.uniform(0.5, 1, 2000)
    table = np.repeat((1 - sure)[:, None] / 9, 10, axis=1)
    table[:, 0] = sure
    low, high = metrics.calibration_error_by_chance(table, rng, draws=200)
    true = np.where(rng.random(2000) < sure, 0, 1)
    assert low <= metrics.expected_calibration_error(table, true) <= high < 0.05
    assert metrics.expected_calibration_error(table, np.zeros(2000, int)) > high


def test_the_interval_of_the_auroc_by_hand():
    # 2 beats 1 and draws with 2: 3/4; 3 beats both: 1. From outside alike: both variances are 1/32, over 2.
    inside, outside = np.array([2.0, 3.0]), np.array([1.0, 2.0])
    low, high = metrics.auroc_interval(inside, outside)
    assert (low, high) == pytest.approx((0.875 - 1.96 * (1 / 32) ** 0.5, 1.0), abs=1e-5)
    assert metrics.auroc_interval(inside + 9, outside) == [1.0, 1.0]
    with pytest.raises(ValueError, match="1 scores inside and 2 outside"):
        metrics.auroc_interval(inside[:1], outside)
