"""Clouds, lines and zigzags for `digits.trust.corruptions`, as MNIST-C's generator draws them."""

import numpy as np

from digits.contract import SIDE

ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE].astype(float)
LINE_REACH = 2.3  # rows above and below a drawn line that it still brightens
PLASMA_SIDE = 256


def plasma(decay: float, rng: np.random.Generator) -> np.ndarray:
    """Return a fractal height field (256, 256) in [0, 1] by the diamond-square algorithm on a torus."""
    field = np.zeros((PLASMA_SIDE, PLASMA_SIDE))
    step, wobble = PLASMA_SIDE, 100.0
    while step >= 2:
        half = step // 2
        grid = np.s_[::step]
        between = np.s_[half::step]

        def place(at, total, wobble=wobble):
            field[at] = total / 4 + wobble * rng.uniform(-wobble, wobble, total.shape)

        corners = field[grid, grid]
        pairs = corners + np.roll(corners, -1, axis=0)
        place((between, between), pairs + np.roll(pairs, -1, axis=1))
        centres = field[between, between]
        place((grid, between), centres + np.roll(centres, 1, 0) + corners + np.roll(corners, -1, 1))
        place((between, grid), centres + np.roll(centres, 1, 1) + corners + np.roll(corners, -1, 0))
        step, wobble = half, wobble / decay
    field -= field.min()
    return field / field.max()


def line(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    """Return a soft line (28, 28) in [0, 1] from column x0 to x1, brightness falling above and below."""
    if x0 == x1:
        return np.zeros((SIDE, SIDE))
    distance = np.abs(ROWS - y0 - (y1 - y0) / (x1 - x0) * (COLUMNS - x0))
    soft = np.log(1 - np.clip(distance, 0, LINE_REACH - 1e-10) / LINE_REACH) + 1
    return np.clip(soft, 0, 1) * ((np.floor(x0) <= COLUMNS) & (np.ceil(x1) > COLUMNS))


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
