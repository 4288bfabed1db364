"""Digits and letters as pen strokes, and drawing them with any brush."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from digits.data.arrays import read_npz

KEYS = ("points", "stroke_ends", "sample_ends", "labels", "source")
SHIFT = 4  # OpenCV takes coordinates in sixteenths of a pixel


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
