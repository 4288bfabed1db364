"""What a picture's file is made of, counted before a decoder sees it: chunks, segments, pages, blocks, boxes.

Decoders walk through such parts one by one, some of them in Python, and a file of ten megabytes has room for
a million that are empty: each would hold a thread for seconds. Here a walk ends at the first part too many.
What is damaged is left to the decoder, which says so.
"""

import re
import struct
from collections.abc import Callable, Iterator
from typing import IO

from PIL.JpegImagePlugin import MARKER

MOST_PARTS = 20_000
"""Chunks of a PNG or WebP, boxes of a HEIC file, markers and bytes between them before a JPEG's scan: many
times what a camera or scanner writes for the largest picture."""

MOST_SEGMENTS = 1000
"""Of a JPEG, with their own length: what they hold of one kind is joined one by one."""

MOST_BLOCKS = 4000
"""Of at most 255 bytes each, before the first picture of a GIF."""

MOST_ENTRIES = 50_000
"""Of all pages of a TIFF together; a page has some twenty."""

MOST_VALUES = 300_000
"""Numbers of one entry of a TIFF: a page of strips or tiles has two for each."""

MOST_RUNS, MOST_RUN_PIXELS = 2_000_000, 4_000_000
"""Bytes and pixels of a BMP packed by run lengths, which Pillow unpacks in Python."""

PPM_HEAD = re.compile(rb"P\S*(?:(?:\s|#[^\n\r]*[\n\r])+\d+){2}(?:\s|#[^\n\r]*[\n\r])+\S")
"""A PPM up to its height and what stands behind."""

HEAD = 4096
"""Bytes that tell the kind of a file, and have room for a PPM's remarks."""

TIFF_UNITS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
"""Bytes of a value by its type."""

TEXT_TYPES = (1, 2, 7)
"""Types of TIFF values that stay bytes."""

MOST_CHAIN = 5000
"""Pages of a TIFF that are walked; no more are opened."""

BOXES = {b"meta": 4, b"iprp": 0, b"ipco": 0, b"iinf": 6, b"iref": 4, b"moov": 0, b"trak": 0, b"mdia": 0}
"""Boxes that hold boxes, and so many bytes before them."""


def check(file: IO[bytes]) -> None:
    """Walk through an open file; it is left at its beginning.

    Raises:
        ValueError: it has too many parts; one sentence that begins with "It".
    """
    file.seek(0)
    head = file.read(HEAD)
    for kind, walk in _WALKS:
        if re.match(kind, head, re.S):
            walk(file, head)
            break
    file.seek(0)


def _count(parts: Iterator[object], most: int, what: str) -> None:
    for number, _ in enumerate(parts, 1):
        if number > most:
            raise ValueError(f"It has more than {most:,} {what}; expected fewer.")


def _png(file: IO[bytes], _: bytes) -> None:
    def chunks() -> Iterator[bytes]:
        file.seek(8)
        while len(head := file.read(8)) == 8 and head[4:] != b"IEND":
            yield head
            file.seek(int.from_bytes(head[:4], "big") + 4, 1)

    _count(chunks(), MOST_PARTS, "chunks")


def _jpeg(file: IO[bytes], _: bytes) -> None:
    """Walk as Pillow does, up to the first scan."""

    def segments() -> Iterator[int]:
        file.seek(2)
        steps, before = 0, b""
        while byte := file.read(1):
            steps += 1
            if steps > MOST_PARTS:
                raise ValueError(
                    f"It has more than {MOST_PARTS:,} bytes between its segments; expected fewer."
                )
            marker = before + byte
            before = byte if byte == b"\xff" else b""
            if len(marker) < 2 or byte in b"\x00\xff":
                continue
            known = MARKER.get(int.from_bytes(marker, "big"))
            if marker == b"\xff\xda" or known is None:
                return
            if known[2]:
                yield marker[1]
                file.seek(max(0, int.from_bytes(file.read(2), "big") - 2), 1)

    _count(segments(), MOST_SEGMENTS, "segments")


def _gif(file: IO[bytes], head: bytes) -> None:
    def blocks() -> Iterator[int]:
        file.seek(13 + (3 << (head[10] & 7) + 1 if len(head) > 10 and head[10] & 128 else 0))
        while (kind := file.read(1)) and kind not in b",;":
            yield 0
            if kind == b"!":
                file.seek(1, 1)
                while size := file.read(1)[:1].rstrip(b"\0"):
                    yield size[0]
                    file.seek(size[0], 1)

    _count(blocks(), MOST_BLOCKS, "blocks before its picture")


