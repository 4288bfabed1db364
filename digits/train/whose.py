"""Whose writing it is, of several hands: the one whose digits of the same kind are nearest, digit by digit.

A sign test over the digits (Dixon & Mood, "The statistical sign test", 1946) says when that is no chance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from digits.config import SIDE
from digits.models.representation import unit
from digits.recognizer import Recognizer
from digits.train.memory import represented

LEAST = 20
"""Digits that a hand must have to be told from others, and to be guessed."""

CHANCE = 0.01
"""A guess is told that comes about by chance less often than that."""


@dataclass(frozen=True)
class Written:
    """Digits of one hand, or of one that is looked for."""

    frames: np.ndarray
    """(N, 28, 28) uint8, bright ink on black."""
    labels: np.ndarray
    """(N,) what they are, 0 to 9; of a hand the newest first."""

    @classmethod
    def of(cls, digits: Sequence[tuple[np.ndarray, int]]) -> "Written":
        """Return digits, each a frame with what it is."""
        frames = [frame for frame, _ in digits]
        shown = np.stack(frames) if frames else np.zeros((0, SIDE, SIDE), np.uint8)
        return cls(shown, np.array([label for _, label in digits], np.int64))


def guess(reader: Recognizer, written: Written, hands: Mapping[int, Written]) -> int | None:
    """Return which hand wrote some digits, or None where that cannot be told.

    Args:
        reader: whose features tell digits apart.
        written: what was written by one of them, or by somebody else.
        hands: two or more, by number; those with fewer than `LEAST` digits count for nothing.

    Raises:
        ValueError: the model does not say from which features it answers.
    """
    known = {hand: own for hand, own in hands.items() if len(own.labels) >= LEAST}
    if len(known) < 2 or not len(written.labels):
        return None
    points = unit(represented(reader, written.frames)[0])
    keys = {hand: unit(represented(reader, own.frames)[0]) for hand, own in known.items()}
    nearness = np.full((len(written.labels), len(known)), np.nan, np.float32)
    for digit in np.unique(written.labels):
        of_it = [np.flatnonzero(own.labels == digit) for own in known.values()]
        fewest = min(map(len, of_it))  # of as many each: the nearest of more would be nearer by chance
        which = np.flatnonzero(written.labels == digit)
        for column, (hand, own) in enumerate(zip(known, of_it, strict=True)):
            if fewest:
                nearness[which, column] = (points[which] @ keys[hand][own[:fewest]].T).max(axis=1)
    nearness = nearness[~np.isnan(nearness).any(axis=1)]
    if not len(nearness):
        return None
    best = int(np.bincount(nearness.argmax(axis=1), minlength=len(known)).argmax())
    others = [column for column in range(len(known)) if column != best]
    wins = [int((nearness[:, best] > nearness[:, other]).sum()) for other in others]
    return list(known)[best] if by_chance(min(wins), len(nearness)) < CHANCE else None


def by_chance(wins: int, tries: int) -> float:
    """Return how often a fair coin shows heads so often at least.

    >>> by_chance(10, 10), by_chance(0, 3)
    (0.0009765625, 1.0)
    """
    return sum(comb(tries, k) for k in range(wins, tries + 1)) / 2**tries
