"""The pictures in a folder and all inner ones, in the order of their names, however many there are."""

import heapq
import os
import pickle
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from digits.bulk.items import is_wanted

HELD = 100_000
"""Names of one folder that are sorted in memory; more are sorted piece by piece on the disk."""


def walk(folder: Path) -> Iterator[Path]:
    """Yield the pictures in a folder, inner folders where their names stand among the files.

    Links to folders are not followed, so that a link to a folder further up makes no endless circle.
    """
    for name, is_folder in _sorted(_entries(folder)):
        if is_folder:
            yield from walk(folder / name)
        else:
            yield folder / name


def _entries(folder: Path) -> Iterator[tuple[str, bool]]:
    with os.scandir(folder) as found:
        for entry in found:
            if entry.name.startswith((".", "__MACOSX")):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield entry.name, True
            elif is_wanted(Path(entry.name)) and entry.is_file():
                yield entry.name, False


def _sorted(entries: Iterator[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    runs, held = [], []
    for entry in entries:
        held.append(entry)
        if len(held) == HELD:
            runs.append(_spilled(sorted(held)))
            held = []
    yield from heapq.merge(sorted(held), *map(_read_back, runs))


def _spilled(entries: list[tuple[str, bool]]) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is read back
    for entry in entries:
        pickle.dump(entry, file)
    file.seek(0)
    return file


def _read_back(file: IO[bytes]) -> Iterator[tuple[str, bool]]:
    with file:
        while True:
            try:
                yield pickle.load(file)
            except EOFError:
                return
