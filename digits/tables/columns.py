"""Tables without ruled lines: rows and columns told from the blank strips between what is written."""

import numpy as np

from digits.preprocessing.finder import FITTING, MOST, SURE, Seen, see, see_at
from digits.tables.grid import Grid

FEWEST = 4
"""Digits of a table."""

FINER, MORE = 1.6, 1.2
"""A picture is looked at so much finer as long as so many times as many digits of a fitting size are seen:
from afar a few rows of small digits look like a large one."""

ALIKE = 0.5, 2.0
"""Digits of a table are so many times as high as the usual one."""

SLANTS = np.linspace(-0.25, 0.25, 101)
"""By how much rows may rise and columns lean."""

CORE = 0.8, 0.8
"""Share of a digit's height and width that has to be clear of other rows and columns: writing dances."""

BETWEEN = 0.3, 0.8
"""Blank strips between rows and between columns are at least so wide, in heights of a digit: the digits of
one number stand nearer to each other."""

MARGIN = 0.6
"""What the outer cells have around the writing, in heights of a digit."""

FILLED = 0.5
"""Share of the cells that are written: what stands anywhere is no table."""


def find_columns(grey: np.ndarray) -> Grid | None:
    """Return the table of at least two rows and two columns that digits on a picture (H, W) float32 in [0, 1]
    stand in, without any lines; None where they do not."""
    seen = _seen(grey)
    plain = [one for one in seen.centres if one.chance > SURE]
    usual = float(np.median([one.height for one in plain if one.digit > SURE] or [1.0]))
    plain = [one for one in plain if ALIKE[0] * usual < one.height < ALIKE[1] * usual]
    digit = np.array([one.digit > SURE for one in plain], bool)
    if np.count_nonzero(digit) < FEWEST:
        return None
    boxes = np.array([(one.x, one.y, one.width, one.height) for one in plain])
    lone = np.ones(len(boxes), bool)
    while lone.any():  # what shares neither its row nor its column with anything is no part of the table
        x, y, wide, tall = boxes.T
        rise, rows, row = _bands(y, x, CORE[0] * tall, BETWEEN[0] * usual, MARGIN * usual)
        lean, columns, column = _bands(x, y, CORE[1] * wide, BETWEEN[1] * usual, MARGIN * usual)
        lone = (np.bincount(row)[row] == 1) & (np.bincount(column)[column] == 1)
        if lone.all():
            return None
        boxes, digit, kept = boxes[~lone], digit[~lone], {*zip(row[digit], column[digit], strict=True)}
    cells = (len(rows) - 1) * (len(columns) - 1)
    if min(len(rows), len(columns)) < 3 or len(kept) < FILLED * cells:
        return None
    across, down = np.meshgrid(columns, rows)
    points = np.stack([across + lean * down, down + rise * across], axis=-1) / (1 - rise * lean)
    whole = np.ones((len(rows), len(columns) - 1)), np.ones((len(rows) - 1, len(columns)))
    return Grid((points * seen.scale).astype(np.float32), *whole, ruled=False)


def _seen(grey: np.ndarray) -> Seen:
    """Return what the finder sees at the size that shows the most digits."""
    seen = see(grey)
    while grey.size * (FINER / seen.scale) ** 2 < MOST:
        (finer,) = see_at([grey], [FINER / seen.scale])
        if _fitting(finer) < MORE * _fitting(seen):
            break
        seen = finer
    return seen


def _fitting(seen: Seen) -> int:
    """Return how many digits are seen at a size that the finder knows best."""
    return sum(one.digit > SURE and FITTING[0] < one.height < FITTING[1] for one in seen.centres)


def _bands(
    aside: np.ndarray, along: np.ndarray, size: np.ndarray, between: float, margin: float
) -> tuple[float, np.ndarray, np.ndarray]:
    """Part what is written into bands with blank strips between.

    Args:
        aside, along: where each digit stands across the bands, and along them; (N,).
        size: how much of the band each takes; (N,).
        between: width of a blank strip.
        margin: width of what the outer bands have around.

    Returns:
        By how much bands slant, where they begin and the last one ends, at `along` 0; and in which each digit
        is (N,).
    """
    best = None
    for slant in SLANTS[np.argsort(np.abs(SLANTS), kind="stable")]:
        middle = aside - slant * along
        order = np.argsort(middle - size / 2)
        reached = np.maximum.accumulate((middle + size / 2)[order])
        blank = (middle - size / 2)[order][1:] - reached[:-1]
        parted = blank >= between
        taken = float(reached[-1] - (middle - size / 2).min() - blank[parted].sum())
        if best is None or taken < best[0]:
            best = taken, slant, middle, order, reached, blank, parted
    assert best
    _, slant, middle, order, reached, blank, parted = best
    cuts = (reached[:-1] + blank / 2)[parted]
    low, high = float((middle - size / 2).min()) - margin, float(reached[-1]) + margin
    band = np.empty(len(aside), int)
    band[order] = np.concatenate([[0], np.cumsum(parted)])
    return float(slant), np.array([low, *cuts, high]), band
