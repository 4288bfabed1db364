"""More to practise on than digits as they come: small scans of MNIST's digits, and what is no digit.

It joins rooms that do not know each other: data, which makes the ink, and picture, which frames it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digits import own_digits
from digits.contract import SIDE
from digits.data.mnist import TrainVal
from digits.data.pens import rescan
from digits.data.rows import pen_hand, scan_hand, write_row
from digits.data.strangers import are_bars, make_strangers
from digits.data.strokes import StrokeSet
from digits.picture.frame import frame, upright
from digits.picture.segment import Piece, find_lines

SCANS, MADE, HELD = 20_000, 60_000, 1_500
"""How many scans and strangers are made to learn from, and strangers to judge on: fewer if MNIST is cut."""

ROWS, LOOKED_AT = 2_500, 12
"""How many rows of digits are written by a hand and taken apart, twice as many by one of strokes; and how
many of a line's wrong parts are looked at."""

RIGHT, WRONG = 0.85, 0.6
"""Ink that a part shares with a digit, above which it is that digit, and below which it is none."""

JOINED, WIDE = 0.3, 0.9
"""A part is surely none where its second digit makes more than this share of its ink, no one is in it, and it
is wider than so many times its height."""

SCANNED = 0.15  # share of the made strangers that come as small scans
HELD_SHARE = 0.2  # of real strangers, where no source is named


@dataclass(frozen=True)
class Strangers:
    """What is no digit, framed."""

    learnt: np.ndarray
    """(N, 28, 28) uint8, to learn from."""
    held: np.ndarray
    """(M, 28, 28) uint8, which the model never sees: real ones of other hands, else made ones."""
    sources: list[str]
    """Where the real ones of either kind come from."""


def with_scans(mnist: TrainVal, seed: int) -> TrainVal:
    """Return MNIST with some of its training digits once more, as scans of 16 x 16 points show them."""
    rng = np.random.default_rng([seed, 1])
    rows = rng.permutation(len(mnist.y_train))[: min(SCANS, len(mnist.y_train) // 2)]
    scans = framed(rescan(ink.astype(np.float32) / 255, rng) for ink in mnist.x_train[rows])
    return mnist._replace(
        x_train=np.concatenate([mnist.x_train, scans]),
        y_train=np.concatenate([mnist.y_train, mnist.y_train[rows]]),
    )


def strangers(
    mnist: TrainVal,
    real: Path | None = None,
    *,
    hold_out: tuple[str, ...] = (),
    leave_out: tuple[str, ...] = (),
    renders: int = 1,
    seed: int = 0,
    most: int = MADE,
) -> Strangers:
    """Make strangers from MNIST's digits, and add real ones.

    Args:
        mnist: whose training digits give those to learn from, and whose validation digits those to judge on.
        real: a strokes file of letters (None: made ones must do).
        hold_out: its sources to judge on; none named: a fifth.
        leave_out: its sources to drop.
        renders: how often each real one is drawn to learn from, each time with another pen.
        seed: of all choices.
        most: how many are made to learn from.

    Raises:
        ValueError: nothing usable, or an unknown source; the message says what was expected.
    """
    rng = np.random.default_rng([seed, 2])
    made = _made(mnist.x_train, mnist.y_train, min(MADE, most, len(mnist.y_train)), rng)
    if real is None:
        held = _made(mnist.x_val, mnist.y_val, min(HELD, len(mnist.y_val)), rng)
        return Strangers(_no_bars(made), held, [])
    found = own_digits.load_strangers(real, seed, renders)
    if leave_out:
        found = found.part(~own_digits.hold_out(found, leave_out, 0, seed))
    held = own_digits.hold_out(found, hold_out, HELD_SHARE, seed)
    learnt = _no_bars(np.concatenate([made, found.part(~held).frames]))
    return Strangers(learnt, found.part(held).once().frames, sorted(set(found.sources.tolist())))


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


def neighbours(
    mnist: TrainVal, seed: int, own: tuple[StrokeSet, np.ndarray] | None = None, most: int = ROWS
) -> Cuts:
    """Write digits in rows in which most touch, and take the rows apart as the road does.

    Args:
        mnist: whose training digits are written.
        seed: of all choices.
        own: own digits as strokes, and which of them are to be written as well.
        most: how many rows of MNIST's are written; of own digits twice as many.
    """
    rng = np.random.default_rng([seed, 3])
    number = min(ROWS, most, len(mnist.y_train) // 25)
    rows = [(scan_hand(mnist.x_train, mnist.y_train), number)]
    if own is not None:
        rows.append((pen_hand(*own), 2 * number))
    right: list[np.ndarray] = []
    labels: list[int] = []
    joined: list[np.ndarray] = []
    broken: list[np.ndarray] = []
    for hand, many in rows:
        for _ in range(many):
            digits, truth = hand(rng)
            for ink, label, surely_none in _parts(digits, truth, rng):
                if label is not None:
                    right.append(ink)
                    labels.append(label)
                else:
                    (joined if surely_none else broken).append(ink)
    return Cuts(framed(right), np.array(labels, np.int64), framed(joined), _no_bars(framed(broken)))


def _parts(digits: list[np.ndarray], labels: list[int], rng: np.random.Generator) -> Iterator[tuple]:
    """Yield the right and some wrong parts of a row: the ink, its label or None, if surely none."""
    ink, owner = write_row(digits, rng)
    sizes = np.bincount(owner.ravel(), minlength=len(labels) + 1)
    for line in find_lines(ink):
        looked_at = 0
        for i in rng.permutation(len(line.candidates)):
            piece = line.candidates[i].piece
            (whose, second), fit, among = _owner(piece, owner, sizes)
            looked_at += fit < WRONG
            if fit > RIGHT:
                yield upright(piece.ink, line.slant), labels[whose - 1], False
            elif fit < WRONG and looked_at <= LOOKED_AT:
                ones = 1 in (labels[whose - 1], labels[second - 1])  # with another they may make a third
                wide = piece.box[2] > WIDE * piece.box[3]
                yield upright(piece.ink, line.slant), None, among > JOINED and wide and not ones


def _owner(piece: Piece, owner: np.ndarray, sizes: np.ndarray) -> tuple[tuple[int, int], float, float]:
    """Return which two digits a piece is most of; how well it is the first: the ink they share among the ink
    of either; and how much of its ink is the second's."""
    x, y, _, _ = piece.box
    y, x = max(0, y - 2), max(0, x - 2)  # a piece comes with its rim
    inked = piece.ink > 0.5
    here = owner[y : y + inked.shape[0], x : x + inked.shape[1]]
    shared = np.bincount(here[inked], minlength=len(sizes))
    shared[0] = -1
    second, whose = (int(i) for i in np.argsort(shared)[-2:])
    all_ink = max(1, inked.sum())
    fit = shared[whose] / (all_ink + sizes[whose] - shared[whose])
    return (whose, second), fit, max(0, shared[second]) / all_ink


def _made(frames: np.ndarray, labels: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    inks = make_strangers(frames, labels, number, rng)
    return framed(rescan(ink, rng) if rng.random() < SCANNED else ink for ink in inks)


def framed(inks: Iterable[np.ndarray]) -> np.ndarray:
    """Return frames (N, 28, 28) uint8 of ink maps."""
    frames = [own_digits.to_uint8(frame(ink).image) for ink in inks]
    return np.stack(frames) if frames else np.zeros((0, SIDE, SIDE), np.uint8)


def _no_bars(frames: np.ndarray) -> np.ndarray:
    """Leave out what is a one to look at, though it was meant, say, as one stroke of an X."""
    return frames[~are_bars(frames)]
