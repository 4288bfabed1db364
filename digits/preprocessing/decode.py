"""Any picture -> brightness: every file, PIL mode, transparency, EXIF rotation and depth in one form.

Large pictures are worked on in bands of rows: one of 64 million pixels then takes half a gigabyte at most,
where all its channels at once as floats would take two.
"""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageFile, ImageOps, UnidentifiedImageError

from digits.config import check
from digits.preprocessing.pages import LARGEST, MOST_PAGES, open_file, paged, pages

SMALLEST = 8
"""Accepted width and height, in pixels; at most `LARGEST`."""

EXPECTED_SIZE = f"{SMALLEST} to {LARGEST} on each side"

WORKING_SIDE = 1024
"""Larger pictures are reduced to this longer side: a digit needs no more, and time stays bounded."""

FORMATS = ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "DIB", "PPM")
"""Pillow's names of what is opened, beside PDF and HEIC. It knows dozens more, seldom used and seldom looked
after; one of them, EPS, is a program that another program runs."""

MOST_PASSES = 2**30
"""Pixels times passes of a JPEG, progressive or not, which may draw each pixel a thousand times over."""

SCAN = b"\xff\xda"
"""Begins each pass of a JPEG file."""

Picture = Image.Image | np.ndarray

BAND = 2**22
"""Pixels at a time: smaller pictures are one band."""

WEIGHTS = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""Of red, green and blue: ITU-R BT.601."""


def open_picture(file: str | Path | IO[bytes], page: int | None = None) -> Image.Image:
    """Open a picture from a path or a binary file object.

    Args:
        file: a picture, or a document of one page or several.
        page: which, counted from 1; None where there is but one.

    Raises:
        ValueError: missing, not a picture, without that page, or of a size that is not accepted; one sentence
            that names the file.
    """
    picture = look_at(file, page)
    unpack(picture, _name(file, page))
    return picture


def look_at(file: str | Path | IO[bytes], page: int | None = None) -> Image.Image:
    """Open a picture, but read no more than its head: its kind and size. `unpack` reads the rest.

    Raises:
        ValueError: see `open_picture`.
    """
    with _told(_name(file, page)), warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # sizes are checked right below
        picture = open_file(file, FORMATS)
        picture.seek(_frame(picture, page))
        _check_size(*picture.size)
        _check_passes(picture)
    return picture


def count_pages(file: str | Path | IO[bytes]) -> int:
    """Return how many pages a file has, 1 unless it is a PDF or a TIFF.

    Raises:
        ValueError: it cannot be opened, or has too many; one sentence that names the file.
    """
    with _told(_name(file)), warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # nothing is unpacked
        with open_file(file, FORMATS) as picture:
            return len(_pages(picture))


def unpack(picture: Image.Image, name: str) -> None:
    """Read the pixels of a picture of which only the head was looked at.

    Raises:
        ValueError: they are damaged; one sentence with the picture's `name`.
    """
    with _told(name):
        picture.load()


def to_grey(image: Picture) -> np.ndarray:
    """Return the brightness of a picture as a person sees it, (H, W) float32 in [0, 1], 1 = white.

    Args:
        image: a PIL image of any mode, or uint8 (H, W), (H, W, 3) RGB or (H, W, 4) RGBA, from 8 x 8 to
            8000 x 8000 pixels.

    Raises:
        ValueError: another type, shape or size; the message names it and what was expected.
    """
    picture = _from_array(image) if isinstance(image, np.ndarray) else image
    if not isinstance(picture, Image.Image):
        raise ValueError(f"A picture of type {type(image).__name__}; expected a PIL image or a uint8 array.")
    _check_size(*picture.size)
    picture = _upright(picture)
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        return _wide(picture)
    if picture.has_transparency_data and not _is_opaque(picture):
        return _over_paper(picture)
    return _plain(picture)


def to_rgb(image: Picture) -> np.ndarray:
    """Return a picture for showing it to a person: (H, W, 3) uint8 RGB, upright, on the paper that suits it.

    Takes and refuses what `to_grey` does.
    """
    picture = _from_array(image) if isinstance(image, np.ndarray) else image
    if _is_opaque(picture) or picture.mode in ("L", "RGB", "CMYK", "YCbCr"):
        picture = _upright(picture)
        colours = np.empty((picture.height, picture.width, 3), np.uint8)
        for rows, band in _bands(picture):
            colours[rows] = np.asarray(band.convert("RGB"))
        return colours
    return cv2.cvtColor(cv2.convertScaleAbs(to_grey(picture), alpha=255), cv2.COLOR_GRAY2RGB)


def to_working_size(grey: np.ndarray) -> tuple[np.ndarray, float]:
    """Reduce (H, W) to at most `WORKING_SIDE` pixels.

    Returns:
        The reduced array, and how many of the picture's pixels one of its pixels spans (1.0 or more).
    """
    factor = max(1.0, max(grey.shape) / WORKING_SIDE)
    if factor == 1.0:
        return grey, factor
    height, width = (max(SMALLEST, round(side / factor)) for side in grey.shape)
    return cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA), factor


def _pages(picture: ImageFile.ImageFile) -> list[int]:
    """Return the frames of a file that are pages."""
    found = pages(picture)
    good = len(found) <= MOST_PAGES
    check("The number of pages", f"more than {MOST_PAGES:,}", good, f"1 to {MOST_PAGES:,}")
    return found


def _frame(picture: ImageFile.ImageFile, page: int | None) -> int:
    """Return which frame of a file is a page of it; see `open_picture`."""
    if page is None:
        first, *others = _pages(picture)
        if others:
            raise ValueError(f"It has {1 + len(others):,} pages; expected one, or which of them to read")
        return first
    check("The page", page, 1 <= page <= MOST_PAGES, f"1 to {MOST_PAGES:,}")
    found = pages(picture, page)
    check("The page", page, page == len(found), f"1 to {len(found):,}")
    return found[-1]


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turn whatever Pillow raises into one sentence that names the file."""
    try:
        yield
    except FileNotFoundError as error:
        raise ValueError(f"{name}: there is no such file.") from error
    except IsADirectoryError as error:
        raise ValueError(f"{name} is a folder; expected a picture.") from error
    except UnidentifiedImageError as error:
        raise ValueError(f"{name} is not a picture; expected PNG, JPEG or another common format.") from error
    except Image.DecompressionBombError as error:
        raise ValueError(f"{name}: a picture of far too many pixels; expected {EXPECTED_SIZE}.") from error
    except Exception as error:  # each of Pillow's many decoders fails in its own way
        raise ValueError(f"{name}: {_sentence(error)}") from error


