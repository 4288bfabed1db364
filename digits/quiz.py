"""Choices for questions whose answer is a number: the right one among wrong ones that cannot pass for it."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from digits.numbers import two_digits


class Quiz(NamedTuple):
    """A question's choices."""

    choices: tuple[str, ...]
    """All different, in rising order."""
    answer: str
    """The right one of them."""


def number_quiz(right: float, wrong: Iterable[float], form: Callable[[float], str]) -> Quiz:
    """Return the choices among numbers; wrong ones that read like another are left out.

    >>> number_quiz(0.3, [1, 0.299, -2], "{:.2f}".format)
    Quiz(choices=('-2.00', '0.30', '1.00'), answer='0.30')
    """
    known = {form(right): right}
    for value in wrong:
        known.setdefault(form(value), value)
    return Quiz(tuple(sorted(known, key=known.__getitem__)), form(right))


def brightness_quiz(value: float) -> Quiz:
    """Return the choices for the brightness of a point in [0, 1], a third of the range from each other.

    >>> brightness_quiz(0.5).choices
    ('0.17', '0.50', '0.83')
    """
    return number_quiz(value, [(value + third / 3) % 1 for third in (1, 2)], two_digits)


def product_quiz(left: float, right: float) -> Quiz:
    """Return the choices for a product: it, its negative, and the sum.

    >>> product_quiz(0.5, -0.4)
    Quiz(choices=('-0.20', '0.10', '0.20'), answer='-0.20')
    """
    return number_quiz(left * right, [-left * right, left + right], two_digits)


def window_quiz(window: np.ndarray, result: float) -> Quiz:
    """Return the choices for what pooling makes of a window: its numbers, and the result."""
    return number_quiz(result, window.ravel().tolist(), two_digits)


def digit_quiz(right: int, others: Iterable[int], most: int = 3) -> Quiz:
    """Return the choices among digits, at most so many.

    >>> digit_quiz(7, [7, 2, 1, 9])
    Quiz(choices=('1', '2', '7'), answer='7')
    """
    wrong = [digit for digit in dict.fromkeys(others) if digit != right]
    return number_quiz(right, wrong[: most - 1], str)
