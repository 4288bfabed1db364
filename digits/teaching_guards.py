"""What own digits must be before a model is taught with them. Without TensorFlow: pages ask first."""

import numpy as np

from digits.contract import CLASSES

LEAST = 3
"""Own digits of each class: with fewer there is nothing to hold out for a judgement."""


ROUGH = 100
"""Digits in all: with fewer, those held out are so few that one of them moves the figures by points."""

LOPSIDED = 5
"""How many times as many digits one class may have as another."""


def unfit(counts: np.ndarray) -> str | None:
    """Return why nothing can be taught with so many digits, in a sentence with the numbers, or None.

    Args:
        counts: (10,) own digits of each class, 0 or more.

    Raises:
        ValueError: counts of another shape, or below 0.
    """
    counts = np.asarray(counts)
    if counts.shape != (CLASSES,) or counts.min() < 0:
        raise ValueError(f"Counts {counts.tolist()}; expected {CLASSES} numbers, 0 or more.")
    present = np.flatnonzero(counts)
    if len(present) == 0:
        return f"There are no digits yet; expected {LEAST} or more of each."
    if len(present) == 1:
        return (
            f"All {counts.sum()} digits are {present[0]}s: a model would learn to answer nothing else; "
            f"expected {LEAST} or more of each digit."
        )
    few = np.flatnonzero(counts < LEAST)
    if len(few) == 0:
        return None
    parts = [f"digit {digit} has {counts[digit] or 'none'}" for digit in few]
    words = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    return f"{words[0].upper()}{words[1:]}; expected {LEAST} or more of each."


def doubts(counts: np.ndarray) -> list[str]:
    """Return what to know before teaching with so many digits, a sentence each; for those that are fit.

    Args:
        counts: as in `unfit`.
    """
    counts, found = np.asarray(counts), []
    if counts.sum() < ROUGH:
        found.append(
            f"You have {counts.sum()} digits, and a fifth of them is held out to judge the lesson: its "
            f"figures will be rough. From {ROUGH} on they say more."
        )
    least, most = int(counts.argmin()), int(counts.argmax())
    if counts[most] > LOPSIDED * counts[least]:
        numbers = f"Digit {most} has {counts[most]} and digit {least} only {counts[least]}"
        found.append(f"{numbers}: a few more {least}s help.")
    return found
