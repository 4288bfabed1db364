"""Digits and letters as pen strokes, and the ways in which strokes come to paper.

Canvases, broad nibs, paint programs, small scans; slanted and stretched hands: the more ways a network has
met, the less it minds the next one.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from digits.files import read_npz

KEYS = ("points", "stroke_ends", "sample_ends", "labels", "source")
SHIFT = 4  # OpenCV takes coordinates in sixteenths of a pixel
UPRIGHT = np.array([1, -1], np.float32)  # times which points of a tablet, y up, are those of a picture
INK = 0.3  # a pixel this bright belongs to the digit
CANVAS = 140  # half the app's canvas: drawn four times as fast, and the road evens it out
BRUSHES = (3.0, 14.0)
SIZES = (0.35, 0.85)  # longer side of a drawn digit, as a share of the canvas
PAINT = 28  # side of a paint program's canvas
SCAN = 16  # side of the small scans of old data sets
MARGIN = 3  # blank pixels around a small scan, so that its polarity is beyond doubt
MOST_STRETCH = 2.0, 6.0  # by which a scan may widen an upright bar, at most


@dataclass(frozen=True)
class StrokeSet:
    """Samples written with a pen.

    `points` (P, 2) float32, x right and y up, in units of the tablet; `stroke_ends` (S,) and `sample_ends`
    (N,) are running ends of strokes and of samples; `labels` (N,) and `source` (N,), the site.
    """

    points: np.ndarray
    stroke_ends: np.ndarray
    sample_ends: np.ndarray
    labels: np.ndarray
    source: np.ndarray

    def __len__(self) -> int:
        return len(self.sample_ends)

    def __getitem__(self, index: int) -> list[np.ndarray]:
        """Return the strokes of one sample, each (k, 2) float32, x right and y down."""
        index = range(len(self))[index]
        first = self.sample_ends[index - 1] if index else 0
        begin = self.stroke_ends[first - 1] if first else 0
        ends = self.stroke_ends[first : self.sample_ends[index]].tolist()
        return [self.points[a:b] * UPRIGHT for a, b in pairwise([int(begin), *ends])]

    def chosen(self, kept: np.ndarray) -> "StrokeSet":
        """Return the samples that are `kept` (N,) bool."""
        strokes = np.diff(self.stroke_ends, prepend=0)
        samples = np.diff(self.sample_ends, prepend=0)
        stroke_kept = np.repeat(kept, samples)
        return StrokeSet(
            self.points[np.repeat(stroke_kept, strokes)],
            np.cumsum(strokes[stroke_kept]),
            np.cumsum(samples[kept]),
            self.labels[kept],
            self.source[kept],
        )


def load_strokes(path: Path) -> StrokeSet:
    """Read a strokes file (.npz).

    Raises:
        ValueError: not a strokes file; the message names what is missing or does not fit.
    """
    strokes = StrokeSet(**read_npz(path, KEYS))
    if not len(strokes):
        raise ValueError(f"{path} holds no sample; expected one or more.")
    ends = strokes.stroke_ends[-1], strokes.sample_ends[-1], len(strokes.labels), len(strokes.source)
    expected = len(strokes.points), len(strokes.stroke_ends), len(strokes), len(strokes)
    if ends != expected:
        raise ValueError(f"{path} is inconsistent: its ends are {ends}; expected {expected}.")
    return strokes


def fit_box(strokes: list[np.ndarray], size: float, centre: tuple[float, float]) -> list[np.ndarray]:
    """Scale strokes so that their longer side is `size` pixels, and move their box's middle to `centre`."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    factor = size / max(1e-6, float((high - low).max()))
    return [(stroke - (low + high) / 2) * factor + np.asarray(centre, np.float32) for stroke in strokes]


def draw(strokes: list[np.ndarray], side: int, brush: float) -> np.ndarray:
    """Draw strokes, in pixels, with a round brush.

    Args:
        strokes: each (k, 2), x right and y down.
        side: width and height of the canvas.
        brush: diameter in pixels.

    Returns:
        (side, side) uint8, white ink on black.
    """
    # Drawn at four times the size and averaged: OpenCV's own smooth lines are one pixel wide.
    return cv2.resize(trace(strokes, (side, side), brush, 4), (side, side), interpolation=cv2.INTER_AREA)


