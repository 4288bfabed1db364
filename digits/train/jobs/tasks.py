"""What is done for a model in the background besides fine-tuning: its look-alikes made, and it measured.

    user_data/tasks/<model>/     task.json, log.txt

One at a time for each model. What comes of it goes to where others look for it: an index beside the model,
results among the results. The task itself is forgotten once it has been told of.
"""

import re
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from digits.config import user_dir
from digits.files import read_json, write_json
from digits.models.registry import NAME
from digits.train.jobs import process

KINDS = {"index": "evaluation.build_index", "measure": "evaluation.judges.added"}
"""The module that does each kind, with the name of the model behind `--model`."""

STEP = re.compile(r"Step (\d+) of (\d+): (.+)")
"""A line of a module that says how far it is."""

SHARE = re.compile(r"(\d+)%\|")
"""What its progress bars say."""


class State(StrEnum):
    """What can be said of a task."""

    NONE = "none"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Task:
    """A task as it is at one moment."""

    state: State
    kind: str = ""
    """Of `KINDS`."""
    words: str = ""
    """What it is at, or why it failed."""
    share: float = 0.0
    """What is done, 0 to 1."""


def look(model: str) -> Task:
    """Return the task of a model."""
    folder = _folder(model)
    try:
        kind = read_json(folder / "task.json")["kind"]
    except (ValueError, OSError, KeyError, TypeError):
        return Task(State.NONE)
    if process.is_alive(_lock(folder)):
        return Task(State.RUNNING, kind, *_progress(folder))
    end = process.exit_code(folder)
    if end == 0:
        return Task(State.DONE, kind, share=1.0)
    return Task(State.FAILED, kind, "It was stopped." if end is None else process.last_line(folder))


def start(model: str, kind: str) -> None:
    """Begin a task of one of `KINDS`.

    Raises:
        ValueError: one is running for this model, or it cannot be started; in one sentence.
    """
    if look(model).state is State.RUNNING:
        raise ValueError(f"{model} is being worked on already, perhaps in another tab; wait, or stop that.")
    forget(model)
    folder = _folder(model)
    folder.mkdir(parents=True)
    write_json(folder / "task.json", {"kind": kind})
    process.start(_lock(folder), folder, ["-m", KINDS[kind], "--model", model])


def stop(model: str) -> None:
    """Stop the task of a model, if it runs, and forget it."""
    folder = _folder(model)
    if look(model).state is State.RUNNING:
        process.end(_lock(folder), folder)
    forget(model)


def forget(model: str) -> None:
    """Remove what a task that has ended left behind; its results stay."""
    shutil.rmtree(_folder(model), ignore_errors=True)


def _folder(model: str) -> Path:
    home = user_dir().resolve() / "tasks"
    # Files put into models/ by hand may be called anything.
    return home / (model if NAME.fullmatch(model) else f"x{model.encode().hex()[:80]}")


def _lock(folder: Path) -> Path:
    return folder / "task.lock"


def _progress(folder: Path) -> tuple[str, float]:
    log = folder / "log.txt"
    said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    steps = list(STEP.finditer(said))
    if not steps:
        return "waking the network", 0.0
    number, many, words = int(steps[-1][1]), int(steps[-1][2]), steps[-1][3].strip()
    shares = SHARE.findall(said[steps[-1].end() :])
    within = int(shares[-1]) / 100 if shares else 0.0
    return words, min(1.0, (number - 1 + within) / max(1, many))
