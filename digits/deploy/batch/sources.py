"""Where pictures come from: a folder, a .zip, .tar or .parquet file, or one picture; and the shards of work.

Whatever the source, its pictures come in one order that is always the same: a shard's number says which.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from digits.config import SUFFIXES
from digits.deploy.batch import archives
from digits.deploy.batch.archives import Item, is_wanted, plain
from digits.files import stamp

TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
EXPECTED = f"a folder, or a file that ends in {', '.join(['.zip', *TARS, '.parquet', *sorted(SUFFIXES)])}"

SAFE = ("utf-8", "surrogateescape")  # names on the disk need not be UTF-8

MOST_CARRIED = 16 * 2**20
"""Bytes of pictures in one shard, where it carries them along: bounds memory."""


class Shard(NamedTuple):
    """So many pictures that follow each other; always the same ones for the same number."""

    number: int
    items: list[Item]


class Survey(NamedTuple):
    """What was found at a first look."""

    fingerprint: str
    """Changes when a picture comes, goes or is replaced: from names, sizes and times, not from bytes."""
    pictures: int | None
    """How many; None where only reading the whole archive would tell."""


def walk(folder: Path) -> Iterator[Path]:
    """Yield the pictures in a folder by their names, inner folders where their names stand among the files.

    Links to folders are not followed, so that a link to a folder further up makes no endless circle.
    """
    with os.scandir(folder) as found:
        entries = [entry for entry in found if not entry.name.startswith((".", "__MACOSX"))]
    for entry in sorted(entries, key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False):
            yield from walk(folder / entry.name)
        elif is_wanted(Path(entry.name)) and entry.is_file():
            yield folder / entry.name


def items(name: str) -> Iterator[Item]:
    """Yield the pictures of a source, page by page, always in the same order; hold the bytes of few of them.

    Raises:
        ValueError: the source cannot be used at all; one sentence.
    """
    return (page for item in _files(name) for page in archives.each_page(item))


def _files(name: str) -> Iterator[Item]:
    path, kind = Path(name), _kind(name)
    if kind == "folder":
        for file in walk(path):
            yield Item(name, plain(file.relative_to(path)), partial(_itself, file))
    elif kind == "picture":
        yield Item(name, plain(path.name), partial(_itself, path))
    else:
        inside = {"zip": archives.zip_items, "tar": archives.tar_items, "parquet": archives.parquet_items}
        yield from (item._replace(source=name) for item in inside[kind](path))


def survey(names: Iterable[str]) -> Survey:
    """Look at all sources without opening a picture; raise a ValueError as `items` does."""
    digest = hashlib.sha256()
    counts = [_count(name, digest.update) for name in names]
    known = [count for count in counts if count is not None]
    return Survey(digest.hexdigest(), sum(known) if len(known) == len(counts) else None)


def shards(names: Iterable[str], size: int) -> Iterator[Shard]:
    """Cut the pictures of all sources into shards of `size`, or fewer where they are heavy to carry."""
    number, held, carried = 0, [], 0
    for item in (item for name in names for item in items(name)):
        held.append(item)
        carried += item.carried
        if len(held) == size or carried >= MOST_CARRIED:
            yield Shard(number, held)
            number, held, carried = number + 1, [], 0
    if held:
        yield Shard(number, held)


def _kind(name: str) -> str:
    """Return what kind of source a path is, by its ending.

    Raises:
        ValueError: it is not there, or of no kind that is known; one sentence.
    """
    path = Path(name)
    lower = path.name.lower()
    if path.is_dir():
        return "folder"
    if not path.exists():
        raise ValueError(f"{name}: there is no such file or folder.")
    if lower.endswith(TARS):
        return "tar"
    if path.suffix.lower() in SUFFIXES | {".zip", ".parquet"}:
        return "picture" if path.suffix.lower() in SUFFIXES else lower.rpartition(".")[2]
    raise ValueError(f"{name} has the ending {path.suffix!r}; expected {EXPECTED}.")


def _count(name: str, note: Callable[[bytes], None]) -> int | None:
    """Return how many pictures a source has where that is soon told; note all that tells it from others."""
    path, kind = Path(name), _kind(name)
    note(f"{kind} {path.resolve()} {stamp(path) if kind != 'folder' else ''}\n".encode(*SAFE))
    if kind == "folder":
        count = 0
        for item in _files(name):
            file = item.open()
            assert isinstance(file, Path)
            note(f"{file} {stamp(file)}\n".encode(*SAFE))
            count += sum(1 for _ in archives.each_page(item))
        return count
    if kind == "parquet":
        file, _ = archives.open_parquet(path)
        with file:
            return file.metadata.num_rows
    return None if kind == "tar" else sum(1 for _ in items(name))


def _itself(path: Path) -> Path:
    return path
