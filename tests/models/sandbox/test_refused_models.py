"""No hostile or broken file comes through: each is refused in one sentence, and none of them runs."""

import dataclasses
import os

import corpus
import numpy as np
import pytest

from digits import Recognizer
from digits.files import sha256, write_json
from digits.models import checkpoints
from digits.models.sandbox import container, trial, weights, worker

SINGLE_LINE = r"[^\n]+\."
DAMAGED = ("weights_of_nan", "weights_cut", "weights_of_random_bytes", "weights_with_random_headers")
"""Only these are given to a real child process: HDF5 could crash over them."""

DEAREST = 5.0
"""Seconds of processor time that a refusal may cost; evaluation/results/gate.json is the record of what each
cost in a process of its own, with its memory."""


def read_here(path, parameters, labels):
    """Read the weights as the child process would, in this one."""
    weights.read(container.read(path, "model.weights.h5"), worker.plan_of(path))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    return {path.stem: path for path in corpus.write(folder, folder / "canary.txt")}


@pytest.mark.parametrize("name", corpus.MAKERS)
def test_refused_in_one_sentence_that_names_the_file(files, name, monkeypatch):
    if name not in DAMAGED:
        monkeypatch.setattr(trial, "run", read_here)
    before = sum(os.times()[:4])  # processor time, of ended children too
    with pytest.raises(ValueError, match=rf"^{name}\.keras: {SINGLE_LINE}$") as refusal:
        Recognizer.load(files[name])
    assert sum(os.times()[:4]) - before < DEAREST
    assert len(str(refusal.value)) < 400
    assert not (files[name].parent / "canary.txt").exists()


def test_payloads_would_run_where_nothing_holds_them_back(tmp_path):
    """Loading the plain Lambda as Keras does without its safe mode writes the canary: the bait is real."""
    import keras

    canary = tmp_path / "canary.txt"
    kit = corpus.Kit(corpus.sound_model(tmp_path), canary)
    path = tmp_path / "bait.keras"
    path.write_bytes(corpus.MAKERS["lambda_plain"](kit))
    model = keras.saving.load_model(path, safe_mode=False, compile=False)
    model(np.zeros((1, 28, 28, 1), np.float32))
    assert canary.exists()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("old.pkl", "any program"),
        ("folder/saved_model.pb", "A SavedModel is a program"),
    ],
)
def test_other_forms_of_models_are_refused_with_the_reason(tmp_path, name, reason):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"anything")
    with pytest.raises(ValueError, match=f"{reason}.*expected a Keras archive"):
        Recognizer.load(path.parent if "/" in name else path)


def test_a_hostile_file_is_listed_with_its_reason_and_a_card_opens_no_door(
    files, tmp_path, monkeypatch, tiny_card
):
    monkeypatch.setenv("DIGITS_MODELS_DIR", str(tmp_path))
    path = tmp_path / "handwriting.keras"
    path.write_bytes(files["lambda_nested"].read_bytes())
    card = dataclasses.replace(tiny_card, name="handwriting", sha256=sha256(path))
    write_json(path.with_suffix(".json"), dataclasses.asdict(card))
    (entry,) = checkpoints.entries()
    assert entry.problem == "It holds 'Lambda', which can run any program."
    with pytest.raises(ValueError, match="Lambda"):
        Recognizer.load(path)
