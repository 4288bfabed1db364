"""Why a reading is what it is, in words: known numbers give known sentences."""

import doctest

import numpy as np
import pytest

from digits import Recognizer
from digits.data.strokes import draw
from digits.explain import decision
from digits.reading import Reading, no_idea, nothing
from digits.recognizer import opinions

TAUGHT = {"unsure_below": 0.9366, "not_a_digit_below": 0.9403}  # the second is a chance of 71.9 %
UNTAUGHT = {"unsure_below": 0.5}


def chances(**named: float) -> np.ndarray:
    """Return ten probabilities of which some are given, e.g. `_4=0.7`; the others share the rest."""
    given = {int(name[1:]): p for name, p in named.items()}
    rest = (1 - sum(given.values())) / (10 - len(given))
    return np.array([given.get(digit, rest) for digit in range(10)], np.float32)


def words(*arguments) -> str:
    return " ".join(decision.in_words(*arguments))


def test_unsure_says_what_was_missed_by_how_much_and_between_what():
    assert words("unsure", chances(_4=0.712, _9=0.25), 9.0, TAUGHT) == (
        "It would have to be 93.7 % sure and is only 71.2 %: 4 or 9. That is 22.5 percentage points short."
    )


def test_no_digit_says_how_little_speaks_for_one():
    assert words("not_a_digit", chances(_4=0.6, _1=0.3), np.log(0.03 / 0.97), TAUGHT) == (
        "Too little speaks for any digit: "
        "the chance that it is one would have to be 71.9 % and is only 3.0 %. "
        "That is 68.9 percentage points short. If it had to be one: 4 (60.0 %) or 1 (30.0 %)."
    )


def test_beside_digits_what_is_none_counts_as_doubtful():
    evidence = np.log(0.6 / 0.4)
    assert words("unsure", chances(_4=0.97, _1=0.02), evidence, TAUGHT) == (
        "Too little speaks for any digit: "
        "the chance that it is one would have to be 71.9 % and is only 60.0 %. "
        "That is 11.9 percentage points short. "
        "It counts as doubtful, not as no digit, because digits stand beside it."
    )
    both = words("unsure", chances(_4=0.8, _1=0.1), evidence, TAUGHT)
    assert both.startswith("It would have to be 93.7 % sure and is only 80.0 %: 4 or 1.")
    assert both.endswith(decision.ALONE)


def test_a_model_that_never_saw_what_is_no_digit_says_so():
    for status, p in (("digit", chances(_7=0.98)), ("unsure", chances(_7=0.4, _1=0.3))):
        assert words(status, p, -9.0, UNTAUGHT).endswith(decision.UNTAUGHT)
    assert decision.UNTAUGHT not in words("digit", chances(_7=0.98), 4.5, TAUGHT)


def test_what_the_finder_alone_refuses_says_so():
    p = chances(_7=0.98)
    for thresholds in (TAUGHT, UNTAUGHT):
        assert words("not_a_digit", p, 9.0, thresholds, 12.0).startswith(decision.UNSEEN)
    assert "is only 4.7 %" in words("not_a_digit", p, 9.0, TAUGHT, 12.0)
    assert decision.UNSEEN not in words("digit", p, 9.0, TAUGHT, 2.0)
    assert decision.UNSEEN not in words("not_a_digit", p, -2.0, TAUGHT, 2.0), (
        "the model alone would refuse it"
    )


def test_near_misses_are_told_apart():
    text = words("unsure", chances(_7=0.93655, _1=0.05), 9.0, TAUGHT)
    assert text.startswith("It would have to be 93.660 % sure and is only 93.655 %: 7 or 1.")
    assert "less than 0.1 percentage points short" in text


@pytest.mark.parametrize(
    ("reading", "sentence"),
    [
        (Reading(None, no_idea(), "not_a_digit", np.zeros((28, 28)), asked=False), decision.BLOT),
        (nothing("blank", {}), decision.WORDLESS["blank"]),
        (nothing("several", {}), decision.WORDLESS["several"]),
    ],
)
def test_what_no_network_was_asked_about_has_one_reason(reading, sentence):
    assert decision.explain_decision(reader(np.zeros(10), TAUGHT), reading) == [sentence]


def reader(logits: np.ndarray, thresholds: dict) -> Recognizer:
    fixed = Recognizer(lambda frames: np.tile(np.float32(logits), (len(frames), 1)), "fixed")
    return fixed.careful(thresholds)


def test_a_readings_own_numbers_come_back():
    logits = np.full(10, -9.0)
    logits[4], logits[9] = 2.0, 1.0
    fixed = reader(logits, TAUGHT)
    picture = 255 - draw([np.array([[80, 40], [200, 240]], np.float32)], 280, 16)
    reading = fixed.read_digit(picture)
    assert reading.status == "unsure"
    why = decision.explain_decision(fixed, reading)
    assert why[0] == ("It would have to be 93.7 % sure and is only 73.1 %: 4 or 9.")
    (opinion,) = opinions([fixed], reading.framed)
    assert decision.explain_decision(fixed, opinion, reading.framed) == why
    with pytest.raises(ValueError, match="expected the frame beside it"):
        decision.explain_decision(fixed, opinion)


def test_the_examples_hold():
    assert doctest.testmod(decision).failed == 0
