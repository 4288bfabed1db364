"""Tables that were read, as files: text, CSV, JSON and .xlsx, with what a person put right."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from digits.config import need
from digits.fields import amount, holds
from digits.plots.colours import INK, SECOND
from digits.plots.text import listed, percent
from digits.reading import Cell, Sum, TableReading, digit_as_dict, gravest, harmless
from digits.tables import known

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

DOUBTFUL, CORRECTED = "FFE0CC", "E0E1FF"
"""What colours such cells in a spreadsheet: `SECOND` and `INK`, pale."""

NUMBER, MOST_DIGITS = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?"), 15
"""What a spreadsheet can hold as a number without changing it, and of how many digits."""

LONGEST_NAME, MOST_TOLD = 31, 5
"""Letters in the name of a sheet, by the rules of spreadsheets; merged cells that are told one by one."""

Corrections = Mapping[tuple[int, int], str]
"""What cells really say, by row and column."""


@dataclass(frozen=True)
class Sheet:
    """What became of one picture of a table."""

    file: str
    table: TableReading | None = None
    """None after an error."""
    error: str | None = None
    """Why the picture could not be read, in a sentence."""
    corrections: Corrections = field(default_factory=dict)
    """What a person put right, of the largest table; of places where no cell begins nothing is taken."""

    @property
    def cells(self) -> list[Cell]:
        """The cells of the largest table, as they were read."""
        return self.table.cells if self.table else []

    @property
    def rows(self) -> list[list[str]]:
        """As `TableReading.rows`, with all corrections; none after an error."""
        rows = self.table.rows if self.table else []
        for cell in self.cells:
            rows[cell.row][cell.column] = self.text_of(cell)
        return rows

    @property
    def status(self) -> str:
        """That of the gravest cell; "blank", "corrected" or "error"."""
        if self.table is None:
            return "error"
        return gravest(status for cell in self.cells if (status := self.status_of(cell)) != "blank")

    @property
    def confidence(self) -> float:
        """That all of it is right, were its cells independent, in [0, 1]; 0 after an error."""
        if self.table is None:
            return 0.0
        waiting = [cell for cell in self.cells if not self.is_corrected(cell)]
        return TableReading(self.table.shape, waiting).confidence

    @property
    def sums(self) -> list[tuple[Sum, bool | None]]:
        """The sums of the largest table, and whether each adds up with all corrections; None where nobody can
        tell."""
        texts = {known.name(cell.place): self.text_of(cell) for cell in self.cells}
        return [(one, holds(known.as_total(one), texts)) for one in (self.table.sums if self.table else [])]

    def is_corrected(self, cell: Cell) -> bool:
        """Tell whether a person put a cell of it right."""
        return cell.place in self.corrections

    def text_of(self, cell: Cell) -> str:
        """Return what a cell of it says."""
        return self.corrections.get(cell.place, cell.text)

    def status_of(self, cell: Cell) -> str:
        """Return the status of a cell of it, "corrected" where a person put it right."""
        return "corrected" if self.is_corrected(cell) else cell.status


def notes(sheet: Sheet) -> list[str]:
    """Return what should be known of a table besides its cells: one sentence each, perhaps none."""
    if sheet.table is None:
        return []
    said = []
    merged = [cell for cell in sheet.cells if cell.rows > 1 or cell.columns > 1]
    if merged:
        places = [_place(cell) for cell in merged[:MOST_TOLD]]
        places += [f"{len(merged) - MOST_TOLD} more"] if len(merged) > MOST_TOLD else []
        takes = "1 cell takes" if len(merged) == 1 else f"{len(merged)} cells take"
        said.append(f"{takes} several places, with no line between: {listed(places)}.")
    if not sheet.table.ruled:
        said.append("No lines are drawn: rows and columns were told from the blank strips between.")
    if sheet.table.others:
        shapes = ["{} x {}".format(*other.shape) for other in sheet.table.others]
        more = "1 smaller table is" if len(shapes) == 1 else f"{len(shapes)} smaller tables are"
        said.append(f"{more} on the same picture, of {listed(shapes)} cells.")
    heads = [line for line, one in zip(("row", "column"), sheet.table.first, strict=True) if one]
    said += [f"The first {line} is taken for headings, not for numbers." for line in heads]
    cells = ((cell, cell.number.unbound) for cell in sheet.cells if not sheet.is_corrected(cell))
    said += changed({_place(cell): alone for cell, alone in cells if alone is not None})
    answers = {False: "does not add up", None: "cannot be added up, since a cell is blank or no number"}
    for answer, words in answers.items():
        lines = [f"{one.way[:-1]} {_line(one) + 1}" for one, held in sheet.sums if held is answer]
        others = [f"{len(lines) - MOST_TOLD} more"] if len(lines) > MOST_TOLD else []
        said += [f"What {words}: {listed(lines[:MOST_TOLD] + others)}."] if lines else []
    return said


def changed(alone: Mapping[str, str]) -> list[str]:
    """Return a sentence on what reads otherwise by itself, by where it stands, or none: a field or a sum may
    be wrong on paper."""
    places = [f"{place} ({text or 'blank'})" for place, text in alone.items()]
    more = [f"{len(places) - MOST_TOLD} more"] if len(places) > MOST_TOLD else []
    return [f"Read otherwise without what is known: {listed(places[:MOST_TOLD] + more)}."] if places else []


def _line(one: Sum) -> int:
    """Return in which row or column a sum is, counted from 0."""
    return one.total[0] if one.way == "rows" else one.total[1]


def _place(cell: Cell) -> str:
    """Say where a cell is, counted from 1.

    >>> from digits.reading import NumberReading
    >>> _place(Cell(NumberReading([]), 1, 0, (0, 0, 9, 9), 1.0, columns=3))
    'row 2, columns 1 to 3'
    """
    sides = (("row", cell.row, cell.rows), ("column", cell.column, cell.columns))
    return ", ".join(
        f"{name} {first + 1}" if many == 1 else f"{name}s {first + 1} to {first + many}"
        for name, first, many in sides
    )


def sums(rows: Sequence[Sequence[str]]) -> list[tuple[Decimal | None, bool]]:
    """Add up each row.

    Args:
        rows: texts; "" counts as nothing.

    Returns:
        The sum of each row, or None where it holds no number or anything else; and whether its last cell is
        the sum of those before it, of which there are two or more.
    """
    found: list[tuple[Decimal | None, bool]] = []
    for row in rows:
        written = [text for text in row if text]
        values = [value for text in written if (value := amount(text)) is not None]
        if not values or len(values) < len(written):
            found.append((None, False))
            continue
        *parts, last = values
        found.append((sum(parts, last), len(parts) > 1 and bool(row[-1]) and sum(parts) == last))
    return found


def to_text(sheet: Sheet) -> str:
    """Return the rows of a table, a line each, with tabs between the cells."""
    return "".join("\t".join(map(_one_line, row)) + "\n" for row in sheet.rows)


def _one_line(text: str) -> str:
    return harmless(re.sub(r"\s+", " ", text))


def to_csv(sheets: Sequence[Sheet]) -> str:
    """Return the largest table of each picture as CSV, a line per row; of several pictures each begins with
    the picture's name, so that a spreadsheet can sort and filter by it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for sheet in sheets:
        name = [sheet.file] if len(sheets) > 1 else []
        writer.writerows(map(harmless, name + row) for row in sheet.rows)
    return text.getvalue()


