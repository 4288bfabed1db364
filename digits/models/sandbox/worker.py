"""The child process of `trial`: python -m digits.models.sandbox.worker MODEL.keras PARAMETERS

It looks at the weights, lets Keras load the model and asks it once; it says what it found as one JSON object,
{"problem": null or a sentence}, and ends. What it may use is limited before it looks at the file: on Linux
memory, processor time and time on the clock, and it can write no file; on macOS the system ignores the limit
of memory, and Windows has no limit but the parent's clock.

The weights must be plain numbers that lie in the file, are all there and finite. HDF5 is a format of many
tricks: links to other files, arrays whose values lie elsewhere or nowhere, filters that unpack a few bytes to
gigabytes. Keras uses none of them, so none is accepted; and the library that reads the format is written in
C, which is why it does so in here.
"""

import io
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from digits.models.sandbox import container
from digits.models.sandbox.container import Refusal, plain, shown

MEMORY = 2**30
"""Bytes beyond what the process has before it looks at the file, and again before it asks Keras."""

SECONDS = 10
"""Of the processor, for each of the two."""

CLOCK = 120
"""Seconds that may pass meanwhile, on a machine that has others to serve; see also `trial.LONGEST`."""

MOST_OBJECTS, DEEPEST = 20_000, 24
"""Groups and arrays in a file, and levels of groups."""

NOT_COUNTED = {"seed_generator", "optimizer"}
"""Groups whose numbers are no parameters of the model."""


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
        check_weights(container.read(path, "model.weights.h5"), parameters)
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

    from digits.models.sandbox import adapt

    _one_thread()
    limit()
    adapt.as_ours(keras.saving.load_model(path, compile=False, safe_mode=True))


def _one_thread() -> None:
    """Keep TensorFlow from starting more, each of which reserves memory."""
    import keras

    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)


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


def check_weights(data: bytes, parameters: int) -> None:
    """Look at the weights and all their values.

    Args:
        data: the whole of model.weights.h5.
        parameters: how many numbers the model keeps, by its description.

    Raises:
        Refusal: it uses a trick, is damaged, holds another count of numbers, or NaN or infinite ones.
    """
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            arrays = list(_arrays(file, ()))
            total = sum(array.size * array.dtype.itemsize for _, array in arrays)
            if total > len(data):
                raise Refusal(f"Its weights claim {total:,} bytes in a file of {len(data):,}.")
            for _, array in arrays:
                if array.dtype.kind == "f" and not np.isfinite(array[()]).all():
                    raise Refusal(
                        f"Its weights {shown(array.name)} hold NaN or infinite numbers; "
                        "the training went wrong."
                    )
    except Refusal:
        raise
    except Exception as error:  # h5py raises many kinds
        raise Refusal("Its weights are damaged and cannot be read.") from error
    found = sum(array.size for path, array in arrays if not NOT_COUNTED & set(path))
    if found != parameters:
        raise Refusal(f"Its weights are {found:,} numbers; expected {parameters:,} by its description.")


def _arrays(group: h5py.Group, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], h5py.Dataset]]:
    """Yield all arrays with their paths, following nothing that leads out of the file."""
    if len(path) > DEEPEST:
        raise Refusal(f"Its weights are nested more than {DEEPEST} deep.")
    for number, name in enumerate(group):
        if number > MOST_OBJECTS:
            raise Refusal(f"Its weights are more than {MOST_OBJECTS:,} arrays.")
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            kind = "another file" if isinstance(link, h5py.ExternalLink) else "another place"
            raise Refusal(
                f"Its weights have a link {shown(name)} to {kind}; expected the numbers themselves."
            )
        found = group[name]
        if isinstance(found, h5py.Dataset):
            _check_storage(found)
            yield (*path, name), found
        elif isinstance(found, h5py.Group):
            yield from _arrays(found, (*path, name))
        else:
            raise Refusal(f"Its weights hold a {type(found).__name__}; expected arrays and groups.")


def _check_storage(array: h5py.Dataset) -> None:
    name = shown(array.name)
    if array.external or array.is_virtual:
        raise Refusal(f"The values of its weights {name} lie in another file; expected them in this one.")
    if array.dtype.kind not in "fiub":
        raise Refusal(f"Its weights {name} are of the type {shown(str(array.dtype))}; expected numbers.")
    if array.chunks is not None or array.compression is not None:
        raise Refusal(f"Its weights {name} are packed; expected them as Keras writes them.")
    if array.id.get_storage_size() != array.size * array.dtype.itemsize:
        raise Refusal(f"Its weights {name} claim the shape {array.shape}, but their values are not there.")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
