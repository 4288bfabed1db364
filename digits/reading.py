"""Answers: of one digit, of a number, and of many pictures, a row each, as text, CSV or JSON."""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from digits.config import CLASSES, SIDE

COLUMNS = ("file", "text", "status", "doubt", "confidence", "digits", "boxes", "error")
"""Of the CSV."""

SURELY_BLANK = 0.9
"""A cell is doubtful that is less surely blank."""

GRAVITY = ("digit", "corrected", "unsure", "not_a_digit")
"""What a digit may be, from harmless to grave: the gravest is the status of the whole number."""


@dataclass(frozen=True)
class Answer:
    """What a digit and ten probabilities say, whatever they are an answer to."""

    digit: int | None
    """0 to 9, or None when the status is neither "digit" nor "unsure"."""
    probabilities: np.ndarray
    """(10,) float32, calibrated, sums to 1; all equal when there was nothing to read."""
    status: str
    """"digit", "unsure", "blank", "not_a_digit" or "several"."""

    @property
    def label(self) -> str | None:
        """What was read as text, e.g. "7"; None where nothing is."""
        return None if self.digit is None else str(self.digit)

    @property
    def confidence(self) -> float:
        """The largest probability, in [0, 1]; 0 when there is no digit."""
        return 0.0 if self.digit is None else float(self.probabilities.max())

    @property
    def ranking(self) -> list[int]:
        """The ten digits, most probable first."""
        return [int(digit) for digit in np.argsort(-self.probabilities, kind="stable")]


@dataclass(frozen=True)
class Reading(Answer):
    """What was read from a picture of one digit."""

    framed: np.ndarray
    """(28, 28) float32 in [0, 1], what the model saw."""
    steps: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    """Pictures (h, w) float32 in [0, 1] of the stages, in order, by a short title; only where they were asked
    for, because they take two hundred times the room of all else."""
    box: tuple[int, int, int, int] | None = None
    """Where the digit stands: x, y, width, height in pixels of the upright picture."""
    asked: bool = True
    """Whether the network was asked. It is not where nothing, several digits or a blot was found: all
    probabilities are equal then, and no digit comes first in `ranking`."""
    against: float = 0.0
    """By how much the glimpse reader, which looks at the paper itself, speaks against any digit, in nats."""
    number: "NumberReading | None" = field(default=None, repr=False)
    """What was read one by one where the status is "several" and the steps were asked for."""


@dataclass(frozen=True)
class NumberReading:
    """What was read from a picture of several digits."""

    written: list[list[Reading | str]]
    """Line by line, each from the left: the digits with their boxes, and where they were asked for the marks
    between them: ".", ",", "-" and " "."""
    marks: bool = False
    """Whether marks were asked for."""
    value: str | None = None
    """The number as its field writes it, where one was given that it fits."""
    unbound: str | None = None
    """What would have been read without the field, where that is something else."""
    alternatives: tuple[tuple[str, float], ...] = field(default=(), repr=False)
    """The likeliest texts of a number on one line with their probabilities, in (0, 1], the most probable
    first: written as `value` where it fits its field, and then only texts that do; else as `text`. What they
    lack to 1 is for other texts. Empty where nothing was weighed: nothing is written, or no digits are."""

    @property
    def digits(self) -> list[Reading]:
        """The digits in reading order, each with its box."""
        return [token for line in self.written for token in line if isinstance(token, Reading)]

    @property
    def lines(self) -> list[str]:
        """The best guess, line by line; "?" stands for what is no digit."""
        return self.spelled({})

    @property
    def text(self) -> str:
        """The best guess, e.g. "3268"; empty for a blank picture. With marks, lines are kept apart."""
        return ("\n" if self.marks else "").join(self.lines)

    def spelled(self, corrections: Mapping[int, int | str]) -> list[str]:
        """Return the lines with some digits put right.

        Args:
            corrections: the right digit, or "" for none, by its place in `digits`, counted from 0.
        """
        place = {id(reading): index for index, reading in enumerate(self.digits)}

        def spell(token: Reading | str) -> str:
            if isinstance(token, str):
                return token
            digit = corrections.get(place[id(token)], token.digit)
            return "?" if digit is None else str(digit)

        return ["".join(map(spell, line)) for line in self.written]


