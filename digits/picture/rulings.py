"""Ruled and squared paper: straight thin lines from edge to edge, taken out of the contrast.

Lines are found with the Hough transform (Duda and Hart, 1972) and followed from edge to edge: nothing written
is so long and so straight. Where a stroke crosses a line it is closed over.
"""

from dataclasses import dataclass

import cv2
import numpy as np

THICKEST = 0.012
"""No ruling is thicker than this share of the picture's longer side, or `LEAST` pixels where that is more."""

LEAST = 2

SMALLEST = 29
"""Smaller pictures are crops of one digit: a stroke may well run from edge to edge."""

STEEPEST = np.radians(8)
"""Rulings of a photo lean by no more."""

MOST = 400
"""Only the lines with the most points are followed."""

COVERED = 0.7
"""A ruling shows on at least this share of its way."""

DARKER = 1.6
"""Ink over a ruling stays where it is so many times as strong as the ruling is elsewhere."""


@dataclass(frozen=True)
class Ruled:
    """Contrast without its rulings."""

    contrast: np.ndarray
    """(H, W) float32."""
    number: int
    """Of rulings."""
    where: np.ndarray
    """(H, W) bool, True where they were."""
    level: float
    """Their usual contrast."""


def unruled(contrast: np.ndarray) -> Ruled:
    """Return contrast (H, W) as it is."""
    return Ruled(contrast, 0, np.zeros(contrast.shape, bool), 0.0)


def remove_rulings(contrast: np.ndarray) -> Ruled:
    """Take straight lines that run from edge to edge out of (H, W) float32 in [0, 1]."""
    if min(contrast.shape) < SMALLEST:
        return unruled(contrast)
    lines = find_rulings(contrast)
    upright = [line[:, ::-1] for line in find_rulings(np.ascontiguousarray(contrast.T))]
    if not lines and not upright:
        return unruled(contrast)
    half = _thickness(contrast) // 2 + (1 if max(contrast.shape) < 150 else 2)
    bands = [_band(contrast.shape, some, half) for some in (lines, upright)]
    weak = np.ones(contrast.shape, bool)
    for line in lines + upright:
        weak &= _not_stronger(contrast, line, half)
    rest = np.where((bands[0] | bands[1]) & weak, 0, contrast)
    clean = rest.copy()
    for band, across in zip(bands, ((1, 2 * half + 3), (2 * half + 3, 1)), strict=True):
        # The smaller of what lies on both sides of the line: a stroke that crosses it has both.
        closed = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones(across[::-1], np.uint8))
        clean = np.where(band & weak, np.maximum(clean, closed), clean)
    level = float(np.median([np.median(contrast[line[:, 1], line[:, 0]]) for line in lines + upright]))
    return Ruled(clean, len(lines) + len(upright), bands[0] | bands[1], level)


def find_rulings(contrast: np.ndarray) -> list[np.ndarray]:
    """Return the nearly level lines from edge to edge, each (n, 2): column and row."""
    height, width = contrast.shape
    ridge = _ridge(contrast)
    noise = _noise(contrast)
    strong = ridge > max(0.02, 2 * noise)
    if not (strong[:, : LEAST + 1].any() and strong[:, -LEAST - 1 :].any()):
        return []
    votes = max(8, round(0.4 * width))
    level = np.pi / 2
    found = cv2.HoughLines(
        strong.astype(np.uint8),
        1,
        np.radians(0.5),
        votes,
        min_theta=level - STEEPEST,
        max_theta=level + STEEPEST,
    )
    columns = np.arange(width)
    apart = _thickness(contrast) + 1
    kept: list[np.ndarray] = []
    ends: list[tuple[float, float]] = []
    for rho, theta in found[:MOST, 0] if found is not None else ():
        rows = (rho - columns * np.cos(theta)) / np.sin(theta)
        if any(abs(rows[0] - a) < apart and abs(rows[-1] - b) < apart for a, b in ends):
            continue
        where = np.round(rows).astype(int)
        inside = (where >= apart + 2) & (where < height - apart - 2)
        if inside.mean() > 0.6 and _shows(contrast, where[inside], columns[inside], apart + 1, noise):
            kept.append(np.stack([columns, where], axis=1)[inside])
            ends.append((rows[0], rows[-1]))
    return kept


def _shows(contrast: np.ndarray, rows: np.ndarray, columns: np.ndarray, aside: int, noise: float) -> bool:
    """Tell whether a line stands out from both its sides on most of its way."""

    def along(offset: int) -> np.ndarray:
        return np.max([contrast[rows + offset + shift, columns] for shift in (-1, 0, 1)], axis=0)

    line, beside = along(0), np.maximum(np.median(along(-aside)), np.median(along(aside)))
    rise = np.median(line) - beside
    return rise > max(0.015, 0.5 * noise) and (line > beside + rise / 2).mean() >= COVERED


def _noise(contrast: np.ndarray) -> float:
    """Estimate the standard deviation of pixel noise from neighbours down the picture."""
    return float(np.median(np.abs(np.diff(contrast[:, ::3], axis=0)))) / (0.6745 * np.sqrt(2))


def _thickness(contrast: np.ndarray) -> int:
    return max(LEAST, round(THICKEST * max(contrast.shape)))


def _ridge(contrast: np.ndarray) -> np.ndarray:
    """Keep only what is thin from top to bottom."""
    window = np.ones((2 * _thickness(contrast) + 1, 1), np.uint8)
    return contrast - cv2.morphologyEx(contrast, cv2.MORPH_OPEN, window)


def _band(shape: tuple[int, int], lines: list[np.ndarray], half: int) -> np.ndarray:
    """Return the points within `half` of one of the lines, (H, W) bool."""
    drawn = np.zeros(shape, np.uint8)
    for line in lines:
        drawn[line[:, 1], line[:, 0]] = 1
    return cv2.dilate(drawn, np.ones((2 * half + 1, 2 * half + 1), np.uint8)).astype(bool)


def _not_stronger(contrast: np.ndarray, line: np.ndarray, half: int) -> np.ndarray:
    """Return False for points near a line that are far stronger than the line usually is."""
    along = contrast[line[:, 1], line[:, 0]]
    level = float(np.median(along))
    band = _band(contrast.shape, [line], half)
    return ~(band & (contrast > DARKER * level + 0.02))