def trace(strokes: list[np.ndarray], size: tuple[int, int], brush: float, fine: int) -> np.ndarray:
    """Draw strokes with a round brush and hard edges at `fine` times the size, (H, W) uint8; all else is in
    pixels, `size` width and height."""
    canvas = np.zeros((size[1] * fine, size[0] * fine), np.uint8)
    width = max(1, round(brush * fine))
    for stroke in strokes:
        points = np.round(stroke * fine * 2**SHIFT).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(canvas, [points], False, 255, thickness=width, shift=SHIFT)
        if np.ptp(stroke, axis=0).max() < 0.5:  # a dot has no length that polylines would draw
            x, y = stroke[0] * fine
            cv2.circle(canvas, (round(float(x)), round(float(y))), max(1, width // 2), 255, cv2.FILLED)
    return canvas


def nib(angle: float, flat: float, middle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrix (2, 2) that squeezes points along a nib, `flat` times as wide as thick, so that it is
    round there; and that (2, 3) which takes a picture of them back, squeezed around its `middle`."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    squeezed = turn @ np.diag([1 / flat, 1]) @ turn.T
    back = np.linalg.inv(squeezed)
    return squeezed, np.column_stack([back, middle - back @ middle])


def draw_somewhere(strokes: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Draw one sample with a random brush, size and place on a canvas (140, 140) uint8, white on black."""
    size = rng.uniform(*SIZES) * CANVAS
    return _on_canvas(strokes, size, rng.uniform(BRUSHES[0], min(BRUSHES[1], size / 5)), rng)


def draw_anyhow(strokes: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Draw one sample in any way there is; the hand may slant and stretch it.

    Returns:
        (H, W) uint8, white ink on black: a canvas, written with a round pen or a broad nib, a paint program's
        28 x 28, or a small scan.
    """
    if rng.random() < 0.5:
        strokes = bend(strokes, rng)
    way = rng.random()
    if way < 0.35:
        return draw_somewhere(strokes, rng)
    if way < 0.45:
        return _with_nib(strokes, rng)
    if way < 0.6:
        size = rng.uniform(*SIZES) * CANVAS
        thin = rng.random() < 0.5
        return _on_canvas(strokes, size, rng.uniform(1.2, 3) if thin else size * rng.uniform(0.15, 0.26), rng)
    if way < 0.75:
        return _painted(strokes, rng)
    tidy = draw(fit_box(strokes, 80, (56, 56)), 112, rng.uniform(4, 16)).astype(np.float32) / 255
    return np.round(rescan(tidy, rng) * 255).astype(np.uint8)


def bend(strokes: list[np.ndarray], rng: np.random.Generator, wobble: float = 0.02) -> list[np.ndarray]:
    """Slant, turn and stretch strokes, and shift each a little, as another hand would write them.

    Args:
        strokes: each (k, 2).
        rng: where chance comes from.
        wobble: how far strokes move apart, as a share of the sample's longer side.
    """
    matrix = slanted(rng.normal(0, 0.06), rng.normal(0, 0.15), np.exp(rng.uniform(-0.35, 0.35)))
    reach = wobble * np.ptp(np.concatenate(strokes), axis=0).max()
    return [(stroke @ matrix + rng.normal(0, reach, 2)).astype(np.float32) for stroke in strokes]


def restyle(strokes: list[np.ndarray], label: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Write a digit as some people do and few of a data set: a one with a long flag or a foot, a crossed
    seven, a zero with a stroke through and beyond, a five whose top stands apart and reaches far, a six,
    eight or nine that does not close.

    Args:
        strokes: each (k, 2), x right and y down.
        label: the digit.
        rng: where chance comes from.
    """
    points = np.concatenate(strokes)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    wide, high = right - left, max(float(bottom - top), 1e-6)
    whole = max(float(wide), high)

    def line(*places: tuple[float, float]) -> np.ndarray:
        return np.array(places, np.float32)

    if label == 1:
        x, y = points[points[:, 1].argmin()]
        extra = []
        if rng.random() < 0.7:
            extra.append(
                line((x - rng.uniform(0.15, 0.6) * high, y + rng.uniform(0.15, 0.95) * high), (x, y))
            )
        if rng.random() < 0.3:
            middle, reach = points[points[:, 1].argmax()][0], rng.uniform(0.12, 0.4, 2) * high
            extra.append(line((middle - reach[0], bottom), (middle + reach[1], bottom)))
        return [*extra[:1], *strokes, *extra[1:]]
    if label == 7:
        near = points[np.abs(points[:, 1] - top - rng.uniform(0.4, 0.65) * high).argmin()]
        half, rise = rng.uniform(0.2, 0.45) * max(wide, 0.4 * high), rng.normal(0.03, 0.06) * high
        return [*strokes, line((near[0] - half, near[1] + rise), (near[0] + half, near[1] - rise))]
    if label == 0:
        ways = rng.uniform(0.6, 1.2), np.pi / 2 + rng.normal(0, 0.1), rng.normal(0, 0.1)
        angle = ways[rng.choice(3, p=[0.6, 0.32, 0.08])]
        reach = rng.uniform(0.3, 0.75) * (np.hypot(wide, high) if abs(angle) > 0.3 else wide)
        dx, dy = reach * np.cos(angle), reach * np.sin(angle)
        across, down = float(left + right) / 2, float(top + bottom) / 2
        return [*strokes, line((across - dx, down + dy), (across + dx, down - dy))]
    if label == 5:
        begins = points[points[:, 1] < top + 0.35 * high][:, 0].min() + rng.uniform(-0.05, 0.3) * high
        rest = strokes[:-1] if len(strokes) > 1 and np.ptp(strokes[-1][:, 1]) < 0.4 * high else strokes
        rise, up = rng.normal(0.05, 0.08) * high, rng.uniform(0, 0.08) * high
        return [*rest, line((begins, top - up), (begins + rng.uniform(0.4, 1.1) * high, top - rise))]
    if label in (6, 8, 9):
        longest = int(np.argmax([len(stroke) for stroke in strokes]))
        stroke = strokes[longest]
        cut = max(1, round(rng.uniform(0.05, 0.16) * len(stroke)))
        shorter = stroke[:-cut] if label == 6 else stroke[cut:]
        if len(shorter) > 3 and np.ptp(shorter, axis=0).max() > 0.8 * whole:
            return [*strokes[:longest], shorter, *strokes[longest + 1 :]]
    return strokes


def join(strokes: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Write a letter as it stands in a word of a joined hand, slanted: a stroke leads into it, one out of it,
    or both.

    Args:
        strokes: each (k, 2), x right and y down.
        rng: where chance comes from.
    """
    points = np.concatenate(strokes)
    high = max(float(np.ptp(points[:, 1])), 0.5 * float(np.ptp(points[:, 0])), 1e-6)
    ways, joined = rng.integers(1, 4), list(strokes)

    def bow(end: np.ndarray, across: float, down: float) -> np.ndarray:
        """Return a line (8, 2) from `end` to a place beside it, that sags."""
        along = np.linspace(0, 1, 8)[:, None]
        sag = np.sin(np.pi * along) * np.array([0, rng.uniform(0, 0.12) * high])
        return (end + along * np.array([across, down]) * high + sag).astype(np.float32)

    if ways & 1:
        first = joined[0]
        room = max(0.0, float(points[:, 1].max() - first[0, 1])) / high
        lead = bow(first[0], -rng.uniform(0.15, 0.5), rng.uniform(0.3, 1) * room)
        joined[0] = np.concatenate([lead[::-1], first])
    if ways & 2:
        longest = int(np.argmax([np.ptp(stroke, axis=0).sum() for stroke in joined]))
        last = joined[longest]
        joined[longest] = np.concatenate([last, bow(last[-1], rng.uniform(0.15, 0.5), -rng.uniform(0, 0.5))])
    slant = slanted(0, rng.uniform(0, 0.6), 1)
    return [(stroke @ slant).astype(np.float32) for stroke in joined]


def slanted(angle: float, slant: float, stretch: float) -> np.ndarray:
    """Return the matrix (2, 2) that stretches points (k, 2) in width, slants and turns them; in radians."""
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.array([[stretch, 0], [-slant, 1]]) @ turn


def rescan(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Scan ink at 16 x 16 points: grey with its shape kept, or black and white and stretched to the borders.

    The first is how postal digits are kept (LeCun et al., 1990), the second those of Semeion (Buscema, 1998).

    Args:
        ink: (H, W) float32 in [0, 1], ink bright.
        rng: where chance comes from.

    Returns:
        (h, w) float32 in [0, 1], at most 22 points on a side, with a blank margin.
    """
    ink = crop(ink)
    factors = SCAN / np.array(ink.shape)
    binary = rng.random() < 0.55
    factors = np.minimum(
        factors, factors.min() * (rng.uniform(*MOST_STRETCH) if binary else rng.uniform(1, 1.2))
    )
    height, width = np.maximum(1, np.round(ink.shape * factors)).astype(int)
    small = cv2.resize(ink, (int(width), int(height)), interpolation=cv2.INTER_AREA)
    if binary:
        small = (small > rng.uniform(0.25, 0.6) * small.max()).astype(np.float32)
    return np.pad(small, MARGIN)


def crop(ink: np.ndarray, above: float = INK) -> np.ndarray:
    """Return the part (h, w) of an ink map (H, W) that holds all its points above a value."""
    inked = ink > above
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _on_canvas(strokes: list[np.ndarray], size: float, brush: float, rng: np.random.Generator) -> np.ndarray:
    slack = max(0.0, (CANVAS - size - brush) / 2)
    centre = CANVAS / 2 + rng.uniform(-slack, slack, 2)
    return draw(fit_box(strokes, size, tuple(centre)), CANVAS, brush)


def _with_nib(strokes: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Draw with a broad nib, whose strokes are thick in one direction and thin in the other."""
    angle, flat = rng.uniform(-0.9, 0.4), rng.uniform(2, 5)
    size, middle = rng.uniform(0.5, SIZES[1]) * CANVAS, CANVAS / 2
    brush = size * rng.uniform(0.12, 0.25)
    squeezed, back = nib(angle, flat, np.full(2, middle))
    narrow = [stroke @ squeezed + middle for stroke in fit_box(strokes, size, (0, 0))]
    ink = draw(narrow, CANVAS, max(1.0, brush / flat))
    return cv2.warpAffine(ink, back, (CANVAS, CANVAS), flags=cv2.INTER_LINEAR)


def _painted(strokes: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Draw with the hard square pixels of a paint program."""
    size, brush = rng.uniform(13, 24), int(rng.integers(1, 4))
    slack = (PAINT - size - brush) / 2
    canvas = np.zeros((PAINT, PAINT), np.uint8)
    for stroke in fit_box(strokes, size, tuple(PAINT / 2 + rng.uniform(-slack, slack, 2))):
        points = np.round(stroke).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(canvas, [points], False, 255, thickness=brush, lineType=cv2.LINE_8)
    return canvas
