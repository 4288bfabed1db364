"""What can be said of a course, told from the files in its folder and from whether its process is alive.

How far a course has come, from the files that its script writes after every epoch.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from digits.files import read_json
from digits.train.jobs import process

MODEL = "taught.keras"
"""The file of a course that it makes; its card is beside it."""


class State(StrEnum):
    """What can be said of the course."""

    NONE = "none"
    RUNNING = "running"
    DONE = "done"  # its model waits to be adopted or discarded
    REFUSED = "refused"  # it was taught, and its model is not worth keeping
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Request:
    """What a course was asked to do."""

    base: str
    effort: str
    created: str
    command: list[str]
    """The script and its arguments."""


@dataclass(frozen=True)
class Job:
    """The course as it is at one moment."""

    state: State
    folder: Path
    request: Request | None = None
    outcome: dict | None = None
    """What the script says it found: scores before and after, and what changed."""
    sentence: str = ""
    """Why there is no model, where the course was refused or failed."""
    resumable: bool = False
    """Whether it was stopped from outside and can go on at its last finished epoch."""

    @property
    def model(self) -> Path:
        """The file it makes."""
        return self.folder / MODEL


def job_in(folder: Path, is_alive: bool) -> Job:
    """Return the course in `folder`, where `is_alive` says whether its process is."""
    if not (folder / "request.json").exists():
        return Job(State.NONE, folder)
    try:
        request = Request(**read_json(folder / "request.json"))
    except (ValueError, TypeError):
        return Job(State.FAILED, folder, sentence="What it was asked to do cannot be read any more.")
    if is_alive:
        return Job(State.RUNNING, folder, request)
    outcome, end = _outcome(folder), _read(folder / "exit.json")
    if outcome and outcome.get("refusal"):
        return Job(State.REFUSED, folder, request, outcome, outcome["refusal"])
    made = (folder / MODEL).exists() and (folder / MODEL).with_suffix(".json").exists()
    if outcome and made and (end is None or end["code"] == 0):
        return Job(State.DONE, folder, request, outcome)
    if end:
        return Job(State.FAILED, folder, request, sentence=process.last_line(folder))
    if (folder / "cancelled").exists():
        return Job(State.CANCELLED, folder, request, resumable=True)
    sentence = "It was interrupted, perhaps because the computer was switched off."
    return Job(State.FAILED, folder, request, sentence=sentence, resumable=True)


def _outcome(folder: Path) -> dict | None:
    found = sorted(folder.glob("runs/*/outcome.json"))
    return _read(found[-1]) if found else None


def _read(path: Path) -> dict | None:
    return read_json(path) if path.exists() else None


JUDGED, REST = ("head", "all"), "again"
"""First the last layer alone, for one epoch, then all; and in the end with the digits held out."""


@dataclass(frozen=True)
class Progress:
    """Where a course stands."""

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


def progress(folder: Path) -> Progress:
    """Return how far the course in `folder` has come."""
    runs = sorted(folder.glob("runs/*/args.json"))
    if not runs:
        return Progress(0, [])
    asked = read_json(runs[-1])
    head, whole, again = (_history(runs[-1].parent, stage) for stage in (*JUDGED, REST))
    rest = asked.get("again", 0)
    return Progress(1 + asked["epochs"] + rest, head + whole, rest, len(again))


def _history(run: Path, stage: str) -> list[dict[str, float]]:
    path = run / "checkpoints" / stage / "state.json"
    return read_json(path)["history"] if path.exists() else []
