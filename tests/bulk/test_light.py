"""A model's light copy: in its place only when it is right."""

from types import SimpleNamespace

import pytest

from digits import light


@pytest.mark.parametrize("passed", [True, False])
def test_only_a_copy_that_passed_gets_to_its_place(tmp_path, monkeypatch, passed):
    folder, seen = tmp_path / "light" / "a", []

    def write(model, forms, to):
        for ending in (".tflite", ".json"):
            (to / f"small{ending}").touch()
        yield forms[0], to / "small.tflite"

    def check(*_):
        seen.extend(folder.iterdir())
        return SimpleNamespace(passed=passed)

    reader = SimpleNamespace(probabilities=lambda frames: frames[:, :10, 0, 0])
    monkeypatch.setattr(light, "silence", lambda: None)
    monkeypatch.setattr(light.Recognizer, "load", lambda _: reader)
    monkeypatch.setattr(light.exports, "write", write)
    monkeypatch.setattr(light.export_checks, "check", check)
    light._make(tmp_path / "small.keras", folder)
    assert seen == []
    names = sorted(path.name for path in folder.iterdir())
    assert names == (["small.json", "small.tflite"] if passed else [])
    assert [path.name for path in folder.parent.iterdir()] == ["a"]
