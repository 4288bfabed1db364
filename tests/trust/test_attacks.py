"""Attacks on a model whose gradient is known."""

import numpy as np
import pytest

from digits.trust import attacks

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
