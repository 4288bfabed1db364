"""A file of a million empty parts is refused before a decoder walks through them; what is usual is not."""

import io
import struct
import zlib

import documents
import pytest
from PIL import Image

from digits.preprocessing import structure
from digits.preprocessing.decode import look_at, open_picture


def saved(kind: str, size=(40, 40), **options) -> bytes:
    out = io.BytesIO()
    Image.new("L", size, 255).save(out, kind, **options)
    return out.getvalue()


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(n: int) -> bytes:
    good = saved("PNG")
    return good[:33] + chunk(b"tEXt") * n + good[33:]


def png_behind(n: int) -> bytes:
    good = saved("PNG")
    return good[:-12] + chunk(b"teSt") * n + good[-12:]


def jpeg(n: int) -> bytes:
    good = saved("JPEG")
    return good[:2] + b"\xff\xfe\x00\x02" * n + good[2:]


def jpeg_padding(n: int) -> bytes:
    good = saved("JPEG")
    return good[:2] + b"\xff" * n + good[2:]


def jpeg_restarts(n: int) -> bytes:
    good = saved("JPEG")
    return good[:2] + b"\xff\xd0" * n + good[2:]


def jpeg_passes(n: int) -> bytes:
    """Return a JPEG that is not progressive, and draws all of a large picture over and over."""
    good = saved("JPEG", (4000, 4000))
    begin = good.index(b"\xff\xda")
    return good[:begin] + (good[begin : begin + 10] + b"\0") * n + good[begin:]


def gif(n: int) -> bytes:
    good = saved("GIF")
    begin = 13 + (3 << (good[10] & 7) + 1 if good[10] & 128 else 0)
    return good[:begin] + b"!\xfe" + b"\x01 " * n + b"\0" + good[begin:]


def gif_junk(n: int) -> bytes:
    good = saved("GIF")
    begin = 13 + (3 << (good[10] & 7) + 1 if good[10] & 128 else 0)
    return good[:begin] + b"x" * n + good[begin:]


def gif_frames(n: int) -> bytes:
    good = saved("GIF", (8, 8))
    begin = good.index(b",")
    return good[:-1] + good[begin:-1] * n + good[-1:]


def webp(n: int) -> bytes:
    good = saved("WEBP") + struct.pack("<4sI", b"TeSt", 0) * n
    return good[:4] + struct.pack("<I", len(good) - 8) + good[8:]


def tiff(n: int) -> bytes:
    """Return pages of which each lists as many entries as it can."""
    entries = min(n, 60_000)
    one = struct.pack("<H", entries) + struct.pack("<HHLL", 60000, 1, 1, 0) * entries
    out, place = b"II*\0" + struct.pack("<L", 8), 8
    for left in range(n // entries, 0, -1):
        place += len(one) + 4
        out += one + struct.pack("<L", place if left > 1 else 0)
    return out


def tiff_overlapping(n: int) -> bytes:
    """Return many pages that each hold all of the file as their remark."""
    pages, size = min(n, 1500), 2_000_000
    out = b"II*\0" + struct.pack("<L", 8)
    for page in range(pages):
        entry = struct.pack("<HHLL", 270, 2, size - 100, 8)
        out += (
            struct.pack("<H", 1) + entry + struct.pack("<L", 8 + 18 * (page + 1) if page + 1 < pages else 0)
        )
    return out.ljust(size, b" ")


def tiff_strips(n: int) -> bytes:
    size = [(256, 4, 1, 8000), (257, 4, 1, 8000), (273, 4, n, 200), (279, 4, n, 200), (278, 4, 1, 1)]
    body = struct.pack("<H", len(size)) + b"".join(struct.pack("<HHLL", *row) for row in size) + b"\0\0\0\0"
    return (b"II*\0" + struct.pack("<L", 8) + body).ljust(4 * n + 300, b"\0")


def heic(n: int) -> bytes:
    return documents.HEIC + struct.pack(">I4s", 8, b"free") * n


def ppm(n: int) -> bytes:
    return b"P5 " + b"#" * n + b"\n9 9 255\n" + b"a" * 81


def bmp(n: int) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, 8000, 8000, 1, 8, 1, n, 0, 0, 256, 0)
    return (
        b"BM"
        + struct.pack("<IHHI", 54 + 1024 + n, 0, 0, 54 + 1024)
        + head
        + bytes(1024)
        + b"\x01\0" * (n // 2)
    )


MANY = 800_000

KINDS = {
    "png": (png, "chunks"),
    "png behind": (png_behind, "chunks"),
    "jpeg": (jpeg, "segments"),
    "jpeg padding": (jpeg_padding, "between its segments"),
    "jpeg restarts": (jpeg_restarts, "between its segments"),
    "jpeg passes": (jpeg_passes, "passes"),
    "gif": (gif, "blocks"),
    "gif junk": (gif_junk, "blocks"),
    "webp": (webp, "chunks"),
    "tiff": (tiff, "entries"),
    "tiff overlapping": (tiff_overlapping, "several times"),
    "tiff strips": (tiff_strips, "numbers in one entry"),
    "heic": (heic, "boxes"),
    "ppm": (ppm, "its size"),
    "bmp": (bmp, "run lengths"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_a_million_empty_parts_is_refused_before_it_is_decoded(kind):
    make, words = KINDS[kind]
    with pytest.raises(ValueError, match=words) as told:
        look_at(io.BytesIO(make(MANY)))
    assert str(told.value).endswith(".")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "kind", ["png", "png behind", "jpeg", "jpeg padding", "jpeg restarts", "gif", "webp", "heic", "ppm"]
)
def test_some_empty_parts_do_no_harm(kind):
    picture = open_picture(io.BytesIO(KINDS[kind][0](200)))
    assert min(picture.size) >= 8


def test_a_film_shows_its_first_picture():
    assert open_picture(io.BytesIO(gif_frames(20_000))).size == (8, 8)


@pytest.mark.parametrize("length", [0, 1, 3, 5, 9, 11, 13, 20, 30, 60])
@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp", "tiff", "heic", "ppm", "bmp"])
def test_a_file_that_ends_early_is_left_to_its_decoder(kind, length):
    file = io.BytesIO(KINDS[kind][0](2)[:length])
    if kind == "ppm" or (kind == "bmp" and length > 34):  # says too little, or what is too much already
        return
    structure.check(file)
    assert file.tell() == 0
