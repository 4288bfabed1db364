"""Broken pictures for fuzz.py and the tests: real files of every kind, bent where their formats are delicate.

Hypothesis chooses what is done to them, so that it can make a file that fails simpler.
"""

import io
import struct
import zlib
from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np
from hypothesis import strategies as st
from PIL import Image, ImageDraw

EDGES = (0, 1, 7, 8, 127, 128, 255, 256, 8000, 8001, 32767, 65535, 50_000, 2**31 - 1, 2**31, 2**32 - 1)
"""Numbers at which programs go wrong."""

HEAD = 200
"""Bytes in which most of a file's structure stands."""

Change = Callable[[bytearray, float, int], bytes]


@lru_cache(maxsize=1)
def seeds() -> dict[str, bytes]:
    """Return sound files by kind."""
    ink = Image.new("RGB", (120, 90), (250, 245, 235))
    pen = ImageDraw.Draw(ink)
    pen.line([(20, 15), (50, 15), (30, 75)], (20, 30, 60), 6)
    pen.ellipse([70, 20, 105, 75], outline=(20, 30, 60), width=6)
    grey, clear = ink.convert("L"), ink.convert("RGBA")
    clear.putalpha(grey.point(lambda value: 255 - value))
    wide = Image.fromarray(np.asarray(grey, np.uint16) * 257)
    floats = Image.fromarray(np.asarray(grey, np.float32) / 255)
    turned = Image.Exif()
    turned[0x0112] = 6
    films = {"save_all": True, "append_images": [ink.rotate(90), ink], "duration": 50}
    wanted = {
        "png": (ink, "PNG", {}),
        "png grey": (grey, "PNG", {}),
        "png 1 bit": (grey.convert("1"), "PNG", {}),
        "png 16 bit": (wide, "PNG", {}),
        "png clear": (clear, "PNG", {"exif": turned}),
        "png palette": (ink.convert("P"), "PNG", {"transparency": 0}),
        "apng": (ink, "PNG", films),
        "jpeg": (ink, "JPEG", {"exif": turned}),
        "jpeg progressive": (ink, "JPEG", {"progressive": True}),
        "jpeg cmyk": (ink.convert("CMYK"), "JPEG", {}),
        "gif": (ink.convert("P"), "GIF", {}),
        "gif film": (ink, "GIF", films),
        "tiff": (ink, "TIFF", {}),
        "tiff lzw": (ink, "TIFF", {"compression": "tiff_lzw"}),
        "tiff deflate": (grey, "TIFF", {"compression": "tiff_deflate"}),
        "tiff fax": (grey.convert("1"), "TIFF", {"compression": "group4"}),
        "tiff 16 bit": (wide, "TIFF", {}),
        "tiff floats": (floats, "TIFF", {}),
        "tiff cmyk": (ink.convert("CMYK"), "TIFF", {}),
        "tiff pages": (ink, "TIFF", {"save_all": True, "append_images": [ink]}),
        "webp": (ink, "WEBP", {}),
        "webp clear": (clear, "WEBP", {"lossless": True}),
        "webp film": (ink, "WEBP", films),
        "bmp": (ink, "BMP", {}),
        "bmp palette": (ink.convert("P"), "BMP", {}),
        "ppm": (ink, "PPM", {}),
        "mpo": (ink, "MPO", {"save_all": True, "append_images": [ink]}),
    }
    made = {}
    for kind, (picture, name, options) in wanted.items():
        out = io.BytesIO()
        picture.save(out, name, **options)
        made[kind] = out.getvalue()
    return made | {"svg": b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9"/></svg>', "nothing": b""}


def flip(data: bytearray, place: float, value: int) -> bytes:
    """Change one byte."""
    data[_at(data, place)] ^= 1 + value % 255
    return bytes(data)


def number(data: bytearray, place: float, value: int) -> bytes:
    """Write a delicate number of two or four bytes, in either order."""
    where, what = int(place * min(len(data), HEAD)), EDGES[value % len(EDGES)]
    form = (">I", "<I", ">H", "<H")[value // len(EDGES) % 4]
    packed = struct.pack(form, what & (0xFFFFFFFF if form[1] == "I" else 0xFFFF))
    data[where : where + len(packed)] = packed
    return bytes(data)


def cut(data: bytearray, place: float, value: int) -> bytes:
    """Leave out the end."""
    return bytes(data[: _at(data, place)])


def drop(data: bytearray, place: float, value: int) -> bytes:
    """Leave out a few bytes."""
    where = _at(data, place)
    return bytes(data[:where] + data[where + 1 + value % 40 :])


def repeat(data: bytearray, place: float, value: int) -> bytes:
    """Say a few bytes again and again."""
    where = _at(data, place)
    return bytes(data[:where] + data[where : where + 1 + value % 64] * (1 + value % 50) + data[where:])


def splice(data: bytearray, place: float, value: int) -> bytes:
    """Go on with another file."""
    others = list(seeds().values())
    other = others[value % len(others)]
    return bytes(data[: _at(data, place)]) + other[int(place * len(other)) :]


def noise(data: bytearray, place: float, value: int) -> bytes:
    """Put in random bytes."""
    where = _at(data, place)
    return bytes(data[:where]) + np.random.default_rng(value).bytes(1 + value % 300) + bytes(data[where:])


def png_head(data: bytearray, place: float, value: int) -> bytes:
    """Change a PNG's size, depth or colours, with the right checksum."""
    if data[12:16] != b"IHDR" or len(data) < 33:
        return bytes(data)
    if value % 3:
        offset = 16 if value % 2 else 20
        data[offset : offset + 4] = struct.pack(">I", EDGES[value % len(EDGES)])
    else:
        data[24 + value % 5] = EDGES[value % len(EDGES)] & 255
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    return bytes(data)


def png_chunk(data: bytearray, place: float, value: int) -> bytes:
    """Put a chunk of any kind into a PNG, with the right checksum."""
    kinds = (
        b"tRNS",
        b"PLTE",
        b"gAMA",
        b"iCCP",
        b"zTXt",
        b"eXIf",
        b"IDAT",
        b"acTL",
        b"fcTL",
        b"fdAT",
        b"IHDR",
    )
    kind, body = kinds[value % len(kinds)], np.random.default_rng(value).bytes(int(place * 60))
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return bytes(data[:33]) + chunk + bytes(data[33:])


def jpeg_size(data: bytearray, place: float, value: int) -> bytes:
    """Change a JPEG's size or the number of its channels."""
    for marker in (b"\xff\xc0", b"\xff\xc2"):
        where = data.find(marker)
        if 0 <= where < len(data) - 12:
            if value % 3:
                data[where + 5 : where + 9] = struct.pack(
                    ">HH", EDGES[value % 13] & 65535, EDGES[value // 13 % 13] & 65535
                )
            else:
                data[where + 9] = value % 6
    return bytes(data)


def jpeg_scans(data: bytearray, place: float, value: int) -> bytes:
    """Let a JPEG draw itself many times over."""
    where, end = data.rfind(b"\xff\xda"), data.rfind(b"\xff\xd9")
    return (
        bytes(data[:end] + data[where:end] * (value % 400) + data[end:]) if 0 < where < end else bytes(data)
    )


def tiff_entry(data: bytearray, place: float, value: int) -> bytes:
    """Change the type, the count or the value of one of a TIFF's entries."""
    if data[:4] != b"II*\0" or len(data) < 16:
        return bytes(data)
    start = struct.unpack("<I", data[4:8])[0]
    if start + 2 >= len(data):
        return bytes(data)
    count = struct.unpack("<H", data[start : start + 2])[0]
    where = start + 2 + 12 * int(place * max(0, count - 1)) + (2, 4, 8)[value % 3]
    data[where : where + 4] = struct.pack("<I", EDGES[value % len(EDGES)])
    return bytes(data)


CHANGES: tuple[Change, ...] = (
    *(flip, number, cut, drop, repeat, splice, noise),
    *(png_head, png_chunk, jpeg_size, jpeg_scans, tiff_entry),
)


@st.composite
def files(draw) -> tuple[str, bytes]:
    """Draw a kind, and a file of that kind with none to six changes."""
    kind = draw(st.sampled_from(sorted(seeds())))
    data = seeds()[kind]
    places = st.floats(0, 1, exclude_max=True)
    for change in draw(st.lists(st.sampled_from(CHANGES), max_size=6)):
        if data:
            data = change(bytearray(data), draw(places), draw(st.integers(0, 10_000)))
    return kind, data


@st.composite
def arrays(draw) -> tuple[str, np.ndarray]:
    """Draw an array such as programs hand over: of right and of wrong types, shapes and values."""
    kinds = [np.uint8] * 4 + [np.float32, np.int64, bool, np.complex64]
    sides = st.integers(0, 40) | st.sampled_from([1, 8, 28, 300, 8001])
    shape = (
        draw(sides),
        draw(st.integers(0, 40) | st.sampled_from([28, 300])),
        *draw(st.sampled_from([(), (), (1,), (2,), (3,), (4,), (5,), (3, 1)])),
    )
    fill = draw(st.sampled_from(["noise", "zeros", "full", "nan", "stroke"]))
    array = np.zeros(shape)
    if fill == "noise":
        array = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 256, shape).astype(np.float64)
    elif fill != "zeros":
        array[:] = {"full": 255, "nan": np.nan, "stroke": 0}[fill]
    if fill == "stroke":
        array[shape[0] // 4 : 3 * shape[0] // 4 + 1, shape[1] // 2 : shape[1] // 2 + 3] = 255
    with np.errstate(invalid="ignore"):
        return f"array {fill}", array.astype(draw(st.sampled_from(kinds)))


def largest(mode: str, progressive: bool = False) -> bytes:
    """Return one of the largest pictures that are accepted, in a Pillow mode."""
    picture, out = Image.new(mode, (8000, 8000), 0 if mode != "RGBA" else (0, 0, 0, 9)), io.BytesIO()
    if progressive:
        picture.save(out, "JPEG", progressive=True)
    elif mode in ("CMYK", "F"):
        picture.save(out, "TIFF", compression="tiff_deflate")
    else:
        picture.save(out, "PNG", compress_level=1)
    return out.getvalue()


def claiming(side: int) -> bytes:
    """Return a small PNG whose head claims that it is a large square."""
    head = bytearray(seeds()["png"])
    head[16:24] = struct.pack(">II", side, side)
    head[29:33] = struct.pack(">I", zlib.crc32(bytes(head[12:29])))
    return bytes(head)


def drawn_over(side: int, times: int) -> bytes:
    """Return a JPEG of a square that draws itself so many times over."""
    out = io.BytesIO()
    Image.new("RGB", (side, side), (240, 240, 240)).save(out, "JPEG", progressive=True)
    return jpeg_scans(bytearray(out.getvalue()), 0, times)


MODES = ("1", "L", "P", "RGB", "RGBA", "I;16", "F", "CMYK")

EXTREMES: dict[str, Callable[[], bytes]] = {
    **{f"8000 x 8000 {mode}": partial(largest, mode) for mode in MODES},
    "8000 x 8000 progressive": partial(largest, "RGB", progressive=True),
    "8000 x 8000 in 400 passes": partial(drawn_over, 8000, 399),
    "1600 x 1600 in 400 passes": partial(drawn_over, 1600, 399),
    **{f"a head of {side} x {side}": partial(claiming, side) for side in (8001, 50_000, 2**31 - 1)},
}
"""The largest pictures that are accepted, and some that only claim a size."""


def _at(data: bytearray, place: float) -> int:
    """Return a place in the data, half of the time in its head."""
    within = min(len(data), HEAD) if place < 0.5 else len(data)
    return int(2 * place % 1 * within)
