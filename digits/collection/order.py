"""In which order digits are asked for."""

import numpy as np

from digits.contract import CLASSES


def mixed(each: int, rng: np.random.Generator) -> list[int]:
    """Return every digit `each` times, in rounds of all ten, mixed so that the hand finds no rhythm.

    No digit comes twice in a row, and wherever one stops, none was asked for much more often than another.

    Args:
        each: how many of each digit, 1 or more.
        rng: where chance comes from.

    Raises:
        ValueError: `each` is less than 1.
    """
    if each < 1:
        raise ValueError(f"{each} of each digit; expected 1 or more.")
    order: list[int] = []
    for _ in range(each):
        turn = rng.permutation(CLASSES)
        while order and turn[0] == order[-1]:
            turn = rng.permutation(CLASSES)
        order += turn.tolist()
    return order
