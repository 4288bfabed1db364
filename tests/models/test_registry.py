"""Publishing a fine-tuned model and rolling back: both files or neither, and other models stay."""

import dataclasses
import os
import shutil
import zipfile
from functools import cache

import pytest

from digits.config import models_dir
from digits.files import read_json, sha256, write_json
from digits.models import checkpoints, registry
from digits.models.sandbox import gate


@pytest.fixture
def tuned(surroundings, tiny_file, tiny_card):
    """Return a function that makes a file of a fine-tuned model; each differs from the others."""

    @cache
    def make(number: int):
        path = surroundings / f"tuned-{number}.keras"
        with zipfile.ZipFile(tiny_file) as one, zipfile.ZipFile(path, "w") as other:
            for name in one.namelist():  # the notes alone differ, which is another SHA-256
                data = one.read(name)
                other.writestr(name, data + b" " * number if name == "metadata.json" else data)
        card = dataclasses.replace(tiny_card, seed=number, sha256=sha256(path))
        write_json(path.with_suffix(".json"), dataclasses.asdict(card))
        return path

    return make


def seeds() -> dict[str, int | None]:
    """Return which model has which name; None where the card is not its own."""
    return {entry.name: entry.card and entry.card.seed for entry in checkpoints.entries()}


def test_a_published_model_is_a_model_like_others(tuned):
    path = registry.publish(tuned(1), "anna")
    assert path == checkpoints.find("anna")
    entry = checkpoints.inspect(path)
    assert (entry.card.name, entry.problem) == ("anna", None)
    assert [one.name for one in registry.published()] == ["anna"]
    assert registry.published()[0].previous is None
    assert registry.published()[0].since[:2] == "20"


def test_rolling_back_brings_what_was_there_and_then_nothing(tuned, surroundings):
    for number in (1, 2, 2):  # a second click publishes nothing new
        registry.publish(tuned(number), "anna")
    assert registry.published()[0].previous.seed == 1
    assert registry.roll_back("anna").seed == 1
    assert seeds() == {"anna": 1}
    kept = surroundings / "models" / "previous" / "anna.keras"
    assert checkpoints.inspect(kept).card.seed == 2, "no click destroys a model"
    assert registry.published()[0].previous is None
    assert registry.roll_back("anna") is None
    assert not list((surroundings / "models").glob("anna*"))
    assert checkpoints.inspect(kept).card.seed == 1
    registry.publish(tuned(2), "anna")
    assert registry.published()[0].previous is None, "it replaced nothing"


def test_records_of_roll_backs_that_could_be_undone_are_still_read(tuned, surroundings):
    path = registry.publish(tuned(1), "anna")
    undone = surroundings / "models" / "previous" / "undone" / "anna.keras"
    undone.parent.mkdir(parents=True)
    card = read_json(path.with_suffix(".json"))
    card["config"][registry.MARK] |= {"gave_way_to": None}
    write_json(undone.with_suffix(".json"), card)
    undone.write_bytes(path.read_bytes())
    shutil.copyfile(undone.with_suffix(".json"), path.with_suffix(".json"))
    assert [one.name for one in registry.published()] == ["anna"]
    assert registry.roll_back("anna") is None
    assert undone.exists()


@pytest.mark.parametrize("name", ["finder", "Finder", "line"])
def test_no_reader_takes_the_name_of_another_network(surroundings, name):
    with pytest.raises(ValueError, match="by which numbers are found"):
        registry.check_name(name)


@pytest.mark.parametrize("name", ["", "../x", "ä", "-a", "x" * 41, "a\n"])
def test_other_names_are_refused(surroundings, name):
    with pytest.raises(ValueError, match="no name for a model; expected 1 to 40 letters"):
        registry.check_name(name)


def test_models_that_were_not_made_here_stay(tuned, surroundings):
    shipped = surroundings / "models" / "shipped.keras"
    shipped.write_bytes(tuned(1).read_bytes())
    with pytest.raises(ValueError, match="shipped is a model that was not made here"):
        registry.publish(tuned(2), "shipped")
    with pytest.raises(ValueError, match="nothing but capitals"):
        registry.publish(tuned(2), "Shipped")
    with pytest.raises(ValueError, match="No adopted model is called shipped"):
        registry.roll_back("shipped")
    assert shipped.read_bytes() == tuned(1).read_bytes()


def test_a_model_without_its_card_or_a_broken_one_is_refused(tuned, surroundings):
    path = tuned(1)
    path.with_suffix(".json").unlink()
    with pytest.raises(ValueError, match="card is missing"):
        registry.publish(path, "anna")
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="empty"):
        registry.publish(path, "anna")
    assert seeds() == {}


