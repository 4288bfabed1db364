"""What can be said of a job, from the files in its folder and from whether its process is alive."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from digits.files import read_json
from digits.train.finetune_settings import AGAIN, ALL, HEAD, HEAD_EPOCHS
from digits.train.jobs import process

DIGITS = "my_digits"
"""Folder of a job with the digits it learns from, and the name that the model's card calls them by."""

MODEL = "taught.keras"
"""The file of a job that it makes; its card is beside it."""

REQUEST, CANCELLED = "request.json", "cancelled"
"""Files of a job: what it was asked to do, and, empty, that somebody stopped it."""

SIDE = 96
"""Longer side of a picture of a changed answer, in pixels."""


class State(StrEnum):
    """What can be said of the job."""

    NONE = "none"
    RUNNING = "running"
    DONE = "done"  # its model waits to be adopted or discarded
    REFUSED = "refused"  # it was taught, and its model is not worth keeping; it may be there all the same
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Request:
    """What a job was asked to do."""

    base: str
    effort: str
    created: str
    command: list[str]
    """For `process.start`."""


@dataclass(frozen=True)
class Job:
    """The job as it is at one moment."""

    state: State
    folder: Path
    request: Request | None = None
    outcome: dict[str, Any] | None = None
    """What the fine-tuning says it found, see `digits.train.acceptance.Outcome`."""
    sentence: str = ""
    """Why there is no model, where the job was refused or failed."""
    resumable: bool = False
    """Whether it was stopped from outside and can go on at its last finished epoch."""

    @property
    def model(self) -> Path:
        """The file it makes."""
        return self.folder / MODEL

    @property
    def is_made(self) -> bool:
        """Whether that is there, with its card."""
        return self.model.exists() and self.model.with_suffix(".json").exists()


@dataclass(frozen=True)
class Progress:
    """Where a job stands."""

    epochs: int
    """How many there will be, or 0 while that is not known: data and TensorFlow are being loaded."""
    history: list[dict[str, float]]
    """A row per finished epoch that the digits held out have judged, see `digits.train.fit.fit`."""
    rest: int = 0
    """How many of the epochs come after those, with the digits held out among those to learn."""
    again: int = 0
    """How many of the rest are finished."""

    @property
    def judged(self) -> int:
        """How many epochs the digits held out will judge."""
        return self.epochs - self.rest

    @property
    def done(self) -> int:
        """Number of finished epochs."""
        return len(self.history) + self.again

    @property
    def share(self) -> float:
        """What is done, 0 to 1."""
        return min(1.0, self.done / self.epochs) if self.epochs else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Estimate for the epochs to come, or None before the first of the longer stage is there."""
        if self.done < 2:
            return None
        return self.history[-1]["seconds"] * max(0, self.epochs - self.done)


@dataclass(frozen=True)
class Change:
    """An own digit that was held out, and whose answer changed."""

    picture: np.ndarray
    """(h, w, 3) RGB uint8, at most `SIDE` pixels."""
    label: int
    before: int
    after: int

    @property
    def is_mended(self) -> bool:
        """Whether it is read right now."""
        return self.after == self.label


def job_in(folder: Path, is_alive: bool) -> Job:
    """Return the job in `folder`, where `is_alive` says whether its process is."""
    if not (folder / REQUEST).exists():
        return Job(State.NONE, folder)
    try:
        request = Request(**read_json(folder / REQUEST))
    except (ValueError, TypeError):
        return Job(State.FAILED, folder, sentence="What it was asked to do cannot be read any more.")
    if is_alive:
        return Job(State.RUNNING, folder, request)
    outcomes = sorted(folder.glob("runs/*/outcome.json"))
    outcome, end = read_json(outcomes[-1]) if outcomes else None, process.exit_code(folder)
    if outcome and outcome.get("refusal"):
        return Job(State.REFUSED, folder, request, outcome, outcome["refusal"])
    if outcome and Job(State.DONE, folder).is_made and not end:
        return Job(State.DONE, folder, request, outcome)
    if end is not None:
        return Job(State.FAILED, folder, request, sentence=process.last_line(folder))
    if (folder / CANCELLED).exists():
        return Job(State.CANCELLED, folder, request, resumable=True)
    sentence = "It was interrupted, perhaps because the computer was switched off."
    return Job(State.FAILED, folder, request, sentence=sentence, resumable=True)


def progress(folder: Path) -> Progress:
    """Return how far the job in `folder` has come."""
    runs = sorted(folder.glob("runs/*/args.json"))
    if not runs:
        return Progress(0, [])
    asked, run = read_json(runs[-1]), runs[-1].parent
    rest = asked.get("again", 0)
    judged = _history(run, HEAD) + _history(run, ALL)
    return Progress(HEAD_EPOCHS + asked["epochs"] + rest, judged, rest, len(_history(run, AGAIN)))


def changes(job: Job) -> list[Change]:
    """Return the changed answers of a job that has ended, those mended first; none without its picture."""
    found = []
    for one in (job.outcome or {}).get("changed", []):
        path = job.folder / DIGITS / str(one["label"]) / one["file"]
        if path.exists():
            found.append(Change(_thumbnail(path), one["label"], one["before"], one["after"]))
    return sorted(found, key=lambda change: not change.is_mended)


def _history(run: Path, stage: str) -> list[dict[str, float]]:
    path = run / "checkpoints" / stage / "state.json"
    return read_json(path)["history"] if path.exists() else []


def _thumbnail(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        white = Image.new("RGBA", picture.size, "white")
        white.alpha_composite(picture.convert("RGBA"))
    white.thumbnail((SIDE, SIDE))
    return np.asarray(white.convert("RGB"))
