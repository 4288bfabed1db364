"""Votes of a memory are exact, silent far away, and a file of one is read with distrust."""

import json
from dataclasses import replace

import numpy as np
import pytest

from digits.config import FRAME_VERSION
from digits.models.memory import MOST_KEYS, VERSION, Memory, Said

ABOUT = {
    "name": "left hand",
    "model": "small",
    "sha256": "a" * 64,
    "frame_version": FRAME_VERSION,
    "version": VERSION,
    "created": "2026-01-01T00:00:00+00:00",
    "counts": [0, 1] + [0] * 8,
    "weight": 10.0,
    "reach": 0.5,
}


@pytest.fixture
def memory() -> Memory:
    """Return a memory of one digit, a 1 that lies along the first of three features."""
    weights = np.zeros((2, 10), np.float32)
    weights[0, 1], weights[0, 7] = 4, -4
    mean, axes = np.zeros(3, np.float32), np.eye(3, 2, dtype=np.float32)
    return Memory(ABOUT, np.array([1], np.uint8), np.float32([[1, 0]]), weights, mean, axes)


def test_votes_are_those_of_the_weights_near_an_own_digit(memory):
    votes = memory.votes(np.float32([[5, 0, 0]]))  # its direction counts, not its length
    assert votes.dtype == np.float32
    assert votes[0].tolist() == [0, 4, 0, 0, 0, 0, 0, -4, 0, 0]


def test_votes_fade_from_half_the_reach_on_and_are_nothing_beyond(memory):
    away = np.array([0.25, 0.375, 0.5, 1.2])
    angle = 2 * np.arcsin(away / 2)  # between directions that are so far apart
    votes = memory.votes(np.stack([np.cos(angle), np.sin(angle), 0 * angle], 1).astype(np.float32))
    np.testing.assert_allclose(votes[:, 1], 4 * np.cos(angle) * [1, 0.5, 0, 0], atol=1e-5)
    assert not votes[3].any()


def test_an_empty_memory_says_exactly_nothing(memory):
    empty = replace(memory, labels=memory.labels[:0], keys=memory.keys[:0])
    assert not empty.votes(np.float32([[5, 0, 0]])).any()
    assert (len(memory), len(empty)) == (1, 0)


def test_features_of_another_network_are_refused(memory):
    with pytest.raises(ValueError, match=r"shape of the features is \(1, 4\); expected \(N, 3\)"):
        memory.votes(np.zeros((1, 4), np.float32))


def test_what_is_said_is_taught_only_where_there_are_votes():
    logits = np.float32([[1, 2], [3, 4]])
    assert Said(logits).taught is logits
    assert Said(logits, logits)[1].taught.tolist() == [6, 8]


def test_a_file_goes_there_and_back(memory, tmp_path):
    path = tmp_path / "left.memory.npz"
    memory.save(path)
    read = Memory.load(path)
    assert read.about == memory.about
    for name in ("labels", "keys", "weights", "mean", "axes"):
        np.testing.assert_array_equal(getattr(read, name), getattr(memory, name))
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_memory_of_nothing_goes_there_and_back(memory, tmp_path):
    none = {"labels": memory.labels[:0], "keys": memory.keys[:0], "weights": 0 * memory.weights}
    path = tmp_path / "empty.memory.npz"
    replace(memory, about=ABOUT | {"weight": 0.0}, **none).save(path)
    assert len(Memory.load(path)) == 0


def test_what_could_not_be_read_is_not_written(memory, tmp_path):
    with pytest.raises(ValueError, match="expected a text of one line"):
        replace(memory, about=ABOUT | {"name": "a\nb"}).save(tmp_path / "a.memory.npz")
    assert not list(tmp_path.iterdir())


def test_who_is_killed_while_writing_leaves_the_old_file(memory, tmp_path, monkeypatch):
    path = tmp_path / "left.memory.npz"
    memory.save(path)
    before = path.read_bytes()

    def killed(file, **arrays):
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", killed)
    with pytest.raises(KeyboardInterrupt):
        memory.save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_memory_of_another_model_is_refused(memory):
    memory.check_model("a" * 64, "small")
    with pytest.raises(ValueError, match="left hand was made for small as it was; expected one for other"):
        memory.check_model("b" * 64, "other")


LIES = {
    "no archive": (b"not a zip", "cannot be read as a memory"),
    "frame version": ({"frame_version": 0}, f"frame version 0; expected {FRAME_VERSION}"),
    "version": ({"version": 99}, f"version 99; expected {VERSION}"),
    "reach": ({"reach": float("nan")}, "reach = nan; expected a number above 0"),
    "weight": ({"weight": -1.0}, "weight = -1.0; expected a number of 0 or more"),
    "name": ({"name": ["x"]}, r"name = \['x'\]; expected a text"),
    "no name": ({"name": " "}, "name = ' '; expected one of a letter"),
    "lines": ({"name": "a\nb"}, r"name = 'a\\nb'; expected a text of one line"),
    "colours": ({"model": "\x1b[2J"}, r"model = '\\x1b\[2J'; expected a text of one line"),
    "turned round": ({"name": "a\u202eb"}, "expected a text of one line"),
    "no card": (7, "card is no object"),
    "pickle": ("keys", np.array([{}], object), "cannot be read as a memory"),
    "shape": ("keys", np.zeros((1, 3), np.float32), r"keys in the memory is \(1, 3\); expected \(1, 2\)"),
    "kind": ("weights", np.zeros((2, 10)), "kind of weights is float64"),
    "none": ("mean", np.float32([0, 0, np.nan]), "largest of mean is nan"),
    "loud": ("weights", np.full((2, 10), 1e9, np.float32), "largest of weights is 1"),
    "label": ("labels", np.uint8([10]), "largest of labels is 10.0; expected at most 9"),
    "many": ("keys", np.zeros((MOST_KEYS + 1, 2), np.float32), "shape of keys"),
    "bomb": ("keys", np.zeros((2**23, 2), np.float32), "expected at most"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_file_that_lies_is_refused_in_a_sentence(lie, memory, tmp_path):
    path = tmp_path / "lie.memory.npz"
    arrays = {name: getattr(memory, name) for name in ("labels", "keys", "weights", "mean", "axes")}
    *what, words = lie
    about: object = ABOUT
    if len(what) == 2:
        arrays[what[0]] = what[1]
    elif isinstance(what[0], dict):
        about = ABOUT | what[0]
    elif not isinstance(what[0], bytes):
        about = what[0]
    np.savez_compressed(path, about=np.array(json.dumps(about)), **arrays)
    if isinstance(what[0], bytes):
        path.write_bytes(what[0])
    with pytest.raises(ValueError, match=words) as error:
        Memory.load(path)
    assert "\n" not in str(error.value)
