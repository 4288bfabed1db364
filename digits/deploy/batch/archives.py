"""The members of a .zip archive, one after the other.

Python's own reader first lists them all in memory, half a gigabyte for a million, and so would each process
that opens one. Here the directory at the archive's end is read entry by entry; unpacking stays Python's.

The pictures in a .parquet file: a column `image` or `bytes` with PNG, JPEG and the like.

The column holds bytes, or as in the data sets of Hugging Face a struct of `bytes` and `path`.

The pictures in a .tar archive, as WebDataset writes them: `key.png` beside `key.json` and others.

From a plain archive whoever reads a picture takes it out himself; from a packed one (.tar.gz and the like),
which can only be read from its beginning, it is taken along.
"""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

from digits.deploy.batch.items import LARGEST, Item, fail, given, is_wanted, limited, plain

# APPNOTE 6.3.10 of PKWARE: 4.3.16, 4.3.15, 4.3.14, 4.3.12
END = struct.Struct("<4s4H2LH")
END64_PLACE = struct.Struct("<4sLQL")
END64 = struct.Struct("<4sQ2H2L4Q")
ENTRY = struct.Struct("<4s6H3L5H2L")
LONGEST_COMMENT = 0xFFFF
ELSEWHERE = 0xFFFFFFFF
"""Stands for a number that is too large for its place: it is among the entry's extras."""

# 4.5.3 and 4.6.9, kinds of extras
LARGE, UNICODE = 0x0001, 0x7075


class Member(NamedTuple):
    """What the directory says of a member."""

    key: str
    """Its name for people."""
    name: str
    """The same as its header has it, in letters that may be wrong: Python insists on it."""
    flags: int
    method: int
    checksum: int
    packed: int
    """Bytes in the archive."""
    size: int
    """Bytes when unpacked."""
    offset: int
    """Of its header, from the beginning of the file."""


def members(path: Path) -> Iterator[Member]:
    """Yield the members of an archive in its own order, folders left out.

    Raises:
        ValueError: it cannot be read as an archive; one sentence.
    """
    try:
        with path.open("rb") as file:
            yield from _entries(file)
    except (OSError, zipfile.BadZipFile, struct.error) as error:
        raise ValueError(f"{path}: not a .zip archive that can be read ({error}).") from error


def opened(path: Path, member: Member, name: str) -> io.BytesIO:
    """Return a member's bytes as a file of that name.

    Raises:
        ValueError: it is damaged, encrypted, of an unknown method, or too large; one sentence.
    """
    info = zipfile.ZipInfo(member.name)
    info.flag_bits, info.compress_type, info.CRC = member.flags, member.method, member.checksum
    info.compress_size, info.file_size, info.header_offset = member.packed, member.size, member.offset
    with _Unlisted(path) as archive:
        return unpacked(archive, info, name)


def unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> io.BytesIO:
    """Return a member of an archive that is open; see `opened`."""
    if name.lower().endswith(".zip"):
        raise ValueError(f"{name}: an archive inside an archive; expected pictures.")
    try:
        with archive.open(info) as stream:
            return limited(stream, info.file_size, name)
    except ValueError:
        raise
    except Exception as error:  # zipfile, zlib and lzma: damaged, encrypted, of an unknown method ...
        raise ValueError(f"{name}: it cannot be unpacked ({error}).") from error


class _Unlisted(zipfile.ZipFile):
    """An archive whose directory is not read: the one that opens a member knows where it is."""

    def _RealGetContents(self) -> None:
        pass


def _entries(file: IO[bytes]) -> Iterator[Member]:
    start, end, shift = _directory(file)
    file.seek(start)
    while file.tell() < end:
        entry = ENTRY.unpack(file.read(ENTRY.size))
        signature, _, _, flags, method, _, _, checksum, packed, size, *lengths, _, _, _, offset = entry
        if signature != b"PK\x01\x02":
            raise zipfile.BadZipFile("its directory is damaged")
        name, extra, _ = (file.read(length) for length in lengths)
        extras = dict(_extras(extra))
        size, packed, offset = _large(extras, [size, packed, offset])
        if not name.endswith(b"/"):
            text = name.decode("utf-8" if flags & 0x800 else "cp437", errors="replace")
            yield Member(
                _unicode(extras, name) or text, text, flags, method, checksum, packed, size, offset + shift
            )


