"""Models on disk: `models/<name>.keras` and beside it the card, `models/<name>.json`.

Listing needs no TensorFlow, so that the app can show its selector at once.
"""

import dataclasses
import glob
import shutil
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from digits.config import models_dir
from digits.files import atomic_path, atomic_paths, instance, sha256, sweep, to_json
from digits.models import alphabet, networks
from digits.models.alphabet import DIGITS
from digits.models.card import Card
from digits.models.sandbox import adapt, container, gate
from digits.models.sandbox.container import Refusal, plain

if TYPE_CHECKING:
    import keras

EXPORTED = (".tflite", ".onnx")  # exports that can be read with, and no more; see `digits.models.export`
KEPT = 8  # models in memory at once, shared by all that look at them
ABANDONED = 3600.0  # seconds after which a file that is being written is nobody's: models take moments
_sharing: dict[Path, Lock] = defaultdict(Lock)  # one for each file: nobody waits for another model's trial


@dataclass(frozen=True)
class Entry:
    """A file in models/: its card if it has one, what is wrong with it, or None, and what its outputs stand
    for."""

    path: Path
    card: Card | None
    problem: str | None
    labels: tuple[str, ...] = DIGITS

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    @property
    def has_letters(self) -> bool:
        """Whether it reads letters: it is then not measured, compared or taught as readers of digits are."""
        return alphabet.has_letters(self.labels)


def save(model: "keras.Model", card: Card, path: Path) -> Card:
    """Write `model` to `path` and its card beside it: both whole, or what was there stays.

    Returns:
        The card with the SHA-256 of the file it belongs to.
    """
    for kind in (".keras", ".json"):
        sweep(path.parent, f".tmp-[0-9]*-{glob.escape(path.stem)}{kind}", older=ABANDONED)
    with atomic_paths(path, path.with_suffix(".json")) as (file, beside):
        model.save(file)
        card = dataclasses.replace(card, sha256=sha256(file))
        beside.write_text(to_json(card.as_dict()), encoding="utf-8")
    gate.remember(card.sha256)  # it was made here, of layers that are here
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


def load(path: Path) -> "tuple[keras.Model, Card | None]":
    """Load a model for prediction.

    Returns:
        It, not compiled, and its card, or None for a model without one.

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
    loaded = gate.load(path, entry.labels)
    # The file may have been replaced since it was inspected; its card counts for what is loaded alone.
    card = entry.card if entry.card and entry.card.sha256 == loaded.digest else None
    finding, said = loaded.finding, card.input if card else {}
    values = tuple(said.get("range", adapt.RANGE)) if card else None
    form = said.get("form") if card else finding.form if finding and finding.works else None
    try:
        model = adapt.as_ours(loaded.model, values, form, len(entry.labels))
    except Refusal as refusal:
        raise ValueError(f"{plain(path.name)}: {refusal}") from None
    if card is None and path.parent.resolve() == models_dir().resolve():
        card = gate.write_card(path, loaded.digest, loaded.parameters, entry.labels)
    if card is None and entry.labels != DIGITS:
        card = Card.of_untrusted(path.stem, loaded.digest, loaded.parameters, finding, entry.labels)
    return model, card


def shared(path: Path) -> "tuple[keras.Model, Card | None]":
    """Return the same as `load`, each file's model once: all that only look at it share one in memory.

    A model of a file that was replaced is loaded anew.

    Raises:
        ValueError: see `load`.
    """
    path = path.resolve()
    with _sharing[path]:  # two threads that ask at once shall not load it twice
        return _shared(path, *(instance(file) for file in (path, path.with_suffix(".json"))))


@lru_cache(maxsize=KEPT)
def _shared(path: Path, *stamps: object) -> "tuple[keras.Model, Card | None]":
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
            container.check_kind(path)
        except Refusal as refusal:
            raise ValueError(f"{path.name}: {refusal}") from None
    if path.suffix not in (*gate.ENDINGS, *EXPORTED):
        named = (models_dir() / f"{model}{ending}" for ending in gate.ENDINGS)
        path = next((file for file in named if file.is_file()), path)
    elif not path.is_file() and path.parent == Path():  # the file's name as a listing of models/ shows it
        path = models_dir() / path
    if not path.is_file():
        names = ", ".join(sorted(entry.name for entry in entries())) or "none"
        raise ValueError(
            f"There is no model {str(model)!r}; expected a path to a .keras, .tflite or .onnx file "
            f"or one of: {names}."
        )
    return path


def files(folder: Path) -> list[Path]:
    """Return the readers in a folder by name, .keras and old .h5: not the project's other networks, nor
    half-written files, which begin with a dot; of two with one name the first of `gate.ENDINGS`."""
    found: dict[str, Path] = {}
    for ending in gate.ENDINGS:
        for path in folder.glob(f"[!.]*{ending}"):
            if path.stem.casefold() not in networks.NAMES:
                found.setdefault(path.stem, path)
    return sorted(found.values())


def entries() -> list[Entry]:
    """Return what models/ holds, by name. Broken files are listed with their problem."""
    return [inspect(path) for path in files(models_dir())]


def inspect(path: Path) -> Entry:
    """Look at a checkpoint and its card without loading it."""
    card, labels, problem = None, DIGITS, None
    try:
        card, labels = card_beside(path)
    except (ValueError, OSError) as error:
        problem = plain(error)
    try:
        gate.look(path, labels)
    except (Refusal, OSError) as error:
        return Entry(path, None, problem or plain(error))
    return Entry(path, card, problem, labels)


def card_beside(path: Path) -> tuple[Card | None, tuple[str, ...]]:
    """Return the card of a model, None where none describes it, and what its outputs stand for.

    Raises:
        ValueError: it is damaged.
    """
    beside = path.with_suffix(".json")
    if not beside.exists():
        return None, DIGITS
    if labels := Card.bare_labels(beside):
        return None, labels
    card = Card.read(beside)
    if card.sha256 != sha256(path):
        # A card that describes another file is no card: the model is used with neutral settings.
        return None, DIGITS
    return card, tuple(card.labels)
