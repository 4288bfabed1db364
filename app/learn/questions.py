"""Choices for questions whose answer is a number: the right one among wrong ones that cannot pass for it."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from digits.plots.text import two_digits


class Choices(NamedTuple):
    """What a question offers."""

    offered: tuple[str, ...]
    """All different, in rising order."""
    right: str
    """One of them."""


def among_numbers(right: float, wrong: Iterable[float], form: Callable[[float], str]) -> Choices:
    """Return the choices among numbers; wrong ones that read like another are left out.

    >>> among_numbers(0.3, [1, 0.299, -2], "{:.2f}".format)
    Choices(offered=('-2.00', '0.30', '1.00'), right='0.30')
    """
    known = {form(right): right}
    for value in wrong:
        known.setdefault(form(value), value)
    return Choices(tuple(sorted(known, key=known.__getitem__)), form(right))


def among_brightnesses(value: float) -> Choices:
    """Return the choices for the brightness of a point in [0, 1], a third of the range from each other.

    >>> among_brightnesses(0.5).offered
    ('0.17', '0.50', '0.83')
    """
    return among_numbers(value, [(value + third / 3) % 1 for third in (1, 2)], two_digits)


def among_products(left: float, right: float) -> Choices:
    """Return the choices for a product: it, its negative, and the sum.

    >>> among_products(0.5, -0.4)
    Choices(offered=('-0.20', '0.10', '0.20'), right='-0.20')
    """
    return among_numbers(left * right, [-left * right, left + right], two_digits)


def among_window(window: np.ndarray, result: float) -> Choices:
    """Return the choices for what pooling makes of a window: its numbers, and the result."""
    return among_numbers(result, window.ravel().tolist(), two_digits)


def among_digits(right: int, others: Iterable[int], most: int = 3) -> Choices:
    """Return the choices among digits, at most so many.

    >>> among_digits(7, [7, 2, 1, 9])
    Choices(offered=('1', '2', '7'), right='7')
    """
    wrong = [digit for digit in dict.fromkeys(others) if digit != right]
    return among_numbers(right, wrong[: most - 1], str)
