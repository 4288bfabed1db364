"""No hostile or broken file comes through: each is refused in one sentence, and none of them runs."""

import os

import corpus
import numpy as np
import pytest

from digits import Recognizer
from digits.models.sandbox import container, trial, worker

SINGLE_LINE = r"[^\n]+\."
DAMAGED = ("weights_of_nan", "weights_cut", "weights_of_random_bytes", "weights_with_random_headers")
"""Only these are given to a real child process: HDF5 could crash over them."""

DEAREST = 5.0
"""Seconds of processor time that a refusal may cost; evaluation/results/gate.json is the record of what each
cost in a process of its own, with its memory."""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    return {path.stem: path for path in corpus.write(folder, folder / "canary.txt")}


@pytest.mark.parametrize("name", corpus.MAKERS)
def test_refused_in_one_sentence_that_names_the_file(files, name, monkeypatch):
    if name not in DAMAGED:
        monkeypatch.setattr(
            trial, "run", lambda path, n: worker.check_weights(container.read(path, "model.weights.h5"), n)
        )
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


@pytest.mark.parametrize(("name", "reason"), [("old.h5", "hidden programs"), ("old.pkl", "any program")])
def test_other_forms_of_models_are_refused_with_the_reason(tmp_path, name, reason):
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(ValueError, match=f"{name}: .*{reason}.*expected a Keras archive.*"):
        Recognizer.load(tmp_path / name)


def test_a_saved_model_is_refused_with_the_reason(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"")
    with pytest.raises(ValueError, match="A SavedModel is a program"):
        Recognizer.load(tmp_path)


def test_a_hostile_file_is_listed_with_its_reason_and_the_others_answer(
    files, tmp_path, monkeypatch, recognizer
):
    from digits.models import checkpoints

    monkeypatch.setenv("DIGITS_MODELS_DIR", str(tmp_path))
    (tmp_path / "evil.keras").write_bytes(files["lambda_nested"].read_bytes())
    (entry,) = checkpoints.entries()
    assert entry.problem == "It holds 'Lambda', which can run any program."
    assert recognizer.probabilities(np.zeros((1, 28, 28, 1), np.float32)).shape == (1, 10)


def test_a_card_beside_it_opens_no_door(files, tmp_path, tiny_card):
    import dataclasses

    from digits.files import sha256, write_json

    path = tmp_path / "handwriting.keras"
    path.write_bytes(files["lambda_plain"].read_bytes())
    card = dataclasses.replace(tiny_card, name="handwriting", sha256=sha256(path))
    write_json(path.with_suffix(".json"), dataclasses.asdict(card))
    with pytest.raises(ValueError, match="Lambda"):
        Recognizer.load(path)
