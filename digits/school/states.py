"""What can be said of a course, told from the files in its folder and from whether its process is alive."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from digits.files import read_json
from digits.school import process

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
class Course:
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


def course_in(folder: Path, is_alive: bool) -> Course:
    """Return the course in `folder`, where `is_alive` says whether its process is."""
    if not (folder / "request.json").exists():
        return Course(State.NONE, folder)
    try:
        request = Request(**read_json(folder / "request.json"))
    except (ValueError, TypeError):
        return Course(State.FAILED, folder, sentence="What it was asked to do cannot be read any more.")
    if is_alive:
        return Course(State.RUNNING, folder, request)
    outcome, end = _outcome(folder), _read(folder / "exit.json")
    if outcome and outcome.get("refusal"):
        return Course(State.REFUSED, folder, request, outcome, outcome["refusal"])
    made = (folder / MODEL).exists() and (folder / MODEL).with_suffix(".json").exists()
    if outcome and made and (end is None or end["code"] == 0):
        return Course(State.DONE, folder, request, outcome)
    if end:
        return Course(State.FAILED, folder, request, sentence=process.last_line(folder))
    if (folder / "cancelled").exists():
        return Course(State.CANCELLED, folder, request, resumable=True)
    sentence = "It was interrupted, perhaps because the computer was switched off."
    return Course(State.FAILED, folder, request, sentence=sentence, resumable=True)


def _outcome(folder: Path) -> dict | None:
    found = sorted(folder.glob("runs/*/outcome.json"))
    return _read(found[-1]) if found else None


def _read(path: Path) -> dict | None:
    return read_json(path) if path.exists() else None
