"""Pictures that were made to do harm: refused in one sentence or read, but never a crash."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

from digits.preprocessing import decode
from digits.preprocessing.decode import open_picture, to_grey, to_rgb
from evaluation.benchmarks.fuzz import inputs

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # what Pillow says of broken files

ONE_SENTENCE = r"^[^\n]+\.$"

REFUSED = {
    "a head of 50,000 x 50,000": lambda: inputs.claiming(50_000),
    "a head of two thousand million": lambda: inputs.claiming(2**31 - 1),
    "a head of nothing": lambda: inputs.claiming(0),
    "too many passes": lambda: inputs.drawn_over(3000, 399),
    "svg": lambda: inputs.seeds()["svg"],
    "svg with a program": lambda: b"<svg><script>alert(1)</script></svg>",
    "eps": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\nquit\n",
    "pdf": lambda: b"%PDF-1.7\n1 0 obj\n",
    "nothing": lambda: b"",
    "text": lambda: b"seven",
    "random": lambda: np.random.default_rng(1).bytes(5000),
    "NaN": lambda: tiff(np.full((20, 20), np.nan, np.float32)),
    "infinite": lambda: tiff(np.full((20, 20), np.inf, np.float32)),
    "too small": lambda: png(Image.new("L", (7, 7))),
}


def tiff(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(array).save(out, "TIFF")
    return out.getvalue()


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("name", REFUSED)
def test_harmful_files_are_refused_in_one_sentence(name):
    with pytest.raises(ValueError, match=ONE_SENTENCE):
        to_grey(open_picture(io.BytesIO(REFUSED[name]())))


@pytest.mark.parametrize("kind", sorted(set(inputs.seeds()) - {"svg", "nothing"}))
def test_every_common_kind_is_read(kind):
    """Films give their first picture, and four inks or sixteen bits what a person sees."""
    grey = to_grey(open_picture(io.BytesIO(inputs.seeds()[kind])))
    assert sorted(grey.shape) == [90, 120]
    assert grey.min() < 0.4 < 0.8 < grey.max()


@pytest.mark.parametrize("kind", sorted(set(inputs.seeds()) - {"svg", "nothing"}))
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_cut_files_are_refused_in_one_sentence_or_read(kind, share):
    data = inputs.seeds()[kind]
    looked_at(io.BytesIO(data[: int(share * len(data))]))


def looked_at(file: io.BytesIO) -> None:
    """Open, measure and show a picture; only a ValueError of one sentence may come of it."""
    try:
        picture = open_picture(file)
        grey = to_grey(picture)
    except ValueError as error:
        words = str(error)
        assert words.endswith("."), words
        assert "\n" not in words, words
        return
    assert 0 <= grey.min() <= grey.max() <= 1
    assert to_rgb(picture).shape == (*grey.shape, 3)


@settings(
    max_examples=300,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(inputs.files())
def test_bent_files_are_refused_in_one_sentence_or_read(drawn):
    looked_at(io.BytesIO(drawn[1]))


@settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(inputs.files() | inputs.arrays())
def test_whatever_can_be_opened_can_be_read(recognizer, drawn):
    data = drawn[1]
    try:
        picture = data if isinstance(data, np.ndarray) else open_picture(io.BytesIO(data))
        to_grey(picture)
    except ValueError:
        return
    assert recognizer.read_digit(picture).probabilities.sum() == pytest.approx(1, abs=1e-3)
    assert recognizer.read_number(picture, marks=True).text is not None


def test_nonsense_about_which_side_is_up_is_passed_over():
    whole = Image.new("L", (20, 10), 200)
    data = bytearray(png(whole))
    chunk = b"eXIf" + b"MM\0*\xff\xff\xff\xff\xff"
    data[33:33] = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert to_grey(open_picture(io.BytesIO(bytes(data)))).shape == (10, 20)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I", "F", "I;16"])
def test_bands_change_nothing(monkeypatch, mode):
    noise = np.random.default_rng(5).integers(0, 256, (50, 30, 4), np.uint8)
    if mode in ("I", "F", "I;16"):
        kinds = {"I": np.int32, "F": np.float32, "I;16": np.uint16}
        picture = Image.fromarray(noise[..., 0].astype(kinds[mode]))
    else:
        source = Image.fromarray(noise, "RGBA")
        picture = source if mode == "RGBA" else source.convert("LA" if mode == "LA" else "RGB").convert(mode)
    whole = to_grey(picture)
    paper = paper_of(picture)
    monkeypatch.setattr(decode, "BAND", 200)
    monkeypatch.setattr(decode, "_paper", lambda grey, alpha: paper)
    assert to_grey(picture) == pytest.approx(whole, abs=1e-6)


def paper_of(picture: Image.Image) -> float:
    """Return the paper of a transparent picture as it is found at once."""
    rgba = np.asarray(picture.convert("RGBA"))
    return decode._paper(rgba[..., :3].astype(np.float32) / 255 @ decode.WEIGHTS, rgba[..., 3])


def test_a_jpeg_may_draw_itself_a_few_times():
    assert to_grey(open_picture(io.BytesIO(inputs.drawn_over(100, 9)))).min() > 0.9
    assert decode.MOST_PASSES >= 12_000 * 1000 * 20  # a phone's photo, twice as often as any camera draws it
