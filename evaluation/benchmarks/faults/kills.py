"""Processes that are killed at any moment: a training, and one that keeps digits."""

import os
import random
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from PIL import Image

from digits.config import ROOT
from digits.data.collection.store import Store
from digits.files import read_json
from digits.models import checkpoints
from evaluation.benchmarks.faults.places import TINY, TRAIN
from evaluation.benchmarks.faults.tools import Checks, around, halves

WRITER = Path(__file__).with_name("writer.py")
CHAINS = 2
"""Trainings that are killed at the same time, each in a folder of its own: a core each."""

LONGER = ["--epochs", 24, "--limit", 600]
"""So that a good part of a life is between two epochs."""

IDLE = 0.2
"""Share of the kills that come before there is a run, while TensorFlow is imported."""


class Chain:
    """Trainings of the same model, one after the other, each going on where the last one was killed."""

    def __init__(self, folder: Path, seed: int):
        self.folder, self.rng = folder, random.Random(seed)
        self.env, self.out = around(folder, PYTHONUNBUFFERED=1), folder / "models" / "new.keras"
        self.line = [sys.executable, *map(str, [TRAIN, *TINY, *LONGER, "--out", self.out, "--resume"])]
        self.log, self.problems, self.killed, self.whole, self.went_on = folder / "log.txt", [], 0, 0, 0
        self.waking = self.working = float("inf")

    def run(self, kills: int) -> "Chain":
        """Measure one life, then kill so many."""
        self.live()
        while self.killed < kills and not self.problems:
            self.live(self.rng.uniform(0, 1.05), idle=self.rng.random() < IDLE)
        self.live()
        return self

    def live(self, share: float | None = None, idle: bool = False) -> None:
        """Run until it ends, or is killed after a share of the time for its work, or idle of waking."""
        acknowledged, begin = self._epochs(), time.monotonic()
        with self.log.open("w") as log:
            process = subprocess.Popen(self.line, env=self.env, cwd=ROOT, stdout=log, stderr=log)
        while not idle and process.poll() is None and "Run folder" not in self.log.read_text():
            time.sleep(0.02)
        awake = time.monotonic()
        try:
            code = process.wait(share and share * (self.waking if idle else self.working))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            self.killed += 1
        else:
            self.whole += 1
            self.problems += [self.log.read_text()[-300:]] if code else []
            if not idle and not acknowledged:  # a whole life: the quickest tells how long one takes
                self.waking = min(self.waking, awake - begin)
                self.working = min(self.working, time.monotonic() - awake)
        self._look(acknowledged)

    def _look(self, acknowledged: int) -> None:
        """Note what is not as it should be."""
        self.problems += halves(self.folder / "models") + halves(self.folder / "runs")
        if self.out.exists() and checkpoints.inspect(self.out).card is None:
            self.problems.append("the model's card does not fit")
        first = re.search(r"Epoch (\d+)/", self.log.read_text())
        if first and int(first[1]) != acknowledged + 1:
            self.problems.append(f"it began at epoch {first[1]} with {acknowledged} finished")
        self.went_on += bool(first) and acknowledged > 0

    def _epochs(self) -> int:
        """Return how many epochs of the run that waits to go on are finished."""
        found = [path.parent for path in self.folder.glob("runs/*/args.json")]
        for run in (run for run in sorted(found, reverse=True) if not (run / "metrics.json").exists()):
            state = run / "checkpoints" / "state.json"
            return read_json(state)["epoch"] if state.exists() else 0
        return 0

    def litter(self) -> list[str]:
        """Return the half files that are left."""
        return [path.name for path in self.folder.rglob(".tmp-[0-9]*")]


def kills(checks: Checks, folder: Path, number: int, seed: int) -> None:
    """Kill so many trainings, and so many that keep digits."""
    _trainings(checks, folder, number, seed)
    _writers(checks, folder / "own", number, seed)


def _trainings(checks: Checks, folder: Path, number: int, seed: int) -> None:
    shares = [number // CHAINS + (part < number % CHAINS) for part in range(CHAINS)]
    chains = [Chain(folder / str(part), seed + part) for part in range(CHAINS)]
    begin = time.monotonic()
    with ThreadPoolExecutor(CHAINS) as pool:
        list(pool.map(Chain.run, chains, shares))
    each = (time.monotonic() - begin) / max(1, number)
    problems = [problem for chain in chains for problem in chain.problems]
    whole, went_on = sum(chain.whole for chain in chains), sum(chain.went_on for chain in chains)
    words = f"{number} trainings killed, {whole} ended, {went_on} went on mid-way, {each:.1f} s each: "
    words += "all that is left loads, and goes on after the last finished epoch"
    checks.hold(words, went_on > 0 and not problems, problems)
    litter = [name for chain in chains for name in chain.litter()]
    in_models = [name for name in litter if name.endswith(("new.keras", "new.json"))]
    words = (
        f"{len(litter)} half files left, {len(in_models)} of them in models/: the rest went when it went on"
    )
    checks.hold(words, len(litter) == len(in_models), litter)
    hour_ago = time.time() - checkpoints.ABANDONED - 1
    for path in (path for chain in chains for path in chain.folder.rglob(".tmp-[0-9]*")):
        os.utime(path, (hour_ago, hour_ago))
    for chain in chains:
        chain.live()
    litter = [name for chain in chains for name in chain.litter()]
    checks.hold("an hour later the next training takes them away", not litter, litter)


def _writers(checks: Checks, folder: Path, number: int, seed: int) -> None:
    rng, expected, lost, unsound = random.Random(seed), {}, [], []
    said = 0
    for turn in range(number):
        lines = list(_written(folder, turn, rng))
        said += len(lines)
        for line in lines:
            id, *states = line.split()
            expected[int(id)] = set(states[:1])
        if lines:  # the next change of this one may have been on its way
            expected[int(lines[-1].split()[0])] = set(lines[-1].split()[1:])
        unsound += _unsound(folder)
        lost += _missing(Store(folder), expected)
    words = f"{number} killed that keep digits: all {said} changes acknowledged are there"
    checks.hold(words, not lost, lost)
    checks.hold("the table is sound after each, no digit without its picture", not unsound, unsound)


def _written(folder: Path, turn: int, rng: random.Random) -> Iterator[str]:
    """Let a process keep digits, kill it, and yield what it acknowledged in whole lines."""
    line = [sys.executable, str(WRITER), str(folder), str(turn)]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    yield process.stdout.readline().strip()
    time.sleep(rng.uniform(0, 0.3))
    process.kill()
    yield from (text.strip() for text in process.stdout.readlines() if text.endswith("\n"))
    process.wait()


def _missing(store: Store, expected: dict[int, set[str]]) -> list[str]:
    there = {sample.id: str(sample.label) for sample in store.samples()}
    return [
        f"{id} is {there.get(id, 'gone')}, not {states}"
        for id, states in expected.items()
        if there.get(id, "gone") not in states
    ]


def _unsound(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "collection.sqlite")) as table:
        found = [row[0] for row in table.execute("PRAGMA integrity_check")]
    problems = [] if found == ["ok"] else found
    store = Store(folder)
    problems += [f"{sample.id} is lost" for sample in store.lost()]
    for sample in store.samples()[:50]:  # the newest
        with Image.open(sample.picture) as picture:
            picture.load()
        sample.framed_array()
    return problems
