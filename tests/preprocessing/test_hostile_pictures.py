"""Whatever bytes or arrays come: the road answers, or refuses in one sentence with a ValueError.

Hypothesis bends real files of every kind where formats are delicate; `pytest --hypothesis-profile=fuzz` does
so for long. evaluation/results/fuzz.json is the record of ten minutes of that, in which another process
watched time and memory, with 8000 x 8000 pixels in all modes among the pictures.
"""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image, ImageDraw

from digits import Recognizer
from digits.config import DEFAULT_MODEL
from digits.deploy import lite
from digits.models import checkpoints
from digits.preprocessing import decode
from digits.preprocessing.decode import open_picture, to_grey, to_rgb
from digits.preprocessing.pages import DPI

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # what Pillow says of broken files

ONE_SENTENCE = r"^[^\n]+\.$"

EDGES = (0, 1, 7, 8, 255, 256, 8000, 8001, 32767, 50_000, 65535, 2**31 - 1, 2**31, 2**32 - 1)
"""Numbers at which programs go wrong."""

HEAD = 200
"""Bytes in which most of a file's structure stands."""


def encoded(picture, kind: str, **options) -> bytes:
    out = io.BytesIO()
    (Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture).save(out, kind, **options)
    return out.getvalue()


def sound_files() -> dict[str, bytes]:
    """Return a two-legged shape and a ring, 120 x 90 pixels, as a file of every kind."""
    ink = Image.new("RGB", (120, 90), (250, 245, 235))
    pen = ImageDraw.Draw(ink)
    pen.line([(20, 15), (50, 15), (30, 75)], (20, 30, 60), 6)
    pen.ellipse([70, 20, 105, 75], outline=(20, 30, 60), width=6)
    grey, clear, turned = ink.convert("L"), ink.convert("RGBA"), Image.Exif()
    clear.putalpha(grey.point(lambda value: 255 - value))
    turned[0x0112] = 6
    sixteen, floats = np.asarray(grey, np.uint16) * 257, np.asarray(grey, np.float32) / 255
    film = {"save_all": True, "append_images": [ink.rotate(90), ink], "duration": 50}
    palette, black, four = ink.convert("P"), grey.convert("1"), ink.convert("CMYK")
    return {
        "png": encoded(ink, "PNG"),
        "png grey": encoded(grey, "PNG"),
        "png 1 bit": encoded(black, "PNG"),
        "png 16 bit": encoded(sixteen, "PNG"),
        "png clear": encoded(clear, "PNG", exif=turned),
        "png palette": encoded(palette, "PNG", transparency=0),
        "apng": encoded(ink, "PNG", **film),
        "jpeg": encoded(ink, "JPEG", exif=turned),
        "jpeg progressive": encoded(ink, "JPEG", progressive=True),
        "jpeg cmyk": encoded(four, "JPEG"),
        "gif": encoded(palette, "GIF"),
        "gif film": encoded(ink, "GIF", **film),
        "tiff": encoded(ink, "TIFF"),
        "tiff lzw": encoded(ink, "TIFF", compression="tiff_lzw"),
        "tiff deflate": encoded(grey, "TIFF", compression="tiff_deflate"),
        "tiff fax": encoded(black, "TIFF", compression="group4"),
        "tiff 16 bit": encoded(sixteen, "TIFF"),
        "tiff floats": encoded(floats, "TIFF"),
        "tiff cmyk": encoded(four, "TIFF"),
        "tiff pages": encoded(ink, "TIFF", save_all=True, append_images=[ink]),
        "pdf": encoded(ink, "PDF", resolution=DPI),
        "webp": encoded(ink, "WEBP"),
        "webp clear": encoded(clear, "WEBP", lossless=True),
        "webp film": encoded(ink, "WEBP", **film),
        "bmp": encoded(ink, "BMP"),
        "bmp palette": encoded(palette, "BMP"),
        "ppm": encoded(ink, "PPM"),
        "mpo": encoded(ink, "MPO", save_all=True, append_images=[ink]),
    }


