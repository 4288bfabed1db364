"""A model's light copy: in its place only when it is right."""

import os
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from digits import Recognizer
from digits.config import DEFAULT_MODEL, ROOT
from digits.deploy import lite
from digits.files import read_json, sha256, write_json
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
    for model in MODELS.glob("[!.]*.keras"):
        assert lite.quick(model) == model.with_suffix(".tflite"), "see CONTRIBUTING: a model to ship"


def test_the_shipped_export_answers_as_its_model_does():
    model = MODELS / f"{DEFAULT_MODEL}.keras"
    frames = np.random.default_rng(0).random((20, 28, 28, 1), np.float32)
    quick, slow = Recognizer.load(lite.quick(model)), Recognizer.load(model)
    assert np.abs(quick.probabilities(frames) - slow.probabilities(frames)).max() < 1e-5
    assert (quick.name, quick.thresholds, quick.temperature, quick.trade_off) == (
        slow.name,
        slow.thresholds,
        slow.temperature,
        slow.trade_off,
    )


def test_a_strangers_export_is_not_opened_unasked(beside):
    copy = beside.with_suffix(".tflite")
    assert lite.quick(beside) == copy
    copy.write_bytes(copy.read_bytes() + b"\0")
    assert lite.quick(beside) == beside
    gate.remember(sha256(copy))  # but one made here is
    assert lite.quick(beside) == copy


def test_an_export_of_another_model_or_card_is_left_alone(beside):
    card = read_json(beside.with_suffix(".json"))
    write_json(beside.with_suffix(".json"), card | {"temperature": 2.0})
    assert lite.quick(beside) == beside
    write_json(beside.with_suffix(".json"), card)
    assert lite.quick(beside) == beside.with_suffix(".tflite")
    shutil.copy(MODELS / "mnist_tiny.keras", beside)
    assert lite.quick(beside) == beside


def test_without_its_package_an_export_is_left_alone(beside, monkeypatch):
    monkeypatch.setattr(lite.exported, "find_spec", lambda module: None)
    assert lite.quick(beside) == beside


def test_a_half_copied_export_that_was_known_is_left_alone(beside):
    copy = beside.with_suffix(".tflite")
    copy.write_bytes(copy.read_bytes()[:1000])
    gate.remember(sha256(copy))
    assert lite.quick(beside) == beside


def test_hushed_keeps_what_is_said_off_the_screen_and_then_lets_it_through(capfd):
    with lite.hushed():
        os.write(2, b"greeting")
    os.write(2, b"refusal")
    assert capfd.readouterr().err == "refusal"


@pytest.mark.parametrize("passed", [True, False])
def test_only_a_copy_that_passed_gets_to_its_place(tmp_path, monkeypatch, passed):
    folder, seen = tmp_path / "light" / "a", []

    def write(model, forms, to):
        for ending in (".tflite", ".json"):
            (to / f"small{ending}").touch()
        yield forms[0], to / "small.tflite"

    def check(*_):
        seen.extend(folder.iterdir())
        return SimpleNamespace(passed=gate)

    reader = SimpleNamespace(probabilities=lambda frames: frames[:, :10, 0, 0])
    monkeypatch.setattr(lite, "silence", lambda: None)
    monkeypatch.setattr(lite.Recognizer, "load", lambda _: reader)
    monkeypatch.setattr(lite.exports, "write", write)
    monkeypatch.setattr(lite.export_checks, "check", check)
    lite._make(tmp_path / "small.keras", folder)
    assert seen == []
    names = sorted(path.name for path in folder.iterdir())
    assert names == (["small.json", "small.tflite"] if gate else [])
    assert [path.name for path in folder.parent.iterdir()] == ["a"]