def to_json(sheets: Sequence[Sheet]) -> str:
    """Return tables as a JSON list; see `as_dict`."""
    return json.dumps([as_dict(sheet) for sheet in sheets], indent=2) + "\n"


def as_dict(sheet: Sheet) -> dict[str, Any]:
    """Return a table as JSON has it, with ten probabilities of every digit; the server answers the same."""
    if sheet.table is None:
        return {"file": sheet.file, "status": "error", "error": sheet.error}
    others = [_grid(Sheet(sheet.file, other)) for other in sheet.table.others]
    return {"file": sheet.file, **_grid(sheet), "others": others}


def _grid(sheet: Sheet) -> dict[str, Any]:
    assert sheet.table
    return {
        "shape": sheet.table.shape,
        "ruled": sheet.table.ruled,
        "status": sheet.status,
        "confidence": round(sheet.confidence, 4),
        "first": sheet.table.first,
        "sums": [{"way": one.way, "line": _line(one), "holds": held} for one, held in sheet.sums],
        "cells": [cell_as_dict(sheet, cell) for cell in sheet.cells],
    }


def cell_as_dict(sheet: Sheet, cell: Cell) -> dict[str, Any]:
    """Return a cell of a table as JSON has it."""
    found = {
        "row": cell.row,
        "column": cell.column,
        "rows": cell.rows,
        "columns": cell.columns,
        "text": sheet.text_of(cell),
        "status": sheet.status_of(cell),
        "confidence": 1.0 if sheet.is_corrected(cell) else round(cell.confidence, 4),
        "box": cell.box,
        "value": cell.number.value,
        "unbound": cell.number.unbound,
        "digits": [digit_as_dict(digit, digit.status) for digit in cell.number.digits],
    }
    return found | ({"read": cell.text} if sheet.is_corrected(cell) else {})


