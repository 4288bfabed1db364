"""The checks by hand, and the shipped model under them."""

import model_makes
import numpy as np
import pytest

from digits.explain import faithfulness
from digits.explain.attribution import Explainer
from digits.explain.faithfulness import probabilities
from digits.models import checkpoints

FRAME = np.zeros((28, 28), np.float32)
FRAME[4, :20] = np.linspace(0.1, 1, 20)


def ask(frames):
    """Ten answers, of which the third is the share of the weighted ink that is left."""
    weights = np.zeros((28, 28))
    weights[4, 0] = 1
    answers = np.zeros((len(frames), 10))
    answers[:, 3] = (frames * weights).sum(axis=(1, 2)) / 0.1
    return answers


def test_the_completeness_error_is_a_share_of_the_difference():
    assert faithfulness.completeness(np.full((28, 28), 1 / 784), 1.25) == pytest.approx((0.2, 0.25, 1.25))
    assert faithfulness.completeness(np.full((28, 28), -1 / 784), -1) == pytest.approx((0, 0, -1), abs=1e-6)
    assert faithfulness.completeness(np.zeros((28, 28)), 0) == (0, 0, 0)


def test_a_tiny_difference_may_be_missed_by_far_and_yet_by_next_to_nothing():
    missed = faithfulness.completeness(np.full((28, 28), 0.001 / 784), 0.0005)
    assert missed.error == pytest.approx(1)
    assert missed.nats == pytest.approx(0.0005)


def test_the_deletion_score_by_hand():
    best, worst = np.zeros((28, 28)), np.zeros((28, 28))
    best[4, 0], worst[4, 0] = 1, -1
    # Twenty pixels, of which one carries the answer: it lives for half a step, or for all but half a step.
    assert faithfulness.deletion_score(ask, FRAME, best, 3) == pytest.approx(0.5 / 20)
    assert faithfulness.deletion_score(ask, FRAME, worst, 3) == pytest.approx(19.5 / 20)
    by_chance = faithfulness.random_deletion_score(ask, FRAME, 3)
    assert 0.1 < by_chance < 0.9
    assert faithfulness.random_deletion_score(ask, FRAME, 3) == by_chance
    assert faithfulness.random_deletion_score(ask, FRAME, 3, seed=1) != by_chance
    assert faithfulness.deletion_score(ask, np.zeros((28, 28), np.float32), best, 3) == 0


def test_pixels_without_ink_do_not_count():
    best = np.zeros((28, 28))
    best[4, 0] = 1
    best[10:] = 2  # more important, says the map, but black already
    assert faithfulness.deletion_score(ask, FRAME, best, 3) == pytest.approx(0.5 / 20)


def test_rank_correlations_by_hand():
    rising = np.arange(784.0).reshape(28, 28)
    assert faithfulness.rank_correlation(rising, rising**3) == pytest.approx(1)
    assert faithfulness.rank_correlation(rising, -rising) == pytest.approx(-1)
    assert np.isnan(faithfulness.rank_correlation(rising, np.zeros((28, 28))))
    turned = np.where(FRAME > 0, -rising, rising)
    assert faithfulness.rank_correlation(rising, turned) > 0.9
    assert faithfulness.rank_correlation(rising, turned, FRAME) == pytest.approx(-1)


@pytest.mark.parametrize("make", ["functional", "Sequential", "two models inside"])
def test_a_randomised_copy_has_the_same_weights_in_disorder(make, tmp_path):
    model = model_makes.reloaded(make, tmp_path)
    before = model.get_weights()
    copy, same, other = (faithfulness.randomised(model, seed) for seed in (0, 0, 1))
    assert all(map(np.array_equal, model.get_weights(), before))
    for old, new in zip(before, copy.get_weights(), strict=True):
        assert not np.array_equal(old, new)
        assert np.array_equal(np.sort(old, axis=None), np.sort(new, axis=None))
    assert all(map(np.array_equal, copy.get_weights(), same.get_weights()))
    assert not any(map(np.array_equal, copy.get_weights(), other.get_weights()))


def test_maps_of_the_shipped_model_beat_random_order(shipped, golden_frames):
    def shipped_answers(frames):
        return probabilities(shipped, frames)

    chance = [faithfulness.random_deletion_score(shipped_answers, f, d) for d, f in enumerate(golden_frames)]
    for method in ("occlusion", "integrated_gradients", "gradients", "grad_cam"):
        scores = [
            faithfulness.deletion_score(shipped_answers, frame, shipped.explain(method, frame, digit), digit)
            for digit, frame in enumerate(golden_frames)
        ]
        assert np.mean(scores) < np.mean(chance) - 0.03, method
        if method != "gradients":  # a single gradient is noisy: it wins on the whole, but not each time
            assert np.mean(np.array(scores) < chance) >= 0.7, method


def test_maps_of_the_shipped_model_come_from_what_it_has_learnt(shipped, golden_frames):
    model = checkpoints.load(checkpoints.find(shipped.name))[0]
    stranger = Explainer(faithfulness.randomised(model))
    for method in ("grad_cam", "integrated_gradients", "smooth_grad", "occlusion"):
        alike = []
        for digit, frame in enumerate(golden_frames[:5]):
            ours, theirs = (one.explain(method, frame, digit) for one in (shipped, stranger))
            alike.append(abs(faithfulness.rank_correlation(ours, theirs, frame)))
        empty = np.isnan(alike)  # as unlike ours as can be
        assert empty.all() or np.mean(np.array(alike)[~empty]) < 0.6, method
