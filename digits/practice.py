"""More to practise on than digits as they come: small scans of MNIST's digits, and what is no digit.

It joins rooms that do not know each other: data, which makes the ink, and picture, which frames it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digits import own_digits
from digits.contract import SIDE
from digits.data.mnist import TrainVal
from digits.data.pens import crop, rescan
from digits.data.rows import write_row
from digits.data.strangers import are_bars, make_strangers
from digits.picture.frame import frame, upright
from digits.picture.segment import Piece, find_lines

SCANS, MADE, HELD = 20_000, 30_000, 1_500
"""How many scans and strangers are made to learn from, and strangers to judge on: fewer if MNIST is cut."""

ROWS, LOOKED_AT = 6_000, 9
"""How many rows of digits are written and taken apart, and how many parts of a line are looked at."""

RIGHT, WRONG = 0.85, 0.6
"""Ink that a part shares with a digit, above which it is that digit, and below which it is none."""

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
) -> Strangers:
    """Make strangers from MNIST's digits, and add real ones.

    Args:
        mnist: whose training digits give those to learn from, and whose validation digits those to judge on.
        real: a strokes file of letters (None: made ones must do).
        hold_out: its sources to judge on; none named: a fifth.
        leave_out: its sources to drop.
        renders: how often each real one is drawn to learn from, each time with another pen.
        seed: of all choices.

    Raises:
        ValueError: nothing usable, or an unknown source; the message says what was expected.
    """
    rng = np.random.default_rng([seed, 2])
    made = _made(mnist.x_train, mnist.y_train, min(MADE, len(mnist.y_train)), rng)
    if real is None:
        held = _made(mnist.x_val, mnist.y_val, min(HELD, len(mnist.y_val)), rng)
        return Strangers(_no_bars(made), held, [])
    found = own_digits.load_strangers(real, seed, renders)
    if leave_out:
        found = found.part(~own_digits.hold_out(found, leave_out, 0, seed))
    held = own_digits.hold_out(found, hold_out, HELD_SHARE, seed)
    learnt = _no_bars(np.concatenate([made, found.part(~held).frames]))
    return Strangers(learnt, found.part(held).once().frames, sorted(set(found.sources.tolist())))


def neighbours(mnist: TrainVal, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Write MNIST's training digits in rows in which most touch, and take the rows apart as the road does.

    Returns:
        Frames (N, 28, 28) uint8 of digits cut out rightly, and their labels (N,); and frames (M, 28, 28)
        uint8 of cuts and joins that are none.
    """
    rng = np.random.default_rng([seed, 3])
    right, labels, wrong = [], [], []
    for _ in range(min(ROWS, len(mnist.y_train) // 4)):
        chosen = rng.integers(0, len(mnist.y_train), rng.integers(2, 5))
        ink, owner = write_row(
            [crop(mnist.x_train[i].astype(np.float32) / 255, above=0) for i in chosen], rng
        )
        sizes = np.bincount(owner.ravel(), minlength=len(chosen) + 1)
        for line in find_lines(ink):
            for i in rng.permutation(len(line.candidates))[:LOOKED_AT]:
                piece = line.candidates[i].piece
                whose, fit = _owner(piece, owner, sizes)
                if fit > RIGHT:
                    right.append(upright(piece.ink, line.slant))
                    labels.append(mnist.y_train[chosen[whose - 1]])
                elif fit < WRONG:
                    wrong.append(upright(piece.ink, line.slant))
    return framed(right), np.array(labels, np.int64), _no_bars(framed(wrong))


def _owner(piece: Piece, owner: np.ndarray, sizes: np.ndarray) -> tuple[int, float]:
    """Return which digit a piece is most of, and how well: the ink they share among the ink of either."""
    x, y, _, _ = piece.box
    y, x = max(0, y - 2), max(0, x - 2)  # a piece comes with its rim
    inked = piece.ink > 0.5
    here = owner[y : y + inked.shape[0], x : x + inked.shape[1]]
    shared = np.bincount(here[inked], minlength=len(sizes))
    shared[0] = 0
    whose = int(shared.argmax())
    return whose, shared[whose] / max(1, inked.sum() + sizes[whose] - shared[whose])


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
