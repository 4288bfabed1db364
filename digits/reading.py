"""Answers: of one digit or letter, of a number, and of many pictures, a row each, as text, CSV or JSON."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any, Literal

import numpy as np

from digits.config import SIDE
from digits.models import alphabet
from digits.models.alphabet import DIGITS

COLUMNS = (
    "file",
    "text",
    "status",
    "doubt",
    "confidence",
    "digits",
    "boxes",
    "error",
    "value",
    "unbound",
    "corrected",
)
"""Of the CSV."""

SURELY_BLANK = 0.9
"""A cell is doubtful that is less surely blank."""

WORTH_SHOWING = 0.01
"""What a character might as well be is told from this probability on."""

RISKY = tuple("=+-@")
"""What a spreadsheet may take for the beginning of a formula."""

GRAVITY = ("digit", "corrected", "unsure", "not_a_digit")
"""What a digit may be, from harmless to grave: the gravest is the status of the whole number."""


@dataclass(frozen=True)
class Answer:
    """What was read of a model's K labels and how probable each is, whatever it is an answer to."""

    index: int | None
    """Its place among `labels`, or None when the status is neither "digit" nor "unsure"."""
    probabilities: np.ndarray
    """(K,) float32, calibrated, sums to 1; all equal when there was nothing to read."""
    status: str
    """"digit" (a letter too that is sure), "unsure", "blank", "not_a_digit" or "several"."""
    labels: tuple[str, ...] = field(default=DIGITS, kw_only=True)
    """What the probabilities are of."""
    untaught: int | None = field(default=None, kw_only=True)
    """What would have been read without the memory of a hand, 0 to 9, where that is something else."""

    @property
    def label(self) -> str | None:
        """What was read as text, e.g. "7"; None where nothing is."""
        return None if self.index is None else self.labels[self.index]

    @property
    def digit(self) -> int | None:
        """What was read, 0 to 9; None where that is a letter, or nothing."""
        return int(self.label) if self.label in DIGITS else None

    @property
    def confidence(self) -> float:
        """The largest probability, in [0, 1]; 0 when nothing is read."""
        return 0.0 if self.index is None else float(self.probabilities.max())

    @property
    def ranking(self) -> list[int]:
        """The places of all labels, most probable first: of a reader of digits these themselves."""
        return [int(place) for place in np.argsort(-self.probabilities, kind="stable")]

    def ranked(self, most: int = 10) -> list[tuple[str, float]]:
        """Return the likeliest labels, at most so many, with their probabilities in [0, 1]."""
        return [(self.labels[place], float(self.probabilities[place])) for place in self.ranking[:most]]

    @property
    def alike(self) -> tuple[str, ...]:
        """What it might as well be where it stands alone, as O for 0, the likelier first: what is written
        like it and has a probability worth showing. Cases that are one label are not told apart."""
        if self.label is None:
            return ()
        found = {alphabet.index(self.labels, other): other for other in reversed(alphabet.alike(self.label))}
        worth = [
            place
            for place in found
            if place not in (None, self.index) and self.probabilities[place] >= WORTH_SHOWING
        ]
        return tuple(found[place] for place in sorted(worth, key=lambda place: -self.probabilities[place]))


@dataclass(frozen=True)
class Reading(Answer):
    """What was read from a picture of one digit or letter."""

    framed: np.ndarray
    """(28, 28) float32 in [0, 1], what the model saw, or saw best where the ink is not plain."""
    steps: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    """Pictures (h, w) float32 in [0, 1] of the stages, in order, by a short title; only where they were asked
    for, because they take two hundred times the room of all else."""
    box: tuple[int, int, int, int] | None = None
    """Where the digit stands: x, y, width, height in pixels of the upright picture."""
    asked: bool = True
    """Whether the network was asked. It is not where nothing, several digits or a blot was found: all
    probabilities are equal then, and no digit comes first in `ranking`."""
    against: float = 0.0
    """By how much the glimpse reader, which looks at the picture itself, or in a number the finder, speaks
    against any digit, in nats; below 0, for one. Of a plain drawing 0: it is not asked."""
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
    """What would have been read without the field, or the totals, where that is something else."""
    alternatives: tuple[tuple[str, float], ...] = field(default=(), repr=False)
    """The likeliest texts of a number on one line with their probabilities, in (0, 1], the most probable
    first: written as `value` where it fits its field, and then only texts that do; else as `text`. What they
    lack to 1 is for other texts. Empty where nothing was weighed: nothing is written, or no digits are."""

    @property
    def answer(self) -> str:
        """The number as its field writes it, or else as it was read."""
        return self.text if self.value is None else self.value

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
            right = corrections.get(place[id(token)], token.label)
            return "?" if right is None else str(right)

        return ["".join(map(spell, line)) for line in self.written]


