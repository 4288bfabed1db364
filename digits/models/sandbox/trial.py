"""The trial of an untrusted model: a child process reads it, makes it and asks it, within limits of memory
and time.

What comes back is JSON and plain numbers, of which it is known beforehand how many they are. The app's own
process never opens a stranger's HDF5.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from digits.config import ROOT
from digits.files import instance
from digits.models.alphabet import DIGITS
from digits.models.sandbox.container import Refusal, plain
from digits.models.sandbox.inputs import Finding
from digits.models.sandbox.outline import Plan

LONGEST = 600.0
"""Seconds for everything, most of them for the start of TensorFlow on a busy machine; see also `worker`."""

MOST_DESCRIPTION = 2**22
"""Bytes of the text in an .h5 file."""

MOST_SAID = 10_000
"""Bytes of a child's answer, beside what it returns."""

HANDED_DOWN = ("PATH", "SYSTEMROOT", "KERAS_BACKEND", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Variables that the child gets. The others may hold what is nobody's business."""

ENDED = (
    "Its trial ended before it had answered once ({}): it is damaged, or takes more memory or time than a "
    "digit reader may."
)

LATE = "It could not be tried in time; try again when the machine is less busy."

_one = threading.Lock()
"""Two trials at once would only take time from each other."""


def run(path: Path, parameters: int, labels: Sequence[str] = DIGITS) -> Finding | None:
    """Try a model whose archive and description were found good.

    Args:
        path: a copy that nobody else can change.
        parameters: how many it keeps, by its description.
        labels: what its outputs stand for, by its card.

    Returns:
        Which form of frames it expects; None where it knows no digit, of which that can be told.

    Raises:
        Refusal: its weights are no good, or it does not load or answer as a digit reader does.
    """
    with _one:
        said, _ = _ask("trial", path, 0, labels)
    return Finding.parse(said.get("finding"))


def weights(path: Path, plan: Plan, labels: Sequence[str] = DIGITS) -> np.ndarray:
    """Return all weights of a model, (plan.parameters,) float32, in the order of `plan.layers`; `labels` as
    in `run`.

    Raises:
        Refusal: they are not those of the plan.
    """
    _, data = _ask("weights", path, 4 * plan.parameters, labels)
    values = np.frombuffer(data, "<f4").astype(np.float32)
    if values.shape != (plan.parameters,) or not np.isfinite(values).all():
        raise Refusal(f"Its weights are {values.size:,} numbers; expected {plan.parameters:,} finite ones.")
    return values


def description(path: Path) -> bytes:
    """Return the text of an .h5 file that describes its model; it is as untrusted as any.

    Raises:
        Refusal: it holds none, or is damaged.
    """
    return _description(path.resolve(), *(instance(path) or ()))


@lru_cache(maxsize=64)
def _description(path: Path, *stamps: object) -> bytes:
    return _ask("description", path, MOST_DESCRIPTION)[1]


def _ask(job: str, path: Path, most: int, labels: Sequence[str] = DIGITS) -> tuple[dict[str, Any], bytes]:
    """Let a child do a job, and return its answer and the bytes behind it, `most` of them.

    Raises:
        Refusal: it found a problem, or ended without an answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        child = subprocess.Popen(
            [sys.executable, "-m", "digits.models.sandbox.worker", job, str(path.resolve()), "".join(labels)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=_surroundings(folder),
            start_new_session=True,
        )
        late = threading.Event()

        def end() -> None:
            late.set()
            child.kill()

        clock = threading.Timer(LONGEST, end)
        clock.start()
        assert child.stdout
        try:
            words = child.stdout.read(most + MOST_SAID)
            if len(words) < most + MOST_SAID:
                child.wait()
        finally:
            clock.cancel()
            child.kill()
            child.wait()
            child.stdout.close()
    if late.is_set():
        raise Refusal(LATE)
    line, _, data = words.partition(b"\n")
    said = _understood(line, child.returncode)
    if said.get("problem"):
        raise Refusal(said["problem"])
    if len(data) > most:
        raise Refusal(f"It brings {len(data):,} bytes; expected at most {most:,}.")
    return said, data


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
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",  # each arena reserves 64 MiB, which the limit of memory would count
    }


def _understood(words: bytes, code: int) -> dict[str, Any]:
    """Return what the child said; a problem, where that was not JSON of the form agreed upon."""
    try:
        answer = json.loads(words.decode("utf-8")[:MOST_SAID])
        problem = answer["problem"]
    except (ValueError, KeyError, TypeError, RecursionError):
        if sys.platform != "win32" and code == -signal.SIGALRM:  # its own clock
            return {"problem": LATE}
        return {"problem": ENDED.format(f"signal {-code}" if code < 0 else f"code {code}")}
    return answer | {"problem": problem if problem is None else plain(problem, 500)}
