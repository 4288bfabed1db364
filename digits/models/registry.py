"""Fine-tuned models in models/: published under a name, and rolled back to what had the name before.

models/NAME.keras, NAME.json       in use
models/previous/NAME.keras, ...    what had the name before
models/.tmp-placing/               both files on their way, for a moment

A model and its card get to models/ both or neither, whenever the process is killed: they go into
.tmp-placing/ first, which gets that name only when it is whole. Whoever is killed before leaves models/ as it
was; after that the next call completes the move. Meanwhile a model may be there whose card is still on its
way: it can be used, with neutral settings.
"""

import glob
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock

from digits.config import models_dir, now, results_dir
from digits.files import atomic_path, sha256, write_json
from digits.models import checkpoints, networks
from digits.models.card import Card
from digits.models.checkpoints import Entry
from digits.models.sandbox import gate

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")

MARK = "adopted"
"""In the card's `config`: {"when": ..., "replaces": SHA-256 of what the model replaced, or null}."""


@dataclass(frozen=True)
class Published:
    """A model in models/ that was published."""

    entry: Entry
    previous: Card | None
    """Card of the model that a roll back brings back; None: then the model is taken out of models/."""

    @property
    def name(self) -> str:
        """Its name in models/."""
        return self.entry.name

    @property
    def since(self) -> str:
        """When it was published, ISO 8601 in UTC."""
        return self.card.config[MARK]["when"]

    @property
    def card(self) -> Card:
        """Its card, which every published model has."""
        return _card(self.entry)


def is_published(card: Card) -> bool:
    """Return whether a model was fine-tuned and published here. Its `config["base"]` names where it began."""
    return MARK in card.config


def published() -> list[Published]:
    """Return the published models, by name."""
    if _on_its_way().exists():
        with _alone():
            _finish()
    return _published()


def check_name(name: str) -> str:
    """Return a name under which a model may be published.

    Raises:
        ValueError: no such name; the message says which characters are, or whose name it is already.
    """
    if not NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is no name for a model; expected 1 to 40 letters from A to Z, digits, - and _, the "
            "first a letter or a digit."
        )
    if name.casefold() in networks.NAMES:
        raise ValueError(f"{name} is a network by which numbers are found and read; choose another name.")
    ours = {one.name for one in _published()}
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
    card = _card(checkpoints.inspect(path))
    with _alone():
        _finish()
        target = models_dir() / f"{check_name(name)}.keras"
        before = checkpoints.inspect(target).card if target.exists() else None
        if before and before.sha256 == card.sha256:  # a second click
            return target
        _check_new(card, name)
        mark = {"when": now(), "replaces": before and before.sha256}
        checkpoints.keep_previous(target)
        _send(path, replace(card, name=name, config=card.config | {MARK: mark}))
        _finish()
        return target


def _check_new(card: Card, name: str) -> None:
    same = [one.name for one in checkpoints.entries() if one.card and one.card.sha256 == card.sha256]
    if same and same != [name]:
        raise ValueError(f"This model is here already, as {same[0]}.")


def roll_back(name: str) -> Card | None:
    """Bring back what a published model replaced, or take it out of models/ if that was nothing.

    It goes to models/previous/ itself, in place of what was kept there under its name: one version is kept.

    Returns:
        The card of the model that has the name now, or None.

    Raises:
        ValueError: no published model has this name.
    """
    with _alone():
        _finish()
        found = next((one for one in _published() if one.name == name), None)
        if found is None:
            raise ValueError(f"No adopted model is called {name}.")
        path = found.entry.path
        if found.previous:
            _send(_kept(name), found.previous)
        checkpoints.keep_previous(path)
        if not found.previous:  # the model first: a card alone is nothing
            path.unlink()
            path.with_suffix(".json").unlink(missing_ok=True)
        _finish()
        return found.previous


def is_own(entry: Entry) -> bool:
    """Tell whether a model in models/ was added or made here, rather than shipped with the project."""
    # A folder, or a pipe, which to read is to wait for whoever fills it, is no model of anybody's.
    return entry.path.is_file() and sha256(entry.path) not in gate.SHIPPED.values()


