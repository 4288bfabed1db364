"""Rows are written by one hand, most digits touch, every point has its owner, and cuts have their labels."""

import numpy as np
import pytest
from handwriting import strokes

from digits.config import SIDE
from digits.data.handwriting import framed
from digits.data.mnist import TrainVal
from digits.data.strokes import StrokeSet, draw
from digits.data.touching import HEIGHT, LEAST, MOST, neighbours, pen_hand, scan_hand, write_row


@pytest.fixture
def rng():
    return np.random.default_rng(1)


@pytest.fixture(scope="module")
def pens():
    """Every digit once from the site "a", and once from "b"."""
    samples = [strokes(digit, 10, 0, 0) for digit in range(10)] * 2
    ends = np.cumsum([len(stroke) for sample in samples for stroke in sample])
    return StrokeSet(
        points=np.concatenate([stroke for sample in samples for stroke in sample]) * (1, -1),
        stroke_ends=ends,
        sample_ends=np.cumsum([len(sample) for sample in samples]),
        labels=np.tile(np.arange(10), 2),
        source=np.repeat(["a", "b"], 10),
    )


def test_every_point_has_its_owner_from_the_left(rng):
    digits = [np.ones((20, 10), np.float32), np.ones((20, 6), np.float32), np.ones((18, 12), np.float32)]
    ink, owner = write_row(digits, rng)
    assert ink.shape == owner.shape
    assert np.array_equal(owner > 0, ink > 0.5)
    middles = [np.nonzero(owner == number)[1].mean() for number in (1, 2, 3)]
    assert middles == sorted(middles)


def test_digits_often_touch_and_sometimes_do_not(rng):
    bars = [np.ones((20, 5), np.float32)] * 2
    gaps = [write_row(bars, rng)[0].any(axis=0) for _ in range(60)]
    apart = np.mean([np.count_nonzero(np.diff(inked.astype(int)) == 1) == 2 for inked in gaps])
    assert 0.15 < apart < 0.6


def test_a_scanning_hand_gives_frames_cut_at_their_ink_with_their_labels(rng):
    frames = np.zeros((10, 28, 28), np.uint8)
    for digit in range(10):
        frames[digit, 4 : 6 + digit, 8:15] = 255
    for _ in range(20):
        digits, labels = scan_hand(frames, np.arange(10))(rng)
        assert LEAST <= len(digits) == len(labels) <= MOST
        assert [digit.shape for digit in digits] == [(2 + label, 7) for label in labels]


def test_a_drawing_hand_keeps_to_what_it_may_use(rng, pens):
    usable = np.array([3, 4, 15])
    seen = set()
    for _ in range(30):
        digits, labels = pen_hand(pens, usable)(rng)
        assert set(labels) <= {3, 4} or set(labels) == {5}, "the digits of a row are from one source"
        assert all(0.5 * HEIGHT < max(digit.shape) < 2 * HEIGHT for digit in digits)
        seen |= set(labels)
    assert seen == {3, 4, 5}


@pytest.fixture(scope="module")
def mnist():
    frames = np.stack([draw(strokes(i % 10, 20, 4, 4), SIDE, 2.5) for i in range(40)])
    labels = np.arange(40) % 10
    return TrainVal(frames, labels, frames[:10], labels[:10])


def test_cuts_are_digits_with_their_labels_and_wrong_parts(mnist, pens):
    cuts = neighbours(mnist, seed=2, own=pen_hand(pens, np.arange(20)), most=1)
    assert len(cuts.right) == len(cuts.labels) >= 5
    assert len(cuts.broken) + len(cuts.joined) >= 10
    for frames in (cuts.right, cuts.joined, cuts.broken):
        assert frames.dtype == np.uint8
        assert frames.shape[1:] == (SIDE, SIDE)
    whole = framed(draw(strokes(i, 160, 60, 60), 280, 20).astype(np.float32) / 255 for i in range(10))
    flat = whole.reshape(10, -1).astype(np.float32)
    alike = [
        np.corrcoef(frame.ravel(), flat[label])[0, 1]
        for frame, label in zip(cuts.right, cuts.labels, strict=True)
    ]
    assert np.median(alike) > 0.6, "what is cut out rightly looks like its digit"


def test_neighbours_repeat_with_their_seed(mnist):
    first, again, other = (neighbours(mnist, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first.right, again.right)
    assert np.array_equal(first.broken, again.broken)
    assert first.right.shape != other.right.shape or not np.array_equal(first.right, other.right)