@dataclass(frozen=True)
class Cell:
    """What was read from one cell of a table."""

    number: NumberReading
    """Nothing is written in it where the cell is blank."""
    row: int
    """Counted from 0, as `column` is."""
    column: int
    box: tuple[int, int, int, int]
    """Where it stands: x, y, width, height in pixels of the upright picture."""
    confidence: float
    """That all of it is right, in [0, 1]; of a blank cell, that nothing is written."""
    rows: int = 1
    """How many it takes, as `columns`: more than one where no line is drawn between."""
    columns: int = 1

    @property
    def place(self) -> tuple[int, int]:
        """Row and column in which it begins."""
        return self.row, self.column

    @property
    def text(self) -> str:
        """What was read, as its field writes it where one was given that it fits; "" for a blank cell."""
        return self.number.value or self.number.text

    @property
    def status(self) -> str:
        """The status of the gravest digit: "digit", "unsure" or "not_a_digit"; "blank" where none is."""
        return gravest(digit.status for digit in self.number.digits)

    @property
    def is_doubtful(self) -> bool:
        """Whether it deserves a look: by its status, or since it may well be wrong, or not blank."""
        least = SURELY_BLANK if self.status == "blank" else 0.5
        return self.status in ("unsure", "not_a_digit") or self.confidence < least


@dataclass(frozen=True)
class TableReading:
    """What was read from a table."""

    shape: tuple[int, int]
    """Rows and columns."""
    cells: list[Cell]
    """In reading order."""
    others: list["TableReading"] = field(default_factory=list, repr=False)
    """The smaller tables of the same picture, the largest first."""
    ruled: bool = True
    """Whether lines are drawn; rows and columns were told from blank strips otherwise."""

    @property
    def rows(self) -> list[list[str]]:
        """The texts, row by row: "" where a cell is blank, and where one goes on that stands in an earlier
        row or column."""
        texts = [[""] * self.shape[1] for _ in range(self.shape[0])]
        for cell in self.cells:
            texts[cell.row][cell.column] = cell.text
        return texts

    @property
    def confidence(self) -> float:
        """That all of it is right, were its cells independent, in [0, 1]."""
        return float(np.prod([cell.confidence for cell in self.cells]))


def gravest(statuses: Iterable[str]) -> str:
    """Return the gravest of the statuses of digits, "blank" where there is none."""
    return max(statuses, key=GRAVITY.index, default="blank")


def nothing(
    status: str, steps: dict[str, np.ndarray] | None = None, number: NumberReading | None = None
) -> Reading:
    """Return the reading of a picture without a single digit on it; `number` as `Reading.number`."""
    blank = np.zeros((SIDE, SIDE), np.float32)
    return Reading(None, no_idea(), status, blank, steps or {}, asked=False, number=number)


def no_idea() -> np.ndarray:
    """Return ten equal probabilities (10,) float32."""
    return np.full(CLASSES, 1 / CLASSES, np.float32)


