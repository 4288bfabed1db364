"""Which digits of a hand teach most: those that are misread still, few, or all written in one way."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.shared.learnt import Learnt
from digits.config import CLASSES
from digits.plots.text import articles

FEW = 0.5
"""A digit is rare of which there are less than so much of what there is of the others."""

ALIKE, LEAST_ALIKE = 0.85, 4
"""Digits are all alike whose frames have so much in common on average (cosine), of so many at least."""

WEIGHTS = {"misread": 3.0, "few": 2.0, "alike": 1.0}
"""How many times as often than others a digit is asked for besides."""


@dataclass(frozen=True)
class Need:
    """How much more of one digit is wanted."""

    weight: float = 0.0
    """0 where it is wanted as much as any."""
    reason: str = ""
    """In a few words."""


NONE: Sequence[Need] = (Need(),) * CLASSES


def needs(found: Learnt | None) -> Sequence[Need]:
    """Return how much more of each digit is wanted, and why, by what was learnt so far."""
    if found is None:
        return NONE
    labels, after = found.lesson.labels, found.lesson.after
    counts = np.bincount(labels, minlength=CLASSES)
    return [
        _need(digit, int(counts[digit]), float(np.mean(counts)), labels, after, found)
        for digit in range(CLASSES)
    ]


def _need(digit: int, count: int, usual: float, labels: np.ndarray, after: np.ndarray, found: Learnt) -> Need:
    own = np.flatnonzero(labels == digit)
    misread = int((after[own] != digit).sum())
    if misread:
        many = "one of yours is" if misread == 1 else f"{misread} of yours are"
        return Need(WEIGHTS["misread"], f"{many} misread still.")
    if count < FEW * usual:
        return Need(
            WEIGHTS["few"],
            "There is none of it yet."
            if not count
            else f"There are only {count} of it.".replace("are only 1 ", "is only 1 "),
        )
    if alike([frame for i in own if (frame := found.samples[i].frame()) is not None]) > ALIKE:
        return Need(
            WEIGHTS["alike"],
            articles(f"Yours are all alike: if you know another way to write a {digit}, take that."),
        )
    return Need()


def alike(frames: Sequence[np.ndarray]) -> float:
    """Return how much frames (28, 28) have in common on average, 0 to 1; 0 of too few to tell."""
    if len(frames) < LEAST_ALIKE:
        return 0.0
    flat = np.stack(frames).reshape(len(frames), -1).astype(np.float32)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
    same = flat @ flat.T
    n = len(frames)
    return float((same.sum() - np.trace(same)) / (n * (n - 1)))


def shares(each: int, needed: Sequence[Need]) -> list[int]:
    """Return how often each digit is asked for among ten times `each`: half evenly, half by need.

    >>> shares(4, NONE)
    [4, 4, 4, 4, 4, 4, 4, 4, 4, 4]
    >>> shares(4, [Need(9.0), *NONE[1:]])
    [12, 3, 3, 3, 3, 3, 3, 3, 3, 4]
    """
    weights = np.array([1 + need.weight for need in needed])
    even = each // 2
    rest = np.cumsum(weights / weights.sum() * (each - even) * CLASSES).round(6)
    return (even + np.diff(np.floor(rest), prepend=0)).astype(int).tolist()
