"""Labels that another site's writing contradicts are found; whole sites judge each other."""

import numpy as np

from digits.train import mislabelled


def test_halves_hold_whole_sites_and_are_about_as_large():
    sites = np.repeat(["a", "b", "c", "d"], [50, 30, 15, 5])
    half = mislabelled.halves(sites)
    assert {site: set(half[sites == site].tolist()) for site in "abcd"} == {
        "a": {True}, "b": {False}, "c": {False}, "d": {False},
    }  # fmt: skip
    assert mislabelled.halves(np.repeat("a", 9)).sum() in (0, 9)


def test_what_another_site_reads_surely_as_something_else_is_suspect():
    rng = np.random.default_rng(0)
    labels = np.tile([0, 1], 400)
    frames = np.zeros((800, 28, 28), np.uint8)
    frames[labels == 0, 8:20, 12:16] = 255
    frames[labels == 1, 12:16, 6:22] = 255
    frames = np.clip(frames + rng.integers(0, 40, frames.shape), 0, 255).astype(np.uint8)
    sites = np.repeat(["a", "b"], 400)
    said = labels.copy()
    said[[3, 500]] = 1 - said[[3, 500]]
    assert np.flatnonzero(mislabelled.suspects(frames, said, sites, 2, seed=1)).tolist() == [3, 500]
    assert not mislabelled.suspects(frames[:50], said[:50], sites[:50], 2, seed=1).any()