Tokens = list[Reading | str]
"""A line: its digits and the marks between them."""


def digits_of(tokens: Tokens) -> list[Reading]:
    """Return the digits of a line."""
    return [token for token in tokens if isinstance(token, Reading)]


def doubted(tokens: Tokens) -> Tokens:
    """Return a line of which no digit is sure."""
    return [replace(one, status=graver(one.status)) if isinstance(one, Reading) else one for one in tokens]


def graver(status: str) -> str:
    """Return the status of a digit, "unsure" at least."""
    return "unsure" if status == "digit" else status


def decided(reading: Reading, label: str, probabilities: np.ndarray, unsure_below: float) -> Reading:
    """Return a reading that is one of its K labels, by other probabilities (K,). What was unsure by its old
    ones may now be sure; where another label, which does not fit, is more probable, all are about as
    probable."""
    index = reading.labels.index(label)
    capped = np.minimum(probabilities, probabilities[index])
    capped += (1 - capped.sum()) / len(capped)
    capped[index] += 1e-6
    status = reading.status
    if status == "digit" or reading.confidence < unsure_below:
        status = "digit" if capped[index] >= unsure_below else "unsure"
    untaught = None if reading.untaught == index else reading.untaught
    probabilities = (capped / capped.sum()).astype(np.float32)
    return replace(reading, index=index, probabilities=probabilities, status=status, untaught=untaught)


def respelled(
    tokens: Tokens,
    text: str,
    size: tuple[int, int],
    framed: Callable[[tuple[int, int, int, int]], np.ndarray],
) -> Tokens:
    """Return a line with as many digits as a text, in the places of those that are like them; which digits
    they are, `decided` says.

    Args:
        text: digits.
        size: width and height of the picture, for digits without a box.
        framed: returns what a model sees in a box.
    """
    tokens, digits = list(tokens), digits_of(tokens)
    places = [place for place, token in enumerate(tokens) if isinstance(token, Reading)] + [len(tokens)]
    before = "".join(digit.label or "?" for digit in digits)
    changes = SequenceMatcher(None, before, text, autojunk=False).get_opcodes()
    for kind, first, last, begin, end in reversed(changes):
        if kind != "equal" and last - first != end - begin:
            between = _beside(digits, first, last, end - begin, size)
            old = digits[min(first, len(digits) - 1)]
            tokens[places[first] : places[last]] = [
                replace(old, status="digit", framed=framed(box), box=box, steps={}) for box in between
            ]
    return tokens


def _beside(
    digits: Sequence[Reading], first: int, last: int, number: int, size: tuple[int, int]
) -> list[tuple[int, int, int, int]]:
    """Return so many boxes side by side in place of some digits, or between two where none were read."""
    boxes = np.array([one.box or (0, 0, *size) for one in digits], float)
    near = boxes[first:last] if last > first else boxes[max(0, first - 1) : first + 1]
    left, right = near[:, 0].min(), (near[:, 0] + near[:, 2]).max()
    if last == first:  # half of either neighbour
        left += near[0, 2] / 2 * (first > 0)
        right -= near[-1, 2] / 2 * (first < len(digits))
    top, foot = near[:, 1].min(), (near[:, 1] + near[:, 3]).max()
    wide = max(1, round((right - left) / max(1, number)))
    high = max(1, round(foot - top))
    return [(round(left) + place * wide, round(top), wide, high) for place in range(number)]


Place = tuple[int, int]
"""A row and a column of a table, counted from 0."""

Way = Literal["rows", "columns"]
"""Which way a table is added up: along its rows, or down its columns."""


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
    def place(self) -> Place:
        """Row and column in which it begins."""
        return self.row, self.column

    @property
    def text(self) -> str:
        """What was read, as its field writes it where it has one; "" for a blank cell."""
        return self.number.answer

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
class Sum:
    """A cell of a table that is the sum of others."""

    way: Way
    total: Place
    of: tuple[Place, ...]


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
    first: Place = (0, 0)
    """Where its numbers begin: behind a row or column of headings, which are looked for where something is
    known of the table."""
    sums: list[Sum] = field(default_factory=list, repr=False)
    """What was read together, since it should add up."""

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
    status: str,
    steps: dict[str, np.ndarray] | None = None,
    number: NumberReading | None = None,
    labels: tuple[str, ...] = DIGITS,
) -> Reading:
    """Return the reading of a picture without a single digit on it; `number` and `labels` as in `Reading`."""
    blank = np.zeros((SIDE, SIDE), np.float32)
    idea = no_idea(len(labels))
    return Reading(None, idea, status, blank, steps or {}, asked=False, number=number, labels=labels)


