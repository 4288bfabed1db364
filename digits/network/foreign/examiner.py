"""The child process of `trial`: python -m digits.network.foreign.examiner MODEL.keras PARAMETERS

It says what it found as one JSON object, {"problem": null or a sentence}, and ends. What it may use is
limited before it looks at the file: on Linux memory, processor time and time on the clock, and it can write
no file; on macOS the system ignores the limit of memory, and Windows has no limit but the parent's clock.
"""

import json
import os
import signal
import sys
from pathlib import Path

from digits.network.foreign import archive, weights
from digits.network.foreign.refusal import Refusal, plain

MEMORY = 2**30
"""Bytes beyond what the process has before it looks at the file, and again before it asks Keras."""

SECONDS = 10
"""Of the processor, for each of the two."""

CLOCK = 120
"""Seconds that may pass meanwhile, on a machine that has others to serve; see also `trial.LONGEST`."""


def main(path: Path, parameters: int) -> None:
    """Examine one file and say what is wrong with it."""
    out = os.dup(1)
    for stream in (1, 2):  # whatever libraries print shall not be taken for the answer
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    os.write(out, json.dumps({"problem": _problem(path, parameters)}).encode())
    os._exit(0)  # nothing that the file brought along runs at the end


def _problem(path: Path, parameters: int) -> str | None:
    try:
        limit()
        weights.check(archive.read(path, "model.weights.h5"), parameters)
        lift()
        _answer(path)
    except Refusal as refusal:
        return str(refusal)
    except MemoryError:
        return f"It needs more than {MEMORY / 2**30:.0f} GiB of memory."
    except Exception as error:  # Keras raises many kinds, from TypeError to BadZipFile
        return f"Keras cannot load it ({plain(error) or type(error).__name__})."
    return None


def _answer(path: Path) -> None:
    """Load the model and ask it once."""
    import keras

    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)  # each thread reserves memory
        tf.config.threading.set_inter_op_parallelism_threads(1)
    from digits.network import adapting

    limit()
    adapting.as_ours(keras.saving.load_model(path, compile=False, safe_mode=True))


def limit() -> None:
    """Bound memory and time from here on, and forbid to write files."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    _soft(resource.RLIMIT_CPU, spent + SECONDS)
    _soft(resource.RLIMIT_FSIZE, 0)
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _soft(resource.RLIMIT_AS, pages * resource.getpagesize() + MEMORY)
    signal.setitimer(signal.ITIMER_REAL, CLOCK)


def lift() -> None:
    """Take the limits away while only files of the installation are read."""
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


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
