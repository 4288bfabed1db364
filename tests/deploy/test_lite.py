"""A model's lite copy: in its place only when it is right."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from digits import Recognizer
from digits.config import DEFAULT_MODEL, ROOT
from digits.deploy import lite
from digits.files import read_json, sha256, write_json
from digits.models import checkpoints, runtimes
from digits.models.sandbox import gate

MODELS = ROOT / "models"


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """Return the path of the default model in a folder of its own, with card and export."""
    monkeypatch.setenv("DIGITS_USER_DIR", str(tmp_path / "user"))
    monkeypatch.setattr(gate, "_here", set())
    for ending in (".keras", ".json", ".tflite"):
        shutil.copy(MODELS / f"{DEFAULT_MODEL}{ending}", tmp_path)
    return tmp_path / f"{DEFAULT_MODEL}.keras"


def test_every_shipped_model_has_an_export_that_answers_in_its_place():
    for model in checkpoints.files(MODELS):
        assert runtimes.find_copy(model) == model.with_suffix(".tflite"), "see CONTRIBUTING: a model to ship"


def test_the_shipped_export_answers_as_its_model_does():
    model = MODELS / f"{DEFAULT_MODEL}.keras"
    frames = np.random.default_rng(0).random((20, 28, 28, 1), np.float32)
    quick, slow = Recognizer.load(runtimes.find_copy(model)), Recognizer.load(model)
    assert np.abs(quick.probabilities(frames) - slow.probabilities(frames)).max() < 1e-5
    for about in ("name", "thresholds", "temperature", "operating_points"):
        assert getattr(quick, about) == getattr(slow, about)


def test_by_name_the_copy_answers_where_it_can_and_by_path_the_file(monkeypatch):
    model = MODELS / f"{DEFAULT_MODEL}.keras"
    asked = []
    load = runtimes.load_exported
    monkeypatch.setattr(runtimes, "load_exported", lambda path: asked.append(path) or load(path))
    named, whole = Recognizer.load(DEFAULT_MODEL), Recognizer.load(model)
    assert asked == [model.with_suffix(".tflite")]
    assert (named.name, named.sha256) == (whole.name, whole.sha256)

    def broken(path):
        raise ValueError("cannot be opened")

    monkeypatch.setattr(runtimes, "load_exported", broken)
    assert Recognizer.load(DEFAULT_MODEL).sha256 == whole.sha256


def test_a_copy_without_features_answers_where_none_are_needed(beside, monkeypatch):
    runtime, card = runtimes.load_exported(beside.with_suffix(".tflite"))
    monkeypatch.setattr(runtimes, "load_exported", lambda path: (runtimes.Runtime(runtime), card))
    assert not lite.load(beside).looks
    assert lite.load(beside, looks=True).looks
    assert Recognizer.load(DEFAULT_MODEL).looks


def test_a_strangers_export_is_not_opened_unasked(beside):
    copy = beside.with_suffix(".tflite")
    assert runtimes.find_copy(beside) == copy
    copy.write_bytes(copy.read_bytes() + b"\0")
    assert runtimes.find_copy(beside) == beside
    gate.remember(sha256(copy))  # but one made here is
    assert runtimes.find_copy(beside) == copy
    copy.write_bytes(copy.read_bytes()[:1000])
    gate.remember(sha256(copy))  # unless it is half there
    assert runtimes.find_copy(beside) == beside


def test_an_export_of_another_model_or_card_or_without_its_package_is_left_alone(beside, monkeypatch):
    card = read_json(beside.with_suffix(".json"))
    write_json(beside.with_suffix(".json"), card | {"temperature": 2.0})
    assert runtimes.find_copy(beside) == beside
    write_json(beside.with_suffix(".json"), card)
    assert runtimes.find_copy(beside) == beside.with_suffix(".tflite")
    with monkeypatch.context() as patched:
        patched.setattr(runtimes, "find_spec", lambda module: None)
        assert runtimes.find_copy(beside) == beside
    shutil.copy(MODELS / "mnist_tiny.keras", beside)
    assert runtimes.find_copy(beside) == beside


def test_a_copy_is_made_once_and_only_if_it_answers_as_its_model_does(
    surroundings, linear_model, tiny_card, tiny_digits, monkeypatch
):
    monkeypatch.setattr(lite, "ProcessPoolExecutor", lambda jobs, *_: ThreadPoolExecutor(jobs))
    model, said = surroundings / "models" / "small.keras", []
    checkpoints.save(linear_model, tiny_card, model)
    with monkeypatch.context() as patched:
        patched.setattr(lite.verify, "check", lambda *_: SimpleNamespace(passed=False))
        assert lite.find_or_make_copy(model, said.append) is None
    assert "does not answer" in said.pop()
    said.clear()
    copy = lite.find_or_make_copy(model, said.append)
    assert lite.find_or_make_copy(model, said.append) == copy
    assert copy.is_relative_to(surroundings / "runs")
    assert ["needs no TensorFlow" in words for words in said] == [True]
    frames, _ = tiny_digits
    expected, found = (Recognizer.load(path).probabilities(frames) for path in (model, copy))
    assert np.abs(expected - found).max() < 1e-4
    monkeypatch.setattr(lite, "VERSION", lite.VERSION + 1)
    monkeypatch.setattr(lite, "_make", lambda *_: None)
    assert lite.find_or_make_copy(model, said.append) is None, "what an older form lacks is not taken"


def test_an_export_says_which_model_it_was_made_from():
    model = MODELS / f"{DEFAULT_MODEL}.keras"
    assert lite.origin(model.with_suffix(".tflite")) == lite.origin(model) == sha256(model)
