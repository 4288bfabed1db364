"""Teachers are asked about the very frames that the pupil sees."""

import numpy as np
import pytest

from digits.models.architectures import logits_model
from digits.train import photometric
from digits.train.distillation import ask_teachers

IMAGES = np.random.default_rng(1).integers(0, 256, (300, 28, 28)).astype(np.uint8)
LABELS = np.arange(300) % 10


def logits(model, frames):
    return logits_model(model).predict(frames[..., None].astype("float32") / 255, verbose=0)


def test_targets_are_the_label_and_the_mean_of_the_teachers_for_every_augmented_copy(tiny_model):
    def ask():
        augment = photometric.photometric_augmentation(seed=1)
        return ask_teachers([tiny_model] * 2, IMAGES, LABELS, augment=augment, copies=2, seed=1)

    frames, targets = ask()
    assert frames.shape == (600, 28, 28)
    assert len({frame.tobytes() for frame in frames}) == 600
    assert sorted(targets[:, 0].tolist()) == sorted([*LABELS, *LABELS])
    assert targets[:, 1:] == pytest.approx(logits(tiny_model, frames), abs=0.05), "but for rounding"
    assert np.array_equal(frames, ask()[0]), "the same seed repeats"
