"""Whose writing it is: told where it is clear, and not where it is chance."""

import numpy as np
import pytest

from digits import Recognizer
from digits.models.runtimes import Runtime
from digits.train.whose import LEAST, Written, by_chance, guess


@pytest.fixture(scope="module")
def reader():
    """Return a model whose features are the frame itself."""
    logits = np.zeros(10, np.float32)

    def look(frames):
        return frames.reshape(len(frames), -1), np.tile(logits, (len(frames), 1))

    return Recognizer(Runtime(lambda frames: look(frames)[1], lambda: look), "plain", sha256="ab" * 32)


def written(number: int, column: int, seed: int) -> Written:
    """Return digits of a hand that always has ink in its own column, and elsewhere by chance."""
    rng = np.random.default_rng(seed)
    frames = rng.integers(0, 60, (number, 28, 28)).astype(np.uint8)
    frames[:, :, column] = 255
    return Written(frames, np.arange(number) % 10)


def test_the_nearest_hand_is_told_and_a_strange_or_short_writing_is_not(reader):
    hands = {3: written(40, 5, 1), 8: written(30, 20, 2), 9: written(LEAST - 1, 12, 3)}
    assert guess(reader, written(12, 5, 4), hands) == 3
    assert guess(reader, written(12, 20, 5), hands) == 8
    assert guess(reader, written(12, 12, 6), {8: hands[8], 9: hands[9]}) is None, "that hand has too few"
    assert guess(reader, written(5, 5, 7), hands) is None, "five heads are chance"
    assert guess(reader, Written.of([]), hands) is None


def test_hands_with_none_of_a_digit_are_not_compared_by_it(reader):
    ones = [Written(written(20, column, 1).frames, np.full(20, label)) for column, label in ((5, 1), (9, 7))]
    assert guess(reader, written(40, 5, 2), dict(enumerate(ones))) is None


def test_more_digits_make_no_hand_nearer(reader):
    same = written(420, 5, 1)
    many, few = Written(same.frames[:400], same.labels[:400]), Written(same.frames[400:], same.labels[400:])
    assert guess(reader, written(40, 5, 2), {1: many, 2: few}) is None


def test_a_fair_coin():
    assert by_chance(10, 10) == 1 / 1024
    assert by_chance(1, 2) == 0.75
