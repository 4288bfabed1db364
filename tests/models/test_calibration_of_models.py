"""Calibrated probabilities and thresholds, on answers whose truth is known."""

import numpy as np
import pytest

from digits.models import calibration


@pytest.fixture
def overconfident():
    """Logits of a model three times too sure of itself, with labels drawn from the honest probabilities."""
    rng = np.random.default_rng(1)
    honest = rng.normal(0, 1.5, (20_000, 10))
    p = calibration.softmax(honest)
    labels = (p.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    return 3 * honest, labels


def test_softmax_of_a_known_case():
    assert calibration.softmax([[0, np.log(3)]])[0] == pytest.approx([0.25, 0.75])
    assert calibration.softmax([[1000, 0]])[0] == pytest.approx([1, 0])
    assert calibration.softmax([[0, np.log(9)]], temperature=2)[0] == pytest.approx([0.25, 0.75])


def test_temperature_finds_the_factor_of_overconfidence(overconfident):
    assert calibration.fit_temperature(*overconfident) == pytest.approx(3, rel=0.05)


def answers(confidences, wrong=()):
    """Return probabilities whose largest are `confidences`, energy that grows with them, and labels."""
    n = len(confidences)
    probabilities = np.column_stack([confidences, 1 - confidences, *[np.zeros(n)] * 8])
    labels = np.zeros(n, int)
    labels[list(wrong)] = 1
    return probabilities, 10 * confidences, labels


def test_thresholds_cost_what_they_say_and_say_what_they_catch():
    rows = calibration.operating_points(
        *answers(np.linspace(0.6, 1.0, 1001), wrong=[3, 500]), shares=(0.01, 0.1)
    )
    assert [row["refused"] for row in rows] == pytest.approx([0.01, 0.1], abs=2e-4)
    assert rows[0]["unsure_below"] == pytest.approx(0.604, abs=1e-3)
    assert [row["errors_caught"] for row in rows] == [0.5, 0.5]
    assert all(row.keys() == {"unsure_below", "refused", "errors_caught"} for row in rows)


def test_outliers_take_a_part_of_the_price():
    confidences = np.linspace(0.6, 1.0, 1001)
    outliers = np.concatenate([np.zeros(90), np.full(10, 9.0)])  # ten in a hundred look like digits
    (row,) = calibration.operating_points(*answers(confidences), outliers, shares=(0.1,))
    assert row["not_a_digit_below"] == pytest.approx(10 * np.quantile(confidences, 0.025), abs=1e-3)
    assert row["unsure_below"] == pytest.approx(np.quantile(confidences, 0.1), abs=1e-3)
    assert row["refused"] == pytest.approx(0.1, abs=0.002)
    assert row["letters_caught"] == 0.9


def test_the_rows_go_from_lax_to_strict():
    rng = np.random.default_rng(1)
    rows = calibration.operating_points(*answers(rng.uniform(0.5, 1, 5000)), rng.normal(3, 2, 300))
    assert len(rows) == len(calibration.REFUSED_SHARES)
    for key in ("refused", "unsure_below", "not_a_digit_below"):
        assert np.all(np.diff([row[key] for row in rows]) > 0), key
    caught = [row["letters_caught"] for row in rows]
    assert caught == sorted(caught)
    doubtful = np.full((50, 10), 0.1)
    (row,) = calibration.operating_points(doubtful, np.zeros(50), np.zeros(50, int), shares=(0.01,))
    assert row == {"unsure_below": 0.5, "refused": 1.0, "errors_caught": 1.0}, "never under one half"
    assert rows[calibration.USUAL]["refused"] == pytest.approx(0.01, abs=0.001)


def test_energy_is_the_logarithm_of_the_summed_exponentials():
    rows = np.log([[1.0, 2, 3, 4], [1e300, 1, 1, 1]])
    assert calibration.energy(rows) == pytest.approx([np.log(10), 300 * np.log(10)])
    assert calibration.energy(np.full((1, 10), -2000.0)) == pytest.approx(np.log(10) - 2000)
    assert calibration.energy(np.zeros((0, 10))).shape == (0,)


@pytest.mark.parametrize(
    ("p", "energy", "status"),
    [(0.69, 5, "unsure"), (0.71, 5, "digit"), (0.71, -1.1, "not_a_digit"), (0.69, -1.1, "not_a_digit")],
)
def test_the_word_for_an_answer(p, energy, status):
    row = np.array([p, 1 - p, *[0] * 8])
    thresholds = {"unsure_below": 0.7}
    assert calibration.decide_status(row, energy, thresholds | {"not_a_digit_below": -1.0}) == status
    if status == "not_a_digit":
        assert calibration.decide_status(row, energy, thresholds) != status, "all are digits without it"
