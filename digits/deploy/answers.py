"""What the command `read` may be asked for of many pictures: digits and numbers, tables, forms.

Each kind reads pictures, says what goes to the screen, and makes files of all of them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from digits import reading
from digits.deploy import form as forms
from digits.deploy import table as tables
from digits.deploy.batch.read import Opener, read_all, read_forms, read_tables
from digits.deploy.form import Filled
from digits.deploy.question import BOTH, Question
from digits.deploy.table import Sheet
from digits.forms import Form
from digits.reading import NumberReading, Row, Way
from digits.recognizer import Recognizer
from digits.tables.known import Known

Found = Sequence[tuple[str, Opener]]
Load = Callable[[], Recognizer]


class Kind(Protocol):
    """What is asked for."""

    def read(self, reader: Load, found: Found, jobs: int) -> Iterator[Any]:
        """Yield the answer to each picture, in order; each has a `file` and perhaps an `error`."""

    def notes(self, answer: Any) -> list[str]:
        """Return what should be told beside an answer."""

    def said(self, answer: Any, alone: bool, first: bool) -> str:
        """Return what goes to the screen of an answer, in lines, where there is one picture alone or more."""

    def to_json(self, answers: Sequence[Any]) -> str:
        """Return all as JSON."""

    def to_csv(self, answers: Sequence[Any]) -> str:
        """Return all as CSV."""

    def to_xlsx(self, answers: Sequence[Any]) -> bytes | None:
        """Return all as a spreadsheet; None where there is nothing to write."""


def kind_of(
    *, number: bool, marks: bool, field: Sequence[str], table: bool, sum: Sequence[Way], form: str | None
) -> Kind:
    """Return what is asked for by the words of the command line.

    Raises:
        ValueError: they make no sense together, or one of them none alone; one sentence.
    """
    if table and number:
        raise ValueError("--table reads every cell as a number; expected no --number with it.")
    if sum and not table:
        raise ValueError(f"--sum is {sum[0]}; expected --table with it.")
    if form and (table or number or marks or field):
        raise ValueError(BOTH)
    if form:
        return Forms(Form.load(form))
    if table:
        return Tables(marks, Known.parse(field, sum))
    return Rows(Question(number, marks, tuple(field)))


@dataclass(frozen=True)
class Rows:
    """A digit or a number on each picture."""

    question: Question

    def read(self, reader: Load, found: Found, jobs: int) -> Iterator[Row]:
        """See `Kind`."""
        return read_all(reader, found, self.question, jobs)

    def notes(self, row: Row) -> list[str]:
        """See `Kind`."""
        return []

    def said(self, row: Row, alone: bool, first: bool) -> str:
        """Return what was read, behind the picture's name unless it is the only one, and how it fits what was
        expected."""
        return ("" if alone else f"{row.file}: ") + self._text(row, alone) + "\n"

    def _text(self, row: Row, alone: bool) -> str:
        if row.status == "blank":
            return "blank"
        if isinstance(row.reading, NumberReading):
            text = row.text if alone else row.text.replace("\n", " / ")
            if row.reading.unbound is not None:
                text += f"  (otherwise it would be {row.reading.unbound})"
            unfit = bool(self.question.field) and row.reading.value is None
            return text + "  (does not fit the field)" * unfit
        if row.reading is None or row.reading.label is None:
            return row.status.replace("_", " ")
        return f"{row.text}  {row.confidence:.1%}" + " (unsure)" * (row.status == "unsure")

    def to_json(self, rows: Sequence[Row]) -> str:
        """See `Kind`."""
        return reading.to_json(rows)

    def to_csv(self, rows: Sequence[Row]) -> str:
        """See `Kind`."""
        return reading.to_csv(rows)

    def to_xlsx(self, rows: Sequence[Row]) -> bytes | None:
        """Return nothing: they are written as CSV."""
        return None


@dataclass(frozen=True)
class Tables:
    """A table on each picture."""

    marks: bool
    known: Known
    """What is known of it."""

    def read(self, reader: Load, found: Found, jobs: int) -> Iterator[Sheet]:
        """See `Kind`."""
        return read_tables(reader, found, self.marks, jobs, self.known)

    def notes(self, sheet: Sheet) -> list[str]:
        """See `Kind`."""
        return tables.notes(sheet)

    def said(self, sheet: Sheet, alone: bool, first: bool) -> str:
        """See `Kind`."""
        return _headed(sheet.file, alone, first) + tables.to_text(sheet)

    def to_json(self, sheets: Sequence[Sheet]) -> str:
        """See `Kind`."""
        return tables.to_json(sheets)

    def to_csv(self, sheets: Sequence[Sheet]) -> str:
        """See `Kind`."""
        return tables.to_csv(sheets)

    def to_xlsx(self, sheets: Sequence[Sheet]) -> bytes | None:
        """See `Kind`."""
        return tables.to_xlsx(sheets) if any(sheet.table for sheet in sheets) else None


@dataclass(frozen=True)
class Forms:
    """A filled-in form on each picture."""

    form: Form

    def read(self, reader: Load, found: Found, jobs: int) -> Iterator[Filled]:
        """See `Kind`."""
        return read_forms(reader, found, self.form, jobs)

    def notes(self, filled: Filled) -> list[str]:
        """See `Kind`."""
        return forms.notes(filled)

    def said(self, filled: Filled, alone: bool, first: bool) -> str:
        """See `Kind`."""
        return _headed(filled.file, alone, first) + forms.to_text(self.form, filled)

    def to_json(self, filled: Sequence[Filled]) -> str:
        """See `Kind`."""
        return forms.to_json(filled)

    def to_csv(self, filled: Sequence[Filled]) -> str:
        """See `Kind`."""
        return forms.to_csv(self.form, filled)

    def to_xlsx(self, filled: Sequence[Filled]) -> bytes | None:
        """See `Kind`."""
        return forms.to_xlsx(self.form, filled)


def _headed(file: str, alone: bool, first: bool) -> str:
    return "" if alone else "\n" * (not first) + f"{file}:\n"
