"""Own digits brought into the collection from an archive, each along the road of a picture.

It joins rooms that do not know each other: the collection, and the road up to the network.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from PIL import Image

from digits.collection import notes
from digits.collection.archive import NOTES, Archive, plain
from digits.collection.store import Store
from digits.data.folders import SUFFIXES
from digits.page import prepare
from digits.picture.decode import open_picture

FORMATS = ("PNG", "JPEG", "MPO", "BMP", "WEBP", "TIFF", "GIF")
"""What Pillow may take a picture from outside for; others of its decoders call on further programs."""

WHY_NOT = {
    "blank": "there is no ink on it",
    "several": "more than one digit is on it",
    "not_a_digit": "there is only a blot on it",
}


@dataclass(frozen=True)
class Imported:
    """What became of an archive."""

    added: int
    """New samples."""
    known: int
    """Pictures that were in the collection already, with the same label."""
    skipped: list[str]
    """Why other files were left out, a sentence each."""
    stopped: str = ""
    """Why it ended early, if the store could not take more; what was added until then stays."""


def import_zip(
    store: Store, file: BinaryIO, progress: Callable[[float], None] = lambda share: None
) -> Imported:
    """Add the pictures of an archive with folders 0 to 9, wherever in it these are, to a store.

    All of it is looked at first: where anything is wrong with it nothing is added. Pictures are framed
    as the model would see them; those on which there is no single digit are left out. Our own archives
    (`export_zip`) bring answers, times and frames along.

    Args:
        store: to add to.
        file: open for reading bytes.
        progress: told the share that is done, in [0, 1], from time to time.

    Raises:
        ValueError: the archive is refused; one sentence that names what is wrong and what was expected.
    """
    archive = Archive(file)
    known = notes.read(archive)
    wanted, skipped = _sort(archive)
    if not wanted:
        raise ValueError("The archive holds no picture in a folder named 0 to 9.")
    for done, name in enumerate(wanted):
        _open(archive, name)
        progress(done / len(wanted) / 2)
    before, taken, stopped = {sample.id for sample in store.samples()}, [], ""
    for done, name in enumerate(wanted):
        path, picture = PurePosixPath(name), _open(archive, name)
        note = known.get("/".join(path.parts[-2:])) or _framed(picture)
        if isinstance(note, str):
            skipped.append(f"{plain(name)} was left out: {note}.")
            continue
        try:
            taken.append(store.add(picture, label=int(path.parts[-2]), **note).id)
        except (ValueError, OSError) as error:
            stopped = str(error)
            break
        progress((done / len(wanted) + 1) / 2)
    added = len(set(taken) - before)
    return Imported(added, len(taken) - added, skipped, stopped)


def _sort(archive: Archive) -> tuple[list[str], list[str]]:
    """Return the names of the pictures in digit folders, and why each other file is left out."""
    wanted, skipped = [], []
    for name in archive.names():
        path = PurePosixPath(name)
        if path.name == NOTES:
            continue
        if path.suffix.lower() not in SUFFIXES:
            skipped.append(f"{plain(name)} was left out: it has no picture's ending.")
        elif path.parent.name not in set("0123456789"):
            skipped.append(f"{plain(name)} was left out: it is in no folder named 0 to 9.")
        else:
            wanted.append(name)
    return wanted, skipped


def _open(archive: Archive, name: str) -> Image.Image:
    file = io.BytesIO(archive.read(name))
    file.name = plain(name)
    try:
        with Image.open(file, formats=FORMATS):
            pass
    except Image.DecompressionBombError:
        pass  # refused below, with the sizes that are accepted
    except Exception as error:
        raise ValueError(
            f"{plain(name)} is not a picture of a kind that is taken: {', '.join(FORMATS)}."
        ) from error
    file.seek(0)
    return open_picture(file)


def _framed(picture: Image.Image) -> dict[str, Any] | str:
    """Return what to add of a picture without notes, or why it is left out."""
    reading = prepare(picture)
    if reading.status != "digit":
        return WHY_NOT[reading.status]
    return {"framed": reading.framed, "origin": "import"}
