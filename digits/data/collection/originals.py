"""Pictures in the form in which they are kept: upright PNG files of bounded size."""

import hashlib
import io

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from digits.config import FRAME_VERSION, SIDE
from digits.preprocessing.decode import SMALLEST, Picture, to_rgb

LONGER_SIDE = 1600
"""Larger pictures are reduced to this, in pixels: the road of a picture looks at 1,024."""


MARGIN = 0.25
"""Paper around a digit that is cut out of a page, as a share of the digit's longer side."""

MADE_BY = "frame_version"
"""Under which a frame's PNG file notes `config.FRAME_VERSION`."""

Box = tuple[int, int, int, int]
"""x, y, width and height, in pixels of the upright picture."""


def original(picture: Picture) -> Image.Image:
    """Return a picture as it is kept: upright, opaque, grey or RGB, at most `LONGER_SIDE` pixels.

    Its own result, stored as PNG and opened again, comes out unchanged.

    Args:
        picture: see `Recognizer.read_digit`.

    Raises:
        ValueError: no picture of an accepted type or size; the message names it.
    """
    if not isinstance(picture, np.ndarray | Image.Image):
        raise ValueError(
            f"A picture of type {type(picture).__name__}; expected a PIL image or a uint8 array."
        )
    rgb = to_rgb(picture)
    is_grey = bool((rgb[..., :1] == rgb[..., 1:]).all())
    kept = Image.fromarray(np.ascontiguousarray(rgb[..., 0]) if is_grey else rgb)
    kept.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.LANCZOS)
    return kept


def digest(kept: Image.Image) -> str:
    """Return what tells pictures from `original` apart: the SHA-256 of mode, size and pixels."""
    about = f"{kept.mode} {kept.size}".encode()
    return hashlib.sha256(about + kept.tobytes()).hexdigest()


def png(kept: Image.Image) -> bytes:
    """Return a picture as a PNG file, without any metadata."""
    file = io.BytesIO()
    kept.save(file, "PNG")
    return file.getvalue()


def frame_png(framed: np.ndarray, version: int = FRAME_VERSION) -> bytes:
    """Return a frame (28, 28) float32 in [0, 1] as a grey PNG file that says which framing made it.

    Raises:
        ValueError: another shape or range; the message names it.
    """
    framed = np.asarray(framed, np.float32)
    if framed.shape != (SIDE, SIDE):
        raise ValueError(f"A frame of shape {framed.shape}; expected ({SIDE}, {SIDE}).")
    # Written so that NaN, which compares as false, is refused too.
    if not (framed.min() >= 0 and framed.max() <= 1):
        raise ValueError(f"A frame with values from {framed.min()} to {framed.max()}; expected 0 to 1.")
    file, about = io.BytesIO(), PngInfo()
    about.add_text(MADE_BY, str(version))
    Image.fromarray(np.round(framed * 255).astype(np.uint8)).save(file, "PNG", pnginfo=about)
    return file.getvalue()


def frame_version(frame: Image.Image) -> int:
    """Return which framing made a kept frame; those that do not say are of the first."""
    said = str(frame.info.get(MADE_BY, "1"))
    return int(said) if said.isdecimal() else 0


def cut_out(picture: Picture, box: Box, others: list[Box]) -> np.ndarray:
    """Cut one digit out of a picture of several, with some paper around it but nothing of its neighbours.

    Args:
        picture: see `Recognizer.read_digit`.
        box: of the digit.
        others: the boxes of the other digits; where one lies within the margin, the cut ends before it.

    Returns:
        (h, w, 3) uint8 RGB, 8 pixels or more on each side.
    """
    rgb = to_rgb(picture)
    left, top, right, bottom = _window(box, others)
    cut = rgb[max(0, top) : bottom, max(0, left) : right]
    missing = [max(0, SMALLEST - side) for side in cut.shape[:2]]
    return np.pad(cut, [(n, n) for n in missing] + [(0, 0)], mode="edge") if any(missing) else cut


def _window(box: Box, others: list[Box]) -> Box:
    """Return left, top, right and bottom of a box with its margin, which ends where another box begins."""
    x, y, width, height = box
    margin = max(SMALLEST // 2, round(MARGIN * max(width, height)))
    left, top, right, bottom = x - margin, y - margin, x + width + margin, y + height + margin
    for a, b, w, h in others:
        if a >= right or a + w <= left or b >= bottom or b + h <= top:
            continue
        is_beside = max(a - x - width, x - a - w) >= max(b - y - height, y - b - h)
        if is_beside and a < x:
            left = max(left, min(x, a + w))
        elif is_beside:
            right = min(right, max(x + width, a))
        elif b < y:
            top = max(top, min(y, b + h))
        else:
            bottom = min(bottom, max(y + height, b))
    return left, top, right, bottom
