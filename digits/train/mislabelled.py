"""Labels that are probably wrong, found by networks that learnt from other sites.

What a network that never saw a site reads surely, and as something else than its label, is mostly
mislabelled: confident learning (Northcutt, Jiang and Chuang, 2021, arXiv:1911.00068) with folds of sites.
"""

import keras
import numpy as np

from digits.models import architectures, calibration
from digits.train import augmentation, fit
from digits.train.trainer import logits_of

EPOCHS, RATE, BATCH = 8, 4e-3, 64
"""Of the networks that judge, which are small ones."""

SURELY, HARDLY = 0.95, 0.005
"""The chance of another label, at least, and of the label, at most, of what is left out."""


def suspects(
    frames: np.ndarray, labels: np.ndarray, sites: np.ndarray, classes: int, seed: int
) -> np.ndarray:
    """Return which labels are probably wrong, (N,) bool; none where there is one site alone.

    Args:
        frames: (N, 28, 28) uint8.
        labels: (N,) from 0 to `classes`, which is not reached.
        sites: (N,) str; two halves of them judge each other.
        classes: how many labels there are.
        seed: of the networks.
    """
    wrong, half = np.zeros(len(labels), bool), halves(sites)
    if half.all() or not half.any():
        return wrong
    for judged in (half, ~half):
        keras.utils.set_random_seed(seed)
        model = architectures.build("tiny", classes=classes)
        training = fit.with_augmentation(model, augmentation.light(seed))
        batches = fit.Batches(frames[~judged], labels[~judged], BATCH)
        batches.shuffle(seed, 0)
        rate = keras.optimizers.schedules.CosineDecay(RATE, EPOCHS * len(batches))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        fit.compile_training(training, keras.optimizers.Adam(rate), loss)
        training.fit(batches, epochs=EPOCHS, shuffle=False, verbose=0)
        chances = calibration.softmax(logits_of(model, frames[judged]))
        own = chances[np.arange(len(chances)), labels[judged]]
        wrong[judged] = (own < HARDLY) & (chances.max(axis=1) > SURELY)
    return wrong


def halves(sites: np.ndarray) -> np.ndarray:
    """Return which samples (N,) bool are in the first of two sets of whole sites, about as large."""
    names, counts = np.unique(sites, return_counts=True)
    first, size = [], 0
    for place in np.argsort(-counts, kind="stable"):
        if size <= len(sites) / 2 - counts[place] / 2:
            first.append(names[place])
            size += counts[place]
    return np.isin(sites, first)
