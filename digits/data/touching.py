"""Digits cut out of rows in which most touch, as the road cuts them, and what it cuts wrongly."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from digits.data.handwriting import framed
from digits.data.mnist import TrainVal
from digits.data.outliers import without_bars
from digits.data.strokes import StrokeSet, bend, crop, draw, fit_box
from digits.preprocessing.candidates import RIM, cut_out, find_candidates
from digits.preprocessing.components import Box, find_components
from digits.preprocessing.frame import upright

HEIGHT = 54  # of a digit, in pixels
DEEPEST = 0.09  # by which digits run into each other, as a share of the width
WIDEST_GAP = 0.4  # between digits that do not touch, as a share of the height
TOUCHING = 0.65
LEAST, MOST = 2, 4  # digits in a row
PENS = 0.04, 0.14  # as shares of the height
BENT = 0.5  # share of the drawn digits that are bent

ROWS, LOOKED_AT = 2_500, 12
"""How many rows of digits are written by a hand and taken apart, twice as many by one of strokes; and how
many of a line's wrong parts are looked at."""

RIGHT, WRONG = 0.85, 0.6
"""Ink that a part shares with a digit, above which it is that digit, and below which it is none."""

TWO, BROKEN = -1, -2  # in place of the label of a part that is surely none, and of another wrong one
JOINED, WIDE = 0.3, 0.9
"""A part is surely none where its second digit makes more than this share of its ink, no one is in it, and it
is wider than so many times its height."""

Hand = Callable[[np.random.Generator], tuple[list[np.ndarray], list[int]]]
"""Gives the digits of a row, each (h, w) float32 in [0, 1] and cut at its ink, and their labels."""


@dataclass(frozen=True)
class Cuts:
    """What is left of rows of digits when the road takes them apart."""

    right: np.ndarray
    """(N, 28, 28) uint8, digits cut out rightly."""
    labels: np.ndarray
    """(N,) int64, theirs."""
    joined: np.ndarray
    """(M, 28, 28) uint8, surely none: much of two digits."""
    broken: np.ndarray
    """(K, 28, 28) uint8, other wrong parts, some of which look like a digit."""


def neighbours(mnist: TrainVal, seed: int, own: Hand | None = None, most: int = ROWS) -> Cuts:
    """Write digits in rows in which most touch, and take the rows apart as the road does.

    Args:
        mnist: whose training digits are written.
        seed: of all choices.
        own: writes own digits as well, see `pen_hand`.
        most: how many rows of MNIST's are written; of own digits twice as many.
    """
    rng = np.random.default_rng([seed, 3])
    number = min(ROWS, most, len(mnist.y_train) // 25)
    hands = [(scan_hand(mnist.x_train, mnist.y_train), number)]
    if own is not None:
        hands.append((own, 2 * number))
    parts = [part for hand, rows in hands for _ in range(rows) for part in _parts(*hand(rng), rng)]
    return Cuts(
        right=framed(ink for ink, label in parts if label >= 0),
        labels=np.array([label for _, label in parts if label >= 0], np.int64),
        joined=framed(ink for ink, label in parts if label == TWO),
        broken=without_bars(framed(ink for ink, label in parts if label == BROKEN)),
    )


def scan_hand(frames: np.ndarray, labels: np.ndarray) -> Hand:
    """Return a hand that writes random ones of frames (N, 28, 28) uint8."""

    def write(rng: np.random.Generator) -> tuple[list[np.ndarray], list[int]]:
        chosen = rng.integers(0, len(labels), rng.integers(LEAST, MOST + 1))
        inks = [crop(frames[i].astype(np.float32) / 255, above=0) for i in chosen]
        return inks, [int(labels[i]) for i in chosen]

    return write


def pen_hand(strokes: StrokeSet, usable: np.ndarray) -> Hand:
    """Return a hand that draws random ones of the `usable` samples, those of a row from one source and with
    one pen."""
    sources = [usable[strokes.source[usable] == source] for source in np.unique(strokes.source[usable])]

    def write(rng: np.random.Generator) -> tuple[list[np.ndarray], list[int]]:
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


def _parts(
    digits: list[np.ndarray], labels: list[int], rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, int]]:
    """Yield the right and some wrong parts of a row, (h, w) float32 in [0, 1], each with its label."""
    ink, owner = write_row(digits, rng)
    sizes = np.bincount(owner.ravel(), minlength=len(labels) + 1)
    found = find_candidates(find_components(ink))
    for line in found.lines:
        looked_at = 0
        for i in rng.permutation(len(line.candidates)):
            box, part = line.candidates[i].box, cut_out(found, line.candidates[i])
            first, second, fit, among = _ownership(part, box, owner, sizes)
            looked_at += fit < WRONG
            if fit > RIGHT:
                yield upright(part, line.slant), labels[first - 1]
            elif fit < WRONG and looked_at <= LOOKED_AT:
                ones = 1 in (labels[first - 1], labels[second - 1])  # they may make a third
                joined = among > JOINED and box[2] > WIDE * box[3] and not ones
                yield upright(part, line.slant), TWO if joined else BROKEN


def _ownership(
    part: np.ndarray, box: Box, owner: np.ndarray, sizes: np.ndarray
) -> tuple[int, int, float, float]:
    """Tell whose a part of a row is; `owner` (H, W) is from `write_row`, `sizes` the ink of each digit.

    Returns:
        The digit that owns most of it and the one that owns most of the rest, counted from 1; the ink that it
        shares with the first among the ink of either, and how much of it is the second's, both in [0, 1].
    """
    x, y = (max(0, at - RIM) for at in box[:2])
    inked = part > 0.5
    here = owner[y : y + inked.shape[0], x : x + inked.shape[1]]
    shared = np.bincount(here[inked], minlength=len(sizes))
    shared[0] = -1
    second, first = (int(i) for i in np.argsort(shared)[-2:])
    ink = max(1, inked.sum())
    return first, second, shared[first] / (ink + sizes[first] - shared[first]), max(0, shared[second]) / ink
