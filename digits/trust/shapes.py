"""Clouds, lines and zigzags for `digits.trust.mnist_c`, as MNIST-C's generator draws them."""

import numpy as np

from digits.contract import SIDE

ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE].astype(float)
LINE_REACH = 2.3  # rows above and below a drawn line that it still brightens
PLASMA_SIDE = 256


def plasma(number: int, decay: float, rng: np.random.Generator) -> np.ndarray:
    """Return fractal height fields (number, 256, 256) float32 in [0, 1], by diamond-square on a torus."""
    field = np.zeros((number, PLASMA_SIDE, PLASMA_SIDE), np.float32)
    step, wobble = PLASMA_SIDE, 100.0
    while step >= 2:
        half = step // 2
        grid = np.s_[::step]
        between = np.s_[half::step]

        def place(rows, columns, total, wobble=wobble):
            chance = 2 * rng.random(total.shape, dtype=np.float32) - 1
            field[:, rows, columns] = total / 4 + np.float32(wobble * wobble) * chance

        corners = field[:, grid, grid]
        pairs = corners + np.roll(corners, -1, axis=1)
        place(between, between, pairs + np.roll(pairs, -1, axis=2))
        centres = field[:, between, between]
        place(grid, between, centres + np.roll(centres, 1, 1) + corners + np.roll(corners, -1, 2))
        place(between, grid, centres + np.roll(centres, 1, 2) + corners + np.roll(corners, -1, 1))
        step, wobble = half, wobble / decay
    field -= field.min(axis=(1, 2), keepdims=True)
    return field / field.max(axis=(1, 2), keepdims=True)


def lines(x0, y0, x1, y1) -> np.ndarray:
    """Return soft lines (N, 28, 28) in [0, 1] from column x0 to x1, brightness falling above and below.

    Each end is a number or (N,), in pixels.
    """
    x0, y0, x1, y1 = (
        np.reshape(end, (-1, 1, 1)).astype(float) for end in np.broadcast_arrays(x0, y0, x1, y1)
    )
    slope = np.divide(y1 - y0, x1 - x0, out=np.zeros_like(x0), where=x1 != x0)
    distance = np.abs(ROWS - y0 - slope * (COLUMNS - x0))
    soft = np.log(1 - np.clip(distance, 0, LINE_REACH - 1e-10) / LINE_REACH) + 1
    return np.clip(soft, 0, 1) * ((np.floor(x0) <= COLUMNS) & (np.ceil(x1) > COLUMNS) & (x0 != x1))


def zigzag_corners(x0: float, y0: float, x1: float, y1: float, size: float = 2.0) -> np.ndarray:
    """Return the corners (K, 2), x and y, of a zigzag along the line between two points."""
    angle = np.arctan((y1 - y0) / (x1 - x0))
    length = (x1 - x0) / np.cos(angle)
    number = int((length - size) // (2 * size)) + 1
    along = [0.0, *((2 * i + 1) * size for i in range(number))]
    beside = [0.0, *((-1) ** i * size for i in range(number))]
    rest = length - 2 * size * (length // (2 * size))
    if rest:
        along.append(length)
        beside.append(beside[-1] / (2 * rest))
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, sin], [-sin, cos]])
    return np.stack([along, beside], axis=1) @ turn + [x0, y0]
