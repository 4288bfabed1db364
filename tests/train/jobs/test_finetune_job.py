"""The whole way with the true fine-tuning: own digits in, a model out, and that adopted."""

import dataclasses

import finetune_jobs
import pytest
from PIL import Image

from digits import Recognizer
from digits.data.collection.store import Store
from digits.models import checkpoints, registry
from digits.train.jobs import manager
from digits.train.jobs.state import State, changes, progress


@pytest.fixture
def store(surroundings, linear_model, tiny_card):
    """Put a model that knows no other hand into models/, five digits of each class into the collection."""
    card = dataclasses.replace(tiny_card, name="base")
    checkpoints.save(linear_model, card, surroundings / "models" / "base.keras")
    yield finetune_jobs.write_own(Store(), 5)
    manager.cancel()


def in_a_hurry(folder, base, effort):
    """Return the usual command, but with settings of its own for a very quick one."""
    line = manager.finetune_command(folder, base, effort)
    at = line.index("--effort")
    hurry = {"--epochs": 3, "--per-epoch": 600, "--limit": 1000, "--batch-size": 60, "--learning-rate": 2e-2}
    hurry |= {"--again": 1, "--augment": 0, "--damage": 0, "--blend": 1, "--most-forgotten": 8}
    return [*line[:at], *line[at + 2 :], *(str(part) for pair in hurry.items() for part in pair)]


def test_a_hand_is_learnt_and_the_model_adopted(store):
    manager.start("base", "quick", store.export_folder, in_a_hurry)
    found = finetune_jobs.ended(seconds=600)
    log = (found.folder / "log.txt").read_text()
    assert found.state is State.DONE, log
    assert "Before: " in log
    before, after = found.outcome["before"], found.outcome["after"]
    assert before["own_n"] == 10
    assert (after["own"], -after["own_loss"]) > (before["own"], -before["own_loss"])
    assert found.outcome["counts"] == [5] * 10
    assert all(change.picture.shape == (96, 96, 3) for change in changes(found))
    now = progress(found.folder)
    assert now.done == now.epochs == 5
    assert found.outcome["learnt_all"]
    registry.publish(found.model, "mine")
    manager.discard()
    entry = checkpoints.inspect(checkpoints.find("mine"))
    assert entry.card.trained_on[-1]["name"] == "my_digits"
    recognizer = Recognizer.load("mine")
    right = [
        recognizer.read_digit(Image.open(sample.picture)).digit == sample.label for sample in store.samples()
    ]
    assert sum(right) > 25
