"""The process of a job: how others start, watch and end it, and what it does.

    python -m digits.train.jobs.process LOCK FOLDER -m MODULE [ARGUMENT ...]

It holds LOCK for its whole life, however that ends, so that nobody takes a dead process for a living one:
unlike the number of a process, which the next process may get, a lock goes with its holder.
"""

import os
import runpy
import signal
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

from filelock import FileLock, Timeout

from digits.files import read_json, write_json

START, END = 60.0, 10.0
"""Seconds that a process may take to come to life, and to die."""

WAIT = 0.05
"""Seconds between two looks."""

POLITE = 10
"""Steps by which everything else on the computer goes first; 19 is most polite."""

PATIENCE = 10.0
"""Seconds to wait for the lock; nobody else holds it for longer than a glance."""


def is_alive(lock: Path) -> bool:
    """Return whether a process holds the lock of jobs."""
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True


def start(lock: Path, folder: Path, line: list[str]) -> None:
    """Run a module in the background, and wait until its process holds the lock.

    Args:
        lock: to be held.
        folder: of the job; the process writes process.json, exit.json, log.txt and runs/ there.
        line: "-m", the module and its arguments; or, as earlier versions noted it, the path of a script.

    Raises:
        ValueError: it did not come to life; the message has its last words.
    """
    for name in ("process.json", "exit.json"):
        (folder / name).unlink(missing_ok=True)
    windows = ("BELOW_NORMAL_PRIORITY_CLASS", "CREATE_NEW_PROCESS_GROUP")  # elsewhere there are other ways
    with (folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "digits.train.jobs.process", str(lock), str(folder), *line],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | {"DIGITS_RUNS_DIR": str(folder / "runs"), "PYTHONUNBUFFERED": "1"},
            start_new_session=True,  # the terminal's Ctrl-C ends the app, not the job
            creationflags=sum(getattr(subprocess, name, 0) for name in windows),
        )
    threading.Thread(target=process.wait, daemon=True).start()  # so that no zombie stays
    until = time.monotonic() + START
    while not (folder / "process.json").exists():
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            process.wait()
            raise ValueError(f"It could not be started: {last_line(folder)}")
        time.sleep(WAIT)


def end(lock: Path, folder: Path) -> None:
    """End the process of the job in `folder`, which holds the lock: so the number noted is its own."""
    number = read_json(folder / "process.json")["pid"]
    for way in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        try:
            os.kill(number, way)
        except ProcessLookupError:
            return
        until = time.monotonic() + END
        while time.monotonic() < until:
            if not is_alive(lock):
                return
            time.sleep(WAIT)


def exit_code(folder: Path) -> int | None:
    """Return how the job in `folder` ended, or None where it was killed or has not ended."""
    path = folder / "exit.json"
    return read_json(path)["code"] if path.exists() else None


def last_line(folder: Path) -> str:
    """Return the last words of the process of the job in `folder`."""
    log = folder / "log.txt"
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1].strip() if lines else "It ended without a word."


def main(lock: str, folder: str, *line: str) -> None:
    """Run a module, or a script, as if it had been started by itself; note in exit.json how it ended."""
    with FileLock(lock, timeout=PATIENCE):
        write_json(Path(folder, "process.json"), {"pid": os.getpid()})
        if hasattr(os, "nice"):  # Windows has another way, see `start`
            os.nice(POLITE)
        write_json(Path(folder, "exit.json"), {"code": _run(line)})


def _run(line: tuple[str, ...]) -> int:
    is_module = line[0] == "-m"
    sys.argv = list(line[is_module:])
    try:
        if is_module:
            runpy.run_module(line[1], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(line[0], run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):  # as Python itself does with a sentence
            sys.stderr.write(f"{end.code}\n")
            return 1
        return end.code or 0
    except Exception:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    main(*sys.argv[1:])
