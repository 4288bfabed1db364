"""A hand is learnt in a moment, far digits are left alone, and a wrong label is named."""

import numpy as np
import pytest

from digits.models.runtimes import Runtime
from digits.models.sandbox.inputs import known_digits
from digits.recognizer import Recognizer
from digits.train.memory import learn, study


@pytest.fixture(scope="module")
def reader() -> Recognizer:
    """Return a reader of random features that was fitted to MNIST's digits."""
    rng = np.random.default_rng(1)
    sums = rng.normal(size=(784, 60)).astype(np.float32) / 28
    frames, labels = known_digits()
    shown = np.maximum(frames.reshape(-1, 784) @ sums, 0)
    wanted = 6 * np.eye(10)[labels] - 3
    head = np.linalg.solve(shown.T @ shown + 0.1 * np.eye(60), shown.T @ wanted).astype(np.float32)

    def look(frames):
        features = np.maximum(frames.reshape(-1, 784) @ sums, 0)
        return features, features @ head

    return Recognizer(Runtime(lambda frames: look(frames)[1], lambda: look), "small")


def crossed(count: int, seed: int) -> np.ndarray:
    """Return sevens as some hand writes them, upright with a bar and a foot, (count, 28, 28) uint8."""
    rng, frames = np.random.default_rng(seed), np.zeros((count, 28, 28), np.uint8)
    for frame in frames:
        x, y, wide = rng.integers(12, 16), rng.integers(12, 16), rng.integers(4, 7)
        frame[4:24, x : x + 2] = frame[y : y + 2, x - wide : x + wide] = 255
        frame[22:24, x - wide : x + wide] = rng.integers(180, 256)
    return frames


def test_digits_of_a_hand_are_read_once_some_are_known(reader):
    sevens = crossed(40, 1)
    taught = reader.with_memory(learn(reader, sevens[:10], [7] * 10))
    said = taught.say(sevens[10:] / np.float32(255))
    assert (said.logits.argmax(axis=1) == 7).mean() < 0.1
    assert (said.taught.argmax(axis=1) == 7).mean() > 0.4


def test_the_others_are_read_as_before(reader):
    frames, labels = known_digits()
    taught = reader.with_memory(learn(reader, crossed(10, 1), [7] * 10))
    said = taught.say(frames[..., 0])
    right = (said.logits.argmax(axis=1) == labels).mean(), (said.taught.argmax(axis=1) == labels).mean()
    assert right[1] > right[0] - 0.01


def test_a_wrong_label_is_doubted_and_named(reader):
    frames, labels = known_digits()
    pick = np.concatenate([np.flatnonzero(labels == digit)[:6] for digit in (1, 7)])
    told = labels[pick].copy()
    told[0] = 7
    lesson = study(reader, np.round(255 * frames[pick, ..., 0]).astype(np.uint8), told)
    assert (0, 7, 1) in [(doubt.index, doubt.label, doubt.read) for doubt in lesson.doubtful]


def test_to_forget_a_digit_is_never_to_have_learnt_it(reader):
    ones = crossed(6, 2)
    first = learn(reader, ones[:5], [1] * 5)
    learn(reader, ones, [1] * 6)
    again = learn(reader, ones[:5], [1] * 5)
    np.testing.assert_array_equal(first.weights, again.weights)
    np.testing.assert_array_equal(first.keys, again.keys)


def test_nothing_learnt_changes_no_bit(reader):
    empty = learn(reader, np.zeros((0, 28, 28), np.uint8), [])
    frames = known_digits()[0][:20, ..., 0]
    said = reader.with_memory(empty).say(frames)
    assert len(empty) == 0
    assert said.votes is None
    np.testing.assert_array_equal(said.logits, reader.logits(frames[..., None]))


def test_left_out_is_what_the_others_would_have_taught(reader):
    """One Newton step back comes near to learning anew without a digit."""
    ones = np.concatenate([crossed(5, 3), np.round(255 * known_digits()[0][:3, ..., 0]).astype(np.uint8)])
    labels = np.array([1] * 5 + known_digits()[1][:3].tolist())
    lesson = study(reader, ones, labels)
    for index in range(len(ones)):
        rest = np.arange(len(ones)) != index
        without = reader.with_memory(learn(reader, ones[rest], labels[rest]))
        read = without.say(ones[[index]] / np.float32(255)).taught.argmax(axis=1)
        assert read == lesson.after[index]


def test_features_are_asked_for_once(reader, monkeypatch):
    asked = []
    look = reader._runtime.look
    monkeypatch.setattr(reader._runtime, "look", lambda frames: asked.append(len(frames)) or look(frames))
    ones = crossed(4, 9)
    learn(reader, ones[:3], [1] * 3)
    asked.clear()
    learn(reader, ones, [1] * 4)
    assert asked == [1]


@pytest.mark.parametrize(
    ("frames", "labels", "words"),
    [
        (np.zeros((2, 28, 28), np.uint8), [1], r"shape of the frames is \(2, 28, 28\)"),
        (np.zeros((1, 28, 28), np.uint8), [10], "A label is 10; expected 0 to 9"),
        (np.zeros((1, 28, 28), np.uint8), [-1], "A label is -1; expected 0 to 9"),
    ],
    ids=["length", "letter", "negative"],
)
def test_bad_lessons_are_refused(reader, frames, labels, words):
    with pytest.raises(ValueError, match=words):
        study(reader, frames, labels)


def test_models_without_features_and_of_letters_are_refused(reader, monkeypatch):
    bare = Recognizer(lambda frames: np.zeros((len(frames), 10), np.float32), "old")
    with pytest.raises(ValueError, match="without its representation"):
        learn(bare, crossed(1, 1), [1])
    memory = learn(reader, crossed(1, 1), [1])
    with pytest.raises(ValueError, match="without its representation"):
        bare.with_memory(memory)
    assert reader.with_memory(memory).with_memory(None).memory is None
