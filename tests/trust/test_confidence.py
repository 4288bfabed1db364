"""Calibration and doubt, on answers whose truth is known."""

import numpy as np
import pytest

from digits.trust import confidence


@pytest.fixture
def overconfident():
    """Logits of a model three times too sure of itself, with labels drawn from the honest probabilities."""
    rng = np.random.default_rng(1)
    honest = rng.normal(0, 1.5, (20_000, 10))
    p = confidence.softmax(honest)
    labels = (p.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    return 3 * honest, labels


def test_softmax_of_a_known_case():
    assert confidence.softmax([[0, np.log(3)]])[0] == pytest.approx([0.25, 0.75])
    assert confidence.softmax([[1000, 0]])[0] == pytest.approx([1, 0])
    assert confidence.softmax([[0, np.log(9)]], temperature=2)[0] == pytest.approx([0.25, 0.75])


def test_temperature_finds_the_factor_of_overconfidence(overconfident):
    assert confidence.fit_temperature(*overconfident) == pytest.approx(3, rel=0.05)


def test_a_threshold_costs_one_digit_in_a_hundred_and_says_what_it_catches():
    confidences = np.linspace(0.6, 1.0, 1000)
    probabilities = np.column_stack([confidences, 1 - confidences, *[np.zeros(1000)] * 8])
    labels = np.zeros(1000, int)
    labels[[3, 500]] = 1  # two errors, one of them among the ten least sure
    thresholds = confidence.choose_thresholds(probabilities, labels)
    assert thresholds["unsure_below"] == pytest.approx(0.604, abs=1e-3)
    assert thresholds["refused"] == 0.01
    assert thresholds["errors_caught"] == 0.5


def test_a_threshold_is_never_under_one_half():
    doubtful = np.full((50, 10), 0.1)
    thresholds = confidence.choose_thresholds(doubtful, np.zeros(50, int))
    assert thresholds["unsure_below"] == confidence.NEUTRAL_THRESHOLDS["unsure_below"]
    assert thresholds["refused"] == 1.0


def test_no_error_to_catch_is_all_caught():
    perfect = np.eye(10)
    assert confidence.choose_thresholds(perfect, np.arange(10))["errors_caught"] == 1.0


@pytest.mark.parametrize(("p", "status"), [(0.69, "unsure"), (0.71, "digit")])
def test_an_answer_under_the_threshold_is_unsure(p, status):
    row = np.array([p, 1 - p, *[0] * 8])
    assert confidence.judge(row, {"unsure_below": 0.7}) == status