SOUND = sound_files()


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG, with the right checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def claiming(side: int) -> bytes:
    """Return a small PNG whose head claims that it is a large square."""
    return (
        SOUND["png"][:8]
        + chunk(b"IHDR", struct.pack(">II", side, side) + SOUND["png"][24:29])
        + SOUND["png"][33:]
    )


def drawn_over(side: int, times: int) -> bytes:
    """Return a JPEG of a square that draws itself so many times over."""
    data = encoded(Image.new("RGB", (side, side), (240, 240, 240)), "JPEG", progressive=True)
    scan, end = data.rfind(b"\xff\xda"), data.rfind(b"\xff\xd9")
    return data[:end] + data[scan:end] * times + data[end:]


@st.composite
def bent_files(draw) -> bytes:
    """Draw a sound file with up to four pieces replaced, half of them in its head."""
    data = draw(st.sampled_from(list(SOUND.values())))
    for _ in range(draw(st.sampled_from([0, 1, 1, 1, 2, 4]))):
        at = draw(st.integers(0, min(len(data), HEAD) if draw(st.booleans()) else len(data)))
        piece = draw(pieces(data[at : at + 64]))
        gone = draw(st.sampled_from([len(piece), len(piece), 0, 1, len(data)]) | st.integers(0, 40))
        data = data[:at] + piece + data[at + gone :]
    if data[12:16] == b"IHDR" and draw(st.booleans()):  # else its checksum ends it before it does harm
        data = data[:8] + chunk(b"IHDR", data[16:29]) + data[33:]
    return data


def pieces(old: bytes) -> st.SearchStrategy[bytes]:
    """Return what may stand in a file: an edge, noise, what was there many times, another file."""
    numbers = st.builds(
        lambda number, form: struct.pack(form, number & (0xFFFF if form[1] == "H" else 0xFFFFFFFF)),
        st.sampled_from(EDGES),
        st.sampled_from([">I", "<I", ">H", "<H"]),
    )
    kinds = b"tRNS PLTE gAMA iCCP zTXt eXIf IDAT acTL fcTL fdAT IHDR".split()
    others = st.builds(
        lambda data, at: data[at:], st.sampled_from(list(SOUND.values())), st.integers(0, 2000)
    )
    again = st.integers(0, 400).map(lambda times: old * times)
    chunks = st.builds(chunk, st.sampled_from(kinds), st.binary(max_size=60))
    return numbers | st.binary(max_size=300) | again | others | chunks


ODD_ARRAYS = st.sampled_from([np.uint8, np.float32, np.int64, bool, np.complex64]).flatmap(
    lambda kind: npst.arrays(kind, npst.array_shapes(max_dims=4, max_side=40))
)
"""Of right and of wrong types, shapes and values, NaN and infinite ones among them."""


