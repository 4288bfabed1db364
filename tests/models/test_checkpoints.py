"""Models and cards: there and back, and what is said of broken ones."""

import dataclasses
import errno
import json
import shutil
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from digits import Recognizer
from digits.models import checkpoints
from digits.models.card import Card


@pytest.fixture
def saved(surroundings, tiny_file):
    shutil.copytree(tiny_file.parent, surroundings / "models", dirs_exist_ok=True)
    return surroundings / "models" / "tiny.keras"


def other_model(*layers) -> keras.Model:
    return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), *layers])


def test_a_model_and_its_card_go_there_and_back(saved, tiny_model, tiny_card):
    model, card = checkpoints.load(saved)
    frames = np.random.default_rng(1).random((5, 28, 28, 1), np.float32)
    assert np.array(model(frames)) == pytest.approx(np.array(tiny_model(frames)), abs=1e-6)
    assert dataclasses.replace(card, sha256="") == tiny_card
    assert len(card.sha256) == 64
    assert [path.name for path in sorted(saved.parent.iterdir())] == ["tiny.json", "tiny.keras"]


def test_a_card_counts_for_the_file_that_is_loaded_alone(saved, tiny_model, monkeypatch):
    before = checkpoints.inspect(saved)
    other_model(keras.layers.Dense(10, "softmax")).save(saved)  # after a look at the one that was there
    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "inspect", lambda path: before)
        model, card = checkpoints.load(saved)
    assert model.count_params() != tiny_model.count_params()
    assert card is None
    assert checkpoints.inspect(saved).problem is None
    assert checkpoints.load(saved)[1] is None, "nor does that of another file from the beginning"


def test_a_model_whose_card_cannot_be_written_replaces_nothing(saved, tiny_model, tiny_card, monkeypatch):
    before = saved.read_bytes(), saved.with_suffix(".json").read_bytes()

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match=r"No space .*tiny\.keras"):
        checkpoints.save(tiny_model, dataclasses.replace(tiny_card, seed=2), saved)
    assert (saved.read_bytes(), saved.with_suffix(".json").read_bytes()) == before
    assert len(list(saved.parent.iterdir())) == 2


def test_a_model_that_is_taken_away_meanwhile_is_refused_in_a_sentence(saved, monkeypatch):
    before = checkpoints.inspect(saved)
    saved.unlink()
    monkeypatch.setattr(checkpoints, "inspect", lambda path: before)
    with pytest.raises(ValueError, match=r"^tiny\.keras cannot be read: .*\.$"):
        checkpoints.load(saved)


def turn_a_bit(path):
    with zipfile.ZipFile(path) as archive:
        weights = archive.getinfo("model.weights.h5")
    data = bytearray(path.read_bytes())
    data[weights.header_offset + 2000] ^= 255
    path.write_bytes(data)


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("harm", [lambda path: path.write_bytes(b""), cut, turn_a_bit])
def test_broken_files_are_listed_with_a_reason_and_refused(saved, harm):
    harm(saved)
    (entry,) = checkpoints.entries()
    assert entry.name == "tiny"
    assert entry.problem.endswith(".")
    with pytest.raises(ValueError, match=r"tiny\.keras"):
        checkpoints.load(saved)


def test_an_untrusted_layer_named_logits_is_not_taken_for_ours(surroundings):
    path = surroundings / "models" / "theirs.keras"
    model = other_model(keras.layers.Dense(32, name="logits"), keras.layers.Dense(10, "softmax"))
    model.save(path)
    frames = np.random.default_rng(1).random((3, 28, 28, 1), np.float32)
    assert Recognizer.load(path).probabilities(frames) == pytest.approx(np.array(model(frames)), abs=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0},
        {"thresholds": {}},
        {"trained_on": None},
        {"trade_off": [{"unsure_below": 0.5, "refused": None, "errors_caught": 1}]},
    ],
)
def test_a_card_with_impossible_values_is_refused(tiny_card, change):
    with pytest.raises(ValueError, match=f"^tiny.json has {next(iter(change))} = .* no card of ours has"):
        Card.parse(dataclasses.asdict(tiny_card) | change, "tiny.json")


def test_an_incomplete_card_and_one_of_another_framing_are_refused(saved):
    card = json.loads(saved.with_suffix(".json").read_text())
    saved.with_suffix(".json").write_text(json.dumps(card | {"frame_version": 99}))
    with pytest.raises(ValueError, match="frame version 99; expected 1"):
        checkpoints.load(saved)
    saved.with_suffix(".json").write_text('{"name": "tiny"}')
    assert "temperature" in checkpoints.inspect(saved).problem


def test_models_are_found_by_name_and_by_path(saved):
    assert checkpoints.find("tiny") == checkpoints.find(saved) == saved
    with pytest.raises(ValueError, match="'other'.*tiny"):
        checkpoints.find("other")
    (saved.parent / ".tmp-1-new.keras").write_bytes(b"half")  # is not listed
    assert [entry.name for entry in checkpoints.entries()] == ["tiny"]
    with pytest.raises(ValueError, match=r"'no\.onnx'; expected a path to a \.keras, \.tflite or \.onnx"):
        checkpoints.find("no.onnx")
