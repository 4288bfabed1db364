"""The pixels of a picture of any mode -> how bright each is, (H, W) float32 in [0, 1], 1 = white.

Large pictures are worked on in bands of rows: one of 64 million pixels then takes half a gigabyte at most,
where all its channels at once as floats would take two.
"""

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image

BAND = 2**22
"""Pixels at a time: smaller pictures are one band."""

WEIGHTS = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""Of red, green and blue: ITU-R BT.601."""


def plain(picture: Image.Image) -> np.ndarray:
    """Return the brightness of a picture without transparency, of 8 bits per channel."""
    grey = _room(picture)
    for rows, band in _bands(picture):
        if picture.mode == "L":
            np.divide(np.asarray(band), 255, out=grey[rows], dtype=np.float32)
        else:
            grey[rows] = _luminance(np.asarray(band.convert("RGB"), dtype=np.float32)) / 255
    return grey


def wide(picture: Image.Image) -> np.ndarray:
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
    grey = _room(picture)
    for rows, band in _bands(picture):
        grey[rows] = np.clip((np.asarray(band, dtype=np.float32) - min(low, 0.0)) / full, 0, 1)
    return grey


def in_colour(picture: Image.Image) -> np.ndarray:
    """Return the colours of a picture without transparency, of 8 bits per channel: (H, W, 3) uint8 RGB."""
    colours = np.empty((picture.height, picture.width, 3), np.uint8)
    for rows, band in _bands(picture):
        colours[rows] = np.asarray(band.convert("RGB"))
    return colours


def as_colour(grey: np.ndarray) -> np.ndarray:
    """Return brightness (H, W) float32 in [0, 1], which is lost with it, as (H, W, 3) uint8 RGB."""
    np.round(np.multiply(grey, 255, out=grey), out=grey)
    colours = np.empty((*grey.shape, 3), np.uint8)
    colours[...] = grey[..., None]
    return colours


def over_paper(picture: Image.Image) -> np.ndarray:
    """Lay a transparent picture on the paper that suits it, and return the brightness."""
    grey, alpha = _room(picture), np.empty((picture.height, picture.width), np.uint8)
    for rows, band in _bands(picture):
        rgba = np.asarray(band.convert("RGBA"))
        grey[rows] = _luminance(rgba[..., :3].astype(np.float32) / 255)
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


def _luminance(rgb: np.ndarray) -> np.ndarray:
    return rgb @ WEIGHTS


def _room(picture: Image.Image) -> np.ndarray:
    return np.empty((picture.height, picture.width), np.float32)


def _bands(picture: Image.Image) -> Iterator[tuple[slice, Image.Image]]:
    """Yield the rows of each band, and its part of the picture."""
    width, height = picture.size
    rows = max(1, BAND // width)
    if rows >= height:
        yield slice(0, height), picture
        return
    for top in range(0, height, rows):
        end = min(height, top + rows)
        yield slice(top, end), picture.crop((0, top, width, end))