def _directory(file: IO[bytes]) -> tuple[int, int, int]:
    """Return where the directory begins and ends, and how far all offsets are off: by what stands before."""
    tail_at = max(0, file.seek(0, io.SEEK_END) - END.size - LONGEST_COMMENT)
    file.seek(tail_at)
    tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0:
        raise zipfile.BadZipFile("it has no directory at its end")
    *_, size, offset, _ = END.unpack_from(tail, place)
    end = tail_at + place
    at = end - END64_PLACE.size - END64.size
    if at >= 0:
        file.seek(at)
        *large, signature, _, _, _ = struct.unpack(END64.format + END64_PLACE.format[1:], file.read(end - at))
        if (large[0], signature) == (b"PK\x06\x06", b"PK\x06\x07"):
            size, offset, end = large[-2], large[-1], at
    if end - size < offset:
        raise zipfile.BadZipFile("its directory is damaged")
    return end - size, end, end - size - offset


def _extras(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the kinds of an entry's extras, and what they say."""
    place = 0
    while place + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, place)
        yield kind, data[place + 4 : place + 4 + length]
        place += 4 + length


def _large(extras: dict[int, bytes], numbers: list[int]) -> list[int]:
    """Put in the numbers of 64 bits that stand among an entry's extras, in this order."""
    said = extras.get(LARGE, b"")
    values = iter(struct.unpack_from(f"<{len(said) // 8}Q", said))
    return [next(values, number) if number == ELSEWHERE else number for number in numbers]


def _unicode(extras: dict[int, bytes], name: bytes) -> str:
    """Return the name in Unicode that Info-ZIP adds to one in letters of its own, or ""."""
    said = extras.get(UNICODE, b"")
    if said[:5] != struct.pack("<BL", 1, zlib.crc32(name)):  # none, or the member was renamed since
        return ""
    return said[5:].decode("utf-8", errors="replace")


COLUMNS = ("image", "bytes")
TOGETHER = 64  # pictures taken out of the file at once: bounds memory


def items(path: Path) -> Iterator[Item]:
    """Yield the pictures of a file row by row; their names are their paths, or else the rows' numbers.

    Where a group of rows is damaged, an item says so, and the next group follows.

    Raises:
        ValueError: not a parquet file, or one without such a column; one sentence.
    """
    file, column = opened_parquets(path)
    with file:
        begin = 0
        for group in range(file.num_row_groups):
            yield from _of_group(path, file, column, group, begin)
            begin += file.metadata.row_group(group).num_rows


def opened_parquets(path: Path) -> tuple[Any, str]:
    """Return a file, which its caller closes, and the name of its column of pictures; see `items`."""
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


def _of_group(path: Path, file: Any, column: str, group: int, begin: int) -> Iterator[Item]:
    """Yield the pictures of a group of rows, of which the first has the number `begin`."""
    import pyarrow as pa

    row = begin
    try:
        for batch in file.iter_batches(TOGETHER, row_groups=[group], columns=[column]):
            for value in batch.column(0).to_pylist():
                yield _item(path, row, value)
                row += 1
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        words = " ".join(str(error).split())
        reason = f"{path}: its row group {group} is damaged from row {row} on ({words})."
        yield Item(str(path), f"row group {group}", partial(fail, reason))


def _item(path: Path, row: int, value: bytes | dict | None) -> Item:
    about: dict[str, Any] = value if isinstance(value, dict) else {"bytes": value}
    key = plain(str(about.get("path") or row))
    name, data = f"{path}/{key}", about["bytes"]
    if data is None or len(data) > LARGEST:
        size = "no bytes" if data is None else f"{len(data) / 2**20:,.0f} MB"
        return Item(str(path), key, partial(fail, f"{name}: {size}; expected a picture."))
    return Item(str(path), key, partial(given, data, name), len(data))


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


def items_tars(path: Path, packed: bool) -> Iterator[Item]:
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
                    yield _item_tars(archive, path, info, packed)
                    found += 1
    except TROUBLES as error:
        if not found:
            raise ValueError(f"{path}: not a .tar archive that can be read ({error}).") from error
        reason = f"{path}: damaged behind its picture {found:,} ({error}); what follows is lost."
        yield Item(str(path), "", partial(fail, reason))


def _item_tars(archive: tarfile.TarFile, path: Path, info: tarfile.TarInfo, packed: bool) -> Item:
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
