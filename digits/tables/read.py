"""A table on a picture, read cell by cell."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol

import numpy as np

from digits.config import CLASSES
from digits.fields import Field
from digits.models import calibration, glimpse
from digits.preprocessing.components import Box
from digits.preprocessing.finder import glimpse as show
from digits.preprocessing.frame import frame
from digits.preprocessing.layout import Candidate
from digits.reading import Cell, NumberReading, Reading, TableReading
from digits.tables.cells import Cut, Look, cut_out, find_tables, placed
from digits.tables.grid import Grid

NETWORK = 0.1
"""So much the word of the network, which learnt handwriting alone, counts beside that of the glimpse reader,
which knows print too. Chosen on photos of tables."""

NO_DIGIT = 6.0
"""The glimpse reader is believed that a full cell holds no digit where it says so by so much, in nats."""

SEVERAL = 120
"""Shorter side, in points, of a cell that may hold several digits."""


class Reader(Protocol):
    """What reads digits and numbers: a `Recognizer`."""

    temperature: float
    thresholds: dict[str, float]

    def logits(self, batch: np.ndarray) -> np.ndarray:
        """Return logits (N, 10) of frames (N, 28, 28, 1)."""

    def read_number(
        self, image: np.ndarray, marks: bool = False, field: Field | None = None
    ) -> NumberReading:
        """Read all digits on a picture."""


class Stopped(Exception):
    """Nobody waits for the table any more."""


def read(
    grey: np.ndarray, reader: Reader, marks: bool, stop: Callable[[], bool] = lambda: False
) -> TableReading:
    """Read the tables on a picture (H, W) float32 in [0, 1]; see `Recognizer.read_table`.

    Raises:
        Stopped: `stop` said so, which is asked before each cell of several digits.
    """
    first, *others = [_table(grey, *found, reader, marks, stop) for found in find_tables(grey)]
    return replace(first, others=others)


def _table(
    grey: np.ndarray, grid: Grid, looks: list[Look], reader: Reader, marks: bool, stop: Callable[[], bool]
) -> TableReading:
    full = [look for look in looks if look.full]
    alone = {look: one for look in full if look.digits < 2 and (one := look.alone()) is not None}
    numbers = {look: NumberReading([[digit]], marks) for look, digit in singles(reader, alone).items()}
    rest = [look for look in full if look not in alone]

    def read_on(look: Look) -> NumberReading:
        if stop():
            raise Stopped
        return several(reader, grey, grid.corners(look.place), marks)

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # OpenCV and NumPy let other threads run
        numbers |= zip(rest, pool.map(read_on, rest), strict=True)
    cells = [cell_of(look, numbers.get(look), marks) for look in looks]
    return TableReading(grid.shape, cells, ruled=grid.ruled)


def singles(reader: Reader, alone: dict[Look, Candidate]) -> dict[Look, Reading]:
    """Read cells with one digit each, all at once."""
    if not alone:
        return {}
    shown = np.stack([show(look.grey, one.box) for look, one in alone.items()])
    frames = np.stack([frame(one.ink) for one in alone.values()])
    said = zip(glimpse.read(shown), frames, reader.logits(frames[..., None]), strict=True)
    return {
        look: _single(reader, *each, look.box(one.box))
        for (look, one), each in zip(alone.items(), said, strict=True)
    }


def cell_of(look: Look, number: NumberReading | None, marks: bool) -> Cell:
    """Return the answer to a cell; no number where it is blank."""
    if number is None:
        number, confidence = NumberReading([], marks), 1 - look.written
    else:
        read_right = float(np.prod([digit.confidence for digit in number.digits]))
        confidence = read_right * look.written if number.digits else 1 - look.written
    (top, foot), (left, right) = ((side.start, side.stop) for side in look.place)
    return Cell(number, top, left, look.box(), confidence, foot - top, right - left)


def _single(reader: Reader, heard: np.ndarray, framed: np.ndarray, logits: np.ndarray, box: Box) -> Reading:
    """Return the answer to the only digit of a cell, by what the glimpse reader says (11,) and the logits
    (10,) of the frame."""
    (probabilities,) = calibration.softmax(NETWORK * logits[None] / reader.temperature + heard[:CLASSES])
    silence, unsure = glimpse.silence(heard), probabilities.max() < reader.thresholds["unsure_below"]
    status = "not_a_digit" if silence > NO_DIGIT else "unsure" if unsure or silence > 0 else "digit"
    digit = None if status == "not_a_digit" else int(probabilities.argmax())
    return Reading(digit, probabilities, status, framed, box=box, against=max(0.0, silence))


def several(
    reader: Reader,
    grey: np.ndarray,
    corners: np.ndarray,
    marks: bool,
    field: Field | None = None,
    cut: Cut = cut_out,
) -> NumberReading:
    """Read what may be more than one digit between four corners (4, 2), cut out so; see
    `Recognizer.read_number`."""
    part, back = cut(grey, corners, SEVERAL)
    number = reader.read_number(np.round(255 * np.clip(part, 0, 1)).astype(np.uint8), marks, field)

    def there(one: Reading | str) -> Reading | str:
        return replace(one, box=placed(one.box, back)) if isinstance(one, Reading) and one.box else one

    return replace(number, written=[list(map(there, line)) for line in number.written])
