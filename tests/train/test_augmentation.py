"""Augmentation varies frames in training, within bounds, and never otherwise."""

import numpy as np
import pytest

from digits.train.augmentation import RandomAffine, RandomStrokeWidth, light


@pytest.fixture
def frames():
    bar = np.zeros((64, 28, 28, 1), np.float32)
    bar[:, 6:22, 13:15] = 1
    return bar


def test_frames_vary_in_range_by_the_seed_and_only_in_training(frames):
    varied, again = (np.array(light(seed=1)(frames, training=True)) for _ in range(2))
    assert np.array_equal(varied, again)
    assert varied.min() >= 0
    assert varied.max() <= 1 + 1e-6
    assert len({frame.tobytes() for frame in varied}) == 64
    assert np.array(light(seed=1)(frames, training=False)) == pytest.approx(frames)
    assert np.array(light(seed=1, strength=0.0)(frames, training=True)) == pytest.approx(frames, abs=1e-5)


def test_shift_moves_ink_by_at_most_its_bound(frames):
    moved = np.array(RandomAffine(shift=2.0, seed=1)(frames, training=True))[..., 0]
    place = (moved.sum(axis=1) * np.arange(28)).sum(axis=1) / moved.sum(axis=(1, 2))
    assert np.abs(place - 13.5).max() <= 2.01
    assert np.abs(place - 13.5).max() > 1.5


def test_rotation_keeps_the_middle_and_the_amount_of_ink(frames):
    turned = np.array(RandomAffine(degrees=12, seed=1)(frames, training=True))[..., 0]
    assert turned.sum(axis=(1, 2)) == pytest.approx(frames.sum(axis=(1, 2, 3)), rel=0.05)
    place = (turned.sum(axis=1) * np.arange(28)).sum(axis=1) / turned.sum(axis=(1, 2))
    assert place == pytest.approx(13.5, abs=0.1)


def test_pens_become_thinner_and_thicker(frames):
    changed = np.array(RandomStrokeWidth(share=1.0, seed=1)(frames, training=True))
    amount = changed.sum(axis=(1, 2, 3)) / frames.sum(axis=(1, 2, 3))
    assert amount.min() < 0.8
    assert amount.max() > 1.5
