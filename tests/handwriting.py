"""The ten digits as pen strokes, written for the tests: points in [0, 1], x right and y down."""

from pathlib import Path

import numpy as np


def _arc(cx: float, cy: float, rx: float, ry: float, begin: float, end: float, n: int = 24) -> list[tuple]:
    """Points of an ellipse from angle `begin` to `end` in degrees, clockwise from the right."""
    angles = np.radians(np.linspace(begin, end, n))
    return [(cx + rx * np.cos(a), cy + ry * np.sin(a)) for a in angles]


STROKES = {
    0: [_arc(0.5, 0.5, 0.32, 0.48, -90, 270, 40)],
    1: [[(0.4, 0.15), (0.52, 0.02), (0.5, 0.98)]],
    2: [[*_arc(0.48, 0.28, 0.3, 0.26, -170, 30), (0.2, 0.96), (0.84, 0.94)]],
    3: [[*_arc(0.45, 0.26, 0.3, 0.24, -150, 90), *_arc(0.45, 0.74, 0.34, 0.25, -90, 150)]],
    4: [[(0.55, 0.03), (0.15, 0.62), (0.9, 0.6)], [(0.66, 0.3), (0.64, 0.98)]],
    5: [[(0.8, 0.04), (0.3, 0.05), (0.26, 0.42), *_arc(0.46, 0.68, 0.32, 0.29, -110, 140)]],
    6: [[(0.7, 0.03), (0.4, 0.25), *_arc(0.48, 0.7, 0.28, 0.27, -170, 190, 36)]],
    7: [[(0.15, 0.06), (0.85, 0.06), (0.42, 0.98)]],
    8: [[*_arc(0.5, 0.27, 0.25, 0.24, 90, -270, 32), *_arc(0.5, 0.74, 0.31, 0.24, -90, 270, 32)]],
    9: [[*_arc(0.48, 0.28, 0.27, 0.25, 0, 360, 32), (0.74, 0.5), (0.62, 0.98)]],
}


def strokes(digit: int, size: float, left: float, top: float) -> list[np.ndarray]:
    """Return the strokes of a digit, each (k, 2) float32, in a square of `size` pixels at (left, top)."""
    corner = np.array([left, top])
    return [(np.array(stroke) * size + corner).astype(np.float32) for stroke in STROKES[digit]]


def write_strokes(path: Path, samples: list[list[np.ndarray]], labels: np.ndarray, sources: np.ndarray):
    """Write a strokes file; the samples' y points down."""
    flat = [stroke * [1, -1] for sample in samples for stroke in sample]
    np.savez(
        path,
        points=np.concatenate(flat).astype(np.float32),
        stroke_ends=np.cumsum([len(stroke) for stroke in flat]),
        sample_ends=np.cumsum([len(sample) for sample in samples]),
        labels=labels,
        source=sources,
    )
