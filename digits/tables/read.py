"""A table on a picture, read cell by cell."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np

from digits.config import CLASSES
from digits.fields import Field
from digits.models import calibration, glimpse
from digits.models.memory import Said
from digits.preprocessing.components import Box
from digits.preprocessing.finder import glimpse as show
from digits.preprocessing.frame import frame
from digits.preprocessing.layout import Candidate
from digits.reading import Cell, NumberReading, Place, Reading, TableReading
from digits.tables.cells import NO_TABLE, Cut, Look, cut_out, find_tables, look_at_cells, placed
from digits.tables.grid import Grid
from digits.tables.known import NOTHING, Known, holds_one, is_heading, single

NETWORK = 0.1
"""So much the word of the network, which learnt handwriting alone, counts beside that of the glimpse reader,
which knows print too. Chosen on photos of tables."""

NO_DIGIT = 6.0
"""The glimpse reader is believed that a full cell holds no digit where it says so by so much, in nats."""

LEGIBLE = 1 / 3
"""So many of the written cells of a table without lines are sure, at least: other things, too, stand one
below the other."""

SEVERAL = 120
"""Shorter side, in points, of a cell that may hold several digits."""


class Reader(Protocol):
    """What reads digits and numbers: a `Recognizer`."""

    temperature: float
    thresholds: dict[str, float]

    def say(self, frames: np.ndarray) -> Said:
        """Return what is said to frames (N, 28, 28)."""

    def read_number(
        self, image: np.ndarray, marks: bool = False, field: Field | None = None, thorough: bool = True
    ) -> NumberReading:
        """Read all digits on a picture."""


class Stopped(Exception):
    """Nobody waits for the table any more."""


def read(
    grey: np.ndarray,
    reader: Reader,
    marks: bool,
    known: Known = NOTHING,
    stop: Callable[[], bool] = lambda: False,
) -> TableReading:
    """Read the tables on a picture (H, W) float32 in [0, 1]; see `Recognizer.read_table`. `known` is what is
    known of the largest.

    Raises:
        Stopped: `stop` said so, which is asked before each cell of several digits.
    """
    largest, *smaller = find_tables(grey)
    others = [_table(grey, *found, reader, marks, NOTHING, stop) for found in smaller]
    return replace(_table(grey, *largest, reader, marks, known, stop), others=others)


def _table(
    grey: np.ndarray,
    grid: Grid,
    looks: list[Look],
    reader: Reader,
    marks: bool,
    known: Known,
    stop: Callable[[], bool],
) -> TableReading:
    known.check(grid.shape)
    full = [look for look in looks if look.full]
    alone = {look: one for look in full if look.digits < 2 and (one := look.alone()) is not None}
    numbers = {look: NumberReading([[digit]], marks) for look, digit in singles(reader, alone).items()}
    fields: dict[Look, Field] = {}

    def read_on(look: Look) -> NumberReading:
        if stop():
            raise Stopped
        return several(reader, grey, grid.corners(look.place), marks, fields.get(look))

    with ThreadPoolExecutor(cv2.getNumThreads()) as pool:  # OpenCV and NumPy let other threads run
        top = [look for look in full if known and not look.place[0].start]
        rest = [look for look in top if look not in alone]
        numbers |= zip(rest, pool.map(read_on, rest), strict=True)
        first = int(is_heading(numbers[look] for look in top))
        for look in full:
            place = _place(look)
            if place[0] >= first and (field := known.of(place, grid.shape)):
                fields[look] = field
        rest = [look for look in full if look not in numbers or (look in fields and look not in alone)]
        rest += [look for look in alone if look in fields and not holds_one(fields[look])]
        numbers |= zip(rest, pool.map(read_on, rest), strict=True)
    unsure_below, read = reader.thresholds["unsure_below"], {*rest}
    for look in alone:
        if look in fields and look not in read:
            numbers[look] = single(numbers[look], fields[look], unsure_below)
    places = {_place(look): numbers.get(look, NumberReading([], marks)) for look in looks}
    places, sums, begins = (
        known.summed(places, grid.shape, first, unsure_below) if known else (places, [], (0, 0))
    )
    cells = [cell_of(look, places[_place(look)] if look in numbers else None, marks) for look in looks]
    if not grid.ruled and sum(cell.status == "digit" for cell in cells) < LEGIBLE * len(full):
        raise ValueError(NO_TABLE)
    return TableReading(grid.shape, cells, ruled=grid.ruled, first=begins, sums=sums)


def read_cell(grey: np.ndarray, corners: np.ndarray, reader: Reader, marks: bool) -> Cell:
    """Read what lies between four corners (4, 2) of a picture (H, W) float32 in [0, 1], as a cell of a table
    of its own."""
    (look,) = look_at_cells(grey, _Alone(corners))
    number = None
    if look.full:
        one = look.alone() if look.digits < 2 else None
        found = singles(reader, {look: one}) if one else {}
        number = (
            NumberReading([[found[look]]], marks) if look in found else several(reader, grey, corners, marks)
        )
    return cell_of(look, number, marks)


@dataclass(frozen=True)
class _Alone:
    """A table of one cell."""

    around: np.ndarray

    def cells(self) -> list[tuple[slice, slice]]:
        """Return its only place."""
        return [(slice(0, 1), slice(0, 1))]

    def corners(self, cell: tuple[slice, slice]) -> np.ndarray:
        """Return where it is."""
        return self.around


def _place(look: Look) -> Place:
    """Return in which row and column a cell begins."""
    row, column = look.place
    return row.start, column.start


def singles(reader: Reader, alone: dict[Look, Candidate]) -> dict[Look, Reading]:
    """Read cells with one digit each, all at once."""
    if not alone:
        return {}
    shown = np.stack([show(look.grey, one.box) for look, one in alone.items()])
    frames = np.stack([frame(one.ink) for one in alone.values()])
    said = reader.say(frames)
    return {
        look: _single(reader, heard, framed, said[i], look.box(one.box))
        for i, ((look, one), heard, framed) in enumerate(
            zip(alone.items(), glimpse.read(shown), frames, strict=True)
        )
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


def _single(reader: Reader, heard: np.ndarray, framed: np.ndarray, said: Said, box: Box) -> Reading:
    """Return the answer to the only digit of a cell, by what the glimpse reader says (11,) and what is said
    to the frame, (10,). A memory knows the hand on the paper: its votes count whole."""
    alone = NETWORK * said.logits / reader.temperature + heard[:CLASSES]
    votes = 0.0 if said.votes is None else said.votes / reader.temperature
    (probabilities,), before = calibration.softmax((alone + votes)[None]), int(alone.argmax())
    silence, unsure = glimpse.silence(heard), probabilities.max() < reader.thresholds["unsure_below"]
    status = "not_a_digit" if silence > NO_DIGIT else "unsure" if unsure or silence > 0 else "digit"
    digit = None if status == "not_a_digit" else int(probabilities.argmax())
    untaught = None if digit in (None, before) else before
    against = max(0.0, silence)
    return Reading(digit, probabilities, status, framed, box=box, against=against, untaught=untaught)


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
    shown = np.round(255 * np.clip(part, 0, 1)).astype(np.uint8)
    number = reader.read_number(shown, marks, field, thorough=False)

    def there(one: Reading | str) -> Reading | str:
        return replace(one, box=placed(one.box, back)) if isinstance(one, Reading) and one.box else one

    return replace(number, written=[list(map(there, line)) for line in number.written])
