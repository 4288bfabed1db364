"""The trial of an untrusted model: a child process loads it and asks it, within limits of memory and time."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Lock

from digits.config import ROOT
from digits.models.sandbox.container import Refusal, plain

LONGEST = 600.0
"""Seconds for everything, most of them for the start of TensorFlow on a busy machine; see also `worker`."""

HANDED_DOWN = ("PATH", "SYSTEMROOT", "KERAS_BACKEND", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Variables that the child gets. The others may hold what is nobody's business."""

ENDED = (
    "Its trial ended before it had answered once ({}): it is damaged, or takes more memory or time than a "
    "digit reader may."
)

LATE = "It could not be tried in time; try again when the machine is less busy."

_one = Lock()
"""Two trials at once would only take time from each other."""


def run(path: Path, parameters: int) -> None:
    """Try a model whose archive and description were found good.

    Args:
        path: a copy that nobody else can change.
        parameters: how many it keeps, by its description.

    Raises:
        Refusal: its weights are no good, or it does not load or answer as a digit reader does.
    """
    with _one, tempfile.TemporaryDirectory() as folder:
        child = subprocess.Popen(
            [sys.executable, "-m", "digits.models.sandbox.worker", str(path.resolve()), str(parameters)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=_surroundings(folder),
            start_new_session=True,
        )
        try:
            words, _ = child.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            raise Refusal(LATE) from None
        finally:
            child.kill()
            child.wait()
    problem = _understood(words, child.returncode)
    if problem:
        raise Refusal(problem)


def _surroundings(folder: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in HANDED_DOWN if name in os.environ}
    return kept | {
        "HOME": folder,
        "KERAS_HOME": folder,
        "TMPDIR": folder,
        "PYTHONPATH": str(ROOT),
        "PYTHONSAFEPATH": "1",  # what lies in the folder is no module
        "PYTHONDONTWRITEBYTECODE": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",  # each arena reserves 64 MiB, which the limit of memory would count
    }


def _understood(words: bytes, code: int) -> str | None:
    """Return what the child found wrong; JSON and nothing else is read from it."""
    try:
        answer = json.loads(words.decode("utf-8")[:10_000])
        problem = answer["problem"]
    except (ValueError, KeyError, TypeError, RecursionError):
        if sys.platform != "win32" and code == -signal.SIGALRM:  # its own clock
            return LATE
        return ENDED.format(f"signal {-code}" if code < 0 else f"code {code}")
    return problem if problem is None else plain(problem, 500)
