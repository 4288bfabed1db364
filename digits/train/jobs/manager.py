"""A course: one fine-tuning in the background, which outlives the tab and the app that started it.

    user_data/school/course/     request.json, my_digits/, runs/, log.txt, taught.keras and its card

There is one at a time for all processes of the app. Everything of a course lies in its folder, so a course
that is killed leaves nothing anywhere else: models/ is not touched before `digits.models.registry`.

Which of a person's own digits are read otherwise than before, with their pictures.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from filelock import FileLock
from PIL import Image

from digits.config import ROOT, user_dir
from digits.files import write_json
from digits.train.jobs import process
from digits.train.jobs.state import MODEL, Job, Request, State, job_in

DIGITS = "my_digits"
"""Folder of a course with the digits it learns from, and the name that the model's card calls them by."""

EFFORTS = ("quick", "thorough", "long")


def look() -> Job:
    """Return the course, whichever process started it."""
    with _alone():
        return _look()


def start(
    base: str,
    effort: str,
    fill: Callable[[Path], object],
    command: Callable[[Path, str, str], list[str]] | None = None,
) -> Job:
    """Begin a course.

    Args:
        base: name of the model to start from.
        effort: one of `EFFORTS`.
        fill: writes the digits to learn from into a folder that is not there yet.
        command: from the course's folder, `base` and `effort` the script to run and its arguments; by
            default training/finetune_on_custom.py.

    Raises:
        ValueError: one is running, or its model waits for a decision; or it cannot be started.
    """
    if effort not in EFFORTS:
        raise ValueError(f"Effort {effort!r}; expected one of: {', '.join(EFFORTS)}.")
    with _alone():
        _refuse_a_second(_look())
        _sweep()
        try:
            return _begin(base, effort, fill, command or finetune_command)
        except BaseException:
            _sweep()
            raise


def resume() -> Job:
    """Go on with a course that was stopped from outside, at its last finished epoch.

    Raises:
        ValueError: there is none, or it cannot be started.
    """
    with _alone():
        course = _look()
        if not course.resumable or course.request is None:
            raise ValueError("There is no interrupted lesson to go on with.")
        (course.folder / "cancelled").unlink(missing_ok=True)
        process.start(_lock(), course.folder, [*course.request.command, "--resume"])
        return _look()


def cancel() -> Job:
    """Stop the course, if it runs; it can be resumed or discarded then."""
    with _alone():
        course = _look()
        if course.state is State.RUNNING:
            (course.folder / "cancelled").touch()
            process.end(_lock(), course.folder)
        return _look()


def discard() -> None:
    """Remove the course with all its files.

    Raises:
        ValueError: it is running.
    """
    with _alone():
        if _look().state is State.RUNNING:
            raise ValueError("The lesson is running; stop it first.")
        _sweep()


def finetune_command(folder: Path, base: str, effort: str) -> list[str]:
    """Return the script that fine-tunes, and its arguments."""
    script = ROOT / "training" / "finetune_on_custom.py"
    named = {"--data": folder / DIGITS, "--base": base, "--effort": effort, "--out": folder / MODEL}
    return [str(script), *(str(part) for pair in named.items() for part in pair)]


def _school() -> Path:
    return user_dir().resolve() / "school"


def _folder() -> Path:
    return _school() / "course"


def _lock() -> Path:
    return _school() / "course.lock"


def _alone() -> FileLock:
    """Return what keeps others from looking and acting at the same time; hold it for moments."""
    _school().mkdir(parents=True, exist_ok=True)
    return FileLock(_school() / "door.lock")


def _look() -> Job:
    return job_in(_folder(), process.is_alive(_lock()))


def _refuse_a_second(course: Job) -> None:
    if course.state is State.RUNNING:
        raise ValueError(
            "A lesson is running already, perhaps started in another tab; there is one at a time."
        )
    if course.state is State.DONE:
        raise ValueError("A taught model waits for your decision: adopt or discard it first.")


def _begin(base: str, effort: str, fill: Callable, command: Callable) -> Job:
    folder = _folder()
    folder.mkdir(parents=True)
    fill(folder / DIGITS)
    line = command(folder, base, effort)
    request = Request(base, effort, datetime.now(UTC).isoformat(timespec="seconds"), line)
    write_json(folder / "request.json", asdict(request))  # last: without it there is no course
    process.start(_lock(), folder, line)
    return _look()


def _sweep() -> None:
    """Remove the folder of the course, and what is left of earlier ones; a half removed one is none."""
    if _folder().exists():
        _folder().rename(_school() / f".swept-{time.time_ns()}")
    for old in _school().glob(".swept-*"):
        shutil.rmtree(old, ignore_errors=True)


SIDE = 96
"""Longer side of a picture, in pixels."""


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

    @property
    def words(self) -> str:
        """What happened, in few words."""
        sign = "✅" if self.is_mended else "❌"
        wanted = "" if self.label in (self.before, self.after) else f", is {self.label}"
        return f"{sign} was read as {self.before}, now {self.after}{wanted}"


def changes(course: Job) -> list[Change]:
    """Return the changed answers of a course that has ended, those mended first; none without its picture."""
    found = []
    for one in (course.outcome or {}).get("changed", []):
        path = course.folder / DIGITS / str(one["label"]) / one["file"]
        if path.exists():
            found.append(Change(_thumbnail(path), one["label"], one["before"], one["after"]))
    return sorted(found, key=lambda change: not change.is_mended)


def _thumbnail(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        white = Image.new("RGBA", picture.size, "white")
        white.alpha_composite(picture.convert("RGBA"))
    white.thumbnail((SIDE, SIDE))
    return np.asarray(white.convert("RGB"))
