"""What handwriting.py shows and how it counts: who tunes never sees what is measured."""

from dataclasses import replace

import numpy as np
import pytest

from digits.reading import NumberReading, nothing
from evaluation.handwriting import scores, sets
from evaluation.handwriting.__main__ import TARGETS
from evaluation.handwriting.steadiness import changes, steadiness

pytestmark = pytest.mark.usefixtures("handwriting_data")


def answers(texts, statuses=None, confidence=None, energy=None):
    n = len(texts)
    confidence = np.ones(n) if confidence is None else np.array(confidence)
    statuses = statuses or ["digit" if text else "blank" for text in texts]
    energy = np.zeros(n) if energy is None else np.array(energy)
    return scores.Answers(texts, statuses, confidence, energy)


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


def test_letters_and_real_pictures_are_split_too():
    for name in ("letters", "ledger", "exam_cells", "amounts", "other_cells"):
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


def test_the_sets_of_real_writing_say_so_and_come_first():
    real = [name for name, target in TARGETS.items() if target.real]
    assert real == ["amounts", "ledger", "exam_cells", "other_cells", "real_numbers", "steadiness"]
    assert real == list(TARGETS)[: len(real)]
    assert TARGETS.keys() == sets.BUILDERS.keys()


def test_signs_are_drawn_and_their_letters_come_from_sites_of_the_half_at_hand():
    found = sets.BUILDERS["signs"](sets.Material(), "signs", 15)
    assert {example.source for example in found} == {"plus", "times", "divided", "y", "z"}
    assert {example.answer for example in found} == {""}
    # On a canvas, on a photo, from a paint program.
    assert [example.make().ndim for example in found[::5]] == [2, 3, 2]
    with pytest.raises(ValueError, match="seen the sites aga"):
        sets.Material().check_unseen({"letters": ["aga/one"]})


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
    right, counts = scores.score(examples(["3", "5", "6"]), said, False)
    found = scores.calibration_of(said.confidence, right)
    assert found["n"] == 2
    assert found["ece"] == counts["ece"] == pytest.approx(0.25)
    # Of two such answers none is right one time in 16, which is 0.75 off; one or both, which is 0.25 off.
    assert counts["ece_by_chance_95"] == [0.25, 0.75]
    (row,) = found["bins"]
    assert (row["confidence"], row["accuracy"], row["n"]) == (0.75, 0.5, 2)
    assert scores.calibration_of(np.zeros(3), right) == {"n": 0, "ece": None, "bins": []}


def test_confidence_of_a_number_is_calibrated_as_a_whole():
    class Reader:
        def read_number(self, picture):
            sure = np.where(np.arange(10) == picture, 0.5, 0.5 / 9)
            return NumberReading([[replace(nothing("digit"), index=picture, probabilities=sure)] * 2])

    made = [
        sets.Example(answer, "here", lambda digit=digit: digit) for answer, digit in (("33", 3), ("44", 5))
    ]
    said = scores.read_numbers(Reader(), made, "numbers")
    assert said.texts == ["33", "55"]
    assert said.confidence.tolist() == [0.25, 0.25]
    assert scores.score(made, said, False)[1]["ece"] == pytest.approx(0.25)


class Fake:
    """A reader whose digit is what `see` says of a picture."""

    def __init__(self, see):
        self.see = see

    def read_digits(self, pictures):
        return [replace(nothing("digit"), index=self.see(picture)) for picture in pictures]


def test_a_reader_that_does_not_look_is_steady_and_one_that_counts_columns_is_not():
    made = sets.BUILDERS["steadiness"](sets.Material(), "steadiness", 6)
    blind = steadiness(Fake(lambda picture: 7), made)
    assert (blind["n"], blind["accuracy"], blind["interval_95"]) == (6, 1.0, [1.0, 1.0])
    assert set(blind["kinds"].values()) == {1.0}
    columns = steadiness(Fake(lambda picture: picture.shape[1] % 2), made)
    # Half of the pixels are added or taken at the left and the right.
    assert columns["kinds"] == {"pixel": 0.5, "size": 1.0, "turn": 1.0, "grey": 1.0, "polarity": 1.0}
    assert columns["accuracy"] == pytest.approx(2.5 / 3, abs=1e-5)
    corner = steadiness(Fake(lambda picture: int(picture[0, 0].max()) % 10), made)
    assert (corner["kinds"]["grey"], corner["kinds"]["polarity"]) == (0, 0)


def test_changes_are_small_and_keep_the_type():
    picture = np.random.default_rng(1).integers(0, 256, (40, 30, 3), np.uint8)
    for kind, change in changes():
        for before in (picture, picture[..., 0]):
            after = change(before)
            assert after.dtype == np.uint8
            moved = np.abs(np.subtract(after.shape, before.shape)).sum()
            assert moved == (kind == "pixel")