def _name(file: str | Path | IO[bytes], page: int | None = None) -> str:
    name = str(file) if isinstance(file, str | Path) else getattr(file, "name", "The file")
    return name if page is None else paged(name, page)


def _sentence(error: Exception) -> str:
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return f"{text}." if isinstance(error, ValueError) else f"It cannot be read as a picture ({text})."


def _from_array(array: np.ndarray) -> Image.Image:
    shaped = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))
    if array.dtype != np.uint8 or not shaped:
        raise ValueError(
            f"An array of shape {array.shape} and type {array.dtype}; "
            "expected uint8 (H, W), (H, W, 3) or (H, W, 4)."
        )
    _check_size(array.shape[1], array.shape[0])
    return Image.fromarray(array)


def _check_size(width: int, height: int) -> None:
    if not (min(width, height) >= SMALLEST and max(width, height) <= LARGEST):
        raise ValueError(f"A picture of {width} x {height} pixels; expected {EXPECTED_SIZE}.")


def _check_passes(picture: ImageFile.ImageFile) -> None:
    file, (width, height) = picture.fp, picture.size
    if file is None or picture.format not in ("JPEG", "MPO"):
        return
    place = file.tell()
    file.seek(0)
    passes = file.read().count(SCAN)
    file.seek(place)
    if width * height * passes > MOST_PASSES:
        raise ValueError(
            f"A picture of {width} x {height} pixels drawn in {passes:,} passes; "
            f"expected at most {MOST_PASSES // (width * height):,}."
        )


