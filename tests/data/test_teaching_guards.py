"""What cannot be taught is said in one sentence with the numbers."""

import numpy as np
import pytest

from digits.data.handwriting import doubts, unfit


def counts(**others: int) -> np.ndarray:
    """Return five digits of each class, but for those named, as in `_4=1`."""
    return np.array([others.get(f"_{digit}", 5) for digit in range(10)])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (np.zeros(10, int), "There are no digits yet; expected 3 or more of each."),
        (counts(_4=1, _7=2), "Digit 4 has 1 and digit 7 has 2; expected 3 or more of each."),
        (counts(_0=0), "Digit 0 has none; expected 3 or more of each."),
        (
            counts(_1=2, _2=1, _9=0),
            "Digit 1 has 2, digit 2 has 1 and digit 9 has none; expected 3 or more of each.",
        ),
        (
            np.eye(10, dtype=int)[7] * 40,
            "All 40 digits are 7s: a model would learn to answer nothing else; "
            "expected 3 or more of each digit.",
        ),
        (counts(), None),
        (counts(_3=3), None),
    ],
)
def test_what_cannot_be_taught_is_named(given, sentence):
    assert unfit(given) == sentence


@pytest.mark.parametrize("given", [np.zeros(9), np.full(10, -1), np.zeros((2, 5))])
def test_impossible_counts_are_refused(given):
    with pytest.raises(ValueError, match="expected 10 numbers"):
        unfit(given)


def test_few_and_uneven_digits_are_doubted():
    assert doubts(np.full(10, 10)) == []
    assert [sentence[:20] for sentence in doubts(counts())] == ["You have 50 digits, "]
    assert doubts(counts(_3=100, _8=4)) == ["Digit 3 has 100 and digit 8 only 4: a few more 8s help."]
