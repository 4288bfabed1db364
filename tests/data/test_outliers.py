"""Outliers are no digits: what is made, and what is left out."""

import numpy as np
import pytest

from digits.data import doodles, outliers
from digits.data.mnist import load_train_val


@pytest.fixture
def rng():
    return np.random.default_rng(1)


@pytest.fixture(scope="module")
def digits():
    """Ten crude digits in the form of MNIST: one shape per class, each with another height."""
    frames = np.zeros((10, 28, 28), np.uint8)
    for digit in range(10):
        frames[digit, 4 : 14 + digit, 9:19] = 255
        frames[digit, 7 : 10 + digit, 12:16] = 0
    return frames, np.arange(10)


def bar(angle, length=20.0, width=3.0):
    """A frame with one bar through its middle, `angle` degrees above level."""
    y, x = np.mgrid[:28, :28] - 13.5
    along = x * np.cos(np.radians(angle)) - y * np.sin(np.radians(angle))
    across = x * np.sin(np.radians(angle)) + y * np.cos(np.radians(angle))
    return ((np.abs(along) < length / 2) & (np.abs(across) < width / 2)).astype(np.uint8) * 255


@pytest.mark.parametrize("kind", list(outliers.KINDS))
def test_each_kind_leaves_ink_to_frame_and_repeats_with_its_seed(kind, digits):
    made, again = (outliers.make_outliers(*digits, 40, np.random.default_rng(7), (kind,)) for _ in range(2))
    assert len(made) == 40
    assert all(ink.dtype == np.float32 and ink.ndim == 2 for ink in made)
    assert all(ink.min() >= 0 and 0.2 < ink.max() <= 1 for ink in made)
    assert all(np.array_equal(*pair) for pair in zip(made, again, strict=True))


def test_half_a_digit_has_about_half_its_rows_or_columns(digits, rng):
    pick = outliers.picker(*digits, rng)
    for _ in range(50):
        rows, columns = outliers.half(pick, rng).shape
        whole = {(digit + 10, 10) for digit in range(10)}
        assert any((0.38 <= rows / r <= 0.58) or (0.28 <= columns / c <= 0.58) for r, c in whole)


def test_a_one_keeps_its_distance_in_a_pair():
    for seed in range(60):
        asked = []

        def pick(digit, asked=asked):
            asked.append(digit)
            return np.ones((20, 4 if digit == 1 else 12), np.float32)

        ink = outliers.pair(pick, np.random.default_rng(seed))
        runs = np.diff(np.pad((ink > 0.5).any(axis=0).astype(int), 1)) == 1
        assert len(asked) == 2
        if 1 in asked:
            assert runs.sum() == 2, asked


@pytest.mark.parametrize(
    ("angle", "expected"), [(90, True), (70, True), (45, True), (135, True), (10, False), (0, False)]
)
def test_an_upright_bar_is_a_one_and_a_level_one_is_not(angle, expected):
    assert len(outliers.without_bars(bar(angle)[None])) == (not expected)


def test_a_cross_a_ring_and_nothing_are_no_bars():
    y, x = np.mgrid[:28, :28] - 13.5
    ring = ((np.hypot(x, y) < 10) & (np.hypot(x, y) > 7)).astype(np.uint8) * 255
    frames = np.stack([np.maximum(bar(90), bar(0)), ring, np.zeros((28, 28), np.uint8)])
    assert len(outliers.without_bars(frames)) == 3


@pytest.mark.parametrize("make", [doodles.letter, doodles.scribble])
def test_doodles_are_strokes_of_some_length(make, rng):
    for _ in range(100):
        strokes = make(rng)
        assert all(stroke.ndim == 2 and stroke.shape[1] == 2 and len(stroke) > 1 for stroke in strokes)
        assert np.isfinite(np.concatenate(strokes)).all()
        assert np.ptp(np.concatenate(strokes), axis=0).max() > 1


def test_letters_and_mnists_digits_are_learnt_and_other_hands_judge(surroundings, letters_file):
    mnist = load_train_val(300)
    made = outliers.outliers(mnist)
    assert made.held.shape == (len(mnist.y_val), 28, 28)
    assert made.sources == []
    found = outliers.outliers(mnist, letters_file, hold_out=("elsewhere",), renders=2, seed=1)
    assert found.sources == ["elsewhere", "here"]
    assert len(found.held) == 20
    assert len(found.learnt) > 300, "most are made from MNIST's digits"
