"""The pictures in a .tar archive, as WebDataset writes them: `key.png` beside `key.json` and others.

From a plain archive whoever reads a picture takes it out himself; from a packed one (.tar.gz and the like),
which can only be read from its beginning, it is taken along.
"""

import io
import tarfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from digits.bulk.items import Item, fail, given, is_wanted, limited, plain

DAMAGED = (tarfile.InvalidHeaderError, tarfile.TruncatedHeaderError)  # type: ignore[attr-defined]
TROUBLES = (tarfile.TarError, OSError, EOFError, zlib.error)  # lzma's and gzip's own are among them


class _Header(tarfile.TarInfo):
    """Python takes a damaged header for the archive's end, and the pictures behind it for none at all."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_Header":
        try:
            return super().frombuf(buf, encoding, errors)
        except DAMAGED as error:
            raise tarfile.ReadError(str(error)) from error


def items(path: Path, packed: bool) -> Iterator[Item]:
    """Yield the pictures of an archive in its own order; where it is damaged, an item says so and ends it.

    Raises:
        ValueError: its very beginning cannot be read; one sentence.
    """
    found = 0
    try:
        with tarfile.open(path, "r|*" if packed else "r:", tarinfo=_Header) as archive:
            while (info := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined] # it would keep them all
                if info.isfile() and is_wanted(PurePosixPath(info.name)):
                    yield _item(archive, path, info, packed)
                    found += 1
    except TROUBLES as error:
        if not found:
            raise ValueError(f"{path}: not a .tar archive that can be read ({error}).") from error
        reason = f"{path}: damaged behind its picture {found:,} ({error}); what follows is lost."
        yield Item(str(path), "", partial(fail, reason))


def _item(archive: tarfile.TarFile, path: Path, info: tarfile.TarInfo, packed: bool) -> Item:
    key = plain(info.name)
    name = f"{path}/{key}"
    if info.issparse():
        return Item(str(path), key, partial(fail, f"{name}: a file with holes; expected a picture."))
    if not packed:
        return Item(str(path), key, partial(_cut, path, info.offset_data, info.size, name))
    stream = archive.extractfile(info)
    assert stream is not None  # it is so of folders and the like alone
    try:
        data = limited(stream, info.size, name).getvalue()
    except ValueError as error:
        return Item(str(path), key, partial(fail, str(error)))
    return Item(str(path), key, partial(given, data, name), len(data))


def _cut(path: Path, offset: int, size: int, name: str) -> io.BytesIO:
    with path.open("rb") as file:
        file.seek(offset)
        return given(limited(file, size, name).getvalue()[:size], name)
