"""The child process of `trial`: python -m digits.models.sandbox.worker JOB MODEL LABELS

The job "description" returns the text in an .h5 file, "weights" all weights; "trial" makes the model, asks
it in every form, and then a whole batch. It answers with one JSON object in a line, {"problem": null or a
sentence}, behind which the bytes of the first two stand, and ends. What it may use is limited before it
looks at the file: on Linux memory, processor time and time on the clock, and it can write no file. On all
systems a thread looks at its memory fifty times a second, and ends it where it has too much.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from digits.models.alphabet import DIGITS
from digits.models.sandbox import container, description, outline, weights
from digits.models.sandbox.container import Refusal, plain

MEMORY = 2**30
"""Bytes beyond what the process has before it looks at the file, and again before it asks Keras."""

SECONDS, ASKING = 10, 60
"""Of the processor: to read the file, and to make and ask the model."""

CLOCK = 120
"""Seconds that may pass meanwhile, on a machine that has others to serve; see also `trial.LONGEST`."""

BATCH = 512
"""Frames at once: as many as the app ever asks, see `recognizer.BATCH`."""

LOOKS = 0.02
"""Seconds between two looks at the memory."""

TOO_MUCH = f"It needs more than {MEMORY / 2**30:.0f} GiB of memory."

_allowed = [0]
"""Bytes that the process may have in all; 0 for any number."""


def main(job: str, path: Path, labels: Sequence[str]) -> None:
    """Examine one file and say what was found; `labels` are what its outputs stand for."""
    out = os.dup(1)
    for stream in (1, 2):  # whatever libraries print shall not be taken for the answer
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    threading.Thread(target=_watch, args=(out,), daemon=True).start()
    answer, data = _answer(job, path, labels)
    with os.fdopen(out, "wb") as stream_out:
        stream_out.write(json.dumps(answer).encode() + b"\n" + data)
        stream_out.flush()
        os._exit(0)  # nothing that the file brought along runs at the end


def _answer(job: str, path: Path, labels: Sequence[str]) -> tuple[dict[str, Any], bytes]:
    problem, data, more = None, b"", {}
    try:
        limit()
        if job == "description":
            data = weights.read_description(container.read(path, "model.weights.h5"))
        else:
            model = plan_of(path, labels)
            values = weights.read(container.read(path, "model.weights.h5"), model)
            if job == "weights":
                data = values.astype("<f4").tobytes()
            else:
                lift()
                more = {"finding": _tried(model, values, labels)}
    except Refusal as refusal:
        problem = str(refusal)
    except MemoryError:
        problem = TOO_MUCH
    except Exception as error:  # Keras raises many kinds, from TypeError to BadZipFile
        many = "ResourceExhausted" in type(error).__name__ or "Cannot allocate" in str(error)
        problem = TOO_MUCH if many else f"Keras cannot load it ({plain(error) or type(error).__name__})."
    return {"problem": problem, **more}, data


def plan_of(path: Path, labels: Sequence[str] = DIGITS) -> outline.Plan:
    """Return the plan of a file that may be of either form; see `outline.plan`."""
    old = container.is_hdf5(path)
    data = container.read(path, "config.json")
    return outline.plan(description.parse(weights.read_description(data) if old else data), labels)


def _tried(model: outline.Plan, values: np.ndarray, labels: Sequence[str]) -> dict[str, Any] | None:
    """Make the model, find its form if it knows digits, and ask what is made of it in ours for a whole
    batch."""
    import keras  # noqa: F401  what follows imports it: its own needs are not the model's

    from digits.models import runtimes
    from digits.models.sandbox import adapt, build, inputs

    _one_thread()
    frames, _ = inputs.known_digits()
    limit(ASKING)
    made = build.build(model, values)
    call = runtimes.compile_model(made)

    def answer(frames: np.ndarray, form: inputs.Form) -> np.ndarray:
        return call(adapt.given(frames, model.takes, form))[0]

    finding = inputs.find_form(answer, model.work, labels)
    form = finding.form if finding else inputs.UNIT
    whole = runtimes.keras_runtime(adapt.as_ours(made, form=form, classes=len(labels)))
    answers = whole(np.resize(frames, (BATCH, *frames.shape[1:])))
    if answers.shape != (BATCH, len(labels)) or not np.isfinite(answers).all():
        raise Refusal("It answers a whole batch with NaN or infinite numbers; expected probabilities.")
    return asdict(finding) if finding else None


def _one_thread() -> None:
    """Keep TensorFlow from starting more, each of which reserves memory."""
    import keras

    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)


def limit(seconds: int | None = None) -> None:
    """Bound memory and time from here on, and forbid to write files.

    Args:
        seconds: of the processor (None: `SECONDS`).
    """
    _allowed[0] = used_memory() + MEMORY
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    _soft(resource.RLIMIT_CPU, spent + (seconds or SECONDS))
    _soft(resource.RLIMIT_FSIZE, 0)
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _soft(resource.RLIMIT_AS, pages * resource.getpagesize() + MEMORY)
    signal.setitimer(signal.ITIMER_REAL, CLOCK)


def lift() -> None:
    """Take the limits away while only files of the installation are read."""
    _allowed[0] = 0
    if sys.platform == "win32":
        return
    import resource

    for which in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE):
        _soft(which, resource.getrlimit(which)[1])
    signal.setitimer(signal.ITIMER_REAL, 0)


def _soft(which: int, value: int) -> None:
    import resource

    hard = resource.getrlimit(which)[1]
    resource.setrlimit(which, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _watch(out: int) -> None:
    """End the process with an answer once it has more memory than it may, whatever the system allows."""
    while True:
        allowed = _allowed[0]  # once: it may be lifted meanwhile
        if allowed and used_memory() > allowed:
            os.write(out, json.dumps({"problem": TOO_MUCH}).encode() + b"\n")
            os._exit(0)
        time.sleep(LOOKS)


def used_memory() -> int:
    """Return the bytes of memory that this process has, on macOS the most that it ever had."""
    if sys.platform == "linux":
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123  fifty times a second
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    if sys.platform == "win32":
        return _used_on_windows()
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _used_on_windows() -> int:
    import ctypes

    class Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS_EX; the last is what the process alone has committed."""

        _fields_ = [("size", ctypes.c_uint32), ("faults", ctypes.c_uint32)] + [
            (f"bytes_{n}", ctypes.c_size_t) for n in range(9)
        ]

    found = Counters(size=ctypes.sizeof(Counters))
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined]
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    process = ctypes.c_void_p(kernel.GetCurrentProcess())
    kernel.K32GetProcessMemoryInfo(process, ctypes.byref(found), found.size)
    return found.bytes_8


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), tuple(sys.argv[3]))
