"""Arrays in, coloured pictures out: pixels and SVG alone, without a plotting library."""

import base64
from dataclasses import dataclass

import cv2
import numpy as np

from digits.plots.colours import INK, SECOND


def png(picture: np.ndarray) -> bytes:
    """Return a picture, (h, w) grey or (h, w, 3) RGB, uint8 or float32 in [0, 1], as a PNG file."""
    points = picture if picture.dtype == np.uint8 else np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return cv2.imencode(".png", points[..., ::-1] if points.ndim == 3 else points)[1].tobytes()


def thumbnail_png(picture: np.ndarray, side: int) -> bytes:
    """Return a picture (h, w) float32 in [0, 1], centred on a square of `side` pixels, as a PNG file."""
    factor = side / max(picture.shape)
    height, width = (max(1, round(n * factor)) for n in picture.shape)
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_NEAREST
    sized = cv2.resize(np.clip(picture, 0, 1), (width, height), interpolation=method)
    square = np.zeros((side, side), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = np.round(sized * 255)
    return cv2.imencode(".png", square)[1].tobytes()


DARKER, SAME, LIGHTER = np.array([(0, 84, 190), (158, 158, 158), (255, 150, 0)], np.float32)
"""Blue, grey, orange: told apart by colour-blind people too."""


def change_map(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return how a picture (h, w) float32 in [0, 1] changed, (h, w, 3) uint8 RGB: blue where it is darker,
    orange where lighter, grey the same; the largest change has the full colour, however small it is."""
    change = np.asarray(after, np.float32) - before
    strength = (change / max(1e-6, float(np.abs(change).max())))[..., None]
    to = np.where(strength < 0, DARKER, LIGHTER)
    return np.round(SAME + np.abs(strength) * (to - SAME)).astype(np.uint8)


KEPT, ERASED, ADDED = np.array([(200, 200, 200), (213, 94, 0), (0, 158, 115)], np.float32)
"""Grey, and the vermillion and bluish green of `colours.FRIENDLY`."""


def ink_change_map(changed: np.ndarray, erased: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Return a changed digit in colours: grey what stayed, vermillion what was erased, green what was added.

    Args:
        changed, erased, added: (h, w) float32 in [0, 1]: the digit after the change, and ink gone and new.

    Returns:
        (h, w, 3) uint8 RGB, on black.
    """
    parts = np.stack([np.clip(changed - added, 0, 1), erased, added], axis=-1)
    return np.round(np.clip(parts @ np.stack([KEPT, ERASED, ADDED]), 0, 255)).astype(np.uint8)


HEAT = cv2.applyColorMap(np.arange(256, dtype=np.uint8)[:, None], cv2.COLORMAP_VIRIDIS)[:, 0, ::-1] / 255
"""Viridis, (256, 3): even to the eye, and to colour-blind eyes too (Smith & van der Walt, 2015)."""

AGAINST, FOR = (0.20, 0.50, 1.0), (1.0, 0.55, 0.0)
"""Blue and orange: told apart by colour-blind people too."""

GROUNDS = {"black": 0.0, "grey": 0.5, "ink": 1.0}
"""The points of a frame on which a scale shows the colours: they shine through."""


def heat_overlay(frame: np.ndarray, attribution: np.ndarray, strength: float, signed: bool) -> np.ndarray:
    """Return a frame with a map over it, in colours.

    A place is coloured as much as its value is large, against the largest of the map: 0 leaves the frame as
    it is, and a map of nothing but 0 changes nothing.

    Args:
        frame: (28, 28) float32 in [0, 1].
        attribution: (28, 28), raw.
        strength: 0 leaves the frame, 1 covers it where the map is largest.
        signed: True for orange above 0 and blue below, False for viridis from 0 up.

    Returns:
        (28, 28, 3) uint8 RGB.

    Raises:
        ValueError: the strength is out of range.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"A strength of {strength}; expected 0 to 1.")
    share = np.asarray(attribution, np.float64) / max(float(np.abs(attribution).max()), 1e-12)
    if signed:
        colours = np.where(share[..., None] < 0, AGAINST, FOR)
    else:
        share = np.maximum(share, 0)
        colours = HEAT[np.minimum(share * len(HEAT), len(HEAT) - 1).astype(int)]
    weight = strength * np.sqrt(np.abs(share))[..., None]  # or weak places would hardly show on white ink
    grey = np.asarray(frame, np.float64)[..., None]
    return np.round(255 * (grey + weight * (colours - grey))).astype(np.uint8)


def scale_colours(strength: float, signed: bool) -> np.ndarray:
    """Return what `heat_overlay` makes of all values, (256, 3, 3) uint8 RGB: on the points of `GROUNDS`.

    The first row is the least value, -1 of the largest, or 0 where maps are not signed.
    """
    values = np.linspace(-1 if signed else 0, 1, 256)
    grounds = [np.full((256, 1), ground) for ground in GROUNDS.values()]
    overlays = [heat_overlay(ground, values[:, None], strength, signed) for ground in grounds]
    return np.concatenate(overlays, axis=1)


def signed_colours(values: np.ndarray, most: float | None = None) -> np.ndarray:
    """Return values (h, w) as colours (h, w, 3) uint8 RGB: black for 0, orange above, blue below; the
    magnitude `most`, or else the largest there is, has the full colour."""
    most = float(np.abs(values).max()) if most is None else most
    share = np.clip(np.asarray(values, np.float64) / max(most, 1e-12), -1, 1)[..., None]
    return np.round(255 * np.abs(share) * np.where(share < 0, AGAINST, FOR)).astype(np.uint8)


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
        An SVG document with the picture inside, wider and higher than it by a margin for the letters; so the
        writing stays legible when a phone shows the picture a third as wide as a desktop does.
    """
    factor = min(1.0, LONGEST / max(picture.shape[:2]))
    height, width = (max(1, round(side * factor)) for side in picture.shape[:2])
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    letter = _letter_height([mark.box for mark in marks]) * factor
    letter = float(np.clip(letter, SMALLEST_LETTER * width, LARGEST_LETTER * width))
    margin = round(1.3 * letter)
    paper = "#{:02x}{:02x}{:02x}".format(*(int(channel) for channel in np.median(small, axis=(0, 1))))
    parts = [_drawn(mark, factor, letter) for mark in marks]
    drawn = "".join(box for box, _ in parts) + "".join(words for _, words in parts)
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
        f'<image width="{width}" height="{height}" href="{jpeg(small)}"/>{drawn}</svg>'
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


def _drawn(mark: Mark, factor: float, letter: float) -> tuple[str, str]:
    """Return the box of a mark and its words."""
    gap = GAP * letter
    x, y, w, h = (side * factor for side in mark.box)
    place = f'x="{x - gap:.1f}" y="{y - gap:.1f}" width="{w + 2 * gap:.1f}" height="{h + 2 * gap:.1f}"'
    colour, dash = (SECOND, ' stroke-dasharray="6 4"') if mark.doubtful else (INK, "")
    middle, above, below = x + w / 2, y - 2.2 * gap, y + h + gap + 0.68 * letter
    return f'<rect class="mark" {place} rx="{gap:.1f}" stroke="{colour}"{dash}/>', (
        f'<text x="{middle:.1f}" y="{above:.1f}" fill="{colour}">{mark.name}</text>'
        f'<text class="note" x="{middle:.1f}" y="{below:.1f}" fill="{colour}">{mark.note}</text>'
    )


def jpeg(picture: np.ndarray, largest: int | None = None) -> str:
    """Return a picture (h, w, 3) uint8 RGB, its longer side of so many pixels at most, as a JPEG file that
    can stand in a page, "data:..."."""
    if largest is not None:
        factor = min(1.0, largest / max(picture.shape[:2]))
        size = [max(1, round(side * factor)) for side in picture.shape[1::-1]]
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    _, file = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 85])
    return "data:image/jpeg;base64," + base64.b64encode(file.tobytes()).decode()
