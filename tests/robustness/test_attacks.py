"""Attacks on models whose gradient is known."""

import keras
import numpy as np
import pytest

from digits.robustness import attacks
from digits.robustness.attacks import input_gradient

FRAMES = np.full((3, 28, 28, 1), 0.5, np.float32)
LABELS = np.array([0, 1, 2])
UPHILL = np.where(np.arange(28) % 2, 1.0, -1.0).astype(np.float32)[None, None, :, None]


def gradient(frames, labels):
    """A loss that grows with odd columns and falls with even ones."""
    return np.broadcast_to(UPHILL, frames.shape).copy()


def test_fgsm_goes_one_step_uphill():
    attacked = np.array(attacks.fgsm(gradient, FRAMES, LABELS, 0.2))
    assert attacked == pytest.approx(np.broadcast_to(0.5 + 0.2 * UPHILL, FRAMES.shape))


@pytest.mark.parametrize("epsilon", [0.1, 0.3, 0.9])
def test_pgd_stays_within_epsilon_and_in_range(epsilon):
    start = np.random.default_rng(1).uniform(-1, 2, FRAMES.shape).astype(np.float32)
    attacked = np.array(attacks.pgd(gradient, FRAMES, LABELS, epsilon, step=0.05, steps=50, start=start))
    assert np.abs(attacked - FRAMES).max() <= epsilon + 1e-6
    assert attacked.min() >= 0
    assert attacked.max() <= 1
    assert attacked == pytest.approx(np.clip(0.5 + epsilon * UPHILL, 0, 1) + 0 * FRAMES)


def test_no_room_means_no_change():
    assert np.array(attacks.fgsm(gradient, FRAMES, LABELS, 0.0)) == pytest.approx(FRAMES)


THREE_PIXELS = keras.ops.convert_to_tensor(np.full((1, 3), 0.5, np.float32))
CROSSENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")


def two_classes():
    """Return logits (x1 - 2 x2, x2 - x1) of three pixels; the third does not matter."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, use_bias=False)])
    model.layers[0].set_weights([np.array([[1.0, -1.0], [-2.0, 1.0], [0.0, 0.0]])])
    return model


@pytest.mark.parametrize(
    ("toward", "pixels", "loss"),
    [
        (False, [0.4, 0.6, 0.5], np.log(1 + np.e)),  # logits -0.8 and 0.2
        (True, [0.6, 0.4, 0.5], np.log(2)),  # logits -0.2 and -0.2
    ],
)
def test_fgsm_on_a_linear_model_is_what_one_works_out_by_hand(toward, pixels, loss):
    # The loss of class 0 grows with the pixels as p1 (w1 - w0) = p1 (-2, 3, 0), p1 = 1 / (1 + exp(-0.5)).
    model, label = two_classes(), np.array([0])
    gradient = input_gradient(model, CROSSENTROPY)
    slope = np.array([[-2, 3, 0]]) / (1 + np.exp(-0.5))
    assert np.array(gradient(THREE_PIXELS, label)) == pytest.approx(slope, rel=1e-5)
    attacked = attacks.fgsm(gradient, THREE_PIXELS, label, 0.1, toward=toward)
    assert np.array(attacked) == pytest.approx(np.array([pixels]))
    assert np.array(CROSSENTROPY(label, model(attacked))) == pytest.approx(loss, rel=1e-5)


def test_every_step_toward_a_digit_goes_downhill():
    model, label = two_classes(), np.array([0])
    gradient, attacked, losses = input_gradient(model, CROSSENTROPY), THREE_PIXELS, []
    for _ in range(4):
        losses.append(float(CROSSENTROPY(label, model(attacked))[0]))
        way = {"step": 0.05, "steps": 1, "start": attacked, "toward": True}
        attacked = attacks.pgd(gradient, THREE_PIXELS, label, 0.3, **way)
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] - 0.2
