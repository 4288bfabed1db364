"""Printed digits and letters, drawn from the TrueType fonts that Matplotlib brings and that a machine has."""

import string
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

DIGITS = string.digits
AMBIGUOUS = tuple("oOlIiLZsSbqgBDQUJjvVuCcTt")
"""Letters that a hurried digit looks like, or that hold one: no scene calls them other writing."""

OTHERS = "".join(sorted({*string.ascii_letters, *"?!%&#*+=/$"}.difference(AMBIGUOUS)))
"""What is printed beside digits, and looks like none."""

SIZE = 72
"""Pixels of a font: those of a digit are fewer."""

ODD = ("cmmi", "cmsy", "cmex", "lastresort", "siz", "nonuni", "emoji", "math", "display")
"""In the names of fonts whose digits are no usual ones."""

Typeface = dict[str, np.ndarray]
"""The ink (h, w) float32 in [0, 1] of each character, as large as they stand beside each other."""


@cache
def typefaces() -> list[Typeface]:
    """Return all fonts that there are, by their files' names."""
    from matplotlib import font_manager, get_data_path

    bundled = Path(get_data_path(), "fonts", "ttf").glob("*.ttf")
    files = {path.name: path for path in [*map(Path, font_manager.findSystemFonts()), *bundled]}
    usual = [name for name in sorted(files) if not any(odd in name.lower() for odd in ODD)]
    return [face for name in usual if (face := _typeface(files[name])) is not None]


def _typeface(path: Path) -> Typeface | None:
    """Return the characters of a font file; None where it lacks digits."""
    try:
        font = ImageFont.truetype(path, SIZE)
        face = {character: _drawn(font, character) for character in DIGITS + OTHERS}
    except (OSError, ValueError):
        return None
    unlike = {face[digit].tobytes() for digit in DIGITS}  # a font without digits draws one box for all
    return face if len(unlike) == len(DIGITS) else None


def _drawn(font: ImageFont.FreeTypeFont, character: str) -> np.ndarray:
    image = Image.new("L", (3 * SIZE, 3 * SIZE))
    ImageDraw.Draw(image).text((SIZE, SIZE // 2), character, 255, font)
    box = image.getbbox()
    if box is None:
        raise ValueError(f"{character} is blank.")
    return np.asarray(image.crop(box), np.float32) / 255
