"""What is known of a table before it is read: the fields of its columns, and that it has sums."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

import numpy as np

from digits import config
from digits.config import CLASSES
from digits.fields import REFUTED, UNEXPECTED, Field, Total, decode_totals
from digits.models.sandbox.container import plain
from digits.reading import NumberReading, Place, Sum, Way, decided, doubted
from digits.tables.cells import MOST_COLUMNS

WAYS: tuple[Way, ...] = get_args(Way)


@dataclass(frozen=True)
class Known:
    """What is known of the largest table on a picture.

    Raises:
        ValueError: some of it is none of the kinds it should be; the message says what.
    """

    fields: Mapping[int, Field] = field(default_factory=dict)
    """Of columns, counted from 0."""
    sums: Collection[Way] = ()
    """ "rows" where the last column has the sum of each row, "columns" where the last row has that of each
    column; the sums of a column of numbers with a field are not bound to it."""

    def __post_init__(self) -> None:
        columns = range(MOST_COLUMNS)
        odd = next((one for one in self.fields if isinstance(one, bool) or one not in columns), None)
        config.check("A column with a field", plain(odd, 60), odd is None, f"0 to {MOST_COLUMNS - 1}")
        kind = next((one for one in self.fields.values() if not isinstance(one, Field)), None)
        config.check("The field of a column", plain(kind, 60), kind is None, "a Field")
        good = not isinstance(self.sums, str) and all(one in WAYS for one in self.sums)
        config.check("sums", plain(self.sums, 60), good, f"a list of {' and '.join(WAYS)}, or of one of them")

    @classmethod
    def parse(cls, words: Iterable[str], sums: Iterable[str] = ()) -> "Known":
        """Return what words like "2:length=4" say of columns, counted from 1; see `Field.parse`.

        Raises:
            ValueError: a word is none of these, or see `Known` and `Field`.
        """
        said: dict[int, list[str]] = {}
        for word in words:
            column, mark, rest = word.partition(":")
            good = bool(mark) and column.isascii() and column.isdigit() and 1 <= len(column) <= 3
            config.check(
                "The field", repr(plain(word, 60)), good, "a column from 1 before it, e.g. 2:length=4"
            )
            number = int(column)
            config.check("The column of a field", number, 1 <= number <= MOST_COLUMNS, f"1 to {MOST_COLUMNS}")
            said.setdefault(number - 1, []).append(rest)
        return cls({column: Field.parse(some) for column, some in said.items()}, tuple(sums))  # type: ignore[arg-type]

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return bool(self.fields or self.sums)

    def check(self, shape: tuple[int, int]) -> None:
        """Raise a ValueError if a table of so many rows and columns lacks a column with a field."""
        most = max(self.fields, default=-1) + 1
        config.check(
            "The last column with a field", most, most <= shape[1], f"1 to {shape[1]}, as the table has"
        )

    def of(self, place: Place, shape: tuple[int, int]) -> Field | None:
        """Return the field of a cell; None for the sum of a column, which it does not bind."""
        is_sum = "columns" in self.sums and place[0] == shape[0] - 1
        return None if is_sum else self.fields.get(place[1])

    def summed(
        self, numbers: Mapping[Place, NumberReading], shape: tuple[int, int], top: int, unsure_below: float
    ) -> tuple[dict[Place, NumberReading], list[Sum], Place]:
        """Return numbers as they are read together with their sums, the sums, and where the numbers begin.

        Args:
            numbers: of all cells, by where they begin.
            top: the first row that is no heading.
        """
        below = [number for (row, column), number in numbers.items() if row >= top and column == 0]
        first = top, int(0 not in self.fields and is_heading(below))
        lines: list[tuple[Way, list[Place]]] = []
        if "columns" in self.sums:
            lines += [
                ("columns", [(row, c) for row in range(top, shape[0])]) for c in range(first[1], shape[1])
            ]
        if "rows" in self.sums:
            lines += [("rows", [(r, c) for c in range(first[1], shape[1])]) for r in range(top, shape[0])]
        sums = []
        for way, (*parts, total) in lines:
            there = tuple(part for part in parts if part in numbers)
            if there and total in numbers:
                sums.append(Sum(way, total, there))
        readings = {name(place): number for place, number in numbers.items()}
        read = decode_totals(readings, [as_total(one) for one in sums], unsure_below)
        return {place: read[name(place)] for place in numbers}, sums, first


NOTHING = Known()
"""Of a table of which nothing is known."""


def name(place: Place) -> str:
    """Return what a cell is called in a total."""
    return "{},{}".format(*place)


def as_total(one: Sum) -> Total:
    """Return a sum of a table as a total of its cells by `name`."""
    return Total(name(one.total), tuple(map(name, one.of)))


def is_heading(numbers: Iterable[NumberReading]) -> bool:
    """Tell whether a first row or column is one of headings: half or more of what is written is no number."""
    plain_ones = ["?" not in number.text for number in numbers if number.digits]
    return bool(plain_ones) and 2 * sum(plain_ones) <= len(plain_ones)


def holds_one(field_: Field) -> bool:
    """Tell whether a single digit may fit a field."""
    return any(field_.fits(str(digit)) for digit in range(CLASSES))


def single(number: NumberReading, field_: Field, unsure_below: float) -> NumberReading:
    """Return a number of one digit as it fits its field, by its ten probabilities."""
    (digit,) = number.digits
    if digit.digit is None:
        return number
    fits = np.array([field_.fits(str(one)) for one in range(CLASSES)])
    chances = digit.probabilities * np.where(fits, 1.0, UNEXPECTED)
    chances /= chances.sum()
    best = int(np.where(fits, chances, -1.0).argmax())
    if not fits[best] or digit.probabilities[best] < np.exp(REFUTED) * digit.probabilities.max():
        return replace(number, written=[doubted(line) for line in number.written])
    told = [(field_.written(str(one)), float(chances[one])) for one in np.flatnonzero(fits)]
    return NumberReading(
        [[decided(digit, str(best), chances, unsure_below)]],
        number.marks,
        field_.written(str(best)),
        None if best == digit.digit else digit.label,
        tuple(sorted(told, key=lambda pair: -pair[1])),
    )
