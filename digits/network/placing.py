"""A model and its card into models/: both or neither, whenever the process is killed.

The two files go into models/.tmp-placing/ first, which gets that name only when it is whole. Whoever is
killed before leaves models/ as it was; after that the next call of `finish` completes the move. Meanwhile a
model may be there whose card is still on its way: it can be used, with neutral settings.
"""

import shutil
from dataclasses import asdict
from pathlib import Path

from digits.contract import models_dir
from digits.files import atomic_path, write_json
from digits.network.checkpoints import Card


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
