"""Digits and letters as pen strokes, and the ways in which strokes come to paper.

Canvases, broad nibs, paint programs, small scans; slanted and stretched hands: the more ways a network has
met, the less it minds the next one.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from digits.files import read_npz

KEYS = ("points", "stroke_ends", "sample_ends", "labels", "source")
SHIFT = 4  # OpenCV takes coordinates in sixteenths of a pixel
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
        starts = np.concatenate([[0], self.stroke_ends])
        flip = np.array([1, -1], dtype=np.float32)
        return [
            self.points[starts[stroke] : starts[stroke + 1]] * flip
            for stroke in range(first, self.sample_ends[index])
        ]


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
    fine = 4
    canvas = np.zeros((side * fine, side * fine), np.uint8)
    width = max(1, round(brush * fine))
    for stroke in strokes:
        points = np.round(stroke * fine * 2**SHIFT).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(canvas, [points], False, 255, thickness=width, shift=SHIFT)
        if np.ptp(stroke, axis=0).max() < 0.5:  # a dot has no length that polylines would draw
            x, y = stroke[0] * fine
            cv2.circle(canvas, (round(float(x)), round(float(y))), max(1, width // 2), 255, cv2.FILLED)
    return cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA)


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
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    squeezed = turn @ np.diag([1 / flat, 1]) @ turn.T  # along the nib, which is round there
    narrow = [stroke @ squeezed + middle for stroke in fit_box(strokes, size, (0, 0))]
    ink = draw(narrow, CANVAS, max(1.0, brush / flat))
    back = np.linalg.inv(squeezed)
    move = np.column_stack([back, np.full(2, middle) - back @ np.full(2, middle)])
    return cv2.warpAffine(ink, move, (CANVAS, CANVAS), flags=cv2.INTER_LINEAR)


def _painted(strokes: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Draw with the hard square pixels of a paint program."""
    size, brush = rng.uniform(13, 24), int(rng.integers(1, 4))
    slack = (PAINT - size - brush) / 2
    canvas = np.zeros((PAINT, PAINT), np.uint8)
    for stroke in fit_box(strokes, size, tuple(PAINT / 2 + rng.uniform(-slack, slack, 2))):
        points = np.round(stroke).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(canvas, [points], False, 255, thickness=brush, lineType=cv2.LINE_8)
    return canvas