def _upright(picture: Image.Image) -> Image.Image:
    """Turn a picture as its EXIF data says; one that need not be turned is returned as it is."""
    try:
        turned = picture.getexif().get(ExifTags.Base.Orientation, 1) in range(2, 9)
        return ImageOps.exif_transpose(picture) if turned else picture
    except Exception:  # the data is what anybody wrote into the file, and no part of the picture
        return picture


def _is_opaque(picture: Image.Image) -> bool:
    return picture.mode == "RGBA" and picture.getchannel("A").getextrema()[0] == 255


def _plain(picture: Image.Image) -> np.ndarray:
    """Return the brightness of a picture without transparency, of 8 bits per channel."""
    grey = _empty(picture)
    for rows, band in _bands(picture):
        if picture.mode == "L":
            np.divide(np.asarray(band), 255, out=grey[rows], dtype=np.float32)
        else:
            grey[rows] = np.asarray(band.convert("RGB"), dtype=np.float32) @ WEIGHTS / 255
    return grey


def _wide(picture: Image.Image) -> np.ndarray:
    """Return the brightness of a picture of 16 or 32 bits, or of floats, by the range that it fills.

    Raises:
        ValueError: it holds NaN or infinite values.
    """
    low, high = math.inf, -math.inf
    for _, band in _bands(picture):
        values = np.asarray(band, dtype=np.float32)
        if not np.isfinite(values).all():
            raise ValueError(
                "A picture with pixels that are not numbers (NaN or infinite); expected finite values."
            )
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    # Integer scans fill 16 bits, but scientific ones often only 10 or 12: their own range is the scale.
    full = 1.0 if high <= 1.0 else 255.0 if high <= 255.0 else max(high, 4095.0)
    grey = _empty(picture)
    for rows, band in _bands(picture):
        grey[rows] = np.clip((np.asarray(band, dtype=np.float32) - min(low, 0.0)) / full, 0, 1)
    return grey


def _over_paper(picture: Image.Image) -> np.ndarray:
    """Lay a transparent picture on the paper that suits it, and return the brightness."""
    grey, alpha = _empty(picture), np.empty((picture.height, picture.width), np.uint8)
    for rows, band in _bands(picture):
        rgba = np.asarray(band.convert("RGBA"))
        grey[rows] = rgba[..., :3].astype(np.float32) / 255 @ WEIGHTS
        alpha[rows] = rgba[..., 3]
    if alpha.max() == 0:
        grey.fill(1)
        return grey
    paper = _paper(grey, alpha)
    for rows, _ in _bands(picture):
        share = alpha[rows].astype(np.float32) / 255
        grey[rows] = grey[rows] * share + paper * (1 - share)
    return grey


def _paper(grey: np.ndarray, alpha: np.ndarray) -> float:
    """Return the brightness of the paper; of a large picture, some of the pixels tell it."""
    step = math.ceil(math.sqrt(grey.size / BAND))
    grey, alpha = grey[::step, ::step], alpha[::step, ::step].astype(np.float32) / 255
    opaque = alpha > 0.5
    if opaque.mean() > 0.5:  # a card with cut corners: go on with the card's own paper
        return np.median(grey[opaque])
    if not alpha.any():  # what little there is was passed over
        return 1.0
    # Bare ink: the paper is whatever the ink shows up on.
    return 1.0 if np.average(grey, weights=alpha) < 0.5 else 0.0


def _empty(picture: Image.Image) -> np.ndarray:
    return np.empty((picture.height, picture.width), np.float32)


def _bands(picture: Image.Image) -> Iterator[tuple[slice, Image.Image]]:
    """Yield the rows of each band, and its part of the picture."""
    width, height = picture.size
    rows = max(1, BAND // width)
    for top in range(0, height, rows):
        end = min(height, top + rows)
        yield slice(top, end), picture.crop((0, top, width, end))
