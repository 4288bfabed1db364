"""One fine-tuning in the background, which outlives the tab and the app that started it: a job.

    user_data/school/course/     request.json, my_digits/, runs/, log.txt, taught.keras and its card

There is one at a time for all processes of the app. Everything of a job lies in its folder, so a job that is
killed leaves nothing anywhere else: models/ is not touched before `digits.models.registry`.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from digits.config import user_dir
from digits.files import write_json
from digits.train.finetune_settings import check_effort
from digits.train.jobs import process
from digits.train.jobs.state import CANCELLED, DIGITS, MODEL, REQUEST, Job, Request, State, job_in


def look() -> Job:
    """Return the job, whichever process started it."""
    with _alone():
        return _look()


def start(
    base: str,
    effort: str,
    fill: Callable[[Path], object],
    command: Callable[[Path, str, str], list[str]] | None = None,
) -> Job:
    """Begin a job.

    Args:
        base: name of the model to start from.
        effort: one of `finetune_settings.EFFORTS`.
        fill: writes the digits to learn from into a folder that is not there yet.
        command: from the job's folder, `base` and `effort` what to run, see `process.start`; by default
            `finetune_command`.

    Raises:
        ValueError: one is running, or its model waits for a decision; or it cannot be started.
    """
    check_effort(effort)
    with _alone():
        state = _look().state
        if state is State.RUNNING:
            raise ValueError(
                "A fine-tuning is running already, perhaps started in another tab; there is one at a time."
            )
        if state is State.DONE:
            raise ValueError("A taught model waits for your decision: adopt or discard it first.")
        _sweep()
        folder = _folder()
        try:
            folder.mkdir(parents=True)
            fill(folder / DIGITS)
            line = (command or finetune_command)(folder, base, effort)
            request = Request(base, effort, datetime.now(UTC).isoformat(timespec="seconds"), line)
            write_json(folder / REQUEST, asdict(request))  # last: without it there is no job
            process.start(_lock(), folder, line)
            return _look()
        except BaseException:
            _sweep()
            raise


def resume() -> Job:
    """Go on with a job that was stopped from outside, at its last finished epoch.

    Raises:
        ValueError: there is none, or it cannot be started.
    """
    with _alone():
        job = _look()
        if not job.resumable or job.request is None:
            raise ValueError("There is no interrupted fine-tuning to go on with.")
        (job.folder / CANCELLED).unlink(missing_ok=True)
        process.start(_lock(), job.folder, [*job.request.command, "--resume"])
        return _look()


def cancel() -> Job:
    """Stop the job, if it runs; it can be resumed or discarded then."""
    with _alone():
        job = _look()
        if job.state is State.RUNNING:
            (job.folder / CANCELLED).touch()
            process.end(_lock(), job.folder)
        return _look()


def discard() -> None:
    """Remove the job with all its files.

    Raises:
        ValueError: it is running.
    """
    with _alone():
        if _look().state is State.RUNNING:
            raise ValueError("The fine-tuning is running; stop it first.")
        _sweep()


def finetune_command(folder: Path, base: str, effort: str) -> list[str]:
    """Return the module that fine-tunes, and its arguments: a refused model is there too, to be adopted by
    whoever knows its price."""
    named = {"--data": folder / DIGITS, "--base": base, "--effort": effort, "--out": folder / MODEL}
    return ["-m", "digits.train.finetune", "--force", *(str(part) for pair in named.items() for part in pair)]


def _home() -> Path:
    return user_dir().resolve() / "school"  # the names on the disk stay: jobs outlive an update of the app


def _folder() -> Path:
    return _home() / "course"


def _lock() -> Path:
    return _home() / "course.lock"


def _alone() -> FileLock:
    """Return what keeps others from looking and acting at the same time; hold it for moments."""
    _home().mkdir(parents=True, exist_ok=True)
    return FileLock(_home() / "door.lock")


def _look() -> Job:
    return job_in(_folder(), process.is_alive(_lock()))


def _sweep() -> None:
    """Remove the folder of the job, and what is left of earlier ones; a half removed one is none."""
    if _folder().exists():
        _folder().rename(_home() / f".swept-{time.time_ns()}")
    for old in _home().glob(".swept-*"):
        shutil.rmtree(old, ignore_errors=True)
