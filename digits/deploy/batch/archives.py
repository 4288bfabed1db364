"""Pictures out of files that hold many: .zip, .tar as WebDataset writes them, .parquet; each as an `Item`.

An item is found without being opened, and may cross over to another process or machine. What can be found
again by its place says only where it is; what cannot (in .parquet and packed .tar files) travels along.
"""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, Any, NamedTuple, NoReturn

from digits.config import SUFFIXES
from digits.files import instance
from digits.preprocessing.decode import count_pages
from digits.preprocessing.pages import PAGED, paged

LARGEST = 64 * 2**20
"""Bytes of one unpacked picture: an archive of a few kilobytes can claim to hold gigabytes."""

UNICODE_PATH = 0x7075
"""Kind of a .zip member's extra field: its name in UTF-8 (APPNOTE 4.6.9 of PKWARE)."""

COLUMNS = ("image", "bytes")
"""Of a .parquet file, the first that counts: bytes, or as Hugging Face has it a struct of bytes and path."""

TOGETHER = 64
"""Rows taken out of a .parquet file at once: bounds memory."""

Opener = Callable[[], Path | IO[bytes]]
"""Returns where a picture's bytes are, or raises a ValueError that says in a sentence why there are none."""


class Item(NamedTuple):
    """A picture that was found, not yet opened."""

    source: str
    """The file or folder it was found in, as that was given."""
    key: str
    """Its name in there: only ever a name, nothing is unpacked onto the disk."""
    open: Opener
    carried: int = 0
    """Bytes that the opener itself holds, for want of a place to find them again."""
    page: int | None = None
    """Which of its pages, counted from 1; None where it has one alone."""


def is_wanted(path: PurePath, suffixes: set[str] = SUFFIXES) -> bool:
    """Tell whether a file has a picture's ending and is not hidden, as macOS' copies in archives are."""
    hidden = any(part.startswith((".", "__MACOSX")) and part != ".." for part in path.parts)
    return path.suffix.lower() in suffixes and not hidden


def plain(name: str | Path) -> str:
    """Return a name that any terminal and file can bear: no control characters, no broken letters."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in str(name))


def each_page(item: Item) -> Iterator[Item]:
    """Yield the pages of what may have several by its ending; what has one, or is damaged, stays itself."""
    many = 1
    if PurePath(item.key).suffix.lower() in PAGED:
        with suppress(ValueError, OSError):  # whoever opens it is told
            many = count_pages(item.open())
    for page in range(1, many + 1):
        yield item if many == 1 else item._replace(key=paged(item.key, page), page=page)


def zip_items(path: Path) -> Iterator[Item]:
    """Yield the pictures of a .zip archive in its own order.

    Raises:
        ValueError: it cannot be read as an archive; one sentence.
    """
    with open_zip(path) as archive:
        members = archive.infolist()
    for place, info in enumerate(members):
        name = _unicode_name(info)
        if not info.is_dir() and is_wanted(PurePosixPath(name)):
            key = plain(name)
            yield Item(str(path), key, partial(_zip_member, path, place, f"{plain(path)}/{key}"))


def open_zip(file: Path | IO[bytes]) -> zipfile.ZipFile:
    """Open a .zip archive; its list of members takes some 600 bytes of memory for each.

    Raises:
        ValueError: it cannot be read as an archive; one sentence.
    """
    try:
        return zipfile.ZipFile(file)
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile) as error:
        name = file if isinstance(file, Path) else file.name
        raise ValueError(f"{plain(name)}: not a .zip archive that can be read ({error}).") from error


def unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> io.BytesIO:
    """Return a member of an open .zip archive as a file of that name.

    Raises:
        ValueError: it is damaged, encrypted, of an unknown method, an archive itself, or too large.
    """
    if name.lower().endswith(".zip"):
        raise ValueError(f"{name}: an archive inside an archive; expected pictures.")
    try:
        with archive.open(info) as stream:
            return _limited(stream, info.file_size, name)
    except ValueError:
        raise
    except Exception as error:  # zipfile, zlib and lzma: damaged, encrypted, of an unknown method ...
        raise ValueError(f"{name}: it cannot be unpacked ({error}).") from error


def tar_items(path: Path) -> Iterator[Item]:
    """Yield the pictures of a .tar archive in its own order; a damage is its last item, which says so.

    From a packed one (.tar.gz and the like), which can only be read from its beginning, pictures are taken
    along.

    Raises:
        ValueError: its very beginning cannot be read; one sentence.
    """
    found, packed = 0, path.suffix.lower() != ".tar"
    try:
        with tarfile.open(path, "r|*" if packed else "r:", tarinfo=_Header) as archive:
            while (info := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined] # it would keep them all
                if info.isfile() and is_wanted(PurePosixPath(info.name)):
                    yield _tar_item(archive, path, info, packed)
                    found += 1
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:  # gzip's and lzma's own are among them
        if not found:
            raise ValueError(f"{path}: not a .tar archive that can be read ({error}).") from error
        yield _broken(
            path, "", f"{path}: damaged behind its picture {found:,} ({error}); what follows is lost."
        )


def parquet_items(path: Path) -> Iterator[Item]:
    """Yield the pictures of a .parquet file row by row; their keys are their paths, or else their rows.

    Where a group of rows is damaged, an item says so, and the next group follows.

    Raises:
        ValueError: not a .parquet file, or one without a column of pictures; one sentence.
    """
    file, column = open_parquet(path)
    with file:
        begin = 0
        for group in range(file.num_row_groups):
            yield from _row_group(path, file, column, group, begin)
            begin += file.metadata.row_group(group).num_rows


def open_parquet(path: Path) -> tuple[Any, str]:
    """Return a file, which its caller closes, and the name of its column of pictures; see `parquet_items`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path, pre_buffer=False, buffer_size=2**20)  # else whole groups of rows at once
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{path}: not a .parquet file that can be read ({error}).") from error
    schema = file.schema_arrow
    column = next((name for name in COLUMNS if name in schema.names), None)
    if column is None:
        file.close()
        names = ", ".join(schema.names[:10]) or "none"
        raise ValueError(f"{path} has the columns {names}; expected one of the name image or bytes.")
    kind = schema.field(column).type
    if pa.types.is_struct(kind) and "bytes" in [field.name for field in kind]:
        kind = kind.field("bytes").type
    if not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        file.close()
        raise ValueError(f"{path}: its column {column} is of type {kind}; expected the bytes of pictures.")
    return file, column


