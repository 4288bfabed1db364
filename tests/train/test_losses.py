"""Losses against values worked out by hand."""

import numpy as np
import pytest

from digits.robustness import attacks
from digits.train import losses

LABELS = np.array([3, 0])
EVEN = np.zeros((2, 10), np.float32)
SURE = np.where(np.arange(10) == LABELS[:, None], 20.0, 0.0).astype(np.float32)


@pytest.mark.parametrize(("smoothing", "certainty"), [(0.0, 0.0), (0.1, 0.09 * 20)])
def test_smoothing_charges_certainty(smoothing, certainty):
    loss = losses.smoothed_crossentropy(smoothing)
    assert np.array(loss(LABELS, EVEN)) == pytest.approx(np.log(10))
    assert np.array(loss(LABELS, SURE)) == pytest.approx(certainty, rel=1e-3, abs=1e-6)


def targets(logits):
    """Labels beside the teachers' logits, (2, 11)."""
    return np.column_stack([LABELS, logits]).astype(np.float32)


def test_a_pupil_like_its_teacher_loses_nothing_to_it_and_without_trust_only_labels_count():
    loss = losses.distillation(temperature=3.0, trust=1.0)
    assert np.array(loss(targets(SURE), SURE)) == pytest.approx(0, abs=1e-4)
    assert (np.array(loss(targets(SURE), EVEN)) > 5).all()
    loss = losses.distillation(temperature=3.0, trust=0.0)
    assert np.array(loss(targets(SURE), EVEN)) == pytest.approx(np.log(10))
    assert np.array(losses.pupil_accuracy(targets(EVEN), SURE)).tolist() == [1, 1]
    assert np.array(losses.pupil_accuracy(targets(SURE), SURE[::-1])).tolist() == [0, 0]


OUTLIER = np.array([10, 10])


def test_outliers_are_an_eleventh_class_whose_logit_is_zero():
    loss = losses.crossentropy_with_outliers(0.0)
    assert np.array(loss(LABELS, EVEN)) == pytest.approx(np.log(11))
    assert np.array(loss(OUTLIER, EVEN)) == pytest.approx(np.log(11))
    assert np.array(loss(OUTLIER, EVEN - 30)) == pytest.approx(0, abs=1e-6)
    assert np.array(loss(OUTLIER, SURE)) == pytest.approx(20, rel=1e-3)
    assert np.array(loss(LABELS, SURE)) == pytest.approx(0, abs=1e-6)
    loss = losses.crossentropy_with_outliers(0.1)  # of which only digits feel anything
    assert np.array(loss(LABELS, SURE)) == pytest.approx(0.09 * 20, rel=1e-3)
    assert np.array(loss(OUTLIER, EVEN - 30)) == pytest.approx(0, abs=1e-6)


def test_losses_have_as_many_classes_as_there_are_logits():
    labels, even = np.array([46, 2]), np.zeros((2, 47), np.float32)
    assert np.array(losses.smoothed_crossentropy(0.1)(labels, even)) == pytest.approx(np.log(47))
    loss = losses.crossentropy_with_outliers(0.0)
    assert np.array(loss(labels, even)) == pytest.approx(np.log(48))
    assert np.array(loss(np.array([47, 47]), even - 40)) == pytest.approx(0, abs=1e-6)
    assert np.array(losses.accuracy_with_outliers(np.array([47, 0]), even - 40)).tolist() == [1, 1]


def test_an_outlier_is_right_where_nothing_speaks_for_a_digit():
    assert np.array(losses.accuracy_with_outliers(LABELS, SURE)).tolist() == [1, 1]
    assert np.array(losses.accuracy_with_outliers(LABELS[::-1], SURE)).tolist() == [0, 0]
    assert np.array(losses.accuracy_with_outliers(OUTLIER, SURE)).tolist() == [0, 0]
    # The evidence of ten equal logits x is x + ln 10.
    assert np.array(losses.accuracy_with_outliers(OUTLIER, EVEN - 2.2)).tolist() == [0, 0]
    assert np.array(losses.accuracy_with_outliers(OUTLIER, EVEN - 2.4)).tolist() == [1, 1]


def test_the_margin_is_that_of_the_best_wrong_digit():
    logits = np.array([[1, 5, 2, 4, 0, 0, 0, 0, 0, 0], [3, 1, 1, 1, 1, 1, 1, 1, 1, 2.5]], np.float32)
    assert np.array(attacks.margin(LABELS, logits)) == pytest.approx([5 - 4, 2.5 - 3])