@dataclass(frozen=True)
class Row:
    """What became of one picture."""

    file: str
    reading: Reading | NumberReading | None = None
    """None after an error."""
    error: str | None = None
    """Why the picture could not be read, in a sentence."""
    corrections: dict[int, int | str] = field(default_factory=dict)
    """What a person put right: the digit, or "" for none, by its place in `digits`."""

    @property
    def digits(self) -> list[Reading]:
        """The digits in reading order, as the recognizer read them."""
        if isinstance(self.reading, NumberReading):
            return self.reading.digits
        return [self.reading] if self.reading and self.reading.status not in ("blank", "several") else []

    @property
    def text(self) -> str:
        """The best guess with all corrections; empty when there is nothing, "?" for what is no digit."""
        if isinstance(self.reading, NumberReading):
            spelled = ("\n" if self.reading.marks else "").join(self.reading.spelled(self.corrections))
            value, digits = self.reading.value or "", [one for one in spelled if one.isdigit()]
            if len(digits) == sum(one.isdigit() for one in value) > 0:  # as its field writes it
                return "".join(digits.pop(0) if one.isdigit() else one for one in value)
            return spelled
        if self.reading is None or self.reading.status == "blank":
            return ""
        return self.reading.label or "?"

    @property
    def status(self) -> str:
        """The status of the digit, or of the gravest digit of a number; "blank", "corrected" or "error"."""
        if self.reading is None:
            return "error"
        if isinstance(self.reading, Reading):
            return self.reading.status
        return gravest(self.status_of(place) for place in range(len(self.digits)))

    @property
    def confidence(self) -> float:
        """The smallest confidence of a digit, in [0, 1]; 0 when there is no digit."""
        waiting = (digit for place, digit in enumerate(self.digits) if place not in self.corrections)
        return min((digit.confidence for digit in waiting), default=1.0 if self.corrections else 0.0)

    @property
    def doubt(self) -> float:
        """How much the row deserves a look, in [0, 1]: 1 for errors and whatever is no digit."""
        return 1 - self.confidence

    @property
    def first_doubt(self) -> float:
        """The doubt before all corrections: an order that lasts."""
        return 1 - min((digit.confidence for digit in self.digits), default=0.0)

    def status_of(self, place: int) -> str:
        """Return the status of the digit at a place in `digits`, "corrected" where a person put it right."""
        return "corrected" if place in self.corrections else self.digits[place].status


def to_text(rows: list[Row]) -> str:
    """Return what was read: alone, or each behind the name of its picture."""
    if len(rows) == 1:
        return rows[0].text + "\n"
    return "".join(f"{row.file}: {row.text or row.status}\n" for row in rows)


def to_csv(rows: Iterable[Row]) -> str:
    """Return rows as CSV with a header. Boxes are "x y width height", in pixels, separated by semicolons."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        boxes = ("{} {} {} {}".format(*digit.box) for digit in row.digits if digit.box)
        measures = (row.status, round(row.doubt, 4), round(row.confidence, 4), len(row.digits))
        cells = (row.file, row.text, *measures, "; ".join(boxes), row.error or "")
        writer.writerow(harmless(cell) if isinstance(cell, str) else cell for cell in cells)
    return text.getvalue()


def to_json(rows: Iterable[Row]) -> str:
    """Return rows as a JSON list, with the ten probabilities of every digit."""
    return json.dumps([as_dict(row) for row in rows], indent=2) + "\n"


def as_dict(row: Row) -> dict[str, Any]:
    """Return a row as JSON has it, with the ten probabilities of every digit; the server answers the same."""
    shared = {"file": row.file, "text": row.text, "status": row.status, "doubt": round(row.doubt, 4)}
    if row.reading is None:
        return shared | {"error": row.error}
    if isinstance(row.reading, Reading):
        return shared | digit_as_dict(row.reading, row.status)
    digits = [digit_as_dict(digit, row.status_of(place)) for place, digit in enumerate(row.digits)]
    for place, right in row.corrections.items():
        digits[place]["corrected_to"] = right if right != "" else None
    known = {"value": row.reading.value, "unbound": row.reading.unbound}
    return shared | {"confidence": round(row.confidence, 4), **known, "digits": digits}


def digit_as_dict(reading: Reading, status: str) -> dict[str, Any]:
    """Return a digit as JSON has it; `status` may also be "corrected"."""
    return {
        "digit": reading.digit,
        "status": status,
        "confidence": round(reading.confidence, 4),
        "probabilities": [round(float(p), 4) for p in reading.probabilities],
        "box": reading.box,
    }


def harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a name like "=cmd()" for a formula; "-12" stays a number."""
    risky = cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not re.fullmatch(r"-[0-9.,]+", cell)
    return "'" + cell if risky else cell