def _unicode_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; Python heeds the one that Info-ZIP adds in UTF-8 from 3.12 on only."""
    extra, place = info.extra, 0
    while place + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, place)
        said = extra[place + 4 : place + 4 + length]
        if kind == UNICODE_PATH and not info.flag_bits & 0x800:
            checksum = zlib.crc32(info.orig_filename.encode("cp437"))
            if said[:5] == struct.pack("<BL", 1, checksum):  # else the member was renamed since
                return said[5:].decode("utf-8", errors="replace")
        place += 4 + length
    return info.filename


def _zip_member(path: Path, place: int, name: str) -> io.BytesIO:
    archive = _shared_zip(path, instance(path))
    return unpack(archive, archive.infolist()[place], name)


@lru_cache(maxsize=1)
def _shared_zip(path: Path, _instance: tuple[int, ...] | None) -> zipfile.ZipFile:
    """Open an archive once for all its members: listing them takes a second for each 100,000."""
    return open_zip(path)


class _Header(tarfile.TarInfo):
    """Python takes a damaged header for the archive's end, and the pictures behind it for none at all."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_Header":
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if any(buf):  # zeros, or nothing, are the end
                raise tarfile.ReadError(str(error)) from error
            raise


def _tar_item(archive: tarfile.TarFile, path: Path, info: tarfile.TarInfo, packed: bool) -> Item:
    key = plain(info.name)
    name = f"{path}/{key}"
    if info.issparse():
        return _broken(path, key, f"{name}: a file with holes; expected a picture.")
    if not packed:
        return Item(str(path), key, partial(_tar_member, path, info.offset_data, info.size, name))
    stream = archive.extractfile(info)
    assert stream is not None  # it is so of folders and the like alone
    try:
        data = _limited(stream, info.size, name).getvalue()
    except ValueError as error:
        return _broken(path, key, str(error))
    return Item(str(path), key, partial(named, data, name), len(data))


def _tar_member(path: Path, offset: int, size: int, name: str) -> io.BytesIO:
    with path.open("rb") as file:
        file.seek(offset)
        return named(_limited(file, size, name).getvalue()[:size], name)


def _row_group(path: Path, file: Any, column: str, group: int, begin: int) -> Iterator[Item]:
    """Yield the pictures of a group of rows, of which the first has the number `begin`."""
    import pyarrow as pa

    row = begin
    try:
        for batch in file.iter_batches(TOGETHER, row_groups=[group], columns=[column]):
            for value in batch.column(0).to_pylist():
                yield _row_item(path, row, value)
                row += 1
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        words = " ".join(str(error).split())
        reason = f"{path}: its row group {group} is damaged from row {row} on ({words})."
        yield _broken(path, f"row group {group}", reason)


def _row_item(path: Path, row: int, value: bytes | dict[str, Any] | None) -> Item:
    about: dict[str, Any] = value if isinstance(value, dict) else {"bytes": value}
    key = plain(str(about.get("path") or row))
    name, data = f"{path}/{key}", about["bytes"]
    if data is None or len(data) > LARGEST:
        size = "no bytes" if data is None else f"{len(data) / 2**20:,.0f} MB"
        return _broken(path, key, f"{name}: {size}; expected a picture.")
    return Item(str(path), key, partial(named, data, name), len(data))


def _limited(stream: IO[bytes], claimed: int, name: str) -> io.BytesIO:
    """Read a picture that is said to have so many bytes; return it as a file of that name."""
    if claimed > LARGEST:
        raise ValueError(
            f"{name}: {claimed / 2**20:,.0f} MB when unpacked; expected at most {LARGEST // 2**20}."
        )
    return named(stream.read(claimed + 1), name)  # never without a limit: a size is only a claim


def named(data: bytes, name: str) -> io.BytesIO:
    """Return bytes as a file of that name."""
    file = io.BytesIO(data)
    file.name = name
    return file


def _broken(path: Path, key: str, reason: str) -> Item:
    """Return an item that cannot be opened, for that reason."""
    return Item(str(path), key, partial(refuse, reason))


def refuse(reason: str) -> NoReturn:
    """Open nothing, for that reason."""
    raise ValueError(reason)
