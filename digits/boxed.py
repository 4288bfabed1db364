"""A picture with a box around every digit, what it was read as and how surely, as SVG.

SVG, since the writing must stay legible when a phone shows the picture a third as wide as a desktop does.
"""

import base64
from dataclasses import dataclass

import cv2
import numpy as np

from digits.figures.style import INK, SECOND

LONGEST = 1400
"""Pictures are reduced to this longer side, in pixels: no screen shows more, and a photo has megabytes."""

LETTER = 0.5
"""Height of the letters, as a share of the digits' usual height."""

LETTERS_BETWEEN = 2.2
"""What stands between two lines of writing, a note and a name with their gaps, in heights of a letter."""

GAP = 0.15
"""Between ink and line, as a share of a letter's height."""

SMALLEST_LETTER, LARGEST_LETTER = 0.018, 0.07
"""Their limits, as shares of the picture's width."""


@dataclass(frozen=True)
class Mark:
    """One digit on a picture."""

    box: tuple[int, int, int, int]
    """x, y, width, height in pixels of the picture."""
    name: str
    """What it was read as, written above the box: "7", or "?"."""
    note: str
    """How surely, written below: "97%"."""
    doubtful: bool
    """True for another colour and a broken line, so that nobody needs to tell colours apart."""


def boxed_svg(picture: np.ndarray, marks: list[Mark]) -> str:
    """Draw boxes with names and notes on a picture.

    Args:
        picture: (H, W, 3) uint8 RGB; large ones are reduced.
        marks: the digits.

    Returns:
        An SVG document with the picture inside, wider and higher than it by a margin for the letters.
    """
    factor = min(1.0, LONGEST / max(picture.shape[:2]))
    height, width = (max(1, round(side * factor)) for side in picture.shape[:2])
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA) if factor < 1 else picture
    letter = _letter_height([mark.box for mark in marks]) * factor
    letter = float(np.clip(letter, SMALLEST_LETTER * width, LARGEST_LETTER * width))
    margin = round(1.3 * letter)
    paper = "#{:02x}{:02x}{:02x}".format(*(int(channel) for channel in np.median(small, axis=(0, 1))))
    boxes = "".join(_box(mark, factor, letter) for mark in marks)
    words = "".join(_words(mark, factor, letter) for mark in marks)
    full = width + 2 * margin, height + 2 * margin
    shown = (round(side * LONGEST / max(full)) for side in full)  # small pictures grow to what the page has
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" '.format(*shown)
        + f'viewBox="{-margin} {-margin} {full[0]} {full[1]}">'
        f"<style>text {{ font: 700 {letter:.1f}px sans-serif; text-anchor: middle; paint-order: stroke; "
        f"stroke: {paper}; stroke-width: {0.25 * letter:.1f}px; stroke-linejoin: round }} "
        f".note {{ font-size: {0.62 * letter:.1f}px }} "
        f"rect.mark {{ fill: none; stroke-width: 2px; vector-effect: non-scaling-stroke }}</style>"
        f'<rect x="{-margin}" y="{-margin}" width="100%" height="100%" fill="{paper}"/>'
        f'<image width="{width}" height="{height}" href="{_jpeg(small)}"/>{boxes}{words}</svg>'
    )


def _letter_height(boxes: list[tuple[int, int, int, int]]) -> float:
    """Return how high letters may be, in pixels of the picture, so that two lines of writing leave room."""
    if not boxes:
        return 0.0
    x, y, w, h = np.array(boxes, dtype=float).T
    beside = (x[:, None] < (x + w)[None]) & (x[None] < (x + w)[:, None])
    paper = y[None] - (y + h)[:, None]  # from the bottom of each box to the top of every other
    room = np.min(paper, where=beside & (paper > 0), initial=np.inf)
    return min(LETTER * float(np.median(h)), float(room) / LETTERS_BETWEEN)


def _box(mark: Mark, factor: float, letter: float) -> str:
    gap = GAP * letter
    x, y, w, h = (side * factor for side in mark.box)
    place = f'x="{x - gap:.1f}" y="{y - gap:.1f}" width="{w + 2 * gap:.1f}" height="{h + 2 * gap:.1f}"'
    colour, dash = (SECOND, ' stroke-dasharray="6 4"') if mark.doubtful else (INK, "")
    return f'<rect class="mark" {place} rx="{gap:.1f}" stroke="{colour}"{dash}/>'


def _words(mark: Mark, factor: float, letter: float) -> str:
    gap = GAP * letter
    x, y, w, h = (side * factor for side in mark.box)
    middle, above, below = x + w / 2, y - 2.2 * gap, y + h + gap + 0.68 * letter
    colour = SECOND if mark.doubtful else INK
    return (
        f'<text x="{middle:.1f}" y="{above:.1f}" fill="{colour}">{mark.name}</text>'
        f'<text class="note" x="{middle:.1f}" y="{below:.1f}" fill="{colour}">{mark.note}</text>'
    )


def _jpeg(picture: np.ndarray) -> str:
    _, file = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 85])
    return "data:image/jpeg;base64," + base64.b64encode(file.tobytes()).decode()
