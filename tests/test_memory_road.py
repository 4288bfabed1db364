"""A memory on the whole road: learnt from a folder, read with by every command, told by every answer."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from handwriting import strokes
from PIL import Image

from digits import Recognizer
from digits.__main__ import main
from digits.config import ROOT
from digits.data.strokes import draw
from digits.models.memory import Memory
from digits.train.memory import learn

MODEL = "mnist_tiny"
"""Shipped with a copy that reads without TensorFlow."""


def paint(digit: int, brush: float = 6.0) -> np.ndarray:
    return 255 - draw(strokes(digit, 60, 10, 10), 80, brush)


@pytest.fixture(scope="module")
def reader() -> Recognizer:
    return Recognizer.load(ROOT / "models" / f"{MODEL}.tflite")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return a folder of a hand whose fours look like anybody's nines."""
    folder = tmp_path_factory.mktemp("own")
    for label, digit in ((4, 9), (1, 1), (7, 7)):
        (folder / str(label)).mkdir()
        for number in range(6):
            Image.fromarray(paint(digit, 4.5 + number / 2)).save(folder / str(label) / f"own_{number}.png")
    return folder


@pytest.fixture(scope="module")
def file(folder, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("memory") / "mine.memory.npz"
    assert main(["learn", str(folder), "--model", MODEL, "--name", "mine", "--out", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def turned(reader) -> Memory:
    """Return a memory by which the nine of these tests is read as a four, whatever was learnt."""
    frames, _ = reader.look([paint(9)])
    memory = learn(reader, frames, [4])
    (vote,) = memory.votes(reader.represent(frames)[0])
    return replace(memory, weights=memory.weights * np.float32(60 / vote[4]))


def test_a_folder_is_learnt_by_a_command(file, reader):
    memory = Memory.load(file)
    assert (len(memory), memory.name, memory.sha256) == (18, "mine", reader.sha256)
    assert memory.about["counts"] == [0, 6, 0, 0, 6, 0, 0, 6, 0, 0]
    with_it = reader.with_memory(memory)
    assert with_it.read_digit(paint(7)).digit == 7
    assert with_it.read_digit(paint(9)).probabilities[4] > reader.read_digit(paint(9)).probabilities[4]


def test_an_answer_that_the_memory_turned_says_what_it_was(reader, turned):
    before, after = (each.read_digit(paint(9)) for each in (reader, reader.with_memory(turned)))
    assert (before.digit, before.untaught) == (9, None)
    assert (after.digit, after.untaught) == (4, 9)
    assert after.probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_numbers_hear_it_beside_the_line_reader(reader, turned):
    page = np.concatenate([paint(1), paint(9)], axis=1)
    before, after = (each.read_number(page).digits for each in (reader, reader.with_memory(turned)))
    assert after[1].probabilities[4] > 10 * before[1].probabilities[4]
    np.testing.assert_allclose(after[0].probabilities, before[0].probabilities, atol=0.05)


def test_nothing_far_from_the_hand_changes(reader, turned):
    taught = reader.with_memory(turned)
    for digit in (0, 1, 2, 3, 6):
        before, after = (each.read_digit(paint(digit)) for each in (reader, taught))
        assert (after.digit, after.status, after.untaught) == (before.digit, before.status, None)


def test_what_is_looked_at_is_what_is_answered(reader):
    frames, features = reader.look([paint(3), np.full((80, 80), 255, np.uint8)])
    assert frames.dtype == np.uint8
    assert features.shape == (2, 80)
    assert not frames[1].any()
    np.testing.assert_array_equal(frames[0], np.round(255 * reader.read_digit(paint(3)).framed))


def test_a_light_copy_has_the_features_of_the_model(reader):
    whole = Recognizer.load(ROOT / "models" / f"{MODEL}.keras")
    frames, features = reader.look([paint(digit) for digit in range(10)])
    np.testing.assert_allclose(features, whole.represent(frames)[0], atol=1e-3)


def test_models_of_letters_take_no_memory(reader, turned):
    other = Recognizer(reader._runtime, "letters", replace(reader.card, labels=list("ABCDEFGHIJ")))
    with pytest.raises(ValueError, match="letters answers ABCDEFGHIJ; a memory is for models of digits"):
        other.with_memory(turned)


def test_commands_read_with_it_and_tell_what_it_turned(reader, turned, tmp_path, capsys):
    turned.save(tmp_path / "hand.memory.npz")
    Image.fromarray(paint(9)).save(tmp_path / "nine.png")
    line = [str(tmp_path / "nine.png"), "--model", MODEL]
    memory = ["--memory", str(tmp_path / "hand.memory.npz")]
    assert main(["read", *line, "--json", *memory]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["digit"], row["untaught"]) == (4, 9)
    for name, more, found in (("with", memory, 4), ("without", [], 9)):
        out = tmp_path / f"{name}.parquet"
        assert main(["batch", line[0], str(out), *line[1:], *more, "--jobs", "1"]) == 0
        (row,) = pq.read_table(out).to_pylist()
        assert row["digit"] == found
        assert row.get("untaught") == (9 if more else None)


@pytest.mark.parametrize("command", [["read", "{}"], ["batch", "{}", "out.parquet"]], ids=["read", "batch"])
def test_another_models_memory_is_refused_in_a_sentence(command, turned, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    replace(turned, about=turned.about | {"sha256": "0" * 64}).save(tmp_path / "hand.memory.npz")
    Image.fromarray(paint(9)).save(tmp_path / "nine.png")
    words = [word.format(tmp_path / "nine.png") for word in command]
    assert main([*words, "--model", MODEL, "--memory", "hand.memory.npz"]) == 2
    said = capsys.readouterr().err
    assert "was made for mnist_tiny as it was; expected one for mnist_tiny" in said
    assert said.count("\n") == 1


def test_a_memory_is_written_under_its_ending(folder, tmp_path, capsys):
    assert main(["learn", str(folder), "--model", MODEL, "--out", str(tmp_path / "x.npz")]) == 2
    assert "expected a file name that ends in .memory.npz" in capsys.readouterr().err
