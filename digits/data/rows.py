"""Rows of digits that touch or stand close, made from single ones, with the owner of every point."""

import cv2
import numpy as np

HEIGHT = 54  # of a digit, in pixels
DEEPEST = 0.09  # by which digits run into each other, as a share of the width
WIDEST_GAP = 0.4  # between digits that do not touch, as a share of the height
TOUCHING = 0.65


def write_row(digits: list[np.ndarray], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Write digits side by side.

    Args:
        digits: each (h, w) float32 in [0, 1], ink bright, cut at its ink.
        rng: where chance comes from.

    Returns:
        The ink (H, W) float32 in [0, 1]; and whose each point is, (H, W) int, counted from 1, 0 for paper.
    """
    shape = 2 * HEIGHT, 2 * HEIGHT * (len(digits) + 1)
    ink, owner = np.zeros(shape, np.float32), np.zeros(shape, np.int64)
    slope, end = rng.normal(0, 0.04), HEIGHT // 2
    for number, digit in enumerate(digits, start=1):
        factor = HEIGHT * rng.uniform(0.8, 1.1) / max(digit.shape)
        sized = cv2.resize(digit, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC).clip(0, 1)
        top = int((shape[0] - sized.shape[0]) / 2 + rng.normal(0, 0.04) * HEIGHT + slope * end)
        band = ink[top : top + sized.shape[0]]
        left = _beside(band, sized, end) if number > 1 else end
        if rng.random() < TOUCHING:
            left -= round(rng.uniform(0, DEEPEST) * sized.shape[1])
        else:
            left += round(rng.uniform(0.03, WIDEST_GAP) * HEIGHT)
        place = np.s_[top : top + sized.shape[0], left : left + sized.shape[1]]
        ink[place] = np.maximum(ink[place], sized)
        owner[place] = np.where(sized > 0.5, number, owner[place])
        end = left + sized.shape[1]
    return ink[:, : end + HEIGHT // 3], owner[:, : end + HEIGHT // 3]


def _beside(band: np.ndarray, digit: np.ndarray, end: int) -> int:
    """Return the leftmost column at which `digit` (h, w) does not run into the ink before it, (h, W)."""
    columns = np.arange(band.shape[1])
    right = np.where(band > 0.5, columns, -1).max(axis=1)
    left = np.where(digit > 0.5, np.arange(digit.shape[1]), digit.shape[1]).min(axis=1)
    met = (right >= 0) & (left < digit.shape[1])
    return int((right - left)[met].max()) + 1 if met.any() else end
