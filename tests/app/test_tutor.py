"""A network opened up for lessons: its numbers are those of the digit, and it is not edited."""

import numpy as np
import pytest

from app.learn.scene import EPSILONS, Tutor


@pytest.fixture(scope="module")
def tutor(tiny_model):
    return Tutor(tiny_model, "tiny")


@pytest.fixture(scope="module")
def frame(tiny_digits):
    return tiny_digits[0][3, ..., 0]


def test_the_convolution_is_where_a_kernel_fits_best(tutor, frame):
    step = tutor.convolution(frame)
    row, column = step.corner
    height, width, _ = step.patch.shape
    padded = np.pad(frame, 5)
    seen = padded[row + 5 : row + 5 + height, column + 5 : column + 5 + width]
    np.testing.assert_array_equal(step.patch[..., 0], seen)
    assert step.total == pytest.approx((seen * step.kernel.weights[..., 0]).sum() + step.bias, rel=1e-4)
    assert tutor.convolution_shape()[2] == 4


def test_pooling_shows_its_window_in_both_pictures(tutor, frame):
    step, before, after = tutor.pooling(frame)
    row, column = step.corner
    np.testing.assert_array_equal(step.window, before[row : row + 2, column : column + 2])
    assert step.result == after[step.place] == step.window.max()


def test_a_linear_model_has_neither_but_can_be_attacked(linear_model, tiny_digits):
    images, labels = tiny_digits
    tutor = Tutor(linear_model, "linear")
    frame = images[3, ..., 0]
    assert tutor.convolution(frame) is None
    assert tutor.pooling(frame) is None
    attacked = tutor.attack(frame, int(labels[3]))
    assert attacked.epsilon in EPSILONS
    assert np.abs(attacked.picture - frame).max() <= attacked.epsilon + 1e-6
    assert attacked.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert attacked.probabilities.argmax() != labels[3] or attacked.epsilon == EPSILONS[-1]


def test_the_model_stays_as_it_was(tiny_model, frame):
    before = [weight.copy() for weight in tiny_model.get_weights()]
    tutor = Tutor(tiny_model, "tiny")
    tutor.convolution(frame)
    tutor.attack(frame, 3)
    for old, new in zip(before, tiny_model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
