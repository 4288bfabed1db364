"""What an exported model says of itself, inside its own file. Reading it needs no TensorFlow.

.tflite        digits.json and labels.txt in a zip archive behind the model, the place that TFLite has for
               such files: `unzip model.tflite` takes them out
.onnx          the metadata `digits`
.h5            the attribute `digits`
.savedmodel    assets.extra/digits.json, beside every version's saved_model.pb
.tfjs          userDefinedMetadata in model.json
.keras         none inside: the card lies beside it, as it does in models/
"""

import dataclasses
import json
import zipfile
from pathlib import Path
from typing import Any

from digits.config import FRAME_VERSION
from digits.files import read_json
from digits.models import alphabet
from digits.models.card import INPUT, Card
from digits.models.sandbox.container import plain

KEY = "digits"
FILE = f"{KEY}.json"
VERSION = "1"
"""TensorFlow Serving looks for folders named by numbers in that of a SavedModel, and takes the highest."""

MOST_BYTES = 1_000_000  # of notes: a foreign file shall not unpack into more
EXPECTED = "expected a file that `python -m digits export` made"


def about(name: str, sha256: str, card: Card | None, outputs: list[str]) -> dict[str, Any]:
    """Return the notes on a model.

    Args:
        name, sha256: of the .keras file it is made from.
        card: of that file, whose history of training, and what came of other seeds, stay at home; None for a
            model without one.
        outputs: names of what it answers: "probabilities", and "logits" and "representation" where the
            model has them.
    """
    config = {key: value for key, value in card.config.items() if key != "seeds"} if card else {}
    return {
        "name": name,
        "sha256": sha256,
        "labels": list(card.labels if card else alphabet.DIGITS),
        "input": INPUT,
        "outputs": outputs,
        "frame_version": FRAME_VERSION,
        "temperature": card.temperature if card else 1.0,
        "thresholds": card.thresholds if card else {},
        "card": dataclasses.replace(card, history=[], config=config).as_dict() if card else None,
    }


def card_of(notes: dict[str, Any], file: str) -> Card | None:
    """Return the card in the notes of a file, or None where its model had none.

    Raises:
        ValueError: the notes are no notes of ours, or made for another way of framing.
    """
    labels = notes.get("labels")
    if not notes.get("card") and labels != list(alphabet.DIGITS):
        raise ValueError(f"{file} has labels {plain(labels, 80)}; expected the digits 0 to 9.")
    if notes.get("frame_version") != FRAME_VERSION:
        raise ValueError(
            f"{file} was made for frame version {notes.get('frame_version')!r}; "
            f"expected {FRAME_VERSION}: export the model again."
        )
    card = Card.parse(notes["card"], file) if notes.get("card") else None
    if card and labels != card.labels:
        raise ValueError(f"{file} has labels {plain(labels, 80)}; expected those of its card.")
    return card


def into_tflite(path: Path, notes: dict[str, Any]) -> None:
    """Append the notes to a .tflite file."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(FILE, json.dumps(notes, indent=2))
        archive.writestr("labels.txt", "\n".join(notes["labels"]) + "\n")


def into_onnx(path: Path, notes: dict[str, Any]) -> None:
    """Write the notes into the metadata of an .onnx file."""
    import onnx

    model = onnx.load(path)
    onnx.helper.set_model_props(model, {KEY: json.dumps(notes)})
    onnx.save(model, path)


def read(path: Path) -> dict[str, Any]:
    """Return the notes inside an export: a .tflite, .onnx, .h5 file, or a .savedmodel or .tfjs folder.

    Raises:
        ValueError: there are none in it.
    """
    try:
        notes = _READERS[path.suffix](path)
        notes = json.loads(notes) if isinstance(notes, str | bytes) else notes
    except Exception as error:  # h5py, zipfile and ONNX Runtime each raise kinds of their own
        raise ValueError(f"{path.name} has no notes on digits in it; {EXPECTED}.") from error
    if not isinstance(notes, dict):
        raise ValueError(f"{path.name} has notes that are no object; {EXPECTED}.")
    return notes


def _of_tflite(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        if archive.getinfo(FILE).file_size > MOST_BYTES:
            raise ValueError(f"{FILE} is too large.")
        return archive.read(FILE)


def _of_onnx(path: Path) -> str:
    import onnxruntime  # its own part of the package reads metadata; `onnx` need not be there

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.get_modelmeta().custom_metadata_map[KEY]


def _of_h5(path: Path) -> str:
    import h5py

    with h5py.File(path, "r") as file:
        return file.attrs[KEY]


_READERS = {
    ".tflite": _of_tflite,
    ".onnx": _of_onnx,
    ".h5": _of_h5,
    ".savedmodel": lambda path: read_json(path / VERSION / "assets.extra" / FILE),
    ".tfjs": lambda path: read_json(path / "model.json")["userDefinedMetadata"][KEY],
}
