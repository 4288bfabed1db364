"""The forms of a model that other programs take: which there are, what they need, and writing them."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digits.config import need
from digits.models import checkpoints
from digits.models.export import converters
from digits.models.export.converters import Source

LEAST_SAMPLES = 100
"""Digits that integers are fitted to, at least: their ranges are those of the values they meet."""


@dataclass(frozen=True)
class Format:
    """A form to export to."""

    ending: str
    """Of the file's or folder's name."""
    write: Callable[[Source, Path], None]
    needs: tuple[str, ...] = ()
    """Packages to write or to check it."""
    exact: bool = True
    """Whether its numbers are the model's but for the last places of float32."""


LITERT = ("ai_edge_litert",)
FORMATS = {
    "keras": Format(".keras", converters.to_keras),
    "h5": Format(".h5", converters.to_h5),
    "savedmodel": Format(".savedmodel", converters.to_saved_model),
    "tflite": Format(".tflite", converters.to_tflite, LITERT),
    "tflite-f16": Format(".f16.tflite", converters.to_tflite_f16, LITERT, exact=False),
    "tflite-int8": Format(".int8.tflite", converters.to_tflite_int8, LITERT, exact=False),
    "onnx": Format(".onnx", converters.to_onnx, ("onnx", "tf2onnx", "onnxruntime")),
    "tfjs": Format(".tfjs", converters.to_tfjs, ("tensorflowjs",), exact=False),
}
"""What `python -m digits export --to` takes."""


def write(
    path: Path, wanted: list[str], folder: Path, samples: np.ndarray | None = None
) -> Iterator[tuple[str, Path]]:
    """Write a model in some forms, each whole or not at all; what was there of that name is replaced.

    Args:
        path: of the .keras file.
        wanted: names in `FORMATS`.
        folder: where to; made if need be.
        samples: (N, 28, 28, 1) float32 in [0, 1], digits as the model will meet them, for tflite-int8.

    Yields:
        Each name with the path of its file or folder, as soon as that is written.

    Raises:
        ValueError: an unknown form, too few samples, a missing package, or no model of ours: one sentence,
            before anything is written.
        OSError: it cannot be written there; the message names it.
    """
    check_wanted(wanted)
    given = 0 if samples is None else len(samples)
    if fits_samples(wanted) and given < LEAST_SAMPLES:
        raise ValueError(
            f"tflite-int8 is fitted to sample digits, of which {given} were given; "
            f"expected {LEAST_SAMPLES} or more."
        )
    model, card = checkpoints.load(path)
    source = Source(path, model, card, samples)
    for name in dict.fromkeys(wanted):
        to = folder / f"{path.stem}{FORMATS[name].ending}"
        with _told_of_a_full_disk(to):
            FORMATS[name].write(source, to)
        yield name, to


@contextmanager
def _told_of_a_full_disk(path: Path) -> Iterator[None]:
    """Let a full disk be an OSError, whichever library meets it: TensorFlow has a kind of its own."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        if os.strerror(errno.ENOSPC) not in str(error):
            raise
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error


def check_wanted(wanted: list[str]) -> None:
    """Insist on forms that there are, and on the packages that they need.

    Raises:
        ValueError: an unknown form or a missing package; one sentence.
    """
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown or not wanted:
        named = repr(unknown[0]) if unknown else "nothing"
        raise ValueError(f"Export to {named}; expected some of: {', '.join(FORMATS)}.")
    for name in wanted:
        for module in FORMATS[name].needs:
            need(module, "export", f"Export to {name}")


def fits_samples(wanted: list[str]) -> bool:
    """Tell whether any of the forms is fitted to sample digits."""
    return "tflite-int8" in wanted
