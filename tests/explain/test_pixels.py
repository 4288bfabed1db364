"""Pixel maps of networks that are formulas, so that the right answer is known."""

import numpy as np
import pytest

from digits.explain import gradients

RNG = np.random.default_rng(1)
FRAME = RNG.random((28, 28)).astype(np.float32)
WEIGHTS = RNG.normal(size=(28, 28))


def linear(frames):
    return np.repeat(WEIGHTS[None], len(frames), axis=0), (frames * WEIGHTS).sum(axis=(1, 2))


def squared(frames):
    return 2.0 * frames, (frames.astype(float) ** 2).sum(axis=(1, 2))


def kinked(frames):
    """Ten thresholds, as in a network of ReLUs: the gradient jumps at each."""
    ink = frames.sum(axis=(1, 2), dtype=float)[:, None]
    over = ink > np.linspace(0, 300, 10) ** 1.05
    logits = np.where(over, ink - np.linspace(0, 300, 10) ** 1.05, 0).sum(axis=1)
    return np.ones_like(frames) * over.sum(axis=1)[:, None, None], logits


def test_integrated_gradients_are_exact_where_gradients_are_straight():
    assert gradients.integrated_gradients(linear, FRAME, 2) == pytest.approx(WEIGHTS * FRAME, abs=1e-6)
    assert gradients.integrated_gradients(squared, FRAME, 50) == pytest.approx(FRAME**2, rel=0.01)


@pytest.mark.parametrize("steps", [5, 50])
def test_integrated_gradients_take_more_steps_where_gradients_jump(steps):
    asked = []

    def ask(frames):
        asked.append(len(frames))
        return kinked(frames)

    attribution = gradients.integrated_gradients(ask, FRAME, steps)
    (before, after) = kinked(np.stack([0 * FRAME, FRAME]))[1]
    assert asked[0] == steps
    assert sum(asked) < (gradients.MOST + 1) * steps
    assert float(attribution.sum()) == pytest.approx(after - before, rel=0.01)
    assert np.ptp((attribution / FRAME)[FRAME > 0.01]) < 1e-3  # all pixels count the same here


def test_a_logit_that_ends_where_it_began_is_followed_longer():
    """It rises to 100 and falls again: 1 % of the rise that is left is 1 in 50,000 of the way."""
    turn, end = 0.5003 * FRAME.sum(), 200.0 / FRAME.sum()
    asked = []

    def there_and_back(frames):
        asked.append(len(frames))
        ink = frames.sum(axis=(1, 2), dtype=float)
        slopes = np.where(ink < turn, end, -end)
        return np.ones_like(frames) * slopes[:, None, None], end * np.minimum(ink, 2 * turn - ink)

    before, after = there_and_back(np.stack([0 * FRAME, FRAME]))[1]
    asked.clear()
    attribution = gradients.integrated_gradients(there_and_back, FRAME, 10)
    assert 0 < after - before < 0.2
    assert sum(asked) > 30
    assert float(attribution.sum(dtype=float)) == pytest.approx(after - before, rel=0.01)
    asked.clear()
    gradients.integrated_gradients(there_and_back, FRAME, 10, most=1)
    assert asked == [10]


def test_integrated_gradients_end_even_where_no_number_of_steps_suffices():
    def wild(frames):
        return np.ones_like(frames), 100 * RNG.random(len(frames))

    assert np.isfinite(gradients.integrated_gradients(wild, FRAME, 4)).all()


def test_occlusion_by_hand():
    frame = np.zeros((28, 28), np.float32)
    frame[0, 0] = 1
    asked = []

    def ask(frames):
        asked.append(len(frames))
        return 12 * frames[:, 0, 0]

    alone = gradients.occlusion(ask, frame, size=1, stride=1)
    assert alone[0, 0] == 12
    assert alone.sum() == 12
    shared = gradients.occlusion(ask, frame, size=2, stride=1)
    # One square of two by two covers the corner. Its neighbours lie under two or four squares, of which one.
    assert shared[:3, :3].tolist() == [[12, 6, 0], [6, 3, 0], [0, 0, 0]]
    assert asked == [2, 2]  # the frame and one square: where there is no ink, nothing changes


def test_occlusion_reaches_the_far_edge():
    attribution = gradients.occlusion(lambda frames: frames.sum(axis=(1, 2)), np.ones((28, 28)), 5, 7)
    assert attribution[27, 27] == 25
    assert attribution[6, 6] == 0  # between two squares


def test_nothing_drawn_gives_maps_of_zero():
    blank = np.zeros((28, 28), np.float32)
    assert not gradients.occlusion(lambda frames: np.ones(len(frames)), blank, 6, 2).any()
    assert not gradients.integrated_gradients(squared, blank, 50).any()