def no_idea(classes: int = len(DIGITS)) -> np.ndarray:
    """Return so many equal probabilities (K,) float32."""
    return np.full(classes, 1 / classes, np.float32)


@dataclass(frozen=True)
class Row:
    """What became of one picture."""

    file: str
    reading: Reading | NumberReading | None = None
    """None after an error."""
    error: str | None = None
    """Why the picture could not be read, in a sentence."""
    corrections: dict[int, int | str] = field(default_factory=dict)
    """What a person put right: the digit, or the letter as text, or "" for none, by its place in `digits`."""

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
            value, signs = self.reading.value or "", [one for one in spelled if one.isalnum()]
            if len(signs) == sum(one.isalnum() for one in value) > 0:  # as its field writes it
                return "".join(signs.pop(0) if one.isalnum() else one for one in value)
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
    def known(self) -> tuple[str, str]:
        """`NumberReading.value` and `.unbound`; empty where there is none, or a person said otherwise."""
        value, unbound = (getattr(self.reading, name, None) or "" for name in ("value", "unbound"))
        return (value if value == self.text else "", "") if self.corrections else (value, unbound)

    def status_of(self, place: int) -> str:
        """Return the status of the digit at a place in `digits`, "corrected" where a person put it right."""
        return "corrected" if place in self.corrections else self.digits[place].status


def to_text(rows: list[Row]) -> str:
    """Return what was read: alone, or each behind the name of its picture."""
    if len(rows) == 1:
        return rows[0].text + "\n"
    return "".join(f"{row.file}: {row.text or row.status}\n" for row in rows)


def to_csv(rows: Iterable[Row]) -> str:
    """Return rows as CSV with a header.

    Boxes are "x y width height", in pixels, separated by semicolons. So is what a person put right,
    "place: digit", places counted from 1, with nothing behind what is no digit.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        boxes = ("{} {} {} {}".format(*digit.box) for digit in row.digits if digit.box)
        measures = (row.status, round(row.doubt, 4), round(row.confidence, 4), len(row.digits))
        right = "; ".join(f"{place + 1}: {one}".strip() for place, one in sorted(row.corrections.items()))
        cells = (row.file, row.text, *measures, "; ".join(boxes), row.error or "", *row.known, right)
        writer.writerow(harmless(cell) if isinstance(cell, str) else cell for cell in cells)
    return text.getvalue()


def to_json(rows: Iterable[Row]) -> str:
    """Return rows as a JSON list, with the probabilities of every digit."""
    return json.dumps([as_dict(row) for row in rows], indent=2) + "\n"


def as_dict(row: Row) -> dict[str, Any]:
    """Return a row as JSON has it, with the probabilities of every digit; the server answers the same."""
    shared = {"file": row.file, "text": row.text, "status": row.status, "doubt": round(row.doubt, 4)}
    if row.reading is None:
        return shared | {"error": row.error}
    if isinstance(row.reading, Reading):
        return shared | digit_as_dict(row.reading, row.status)
    digits = [digit_as_dict(digit, row.status_of(place)) for place, digit in enumerate(row.digits)]
    for place, right in row.corrections.items():
        digits[place] |= {"corrected_to": right if right != "" else None, "confidence": 1.0}
    value, unbound = row.known
    known = {"value": value or None, "unbound": unbound or None}
    return shared | {"confidence": round(row.confidence, 4), **known, "digits": digits}


def digit_as_dict(reading: Reading, status: str) -> dict[str, Any]:
    """Return a digit or letter as JSON has it; `status` may also be "corrected". What the probabilities are
    of stands there where that is not the ten digits."""
    labels = {"labels": list(reading.labels)} if reading.labels != DIGITS else {}
    return labels | {
        "digit": reading.digit,
        "label": reading.label,
        "untaught": reading.untaught,
        "status": status,
        "confidence": round(reading.confidence, 4),
        "probabilities": [round(float(p), 4) for p in reading.probabilities],
        "box": reading.box,
    }


def harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a name like "=cmd()" for a formula; "-12" stays a number.

    Spaces, tabs, line ends and what nobody sees may stand before it, and the sign may be a wide one; and what
    is read with ";" or tabs between cells where commas stand begins a cell behind one of these.
    """
    if re.fullmatch(r"-[0-9.,]+", cell):
        return cell
    first, *others = re.split(r"(?<=\S)(?=[;\t\r\n])", cell)
    return ("'" if _is_risky(first) else "") + first + "".join(map(_parted, others))


def _parted(part: str) -> str:
    return f"{part[0]}'{part[1:]}" if _is_risky(part[1:]) else part


def _is_risky(part: str) -> bool:
    seen = (sign for sign in part if sign.isprintable() and not sign.isspace())
    return unicodedata.normalize("NFKC", next(seen, ""))[:1] in RISKY
