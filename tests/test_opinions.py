"""What several readers say to the same frame: known networks give known opinions."""

import numpy as np
import pytest

from digits import Recognizer, recognizer
from digits.models.card import Card

FRAME = np.zeros((28, 28), np.float32)


def reader(logits: np.ndarray, name: str = "fixed", card: Card | None = None) -> Recognizer:
    """Return a reader that says the same to every frame."""
    return Recognizer(lambda frames: np.tile(np.float32(logits), (len(frames), 1)), name, card)


def test_opinions_are_calibrated_and_judged_by_each_readers_own_thresholds(tiny_card):
    logits = np.zeros(10)
    logits[3], logits[5] = np.log(9 * 4), np.log(9)
    first, second = recognizer.opinions([reader(logits, "bold"), reader(logits, "tiny", tiny_card)], FRAME)
    assert (first.name, second.name) == ("bold", "tiny")
    assert first.digit == second.digit == 3
    assert first.ranking[:2] == [3, 5]
    assert first.confidence == pytest.approx(36 / 53, abs=1e-5)
    assert second.confidence == pytest.approx(6 / 17, abs=1e-5)  # its temperature is 2: square roots
    assert (first.status, second.status) == ("digit", "unsure")
    assert second.probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_what_is_no_digit_has_no_digit_and_no_confidence():
    (opinion,) = recognizer.opinions(
        [reader(np.full(10, -5.0)).with_thresholds({"unsure_below": 0.5, "not_a_digit_below": 0.0})],
        FRAME,
    )
    assert (opinion.digit, opinion.status, opinion.confidence) == (None, "not_a_digit", 0.0)


def test_bytes_and_floats_are_the_same_frame_and_others_are_refused():
    seen = []

    def logits(frames):
        seen.append(frames)
        return np.zeros((len(frames), 10), np.float32)

    frame = np.random.default_rng(1).integers(0, 256, (28, 28), dtype=np.uint8)
    for same in (frame, frame.astype(np.float32) / 255):
        recognizer.opinions([Recognizer(logits, "any")], same)
    assert seen[0].shape == (1, 28, 28, 1)
    np.testing.assert_array_equal(*seen)
    with pytest.raises(ValueError, match="expected"):
        recognizer.opinions([Recognizer(logits, "any")], np.zeros((20, 20), np.uint8))
