"""Starting, watching and ending the process of a course; one caller at a time, which `course` sees to."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from filelock import FileLock, Timeout

from digits.files import read_json

START, END = 60.0, 10.0
"""Seconds that a process may take to come to life, and to die."""

WAIT = 0.05
"""Seconds between two looks."""


def is_alive(lock: Path) -> bool:
    """Return whether a process holds the lock of courses."""
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True


def start(lock: Path, folder: Path, line: list[str]) -> None:
    """Run a script in the background, and wait until its process holds the lock.

    Args:
        lock: to be held.
        folder: of the course; the process writes process.json, exit.json, log.txt and runs/ there.
        line: the script and its arguments.

    Raises:
        ValueError: it did not come to life; the message has its last words.
    """
    for name in ("process.json", "exit.json"):
        (folder / name).unlink(missing_ok=True)
    command = [sys.executable, "-m", "digits.school.runner", str(lock), str(folder), *line]
    windows = ("BELOW_NORMAL_PRIORITY_CLASS", "CREATE_NEW_PROCESS_GROUP")  # elsewhere there are other ways
    with (folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | {"DIGITS_RUNS_DIR": str(folder / "runs"), "PYTHONUNBUFFERED": "1"},
            start_new_session=True,  # the terminal's Ctrl-C ends the app, not the course
            creationflags=sum(getattr(subprocess, name, 0) for name in windows),
        )
    threading.Thread(target=process.wait, daemon=True).start()  # so that no zombie stays
    until = time.monotonic() + START
    while not (folder / "process.json").exists():
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            process.wait()
            raise ValueError(f"The lesson could not be started: {last_line(folder)}")
        time.sleep(WAIT)


def end(lock: Path, folder: Path) -> None:
    """End the process of the course in `folder`, which holds the lock: so the number noted is its own."""
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


def last_line(folder: Path) -> str:
    """Return the last words of the process of the course in `folder`."""
    log = folder / "log.txt"
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1].strip() if lines else "It ended without a word."
