"""Photometric augmentation stays in range, spares its share, and leaves digits that can still be read."""

import numpy as np
import pytest

from digits.train import photometric


@pytest.fixture
def frames():
    bars = np.zeros((64, 28, 28, 1), np.float32)
    bars[:, 6:22, 12:15] = 1
    return bars


@pytest.mark.parametrize("kind", photometric.Photometric.__subclasses__())
def test_each_kind_stays_in_range_and_varies(kind, frames):
    damaged = np.array(kind(share=1.0, seed=1)(frames, training=True))
    assert damaged.shape == frames.shape
    assert damaged.min() >= 0
    assert damaged.max() <= 1
    assert np.isfinite(damaged).all()
    assert len({frame.tobytes() for frame in damaged}) > 30  # a dark patch on black is none


def test_a_share_of_the_frames_is_spared_and_all_are_outside_training(frames):
    assert np.array_equal(photometric.Contrast(share=1.0)(frames, training=False), frames)
    assert np.array_equal(photometric.photometric_augmentation(1, 0.0, 0.0)(frames, training=True), frames)
    damaged = np.array(photometric.Contrast(share=0.5, seed=2)(frames, training=True))
    assert (damaged != frames).any(axis=(1, 2, 3)).mean() == pytest.approx(0.5, abs=0.2)


def test_a_panel_leaves_the_middle_alone(frames):
    damaged = np.array(photometric.Panel(share=1.0, seed=1)(frames, training=True))
    assert damaged[:, 11:17, 11:17] == pytest.approx(frames[:, 11:17, 11:17])


def test_a_hollow_pen_keeps_its_outline_only(frames):
    damaged = np.array(photometric.Hollow(share=1.0, seed=1)(frames, training=True))[..., 0]
    assert (damaged[:, 8:20, 13] == 0).mean() > 0.9
    assert (damaged[:, 8:20, 11:12].max(axis=(1, 2)) > 0.5).mean() > 0.9


def test_the_whole_augmentation_is_seeded_and_leaves_what_can_be_read(frames):
    first, second = (photometric.photometric_augmentation(seed=3)(frames, training=True) for _ in range(2))
    assert np.array_equal(first, second)
    # The bar is still the brightest thing in the middle of most frames.
    middle = np.array(first)[:, 9:19, 9:19, 0]
    assert (middle.max(axis=(1, 2)) - np.median(middle, axis=(1, 2)) > 0.15).mean() > 0.9
