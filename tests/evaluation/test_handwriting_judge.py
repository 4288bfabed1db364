"""What handwriting.py shows and how it counts: who tunes never sees what is measured."""

import numpy as np
import pytest

from digits.config import CLASSES
from evaluation.handwriting import scores, sets

pytestmark = pytest.mark.usefixtures("handwriting_data")


def answers(texts, statuses=None, confidence=None, energy=None):
    n = len(texts)
    probabilities = np.zeros((n, CLASSES))
    confidence = np.ones(n) if confidence is None else np.array(confidence)
    for i, text in enumerate(texts):
        if text.isdigit() and len(text) == 1:
            probabilities[i] = (1 - confidence[i]) / 9
            probabilities[i, int(text)] = confidence[i]
    statuses = statuses or ["digit" if text else "blank" for text in texts]
    energy = np.zeros(n) if energy is None else np.array(energy)
    return scores.Answers(texts, statuses, confidence, probabilities, energy)


def examples(said, sources=None):
    sources = sources or ["here"] * len(said)
    return [sets.Example(answer, source, lambda: None) for answer, source in zip(said, sources, strict=True)]


@pytest.mark.parametrize("name", sets.BUILDERS)
def test_an_example_makes_the_same_picture_each_time_and_in_each_run(name):
    first, second = (sets.BUILDERS[name](sets.Material(), name, 2) for _ in range(2))
    assert [example.answer for example in first] == [example.answer for example in second]
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.make(), one.make())
        assert np.array_equal(one.make(), other.make())


def test_digits_to_tune_on_come_from_other_writers_than_those_that_count():
    for name in ("pen", "photo", "postal"):
        counting, tuning = (
            {example.source for example in sets.BUILDERS[name](sets.Material(development), name, 10**6)}
            for development in (False, True)
        )
        assert counting == {"aga", "app"}
        assert tuning == {"apa"}


def test_a_model_that_has_seen_the_writers_cannot_be_judged_on_them():
    learnt = {"letters": ["kai"], "digits": ["app", "syn"]}
    with pytest.raises(ValueError, match="seen the sites app:"):
        sets.Material().check_unseen(learnt)
    sets.Material(development=True).check_unseen(learnt | {"more": ["apa"]})


def test_letters_and_ledgers_are_split_too():
    for name in ("letters", "ledger"):
        counting, tuning = (
            {
                example.make().tobytes()
                for example in sets.BUILDERS[name](sets.Material(development), name, 99)
            }
            for development in (False, True)
        )
        assert counting
        assert tuning
        assert not counting & tuning


def test_numbers_hold_as_many_digits_as_asked_for():
    number = sets.BUILDERS["number"](sets.Material(), "number", 60)
    assert {len(example.answer) for example in number} == set(range(3, 11))
    touching = sets.BUILDERS["touching"](sets.Material(), "touching", 30)
    assert {len(example.answer) for example in touching} == {2, 3, 4}


def test_own_folders_are_read_by_their_names(handwriting_data):
    folder = handwriting_data / "handwriting"
    assert [example.answer for example in sets.own_numbers(folder / "numbers")] == ["35"]
    assert {example.answer for example in sets.own_digits(folder / "ledger")} == set("0123456789")
    assert {example.answer for example in sets.own_letters(folder / "numbers")} == {""}
    for load in sets.OWN.values():
        with pytest.raises(ValueError, match="expected"):
            load(folder / "no_such")


def test_a_number_is_right_as_a_whole_or_not_at_all():
    right, counts = scores.score(
        examples(["35", "12", "7"], ["x", "y", "x"]),
        answers(["35", "13", "7"], confidence=[0.9, 0.4, 0.8]),
        False,
    )
    assert right.tolist() == [True, False, True]
    assert counts["n"] == 3
    assert counts["errors"] == 1
    assert [(row["source"], row["accuracy"]) for row in counts["rows"]] == [("x", 1.0), ("y", 0.0)]
    # The surest two are right: risk 0, 0, 1/3.
    assert counts["risk_coverage"][-1] == [1.0, pytest.approx(1 / 3, abs=1e-4)]
    assert counts["aurc"] == pytest.approx(1 / 9, abs=1e-5)


def test_a_letter_is_caught_only_as_not_a_digit_but_nothing_is_anything_but_a_digit():
    said = answers(["", "", "3"], ["not_a_digit", "several", "unsure"])
    assert scores.score(examples([""] * 3), said, True)[0].tolist() == [True, False, False]
    right, counts = scores.score(examples([""] * 3), said, False)
    assert right.tolist() == [True, True, False]
    assert counts["statuses"] == {"not_a_digit": 1, "several": 1, "unsure": 1}
    assert "aurc" not in counts


def test_energy_tells_digits_from_letters():
    digits = answers(["1"] * 20, energy=np.arange(20))
    letters = answers(["", "2", "2", "2"], energy=[scores.REFUSED, 0.5, 0.5, 30])
    found = scores.told_apart(digits, letters, 0.95)
    # 19 of 20 digits have energy from 1 on; three of four letters have less.
    assert found["caught"] == 0.75
    assert found["auroc"] == pytest.approx((20 + 19 + 19 + 0) / 80)
    assert scores.answered(answers(["1", "", "3", "3"]))["accuracy"] == 0.75


def test_only_what_was_answered_is_calibrated():
    said = answers(["3", "4", ""], confidence=[0.75, 0.75, 0.0])
    found = scores.calibration_of(examples(["3", "5", "6"]), said)
    assert found["n"] == 2
    assert found["ece"] == pytest.approx(0.25)
    (row,) = found["bins"]
    assert (row["confidence"], row["accuracy"], row["n"]) == (0.75, 0.5, 2)
