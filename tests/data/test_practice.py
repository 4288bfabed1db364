"""What is practised on: digits cut out of rows, and what is wrongly cut."""

import numpy as np
import pytest
from handwriting import strokes

from digits.config import SIDE
from digits.data import outliers, touching
from digits.data.mnist import TrainVal
from digits.data.strokes import draw


@pytest.fixture(scope="module")
def mnist():
    frames = np.stack([draw(strokes(i % 10, 20, 4, 4), SIDE, 2.5) for i in range(40)])
    labels = np.arange(40) % 10
    return TrainVal(frames, labels, frames[:10], labels[:10])


def test_rows_give_digits_with_their_labels_and_wrong_parts(mnist):
    cuts = touching.neighbours(mnist, seed=1)
    assert len(cuts.right) == len(cuts.labels) >= 5
    assert len(cuts.broken) + len(cuts.joined) >= 10
    for frames in (cuts.right, cuts.joined, cuts.broken):
        assert frames.dtype == np.uint8
        assert frames.shape[1:] == (SIDE, SIDE)


def test_what_is_cut_out_rightly_looks_like_its_digit(mnist):
    cuts = touching.neighbours(mnist, seed=2)
    whole = outliers.framed(
        draw(strokes(i, 160, 60, 60), 280, 20).astype(np.float32) / 255 for i in range(10)
    )
    flat = whole.reshape(10, -1).astype(np.float32)
    alike = [
        np.corrcoef(frame.ravel(), flat[label])[0, 1]
        for frame, label in zip(cuts.right, cuts.labels, strict=True)
    ]
    assert np.median(alike) > 0.6


def test_neighbours_repeat_with_their_seed(mnist):
    first, again, other = (touching.neighbours(mnist, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first.right, again.right)
    assert np.array_equal(first.broken, again.broken)
    assert first.right.shape != other.right.shape or not np.array_equal(first.right, other.right)
