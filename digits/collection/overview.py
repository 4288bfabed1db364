"""A collection in parts that a page can show: in order, page by page, with a sentence on its balance."""

import numpy as np

from digits.collection.sample import Sample
from digits.contract import CLASSES

PAGE = 28
"""Samples on a page."""


def in_order(samples: list[Sample], doubtful_first: bool = False) -> list[Sample]:
    """Return samples, newest first as from `Store.samples`; those that deserve a look before all others."""
    return sorted(samples, key=lambda sample: not sample.is_doubtful) if doubtful_first else samples


def page_of(samples: list[Sample], number: int) -> tuple[int, int, int]:
    """Return the page nearest to `number`, and from and up to where in `samples` it goes.

    >>> page_of([None] * 30, 7)
    (1, 28, 30)
    """
    last = max(0, (len(samples) - 1) // PAGE)
    number = min(max(number, 0), last)
    return number, number * PAGE, min(len(samples), (number + 1) * PAGE)


def number_of(digits: int) -> str:
    """Return "1 digit", "2,000 digits" and so on."""
    return f"{digits:,} digit{'' if digits == 1 else 's'}"


def balance(counts: np.ndarray) -> str:
    """Return a sentence on how many there are of each digit, counts (10,).

    >>> balance(np.array([9, 9, 9, 9, 0, 9, 9, 9, 9, 9]))
    '81 digits. There is no 4 yet.'
    """
    total = f"{number_of(int(counts.sum()))}."
    missing = [str(digit) for digit in range(CLASSES) if counts[digit] == 0]
    if missing:
        return f"{total} There is no {_either(missing)} yet."
    if 2 * counts.min() < counts.max():
        fewest = [str(digit) for digit in np.flatnonzero(counts == counts.min())]
        return f"{total} Of {_either(fewest)} there are fewest: write some more."
    return f"{total} All ten are there, about equally often."


def _either(digits: list[str]) -> str:
    return digits[0] if len(digits) == 1 else f"{', '.join(digits[:-1])} or {digits[-1]}"