class Killed(BaseException):
    """Ends a call as the end of the process would."""


@pytest.mark.parametrize(("step", "calls"), [("copy", 0), ("replace", 0), ("replace", 1)])
def test_killed_between_two_files_it_is_still_both_or_neither(tuned, monkeypatch, step, calls):
    """Kill before the copy is whole, before the first move, and between the moves of the two files."""
    registry.publish(tuned(1), "anna")
    second = tuned(2)
    counter = iter(range(10))
    whole = {"copy": registry.write_json, "replace": type(second).replace}[step]

    def dying(*arguments):
        if step == "replace" and ".tmp-placing" not in str(arguments[0]):
            return whole(*arguments)
        if next(counter) == calls:
            raise Killed
        return whole(*arguments)

    with monkeypatch.context() as patch:
        where = (registry, "write_json") if step == "copy" else (type(second), "replace")
        patch.setattr(*where, dying)
        with pytest.raises(Killed):
            registry.publish(second, "anna")
    assert "anna" in seeds(), "a model is there all the time"
    on_its_way = registry._on_its_way().exists()
    assert on_its_way is (step == "replace")
    assert len(registry.published()) == 1
    assert seeds() == ({"anna": 2} if on_its_way else {"anna": 1})
    registry.publish(second, "anna")
    assert seeds() == {"anna": 2}
    assert registry.published()[0].previous.seed == 1


def test_an_own_model_is_renamed_and_removed_with_all_that_belongs_to_it(tuned, surroundings):
    models, results = surroundings / "models", surroundings / "results"
    results.mkdir(exist_ok=True)
    for number in (1, 2):
        registry.publish(tuned(number), "anna")
    for file in (
        models / "anna.index.npz",
        models / "anna.tflite",
        results / "anna.json",
        results / "anna.pen.json",
    ):
        file.write_text("{}")
    shutil.copyfile(tuned(3), models / "anna.b.keras")
    (models / "anna.b.json").write_text("{}")
    registry.publish(tuned(4), "taken")
    for new, why in (
        ("my hand", "no name"),
        ("taken", "called taken already"),
        ("TAKEN", "called TAKEN already"),
    ):
        with pytest.raises(ValueError, match=why):
            registry.rename("anna", new)
    assert registry.rename("anna", "berta") == models / "berta.keras"
    assert seeds() == {"anna.b": None, "berta": 2, "taken": 4}
    assert checkpoints.inspect(models / "berta.keras").card.name == "berta"
    there = {file.name for file in (*models.glob("berta*"), *results.glob("*"))}
    assert there == {
        *("berta.keras", "berta.json", "berta.index.npz", "berta.tflite"),
        *("berta.json", "berta.pen.json"),
    }
    assert registry.published()[0].previous.seed == 1
    registry.remove("berta")
    assert seeds() == {"anna.b": None, "taken": 4}
    assert (models / "anna.b.json").exists()
    assert not [*models.glob("berta*"), *results.glob("*")]
    assert checkpoints.inspect(models / "previous" / "berta.keras").card.seed == 2
    with pytest.raises(ValueError, match="no model called berta"):
        registry.remove("berta")


def test_one_file_has_one_name(tuned):
    registry.publish(tuned(1), "anna")
    with pytest.raises(ValueError, match="here already, as anna"):
        registry.publish(tuned(1), "berta")


def test_what_came_with_the_project_stays(tuned, monkeypatch):
    path = registry.publish(tuned(1), "anna")
    monkeypatch.setitem(registry.gate.SHIPPED, "anna.keras", sha256(path))
    for change in (registry.remove, lambda name: registry.rename(name, "other")):
        with pytest.raises(ValueError, match="came with the project"):
            change("anna")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are of Unix")
def test_folders_and_pipes_among_the_models_are_nobodys_and_hold_nothing_up(surroundings, tiny_file):
    folder = models_dir()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "folder.keras").mkdir()
    os.mkfifo(folder / "pipe.keras")
    (folder / "loop.keras").symlink_to("loop.keras")
    strange = {entry.name: entry for entry in checkpoints.entries()}
    for name in ("folder", "pipe", "loop"):
        assert strange[name].problem
        assert not registry.is_own(strange[name])
        with pytest.raises(ValueError, match="no model called"):
            registry.remove(name)
    with tiny_file.open("rb") as file:
        assert gate.take_in(file, "mine.keras").name == "mine.keras"