def rename(name: str, new: str) -> Path:
    """Give an own model another name, with its card, index, exports, earlier version and results.

    Returns:
        Where it now is.

    Raises:
        ValueError: there is no own model of this name, or the new one cannot be used; in one sentence.
    """
    with _alone():
        _finish()
        entry = _own(name)
        others = [path.stem.casefold() for path in checkpoints.files(models_dir()) if path.stem != name]
        if new.casefold() in others:
            raise ValueError(f"There is a model called {new} already; choose another name.")
        check_name(new)
        if entry.card:  # first: a model whose card is on its way can be used, with neutral settings
            write_json(models_dir() / f"{new}.json", replace(entry.card, name=new).as_dict())
        target = entry.path.rename(models_dir() / f"{new}.keras")
        for file in _beside(name):
            if file == entry.path.with_suffix(".json") and entry.card:
                file.unlink()
            else:
                file.rename(file.with_name(new + file.name.removeprefix(name)))
        return target


def remove(name: str) -> None:
    """Take an own model out of models/, with all that belongs to it; models/previous/ keeps model and card.

    Raises:
        ValueError: there is no own model of this name.
    """
    with _alone():
        _finish()
        path = _own(name).path
        checkpoints.keep_previous(path)
        path.unlink()
        for file in _beside(name):
            if file.parent.name != "previous":
                file.unlink()


def _own(name: str) -> Entry:
    entry = next((one for one in checkpoints.entries() if one.name == name), None)
    if entry is None or not entry.path.is_file():
        raise ValueError(f"There is no model called {name}.")
    if not is_own(entry):
        raise ValueError(f"{name} came with the project, and stays as it is.")
    return entry


def _beside(name: str) -> list[Path]:
    """Return the files that belong to a model of this name, besides itself."""
    longer = [f"{path.stem}." for path in checkpoints.files(models_dir()) if path.stem.startswith(f"{name}.")]
    folders = models_dir(), models_dir() / "previous", results_dir()
    found = [file for folder in folders for file in sorted(folder.glob(f"{glob.escape(name)}.*"))]
    return [
        file
        for file in found
        if file != models_dir() / f"{name}.keras" and not file.name.startswith(tuple(longer))
    ]


def _published() -> list[Published]:
    found = [entry for entry in checkpoints.entries() if entry.card and is_published(entry.card)]
    return [Published(entry, _previous(entry)) for entry in found]


def _previous(entry: Entry) -> Card | None:
    """Return the card of what a model replaced, if that is still there."""
    kept = _kept(entry.name)
    card = checkpoints.inspect(kept).card if kept.exists() else None
    return card if card and card.sha256 == _card(entry).config[MARK]["replaces"] else None


def _card(entry: Entry) -> Card:
    if entry.card is None:
        raise ValueError(f"{entry.path.name} cannot be adopted: {entry.problem or 'its card is missing.'}")
    return entry.card


def _kept(name: str) -> Path:
    return models_dir() / "previous" / f"{name}.keras"


def _alone() -> FileLock:
    """Return what lets one process at a time change models/."""
    models_dir().mkdir(parents=True, exist_ok=True)
    return FileLock(models_dir() / ".tmp-placing.lock")


def _on_its_way() -> Path:
    """Return the folder that exists only while a whole model waits for its move."""
    return models_dir() / ".tmp-placing"


def _send(path: Path, card: Card) -> None:
    """Send a copy of the model at `path`, with `card`, on its way to the card's name; see `_finish`."""
    half = _on_its_way().with_name(".tmp-half")
    shutil.rmtree(half, ignore_errors=True)
    with atomic_path(half / f"{card.name}.keras") as copy:
        shutil.copyfile(path, copy)
    write_json(half / f"{card.name}.json", card.as_dict())
    half.rename(_on_its_way())


def _finish() -> None:
    """Move what is on its way to its place; a killed process may have left it there."""
    whole = _on_its_way()
    if whole.exists():
        for file in whole.iterdir():
            file.replace(models_dir() / file.name)
        whole.rmdir()
