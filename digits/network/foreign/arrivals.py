"""A stranger's model into models/: tried first, under a clean name, and never over another one."""

import os
import re
from pathlib import Path
from typing import BinaryIO

from digits.contract import is_public, models_dir
from digits.network.foreign import gate
from digits.network.foreign.archive import LARGEST_FILE
from digits.network.foreign.refusal import Refusal, plain

LONGEST_NAME = 40
"""Characters, without the ending."""

MOST_TRIES = 100
"""Numbers behind a name that is taken."""


def take_in(file: BinaryIO, name: str) -> Path:
    """Try a model and put it into models/.

    Args:
        file: its bytes.
        name: as it was called where it came from.

    Returns:
        Where it now is; the name is cleaned, and numbered where another model has it.

    Raises:
        ValueError: it must not be used, or strangers use this app; one sentence.
    """
    if is_public():
        raise ValueError("This app is open to strangers, so it takes in no models.")
    folder = models_dir()
    folder.mkdir(parents=True, exist_ok=True)
    waiting = folder / f".tmp-{os.getpid()}-{os.urandom(4).hex()}.keras"
    try:
        with waiting.open("xb") as out:
            out.write(file.read(LARGEST_FILE + 1))
            os.fsync(out.fileno())
        _try(waiting, name)
        return _place(waiting, clean(name))
    finally:
        waiting.unlink(missing_ok=True)


def clean(name: str) -> str:
    """Return what of a file's name may be a model's: letters, digits, - and _, without the ending."""
    stem = re.split(r"[/\\]", name)[-1].removesuffix(".keras")
    return re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_-")[:LONGEST_NAME] or "model"


def _try(path: Path, name: str) -> None:
    try:
        gate.examine(path)
    except Refusal as refusal:
        raise ValueError(f"{plain(name, 80)}: {refusal}") from None


def _place(path: Path, name: str) -> Path:
    """Give a file the first name that is free; capitals make no difference on Windows and macOS."""
    taken = {other.name.casefold() for other in path.parent.iterdir()}
    for number in range(1, MOST_TRIES + 1):
        target = path.with_name(f"{name}.keras" if number == 1 else f"{name}-{number}.keras")
        # A card without a model would speak for this one.
        if {target.name.casefold(), target.with_suffix(".json").name.casefold()} & taken:
            continue
        try:
            target.touch(exist_ok=False)
        except FileExistsError:  # by now
            continue
        return path.replace(target)
    raise ValueError(f"There are {MOST_TRIES} models called {name}; choose another name.")
