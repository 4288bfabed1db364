"""Processes that are killed at any moment: what they acknowledged is there, and nothing half is left.

`DIGITS_KILLS=50 pytest tests/test_kills.py` kills more of them than every day. Faults of other kinds (a full
disk, models replaced in use, no internet, a checkout that cannot be written, two apps on one folder) were
provoked once by scripts; evaluation/results/faults.json is their record.
"""

import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from digits.config import ROOT
from digits.data.collection.store import Store
from digits.files import read_json
from digits.models import checkpoints

KILLS = int(os.environ.get("DIGITS_KILLS", 1))
WRITER = ROOT / "tests" / "data" / "collection" / "writer.py"
SMALL = ["--width", "4", "--limit", "600", "--batch-size", "60", "--deterministic"]


@pytest.mark.slow
def test_a_killed_collector_leaves_all_that_was_acknowledged(tmp_path):
    rng, may_be = random.Random(7), {}
    for turn in range(4 * KILLS):
        said = killed_writing(tmp_path, turn, rng)
        may_be |= {id: {state} for id, state, *_ in said}
        last, _, *next_one = said[-1]  # whose next change may have been on its way
        may_be[last] |= set(next_one)
        store = Store(tmp_path)
        there = {str(sample.id): sample for sample in store.samples()}
        for id, states in may_be.items():
            assert (str(there[id].label) if id in there else "gone") in states
        assert len(there.keys() - may_be.keys()) <= turn + 1  # each may have kept one before it could say so
        assert store.lost() == []
        with closing(sqlite3.connect(tmp_path / "collection.sqlite")) as table:
            assert table.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    for sample in there.values():
        assert len(np.unique(sample.current_frame())) == 1
        with Image.open(sample.picture) as picture:
            assert np.asarray(picture).shape == (24, 20)


def killed_writing(folder: Path, seed: int, rng: random.Random) -> list[list[str]]:
    """Let a process keep, relabel and delete samples, and kill it; return the lines that it wrote whole."""
    command = [sys.executable, str(WRITER), str(folder), str(seed), "100000", "--change"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    lines = [process.stdout.readline() for _ in range(rng.randrange(1, 12))]
    time.sleep(rng.uniform(0, 0.02))  # anywhere within the next change
    process.kill()
    lines += process.stdout.readlines()
    process.wait()
    return [line.split() for line in lines if line.endswith("\n")]


@pytest.mark.slow
def test_a_killed_training_goes_on_after_its_last_finished_epoch_to_the_same_weights(
    surroundings, monkeypatch
):
    whole, killed = surroundings / "models" / "whole.keras", surroundings / "models" / "killed.keras"
    epochs = 2 + KILLS
    assert train(whole, epochs).wait() == 0
    runs, rng = surroundings / "second", random.Random(7)
    monkeypatch.setenv("DIGITS_RUNS_DIR", str(runs))
    for _ in range(KILLS):
        before = finished(runs)
        process = train(killed, epochs, "--resume")
        while finished(runs) == before:
            assert process.poll() is None
            time.sleep(0.02)
        time.sleep(rng.uniform(0, 0.3))  # anywhere within the next epoch, or while its state is written
        process.kill()
        process.wait()
        check_whole(surroundings)
        assert not killed.exists()
    hour_ago = time.time() - checkpoints.ABANDONED - 1
    (killed.parent / ".tmp-1-killed.keras").touch()
    for path in surroundings.rglob(".tmp-[0-9]*"):
        os.utime(path, (hour_ago, hour_ago))
    assert train(killed, epochs, "--resume").wait() == 0
    check_whole(surroundings)
    (run,) = runs.iterdir()
    assert [row["epoch"] for row in read_json(run / "history.json")] == list(range(1, epochs + 1))
    assert list(surroundings.rglob(".tmp-[0-9]*")) == []
    expected, found = (checkpoints.load(path)[0].get_weights() for path in (whole, killed))
    assert all(np.array_equal(one, other) for one, other in zip(expected, found, strict=True))


def train(out: Path, epochs: int, *flags: str) -> subprocess.Popen:
    """Begin a training of seconds."""
    flags = ("--out", str(out), *SMALL, "--epochs", str(epochs), *flags)
    command, silent = [sys.executable, "training/train_cnn.py", *flags], subprocess.DEVNULL
    return subprocess.Popen(command, cwd=ROOT, stdout=silent, stderr=silent)


def finished(runs: Path) -> int:
    """Return how many epochs of the newest run are finished."""
    states = sorted(runs.glob("*/checkpoints/state.json"))
    return read_json(states[-1])["epoch"] if states else 0


def check_whole(folder: Path) -> None:
    """Fail where something is half under a real name: models, cards, weights, JSON files."""
    for path in (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".tmp-")):
        if path.suffix == ".keras":
            assert checkpoints.inspect(path).problem is None
            assert checkpoints.inspect(path).card is not None
        elif path.suffix == ".json":
            read_json(path)
        elif path.suffix == ".h5":
            with h5py.File(path) as file:
                file.visititems(lambda _, item: item[()] if isinstance(item, h5py.Dataset) else None)
