"""Rows of digits that touch or stand close, made from single ones, with the owner of every point."""

from collections.abc import Callable

import cv2
import numpy as np

from digits.data.pens import bend, crop
from digits.data.strokes import StrokeSet, draw, fit_box

HEIGHT = 54  # of a digit, in pixels
DEEPEST = 0.09  # by which digits run into each other, as a share of the width
WIDEST_GAP = 0.4  # between digits that do not touch, as a share of the height
TOUCHING = 0.65
LEAST, MOST = 2, 4  # digits in a row
PENS = 0.04, 0.14  # as shares of the height
BENT = 0.5  # share of the drawn digits that are bent

Hand = Callable[[np.random.Generator], tuple[list[np.ndarray], list[int]]]
"""Gives the digits of a row, each (h, w) float32 in [0, 1] and cut at its ink, and their labels."""


def scan_hand(frames: np.ndarray, labels: np.ndarray) -> Hand:
    """Return a hand that writes random ones of frames (N, 28, 28) uint8."""

    def write(rng: np.random.Generator) -> tuple[list[np.ndarray], list[int]]:
        """Return the digits of a row, and their labels."""
        chosen = rng.integers(0, len(labels), rng.integers(LEAST, MOST + 1))
        inks = [crop(frames[i].astype(np.float32) / 255, above=0) for i in chosen]
        return inks, [int(labels[i]) for i in chosen]

    return write


def pen_hand(strokes: StrokeSet, usable: np.ndarray) -> Hand:
    """Return a hand that draws random ones of the `usable` samples, those of a row from one source and with
    one pen."""
    sources = [usable[strokes.source[usable] == source] for source in np.unique(strokes.source[usable])]

    def write(rng: np.random.Generator) -> tuple[list[np.ndarray], list[int]]:
        """Return the digits of a row, and their labels."""
        chosen = rng.choice(sources[rng.integers(len(sources))], rng.integers(LEAST, MOST + 1))
        brush = HEIGHT * rng.uniform(*PENS)
        inks = []
        for i in chosen:
            sample = bend(strokes[i], rng) if rng.random() < BENT else strokes[i]
            drawn = draw(fit_box(sample, HEIGHT, (HEIGHT, HEIGHT)), 2 * HEIGHT, brush)
            inks.append(crop(drawn.astype(np.float32) / 255))
        return inks, [int(strokes.labels[i]) for i in chosen]

    return write


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
        room = shape[0] - sized.shape[0]
        top = int(np.clip(room / 2 + rng.normal(0, 0.04) * HEIGHT + slope * end, 0, room))
        band = ink[top : top + sized.shape[0]]
        left = _beside(band, sized, end) if number > 1 else end
        if rng.random() < TOUCHING:
            left -= round(rng.uniform(0, DEEPEST) * sized.shape[1])
        else:
            left += round(rng.uniform(0.03, WIDEST_GAP) * HEIGHT)
        left = max(0, left)
        place = np.s_[top : top + sized.shape[0], left : left + sized.shape[1]]
        ink[place] = np.maximum(ink[place], sized)
        owner[place] = np.where(sized > 0.5, number, owner[place])
        end = max(end, left + sized.shape[1])
    return ink[:, : end + HEIGHT // 3], owner[:, : end + HEIGHT // 3]


def _beside(band: np.ndarray, digit: np.ndarray, end: int) -> int:
    """Return the leftmost column at which `digit` (h, w) does not run into the ink before it, (h, W)."""
    columns = np.arange(band.shape[1])
    right = np.where(band > 0.5, columns, -1).max(axis=1)
    left = np.where(digit > 0.5, np.arange(digit.shape[1]), digit.shape[1]).min(axis=1)
    met = (right >= 0) & (left < digit.shape[1])
    return int((right - left)[met].max()) + 1 if met.any() else end
