"""Taking a taught model into models/ under a name, and taking it back.

models/NAME.keras, NAME.json               in use
models/previous/NAME.keras, ...            what it replaced
models/previous/undone/NAME.keras, ...     what was rolled back, so that this can be undone too
models/.tmp-placing/                       on its way, for a moment, see `digits.models.registry`

A model and its card into models/: both or neither, whenever the process is killed.

The two files go into models/.tmp-placing/ first, which gets that name only when it is whole. Whoever is
killed before leaves models/ as it was; after that the next call of `finish` completes the move. Meanwhile a
model may be there whose card is still on its way: it can be used, with neutral settings.
"""

import re
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from filelock import FileLock

from digits.config import models_dir, now
from digits.files import atomic_path, sha256, write_json
from digits.models import checkpoints
from digits.models.card import Card
from digits.models.checkpoints import Entry


def install(path: Path, card: Card) -> None:
    """Put a copy of the model at `path`, with `card`, into models/ under the card's name.

    One process at a time; what has the name is replaced.
    """
    finish()
    whole = on_its_way()
    half = whole.with_name(".tmp-half")
    shutil.rmtree(half, ignore_errors=True)
    copy(path, half / f"{card.name}.keras", card)
    half.rename(whole)
    finish()


def finish() -> None:
    """Move what is on its way to its place; a killed process may have left it there."""
    whole = on_its_way()
    if whole.exists():
        for file in whole.iterdir():
            file.replace(models_dir() / file.name)
        whole.rmdir()


def on_its_way() -> Path:
    """Return the folder that exists only while a whole model waits for its move."""
    return models_dir() / ".tmp-placing"


def copy(path: Path, target: Path, card: Card) -> None:
    """Copy the model at `path` to `target`, and write `card` beside it."""
    with atomic_path(target) as temporary:
        shutil.copyfile(path, temporary)
    write_json(target.with_suffix(".json"), asdict(card))


def remove(path: Path) -> None:
    """Remove a model and its card, the model first: a card alone is nothing."""
    path.unlink(missing_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)


NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
MARK = "adopted"
"""In the card's `config`: when the model was adopted, the SHA-256 of what it replaced, or null, and where it
was rolled back the SHA-256 of what came instead, or null."""


@dataclass(frozen=True)
class Published:
    """A model in models/ that was adopted."""

    entry: Entry
    previous: Card | None
    """Card of the model that a roll back brings back; None: then the model is taken out of models/."""

    @property
    def name(self) -> str:
        """Its name in models/."""
        return self.entry.name

    @property
    def since(self) -> str:
        """When it was adopted, ISO 8601 in UTC."""
        return self.card.config[MARK]["when"]

    @property
    def card(self) -> Card:
        """Its card, which every adopted model has."""
        return _card(self.entry)


def check_name(name: str) -> str:
    """Return a name under which a model may be adopted.

    Raises:
        ValueError: no such name; the message says which characters are, or whose name it is already.
    """
    if not NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is no name for a model; expected 1 to 40 letters from A to Z, digits, - and _, the "
            "first a letter or a digit."
        )
    ours = {one.name for one in _adopted()}
    for path in checkpoints.files(models_dir()):
        same = path.stem.casefold() == name.casefold()  # one file on Windows and macOS
        if same and path.stem != name:
            raise ValueError(
                f"{name} differs from the model {path.stem} by nothing but capitals; choose another."
            )
        if same and name not in ours:
            raise ValueError(
                f"{name} is a model that was not made here, and stays as it is; choose another name."
            )
    return name


def publish(path: Path, name: str) -> Path:
    """Take a model with its card into models/ under `name`; what it replaces is kept in models/previous/.

    Returns:
        Where it now is.

    Raises:
        ValueError: the model or the name cannot be used; the message says why.
    """
    entry = checkpoints.inspect(path)
    card = _card(entry)
    if entry.problem:
        raise ValueError(f"{path.name} cannot be adopted: {entry.problem}")
    with _alone():
        finish()
        target = models_dir() / f"{check_name(name)}.keras"
        before = checkpoints.inspect(target).card if target.exists() else None
        if before and before.sha256 == card.sha256:  # a second click
            return target
        mark = {"when": now(), "replaces": before and before.sha256}
        checkpoints.keep_previous(target)
        install(path, replace(card, name=name, config=card.config | {MARK: mark}))
        return target


def is_published(card: Card) -> bool:
    """Return whether a model was made by a lesson and adopted. Its `config["base"]` names where it began."""
    return MARK in card.config


def published() -> list[Published]:
    """Return the adopted models, by name."""
    if on_its_way().exists():
        with _alone():
            finish()
    return _adopted()


def _adopted() -> list[Published]:
    found = [entry for entry in checkpoints.entries() if entry.card and is_published(entry.card)]
    return [Published(entry, _previous(entry)) for entry in found]


def roll_back(name: str) -> Card | None:
    """Bring back what an adopted model replaced, or take the model out of models/ if that was nothing.

    Returns:
        The card of the model that has the name now, or None.

    Raises:
        ValueError: no adopted model has this name.
    """
    with _alone():
        finish()
        found = _named(name)
        path, card = found.entry.path, found.card
        mark = card.config[MARK] | {"gave_way_to": found.previous and found.previous.sha256}
        copy(path, _undone(name), replace(card, config=card.config | {MARK: mark}))
        if found.previous:
            install(_kept(name), found.previous)
        else:
            remove(path)
        return found.previous


def undo(name: str) -> None:
    """Take back the last roll back of this name.

    Raises:
        ValueError: there is none, or another model has the name by now.
    """
    with _alone():
        finish()
        if name not in undone():
            raise ValueError(f"There is no roll back of {name} to take back.")
        aside = _undone(name)
        card = _card(checkpoints.inspect(aside))
        mark = {key: value for key, value in card.config[MARK].items() if key != "gave_way_to"}
        checkpoints.keep_previous(models_dir() / f"{name}.keras")
        install(aside, replace(card, config=card.config | {MARK: mark}))
        remove(aside)


def undone() -> list[str]:
    """Return the names whose last roll back can be taken back: what came instead still has the name."""
    found = [checkpoints.inspect(path) for path in checkpoints.files(_undone("any").parent)]
    return [one.name for one in found if one.card and _can_return(one.card)]


def _alone() -> FileLock:
    models_dir().mkdir(parents=True, exist_ok=True)
    return FileLock(models_dir() / ".tmp-placing.lock")


def _card(entry: Entry) -> Card:
    if entry.card is None:
        raise ValueError(f"{entry.path.name} cannot be adopted: {entry.problem or 'its card is missing.'}")
    return entry.card


def _named(name: str) -> Published:
    for one in published():
        if one.name == name:
            return one
    raise ValueError(f"No adopted model is called {name}.")


def _previous(entry: Entry) -> Card | None:
    """Return the card of what a model replaced, if that is still there."""
    kept = _kept(entry.name)
    card = checkpoints.inspect(kept).card if kept.exists() else None
    return card if card and card.sha256 == _card(entry).config[MARK]["replaces"] else None


def _can_return(card: Card) -> bool:
    """Return whether what has the name of a rolled back model is what came instead of it."""
    path = models_dir() / f"{card.name}.keras"
    return card.config[MARK].get("gave_way_to") == (sha256(path) if path.exists() else None)


def _kept(name: str) -> Path:
    return models_dir() / "previous" / f"{name}.keras"


def _undone(name: str) -> Path:
    return models_dir() / "previous" / "undone" / f"{name}.keras"
