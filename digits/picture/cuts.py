"""Touching digits: where a line of ink could be cut apart, as seams that run from top to bottom.

A seam is the cheapest way down through the ink near a column (Avidan and Shamir, "Seam Carving for
Content-Aware Image Resizing", 2007), so that it follows the gap between digits that lean or reach over one
another. Which seams are cuts is not decided here: the network is asked about both sides of each.
"""

import cv2
import numpy as np

HEIGHT = 40
"""Seams are sought on a copy of this height, in pixels."""

REACH = 8
"""A seam strays at most so many of these pixels from its column, to either side."""

APART = 4
"""Two seams are at least so many of these pixels apart."""

SEAMS = 4
"""So many seams, the shallowest, are kept per height of a piece's width, and one more."""

MOST_SEAMS = 40

DEEPEST = 20.0
"""A seam that crosses more ink than so many of these pixels is no cut: it runs along a stroke."""

SIDE = 0.06
"""On either side of a seam there is at least this share of the ink."""

BEND = 0.15
"""What a step sideways costs, in pixels of ink."""


def find_seams(ink: np.ndarray, slant: float) -> list[tuple[np.ndarray, float]]:
    """Return where ink could be cut, from the left.

    Args:
        ink: (h, w) float32 in [0, 1], a piece that hangs together.
        slant: by how many pixels the writing leans to the right per pixel of height.

    Returns:
        Per seam, at which column it crosses each row, (h,) float, and its depth: the ink it crosses, as a
        share of the piece's height.
    """
    height, width = ink.shape
    factor = HEIGHT / height
    small = cv2.resize(ink, (max(1, round(width * factor)), HEIGHT), interpolation=cv2.INTER_AREA)
    lean = slant * (np.arange(HEIGHT) - HEIGHT / 2)
    upright = _shear(small, lean)
    margin = REACH + 1
    columns = np.arange(margin, upright.shape[1] - margin)
    if not len(columns):
        return []
    depths, paths = _ways_down(upright, columns)
    chosen = _best_apart(
        np.where(_has_two_sides(upright, paths), depths, np.inf),
        min(MOST_SEAMS, 1 + round(SEAMS * width / height)),
    )
    rows = np.linspace(0, HEIGHT - 1, height)
    return [
        (
            np.interp(rows, np.arange(HEIGHT), (paths[i] + 0.5 - _pad(small, lean) - lean)) / factor,
            depths[i] / HEIGHT,
        )
        for i in sorted(chosen, key=lambda i: columns[i])
    ]


def _pad(small: np.ndarray, lean: np.ndarray) -> int:
    return int(np.ceil(np.abs(lean).max()))


def _shear(small: np.ndarray, lean: np.ndarray) -> np.ndarray:
    """Move each row of (HEIGHT, w) sideways by `lean` (HEIGHT,), with room on both sides."""
    pad = _pad(small, lean)
    rows, columns = np.mgrid[: small.shape[0], : small.shape[1] + 2 * pad].astype(np.float32)
    return cv2.remap(small, columns - pad - lean[:, None].astype(np.float32), rows, cv2.INTER_LINEAR)


def _ways_down(ink: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each column the ink on the cheapest way down near it (n,), and the way (n, HEIGHT)."""
    offsets = np.arange(-REACH, REACH + 1)
    band = columns[:, None] + offsets
    cost = ink[:, band]  # (HEIGHT, n, 2 * REACH + 1)
    # Straying costs a little everywhere, so that a way keeps to its column unless ink is in its way.
    total = cost[0] + 0.02 * np.abs(offsets)
    came = np.zeros(cost.shape, np.int8)
    for row in range(1, len(cost)):
        padded = np.pad(total, ((0, 0), (1, 1)), constant_values=np.inf)
        options = np.stack([padded[:, :-2] + BEND, padded[:, 1:-1], padded[:, 2:] + BEND])
        came[row] = options.argmin(axis=0) - 1
        total = options.min(axis=0) + cost[row] + 0.02 * np.abs(offsets)
    ends = total.argmin(axis=1)
    paths = np.zeros((len(columns), len(cost)), np.int64)
    at, everyone = ends, np.arange(len(columns))
    for row in range(len(cost) - 1, -1, -1):
        paths[:, row] = band[everyone, at]
        at = at + came[row, everyone, at]
    depths = ink[np.arange(len(cost)), paths].sum(axis=1)
    return depths, paths


def _has_two_sides(ink: np.ndarray, paths: np.ndarray) -> np.ndarray:
    """Tell which ways (n, HEIGHT) have enough ink on either side, (n,) bool."""
    before = np.pad(np.cumsum(ink, axis=1), ((0, 0), (1, 0)))
    left = before[np.arange(HEIGHT), paths].sum(axis=1) / max(ink.sum(), 1e-6)
    return (left > SIDE) & (left < 1 - SIDE)


def _best_apart(depths: np.ndarray, most: int) -> list[int]:
    """Return the shallowest seams, none too deep and no two close to each other."""
    chosen: list[int] = []
    for i in np.argsort(depths, kind="stable"):
        if depths[i] > DEEPEST or len(chosen) == most:
            break
        if all(abs(i - other) >= APART for other in chosen):
            chosen.append(int(i))
    return chosen
