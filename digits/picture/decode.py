"""Any picture -> grey values: every PIL mode, transparency, EXIF rotation, 16 bits."""

import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

SMALLEST, LARGEST = 8, 8000
"""Accepted width and height, in pixels."""

EXPECTED_SIZE = f"{SMALLEST} to {LARGEST} on each side"

WORKING_SIDE = 1024
"""Larger pictures are reduced to this longer side: a digit needs no more, and time stays bounded."""

Picture = Image.Image | np.ndarray


def open_picture(file) -> Image.Image:
    """Open a picture from a path or a binary file object.

    Raises:
        ValueError: missing, not a picture, or of a size that is not accepted; one sentence that names the
            file.
    """
    name = str(file) if isinstance(file, str | Path) else getattr(file, "name", "The file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # sizes are checked right below
            picture = Image.open(file)
            _check_size(*picture.size)
            picture.load()
    except FileNotFoundError as error:
        raise ValueError(f"{name}: there is no such file.") from error
    except UnidentifiedImageError as error:
        raise ValueError(f"{name} is not a picture; expected PNG, JPEG or another common format.") from error
    except Image.DecompressionBombError as error:
        raise ValueError(f"{name}: a picture of far too many pixels; expected {EXPECTED_SIZE}.") from error
    except Exception as error:  # each of Pillow's many decoders fails in its own way
        raise ValueError(f"{name}: {_sentence(error)}") from error
    return picture


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
    picture = ImageOps.exif_transpose(picture)
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        return _wide_grey(np.asarray(picture, dtype=np.float32))
    if picture.has_transparency_data and not _is_opaque(picture):
        return _over_paper(np.asarray(picture.convert("RGBA"), dtype=np.float32) / 255)
    if picture.mode == "L":
        return np.asarray(picture, dtype=np.float32) / 255
    return _luminance(np.asarray(picture.convert("RGB"), dtype=np.float32)) / 255


def to_rgb(image: Picture) -> np.ndarray:
    """Return a picture for showing it to a person: (H, W, 3) uint8 RGB, upright, on the paper that suits it.

    Takes and refuses what `to_grey` does.
    """
    picture = _from_array(image) if isinstance(image, np.ndarray) else image
    if _is_opaque(picture) or picture.mode in ("L", "RGB", "CMYK", "YCbCr"):
        return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    return np.stack([np.round(to_grey(picture) * 255).astype(np.uint8)] * 3, axis=2)


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


def _sentence(error: Exception) -> str:
    text = str(error).strip().rstrip(".") or type(error).__name__
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


def _is_opaque(picture: Image.Image) -> bool:
    return picture.mode == "RGBA" and picture.getchannel("A").getextrema()[0] == 255


def _luminance(rgb: np.ndarray) -> np.ndarray:
    return rgb @ np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601


def _wide_grey(values: np.ndarray) -> np.ndarray:
    if not np.isfinite(values).all():
        raise ValueError(
            "A picture with pixels that are not numbers (NaN or infinite); expected finite values."
        )
    low, high = float(values.min()), float(values.max())
    # Integer scans fill 16 bits, but scientific ones often only 10 or 12: their own range is the scale.
    full = 1.0 if high <= 1.0 else 255.0 if high <= 255.0 else max(high, 4095.0)
    return np.clip((values - min(low, 0.0)) / full, 0, 1).astype(np.float32)


def _over_paper(rgba: np.ndarray) -> np.ndarray:
    """Lay a transparent picture on the paper that suits it."""
    grey, alpha = _luminance(rgba[..., :3]), rgba[..., 3]
    if alpha.max() == 0:
        return np.ones_like(grey)
    opaque = alpha > 0.5
    if opaque.mean() > 0.5:  # a card with cut corners: go on with the card's own paper
        paper = np.median(grey[opaque])
    else:  # bare ink: the paper is whatever the ink shows up on
        paper = 1.0 if np.average(grey, weights=alpha) < 0.5 else 0.0
    return (grey * alpha + paper * (1 - alpha)).astype(np.float32)
