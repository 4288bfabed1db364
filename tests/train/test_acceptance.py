"""A fine-tuned model is kept where it gains and does not forget."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from digits.data.handwriting import Handwriting
from digits.train import acceptance
from digits.train.acceptance import Outcome, Scores


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ((0.9, 0.99), (0.9, 0.99), "gained nothing"),
        ((0.1, 0.99), (0.2, 0.99), "labels do not seem to fit"),
        ((0.9, 0.99), (0.95, 0.987), "forgot 0.30 points"),
        ((0.9, 0.99), (0.95, 0.988), None),
    ],
)
def test_the_guard_weighs_gain_against_forgetting(before, after, words):
    reason = acceptance.refusal(Scores(*before), Scores(*after), most_forgotten=0.2)
    assert reason is None if words is None else words in reason


def test_where_all_held_out_are_read_right_what_was_learnt_decides():
    before = Scores(1.0, 0.99, learnt=0.9, own_loss=0.2)
    for gain in ({"learnt": 0.95}, {"own_loss": 0.1}):
        assert acceptance.refusal(before, replace(before, **gain), most_forgotten=0.2) is None
    for none in ({"own_loss": 0.199}, {"own": 0.98, "learnt": 1.0, "own_loss": 0.1}):
        assert "gained nothing" in acceptance.refusal(before, replace(before, **none), most_forgotten=0.2)


def test_learning_outliers_is_a_gain_where_nothing_is_lost():
    before, worse = Scores(0.9, 0.99), Scores(0.89, 0.99)
    assert acceptance.refusal(before, before, 0.2, learns_outliers=True) is None
    assert "gained nothing" in acceptance.refusal(before, worse, 0.2, learns_outliers=True)


def test_an_outcome_names_the_answers_that_changed_and_counts_mnists():
    names = np.array(["a.png", "b.png", "c.png"])
    held = Handwriting(np.zeros((3, 28, 28), np.uint8), np.array([4, 7, 8]), names, np.arange(3), names, [])
    before = Scores(1 / 3, 0.5, own_answers=np.array([9, 1, 8]), mnist_answers=np.array([1, 2, 3, 4]))
    after = Scores(2 / 3, 0.5, own_answers=np.array([4, 7, 3]), mnist_answers=np.array([1, 5, 0, 4]))
    outcome = Outcome(before, after, Path("m.keras"), 0.75, learnt_all=True)
    found = outcome.as_dict(held, np.array([1, 5, 3, 0]))
    assert found["changed"] == [
        {"file": "a.png", "label": 4, "before": 9, "after": 4},
        {"file": "b.png", "label": 7, "before": 1, "after": 7},
        {"file": "c.png", "label": 8, "before": 8, "after": 3},
    ]
    assert found["mnist_changed"] == {"mended": 1, "broken": 1}
    assert (found["before"]["own"], found["after"]["own_n"], found["refusal"]) == (0.33333, 3, None)
    assert outcome.for_card()["own_after"] == 0.66667
