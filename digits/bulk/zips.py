"""The members of a .zip archive, one after the other.

Python's own reader first lists them all in memory, half a gigabyte for a million, and so would each process
that opens one. Here the directory at the archive's end is read entry by entry; unpacking stays Python's.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from digits.bulk.items import limited

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
