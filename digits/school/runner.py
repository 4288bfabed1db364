"""The process in which a course runs, started by `course` and by nobody else.

    python -m digits.school.runner LOCK FOLDER SCRIPT [ARGUMENT ...]

It holds LOCK for its whole life, however that ends, so that nobody takes a dead process for a living one:
unlike the number of a process, which the next process may get, a lock goes with its holder.
"""

import os
import runpy
import sys
import traceback
from pathlib import Path

from filelock import FileLock

from digits.files import write_json

POLITE = 10
"""Steps by which everything else on the computer goes first; 19 is most polite."""

PATIENCE = 10.0
"""Seconds to wait for the lock; nobody else holds it for longer than a glance."""


def main(lock: str, folder: str, script: str, *arguments: str) -> None:
    """Run a script as if it had been started by itself, and note in exit.json how it ended."""
    with FileLock(lock, timeout=PATIENCE):
        write_json(Path(folder, "process.json"), {"pid": os.getpid()})
        if hasattr(os, "nice"):  # Windows has another way, see `course`
            os.nice(POLITE)
        write_json(Path(folder, "exit.json"), {"code": _run(script, arguments)})


def _run(script: str, arguments: tuple[str, ...]) -> int:
    sys.argv = [script, *arguments]
    try:
        runpy.run_path(script, run_name="__main__")
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