def check_xlsx() -> None:
    """Insist on what writes .xlsx files.

    Raises:
        ValueError: it is not installed; the message has the line that installs it.
    """
    need("openpyxl", "table", "An .xlsx file")


def to_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """Return tables as an .xlsx file: a sheet for each picture, and for each smaller table on it.

    What a spreadsheet can hold unchanged is a number, all else is text, nothing a formula. Written cells have
    a comment that says how sure they are; doubtful ones are coloured, those put right too, in another colour.

    Raises:
        ValueError: openpyxl is not installed, or there is no table at all.
    """
    check_xlsx()
    from openpyxl import Workbook

    tables = [(sheet, other) for sheet in sheets if sheet.table for other in (None, *sheet.table.others)]
    if not tables:
        raise ValueError("There is no table to write; expected one at least.")
    book = Workbook()
    book.remove(book.active)
    for sheet, other in tables:
        page = book.create_sheet(sheet_name(sheet.file, book.sheetnames))
        fill(page, Sheet(sheet.file, other) if other else sheet)
    return saved(book)


def saved(book: "Workbook") -> bytes:
    """Return a spreadsheet as the bytes of its file."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sheet_name(file: str, taken: Sequence[str]) -> str:
    """Return what the sheet of a file is called, as no other in the book is.

    >>> sheet_name("scans/a[1].jpg", ["a_1_"]), sheet_name("a.b.pdf, page 2", [])
    ('a_1_ (2)', 'a.b, page 2')
    """
    return title(re.sub(r"\.[^.]*?(?=, page [0-9]+$|$)", "", re.split(r"[/\\]", file)[-1], count=1), taken)


def title(name: str, taken: Sequence[str] = ()) -> str:
    """Return what a sheet with some name is called, by the rules of spreadsheets.

    >>> title("Maths / Exam 2.1")
    'Maths _ Exam 2.1'
    """
    stem = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", name).strip("' ") or "Table"
    stem = "History_" if stem.lower() == "history" else stem  # Excel keeps that name for itself
    name, count, used = stem[:LONGEST_NAME].strip("' "), 1, {one.lower() for one in taken}
    while name.lower() in used:
        count += 1
        ending = f" ({count})"
        name = stem[: LONGEST_NAME - len(ending)] + ending
    return name


def fill(page: "Worksheet", sheet: Sheet, down: int = 0, right: int = 0) -> None:
    """Write the cells of a table into a sheet, so many rows and columns from its corner."""
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    for cell in sheet.cells:
        top, left = cell.row + 1 + down, cell.column + 1 + right
        place = page.cell(top, left)
        write(place, sheet.text_of(cell))
        place.alignment = Alignment(horizontal="right", vertical="center", wrap_text="\n" in cell.text)
        corrected = sheet.is_corrected(cell)
        if corrected or cell.is_doubtful:
            place.fill = PatternFill("solid", fgColor=CORRECTED if corrected else DOUBTFUL)
            place.font = Font(bold=True, color=(INK if corrected else SECOND).removeprefix("#"))
        if corrected or cell.is_doubtful or cell.text:
            place.comment = Comment(_remark(sheet, cell), "digits", height=60, width=200)
        if cell.rows > 1 or cell.columns > 1:
            end = {"end_row": top + cell.rows - 1, "end_column": left + cell.columns - 1}
            page.merge_cells(start_row=top, start_column=left, **end)


def write(place: Any, text: str, number: bool = True) -> None:
    """Write a text into a cell of a spreadsheet, as a number where it may be one and that changes nothing."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    digits = sum(letter.isdigit() for letter in text)
    if number and NUMBER.fullmatch(text) and digits <= MOST_DIGITS and not re.fullmatch(r"-[0.]+", text):
        _, _, decimals = text.partition(".")
        place.value = float(text) if decimals else int(text)
        place.number_format = f"0.{'0' * len(decimals)}" if decimals else "0"
    elif text:
        place.value = ILLEGAL_CHARACTERS_RE.sub("", text)
        place.data_type = "s"  # else what begins with = were a formula
        place.number_format, place.quotePrefix = "@", True  # also after somebody has looked into the cell


def _remark(sheet: Sheet, cell: Cell) -> str:
    sure = f"{percent(cell.confidence)} sure"
    if sheet.is_corrected(cell):
        return f"Put right by a person. It was read as {cell.text or 'blank'}, {sure}."
    words = {"unsure": "Doubtful", "not_a_digit": "Not all are digits", "blank": "Perhaps not blank"}
    if cell.is_doubtful:
        return f"{words.get(cell.status, 'Doubtful')}: {sure}."
    return f"{sure}."