def _webp(file: IO[bytes], _: bytes) -> None:
    def chunks() -> Iterator[bytes]:
        file.seek(12)
        while len(head := file.read(8)) == 8:
            yield head
            size = int.from_bytes(head[4:], "little")
            file.seek(size + size % 2, 1)

    _count(chunks(), MOST_PARTS, "chunks")


def _tiff(file: IO[bytes], head: bytes) -> None:
    """Count pages, entries and what they say that they hold: Pillow reads all of it, page after page."""
    order = "<" if head[:2] == b"II" else ">"
    big = 43 in head[2:4]
    entry = struct.Struct(order + ("HHQQ" if big else "HHLL"))
    word, number = struct.Struct(order + ("Q" if big else "L")), struct.Struct(order + ("Q" if big else "H"))
    size = file.seek(0, 2)
    offset, seen, entries, held = _unpacked(word, head[8 if big else 4 :]), set[int](), 0, 0
    while offset and offset not in seen and len(seen) < MOST_CHAIN:
        seen.add(offset)
        file.seek(min(offset, size))
        many = _unpacked(number, file.read(number.size))
        entries += many
        if entries > MOST_ENTRIES:
            raise ValueError(f"It has more than {MOST_ENTRIES:,} entries; expected fewer.")
        data = file.read(many * entry.size)
        for _, kind, count, _ in entry.iter_unpack(data[: len(data) // entry.size * entry.size]):
            if kind not in TEXT_TYPES and count > MOST_VALUES:
                raise ValueError(f"It has {count:,} numbers in one entry; expected at most {MOST_VALUES:,}.")
            held += min(count * TIFF_UNITS.get(kind, 0), size)
        if held > 4 * size + 2**20:
            raise ValueError(
                "It has pages that say they hold several times what is there; expected each once."
            )
        offset = _unpacked(word, file.read(word.size))


def _unpacked(form: struct.Struct, data: bytes) -> int:
    return form.unpack_from(data)[0] if len(data) >= form.size else 0


def _heif(file: IO[bytes], _: bytes) -> None:
    end = file.seek(0, 2)

    def boxes(place: int, end: int, depth: int) -> Iterator[bytes]:
        while place + 8 <= end:
            file.seek(place)
            head = file.read(16)
            size, kind = int.from_bytes(head[:4], "big"), head[4:8]
            begin = 16 if size == 1 else 8
            size = int.from_bytes(head[8:16], "big") if size == 1 else size or end - place
            if size < begin:
                return
            yield kind
            if kind in BOXES and depth < 8:
                yield from boxes(place + begin + BOXES[kind], min(end, place + size), depth + 1)
            place += size

    _count(boxes(0, end, 0), MOST_PARTS, "boxes")


def _bmp(file: IO[bytes], head: bytes) -> None:
    header = head[14:] if head[:2] == b"BM" else head
    if len(header) < 20 or header[0] < 40 or int.from_bytes(header[16:20], "little") not in (1, 2):
        return
    width, height = struct.unpack("<ii", header[4:12])
    if file.seek(0, 2) > MOST_RUNS or abs(width * height) > MOST_RUN_PIXELS:
        raise ValueError(
            f"It is packed by run lengths; expected at most {MOST_RUNS:,} bytes and {MOST_RUN_PIXELS:,} "
            "pixels of that kind."
        )


def _ppm(_: IO[bytes], head: bytes) -> None:
    if not PPM_HEAD.match(head):
        raise ValueError(f"It does not say its size within {HEAD:,} bytes; expected a PPM that does.")


_WALKS: list[tuple[bytes, Callable[[IO[bytes], bytes], None]]] = [
    (rb"\x89PNG\r\n\x1a\n", _png),
    (rb"\xff\xd8\xff", _jpeg),
    (rb"GIF8[79]a", _gif),
    (rb"RIFF....WEBP", _webp),
    (rb"II[*+]\0|MM\0[*+]|II\0\*|MM\*\0", _tiff),
    (rb"....ftyp", _heif),
    (rb"BM|[\x28\x40\x6c\x7c]\0\0\0", _bmp),
    (rb"P[0-6fyRC]", _ppm),
]
"""By how a file begins."""
