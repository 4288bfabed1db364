"""A model's lite copy: the same answers without TensorFlow, which costs each process half a gigabyte.

One lies beside each shipped model; of others one is made where many processes are to read.
"""

import hashlib
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from digits.config import SIDE, runs_dir, silence
from digits.deploy import processes
from digits.files import sha256
from digits.models import alphabet, checkpoints, runtimes
from digits.models.export import formats, metadata, verify
from digits.models.memory import Memory
from digits.models.sandbox.inputs import known_digits
from digits.recognizer import Recognizer

FORM = "tflite"
"""Of all forms the one that answers with the least processor time and memory."""

VERSION = 2
"""Of the copies that are made here, raised whenever they gain something, so that none made before is taken:
those of 2 tell the features as well, which the memory of a hand needs."""

FRAMES = 64  # of noise from sparse to dense, and of digits, that a copy is checked on


def load(model: Path, memory: Path | None = None, looks: bool = False) -> Recognizer:
    """Load a model's copy, or the model itself where that cannot be loaded here; see `Recognizer.load`.

    Args:
        model: its .keras file.
        memory: file of a memory to read with.
        looks: whether it shall tell its features, as it has to with a memory too; some copies do not.

    Raises:
        ValueError: nor can the model, or the memory cannot be used with it; one sentence.
    """
    hand = Memory.load(memory) if memory else None
    reader = Recognizer.load(model, light=True)
    if (looks or hand) and not reader.looks:
        reader = Recognizer.load(model, light=False)
    return reader.with_memory(hand)


def find_or_make_copy(model: Path, say: Callable[[str], None]) -> Path | None:
    """Return a copy of a .keras model that needs no TensorFlow, made once for each model and card.

    It is made in a process of its own, so that this one stays as small as it is.

    Args:
        model: path of the model.
        say: is told in a sentence what takes its time, or what is missing.

    Returns:
        Its path, beside the model or in the folder of runs; `model` itself where that is an export already;
        None where packages of the extra `batch` are missing, or the copy does not answer as the model does.

    Raises:
        ValueError: the model cannot be loaded; one sentence.
    """
    if (beside := runtimes.find_copy(model)).suffix in checkpoints.EXPORTED:
        return beside
    folder = runs_dir() / "light" / f"{identity(model)[:16]}-{VERSION}"
    copy = folder / f"{model.stem}{formats.FORMATS[FORM].ending}"
    if not copy.exists():
        if any(find_spec(module) is None for module in formats.FORMATS[FORM].needs):
            say("TensorFlow reads in one process; many light ones are faster: pip install -e '.[batch]'")
            return None
        say(f"Making a copy of {model.stem} that needs no TensorFlow, once: half a minute ...")
        with ProcessPoolExecutor(1, processes.SPAWN, silence, (2,)) as pool:
            pool.submit(_make, model, folder).result()
    if not copy.exists():
        say(f"The copy does not answer as {model.stem} does: TensorFlow reads in one process.")
        return None
    return copy


def labels_of(model: Path) -> tuple[str, ...]:
    """Return what the outputs of a model or of an export stand for.

    Raises:
        ValueError: it is an export, and has no notes of ours in it.
    """
    if model.suffix not in checkpoints.EXPORTED:
        return checkpoints.inspect(model).labels
    card = metadata.card_of(metadata.read(model), model.name)
    return tuple(card.labels) if card else alphabet.DIGITS


def origin(model: Path) -> str:
    """Return the SHA-256 of the .keras file that a model is, or that an export was made from; of the export
    itself where it does not say: as `Recognizer.sha256`, without loading it.

    Raises:
        ValueError: it is an export, and has no notes of ours in it.
    """
    is_export = model.suffix in checkpoints.EXPORTED
    card = metadata.card_of(metadata.read(model), model.name) if is_export else None
    return card.sha256 if card else sha256(model)


def identity(model: Path) -> str:
    """Return 64 hexadecimal digits that stand for a model's file and card: all that its answers come from."""
    card = model.with_suffix(".json")
    sums = [sha256(path) for path in (model, card) if path.exists()]
    return hashlib.sha256("".join(sums).encode()).hexdigest()


def _make(model: Path, folder: Path) -> None:
    """Write a copy; only one that answers as the model does gets to the folder."""
    rng = np.random.default_rng(0)
    frames = rng.random((FRAMES, SIDE, SIDE, 1), np.float32) ** rng.uniform(1, 20, (FRAMES, 1, 1, 1))
    frames = np.concatenate([frames.astype(np.float32), known_digits()[0][:FRAMES]])
    expected = Recognizer.load(model).probabilities(frames)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".tmp-", dir=folder.parent) as place:
        for name, copy in formats.write(model, [FORM], Path(place)):
            if verify.check(name, copy, frames, expected.argmax(axis=1), expected).passed:
                for path in sorted(
                    Path(place).iterdir(), key=copy.__eq__
                ):  # the copy last: all is there then
                    path.replace(folder / path.name)