REFUSED = {
    "a head of 50,000 x 50,000": claiming(50_000),
    "a head of two thousand million": claiming(2**31 - 1),
    "a head of nothing": claiming(0),
    "too many passes": drawn_over(3000, 399),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\nquit\n",
    "pdf": b"%PDF-1.7\n1 0 obj\n",
    "nothing": b"",
    "text": b"seven",
    "random": np.random.default_rng(1).bytes(5000),
    "NaN": encoded(np.full((20, 20), np.nan, np.float32), "TIFF"),
    "infinite": encoded(np.full((20, 20), np.inf, np.float32), "TIFF"),
    "too small": encoded(Image.new("L", (7, 7)), "PNG"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_harmful_files_are_refused_in_one_sentence(name):
    with pytest.raises(ValueError, match=ONE_SENTENCE):
        to_grey(open_picture(io.BytesIO(REFUSED[name])))


def test_every_common_kind_is_read():
    """Films give their first picture, pages each theirs, and four inks or sixteen bits what a person sees."""
    for kind, data in SOUND.items():
        grey = to_grey(open_picture(io.BytesIO(data), 2 if kind == "tiff pages" else None))
        assert sorted(grey.shape) == [90, 120], kind
        assert grey.min() < 0.4 < 0.8 < grey.max(), kind


def opened(given: bytes | np.ndarray):
    """Open, measure and show a picture, or return None; only a ValueError of one sentence may come of it."""
    try:
        picture = given if isinstance(given, np.ndarray) else open_picture(io.BytesIO(given))
        grey = to_grey(picture)
    except ValueError as error:
        words = str(error)
        assert words.endswith("."), words
        assert "\n" not in words, words
        return None
    assert grey.dtype == np.float32
    assert 0 <= grey.min() <= grey.max() <= 1
    assert to_rgb(picture).shape == (*grey.shape, 3)
    return picture


@pytest.fixture(scope="module")
def reader() -> Recognizer:
    """Return the default model as the app reads with it, without TensorFlow."""
    return lite.load(checkpoints.find(DEFAULT_MODEL))


@settings(max_examples=4 * settings().max_examples)  # of the profile
@given(bent_files() | ODD_ARRAYS)
def test_whatever_is_bent_is_refused_in_one_sentence_or_opened(given):
    opened(given)


@given(bent_files())
def test_whatever_can_be_opened_can_be_read(reader, data):
    read(reader, opened(data))


@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_arrays_are_read(reader, channels):
    noise = np.random.default_rng(1).integers(0, 256, (20, 40, *channels), np.uint8)
    stroke = np.full_like(noise, 255)
    stroke[5:15, 20:23] = 0
    for pixels in (noise, stroke, np.zeros_like(noise), np.full_like(noise, 255)):
        read(reader, opened(pixels))


def read(reader: Recognizer, picture) -> None:
    if picture is None:
        return
    reading, number = reader.read_digit(picture), reader.read_number(picture, marks=True)
    assert reading.probabilities.sum() == pytest.approx(1, abs=1e-3)
    assert (reading.digit is None) == (reading.status not in ("digit", "unsure"))
    height, width = to_grey(picture).shape
    for x, y, w, h in (digit.box for digit in number.digits):
        assert 0 <= x < x + w <= width + 1
        assert 0 <= y < y + h <= height + 1


def test_nonsense_about_which_side_is_up_is_passed_over():
    data = encoded(Image.new("L", (20, 10), 200), "PNG")
    data = data[:33] + chunk(b"eXIf", b"MM\0*\xff\xff\xff\xff\xff") + data[33:]
    assert to_grey(open_picture(io.BytesIO(data))).shape == (10, 20)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I", "F", "I;16"])
def test_bands_change_nothing(monkeypatch, mode):
    noise = np.random.default_rng(5).integers(0, 256, (50, 30, 4), np.uint8)
    rgba, wide = Image.fromarray(noise, "RGBA"), {"I": np.int32, "F": np.float32, "I;16": np.uint16}
    if mode in wide:
        picture = Image.fromarray(noise[..., 0].astype(wide[mode]))
    else:
        picture = rgba.convert(mode) if mode in ("RGBA", "LA") else rgba.convert("RGB").convert(mode)
    whole, found = to_grey(picture), np.asarray(picture.convert("RGBA"))
    paper = decode._paper(found[..., :3].astype(np.float32) / 255 @ decode.WEIGHTS, found[..., 3])
    monkeypatch.setattr(decode, "BAND", 200)
    monkeypatch.setattr(decode, "_paper", lambda grey, alpha: paper)
    assert to_grey(picture) == pytest.approx(whole, abs=1e-6)


def test_a_jpeg_may_draw_itself_a_few_times():
    assert to_grey(open_picture(io.BytesIO(drawn_over(100, 9)))).min() > 0.9
    assert decode.MOST_PASSES >= 12_000 * 1000 * 20  # a phone's photo, twice as often as any camera draws it
