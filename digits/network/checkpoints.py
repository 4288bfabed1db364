"""Models on disk: `models/<name>.keras` and beside it the card, `models/<name>.json`.

Listing needs no TensorFlow, so that the app can show its selector at once.
"""

import dataclasses
import glob
import shutil
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from digits.contract import FRAME_VERSION, SIDE, models_dir
from digits.files import atomic_path, atomic_paths, instance, read_json, sha256, sweep, to_json
from digits.network import adapting
from digits.network.foreign import archive, gate, passed
from digits.network.foreign.refusal import Refusal, plain

INPUT = {"shape": [SIDE, SIDE, 1], "range": [0.0, 1.0], "polarity": "bright ink on black"}
EXPORTED = (".tflite", ".onnx")  # exports that can be read with, and no more; see network/exports.py
KINDS = ".keras, .tflite or .onnx"
KEPT = 8  # models in memory at once, shared by all that look at them
LARGEST_CARD = 2**20  # bytes
ABANDONED = 3600.0  # seconds after which a file that is being written is nobody's: models take moments
_sharing: dict[Path, Lock] = defaultdict(Lock)  # one for each file: nobody waits for another model's trial


def _is_number(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _is_threshold_row(row: Any) -> bool:
    known = {"unsure_below", "refused", "errors_caught"}
    return (
        isinstance(row, dict) and known <= row.keys() and all(_is_number(v, -1e6, 1e6) for v in row.values())
    )


def _is_range(value: Any) -> bool:
    numbers = isinstance(value, list) and len(value) == 2 and all(_is_number(v, -1e4, 1e4) for v in value)
    return numbers and value[0] < value[1]


def _holds(good: Callable[[Any], bool], value: Any) -> bool:
    try:
        return good(value)
    except TypeError:  # it looks for something inside a number
        return False


CARD_CHECKS: dict[str, Callable[[Any], bool]] = {
    "name": lambda value: isinstance(value, str),
    "parameters": lambda value: _is_number(value, 1, 1e12),
    "architecture": lambda value: isinstance(value, str),
    "trained_on": lambda value: isinstance(value, list) and all("name" in source for source in value),
    "input": lambda value: isinstance(value, dict) and _is_range(value.get("range", [0, 1])),
    "created": lambda value: isinstance(value, str),
    "versions": lambda value: isinstance(value, dict),
    "hardware": lambda value: isinstance(value, str),
    "config": lambda value: isinstance(value, dict),
    "validation": lambda value: isinstance(value, dict) and "accuracy" in value,
    "temperature": lambda value: _is_number(value, 1e-3, 1e3),
    "thresholds": lambda value: isinstance(value, dict) and _is_number(value.get("unsure_below"), 0, 1),
    "minutes": lambda value: _is_number(value, 0, 1e9),
    "trade_off": lambda value: isinstance(value, list) and all(_is_threshold_row(row) for row in value),
    "promises": lambda value: isinstance(value, dict) and all(_is_number(v, 0, 1e6) for v in value.values()),
    "history": lambda value: isinstance(value, list) and all("epoch" in row for row in value),
}
"""What the app and the recognizer rely on."""

OPTIONAL = {"trade_off", "promises", "history"}
"""What older cards lack."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a checkpoint says about itself."""

    name: str
    architecture: str
    parameters: int
    trained_on: list[dict[str, str]]  # name, licence and attribution of each data set
    config: dict[str, Any]
    seed: int
    validation: dict[str, float]  # n, accuracy, loss
    temperature: float
    thresholds: dict[str, float]
    created: str
    versions: dict[str, str]
    minutes: float
    hardware: str
    input: dict[str, Any] = field(default_factory=lambda: dict(INPUT))
    frame_version: int = FRAME_VERSION
    sha256: str = ""
    trade_off: list[dict[str, float]] = field(default_factory=list)  # thresholds and their price, lax first
    promises: dict[str, float] = field(default_factory=dict)  # a measure of digits.standings: its limit
    history: list[dict[str, float]] = field(default_factory=list)  # loss, accuracy and validation by epoch

    @classmethod
    def read(cls, path: Path) -> "Card":
        """Read a card.

        Raises:
            ValueError: not a card, or made for another way of framing; the message says which.
        """
        if not path.is_file():  # to open a pipe is to wait for whoever fills it
            raise ValueError(f"{path.name} is no plain file, which a card is.")
        if path.stat().st_size > LARGEST_CARD:
            raise ValueError(
                f"{path.name} has {path.stat().st_size:,} bytes; a card has {LARGEST_CARD:,} at most."
            )
        return cls.parse(read_json(path), path.name)

    @classmethod
    def parse(cls, values: Any, file: str) -> "Card":
        """Make a card of what stands in a file of that name; see `read`."""
        known = {f.name for f in dataclasses.fields(cls)}
        required = known - OPTIONAL
        if not isinstance(values, dict) or not required <= values.keys():
            missing = sorted(required - set(values)) if isinstance(values, dict) else sorted(required)
            raise ValueError(f"{file} is not a complete model card; missing: {', '.join(missing)}.")
        if values["frame_version"] != FRAME_VERSION:
            raise ValueError(
                f"{file} was made for frame version {values['frame_version']}; "
                f"expected {FRAME_VERSION}: train the model again."
            )
        for key, good in CARD_CHECKS.items():
            if key in values and not _holds(good, values[key]):
                raise ValueError(
                    f"{file} has {key} = {plain(repr(values[key]), 80)}, which no card of ours has."
                )
        return cls(**{key: values[key] for key in known & values.keys()})


@dataclass(frozen=True)
class Entry:
    """A file in models/: its card if it has one, and what is wrong with it, or None."""

    path: Path
    card: Card | None
    problem: str | None

    @property
    def name(self) -> str:
        """The file's name without .keras."""
        return self.path.stem


def save(model, card: Card, path: Path) -> Card:
    """Write `model` to `path` and its card beside it: both whole, or what was there stays.

    Returns:
        The card with the SHA-256 of the file it belongs to.
    """
    for kind in (".keras", ".json"):
        sweep(path.parent, f".tmp-[0-9]*-{glob.escape(path.stem)}{kind}", older=ABANDONED)
    with atomic_paths(path, path.with_suffix(".json")) as (file, beside):
        model.save(file)
        card = dataclasses.replace(card, sha256=sha256(file))
        beside.write_text(to_json(dataclasses.asdict(card)), encoding="utf-8")
    passed.remember(card.sha256)  # it was made here, of layers that are here
    return card


def keep_previous(path: Path) -> Path | None:
    """Copy a model that is about to be replaced, with its card, to previous/ beside it, which lists nothing.

    Returns:
        Where it now is, or None when there was no model.
    """
    if not path.exists():
        return None
    kept = path.parent / "previous" / path.name
    kept.parent.mkdir(exist_ok=True)
    for file in (path, path.with_suffix(".json")):
        if file.exists():
            with atomic_path(kept.with_suffix(file.suffix)) as temporary:
                shutil.copyfile(file, temporary)
    return kept


def load(path: Path):
    """Load a model for prediction.

    Returns:
        The `keras.Model`, not compiled, and its card, or None for a model without one.

    Raises:
        ValueError: not a model of ours; the message says in one sentence why.
    """
    if path.suffix in EXPORTED:
        raise ValueError(
            f"{path.name} only answers: to explain, attack, teach or export it, "
            "give the .keras file that it was made from."
        )
    entry = inspect(path)
    if entry.problem:
        raise ValueError(f"{plain(path.name)}: {entry.problem}")
    with gate.admitted(path) as copy:
        model = _loaded(copy, path.name)
        # The file may have been replaced since it was inspected; its card counts for what is loaded alone.
        card = entry.card if entry.card and entry.card.sha256 == sha256(copy) else None
        values = tuple(card.input.get("range", adapting.RANGE)) if card else None
        return adapting.as_ours(model, values), card


def shared(path: Path):
    """Return the same as `load`, each file's model once: all that only look at it share one in memory.

    A model of a file that was replaced is loaded anew.

    Raises:
        ValueError: see `load`.
    """
    path = path.resolve()
    with _sharing[path]:  # two threads that ask at once shall not load it twice
        return _shared(path, *(instance(file) for file in (path, path.with_suffix(".json"))))


@lru_cache(maxsize=KEPT)
def _shared(path: Path, *stamps):
    return load(path)


def find(model: str | Path) -> Path:
    """Return the path of a model given by name or path.

    Raises:
        ValueError: there is no such model; the message names those there are.
    """
    if not isinstance(model, str | Path):
        raise ValueError(f"A model of type {type(model).__name__}; expected a name or a path.")
    path = Path(model)
    if path.exists():
        try:
            archive.check_kind(path)
        except Refusal as refusal:
            raise ValueError(f"{path.name}: {refusal}") from None
    if path.suffix not in (".keras", *EXPORTED):
        path = models_dir() / f"{model}.keras"
    elif not path.is_file() and path.parent == Path():  # the file's name as a listing of models/ shows it
        path = models_dir() / path
    if not path.is_file():
        names = ", ".join(sorted(entry.name for entry in entries())) or "none"
        raise ValueError(
            f"There is no model {str(model)!r}; expected a path to a {KINDS} file or one of: {names}."
        )
    return path


def files(folder: Path) -> list[Path]:
    """Return the .keras files of a folder by name, without half-written ones, which begin with a dot."""
    return sorted(folder.glob("[!.]*.keras"))


def entries() -> list[Entry]:
    """Return what models/ holds, by name. Broken files are listed with their problem."""
    return [inspect(path) for path in files(models_dir())]


def inspect(path: Path) -> Entry:
    """Look at a checkpoint and its card without loading it."""
    try:
        gate.look(path)
    except (Refusal, OSError) as error:
        return Entry(path, None, plain(error))
    card_path = path.with_suffix(".json")
    try:
        if not card_path.exists():
            return Entry(path, None, None)
        card = Card.read(card_path)
        # A card that describes another file is no card: the model is used with neutral settings.
        return Entry(path, card if card.sha256 == sha256(path) else None, None)
    except (ValueError, OSError) as error:
        return Entry(path, None, plain(error))


def _loaded(path: Path, name: str):
    import keras  # late: listing models needs no TensorFlow

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises many kinds, from TypeError to BadZipFile
        raise ValueError(f"{plain(name)}: Keras cannot load it ({_first_line(error)}).") from error


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:200]
