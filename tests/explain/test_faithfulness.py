"""The tests of maps by hand, and the shipped model under them."""

from types import SimpleNamespace

import model_makes
import numpy as np
import pytest

from digits.explain import faithfulness, report
from digits.explain.faithfulness import deletion_score, random_deletion_score, rank_correlation

FRAME = np.zeros((28, 28), np.float32)
FRAME[4, :20] = np.linspace(0.1, 1, 20)


def probabilities(frames):
    """Ten answers, of which the third is the share of the weighted ink that is left."""
    answers = np.zeros((len(frames), 10))
    answers[:, 3] = frames[:, 4, 0] / 0.1
    return answers


FORMULA = SimpleNamespace(probabilities=probabilities)


@pytest.mark.parametrize(
    ("total", "rise", "error", "nats"),
    [(1, 1.25, 0.2, 0.25), (-1, -1, 0, 0), (0, 0, 0, 0), (0.001, 0.0005, 1, 0.0005)],
)
def test_the_completeness_error_is_a_share_of_the_difference(total, rise, error, nats):
    found = faithfulness.completeness(np.full((28, 28), total / 784), rise)
    assert list(found.values()) == pytest.approx([error, nats, rise], abs=1e-6)


def test_the_deletion_score_by_hand():
    best, worst = np.zeros((28, 28)), np.zeros((28, 28))
    best[4, 0], worst[4, 0] = 1, -1
    # Twenty pixels, of which one carries the answer: it lives for half a step, or for all but half a step.
    assert deletion_score(FORMULA, FRAME, best, 3) == pytest.approx(0.5 / 20)
    assert deletion_score(FORMULA, FRAME, worst, 3) == pytest.approx(19.5 / 20)
    by_chance = random_deletion_score(FORMULA, FRAME, 3)
    assert 0.1 < by_chance < 0.9
    assert random_deletion_score(FORMULA, FRAME, 3) == by_chance
    assert deletion_score(FORMULA, np.zeros((28, 28), np.float32), best, 3) == 0
    best[10:] = 2  # more important, says the map, but there is no ink
    assert deletion_score(FORMULA, FRAME, best, 3) == pytest.approx(0.5 / 20)


def test_rank_correlations_by_hand():
    rising = np.arange(784.0).reshape(28, 28)
    assert rank_correlation(rising, rising**3, FRAME) == pytest.approx(1)
    assert rank_correlation(rising, np.where(FRAME > 0, -rising, rising), FRAME) == pytest.approx(-1)
    assert np.isnan(rank_correlation(rising, np.zeros((28, 28)), FRAME))


@pytest.mark.parametrize("make", ["Sequential", "two models inside"])
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


def test_judging_names_the_tests_that_fit(shipped, golden_frames):
    frame = golden_frames[3]
    found = shipped.explain("integrated_gradients", frame, 3)
    assert faithfulness.judge(shipped, "integrated_gradients", found, frame, 3)["completeness_error"] <= 0.01
    assert set(faithfulness.judge(shipped, "occlusion", found, frame, 3)) == {"deletion_score"}
    nothing = faithfulness.judge(shipped, "integrated_gradients", np.zeros((28, 28)), frame, 3)
    assert nothing["completeness_error"] == 1


def test_maps_of_the_shipped_model_beat_random_order_and_come_from_what_it_has_learnt(shipped, golden_frames):
    shuffled = report.randomised(shipped, shipped.name)
    chance = [random_deletion_score(shipped, frame, digit) for digit, frame in enumerate(golden_frames)]
    for method in ("occlusion", "integrated_gradients", "gradients", "grad_cam"):
        maps = [shipped.explain(method, frame, digit) for digit, frame in enumerate(golden_frames)]
        scores = [
            deletion_score(shipped, frame, maps[digit], digit) for digit, frame in enumerate(golden_frames)
        ]
        assert np.mean(scores) < np.mean(chance) - 0.03, method
        if method == "gradients":  # a single one is noisy: it wins on the whole, but not each time
            continue
        assert np.mean(np.array(scores) < chance) >= 0.7, method
        alike = [
            faithfulness.randomised_correlation(shuffled, method, maps[digit], golden_frames[digit], digit)
            for digit in range(5)
        ]
        compared = [one for one in alike if one is not None]  # an empty map is as unlike ours as can be
        assert not compared or np.mean(compared) < 0.6, method
