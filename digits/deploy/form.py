"""Forms that were read, as files: a row for each picture, a column for each box; with corrections by a
person."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from digits.deploy import table
from digits.forms import Form, FormReading
from digits.forms.box import BESIDE
from digits.plots.text import listed
from digits.reading import harmless


@dataclass(frozen=True)
class Filled:
    """What became of one picture of a form."""

    file: str
    reading: FormReading | None = None
    """None after an error."""
    error: str | None = None
    """Why the form could not be read, in a sentence."""
    corrections: Mapping[str, str] = field(default_factory=dict)
    """What a person put right, by the names of boxes; other names count for nothing."""

    @property
    def sheet(self) -> table.Sheet:
        """It as a table of one row: its texts, statuses and confidence, with all corrections."""
        names = list(self.reading.cells) if self.reading else []
        right = {(0, names.index(name)): text for name, text in self.corrections.items() if name in names}
        return table.Sheet(self.file, self.reading.row if self.reading else None, self.error, right)

    @property
    def texts(self) -> list[str]:
        """What its boxes say, in the order of the form; none after an error."""
        return self.sheet.rows[0] if self.reading else []

    @property
    def status(self) -> str:
        """That of the gravest box; "blank", "corrected" or "error"."""
        return self.sheet.status

    @property
    def corrected(self) -> str:
        """The names of the boxes that a person put right, in the order of the form."""
        return "; ".join(
            name for name in (self.reading.cells if self.reading else ()) if name in self.corrections
        )

    @property
    def doubtful(self) -> list[str]:
        """The names of the boxes that deserve a look and were not put right, the most doubtful first."""
        some = self.reading.doubtful if self.reading else []
        return [name for name in some if name not in self.corrections]


def columns(form: Form) -> list[str]:
    """Return the header of a table of such forms."""
    first, *others = BESIDE
    return [first, *(box.name for box in form.boxes), *others]


def row(form: Form, filled: Filled) -> list[str]:
    """Return what is below the header, for one picture."""
    texts = filled.texts or [""] * len(form.boxes)
    return [filled.file, *texts, "; ".join(filled.doubtful), filled.error or "", filled.corrected]


def notes(filled: Filled) -> list[str]:
    """Return what should be known of a form besides its row: one sentence each, perhaps none."""
    some, numbers = filled.doubtful, filled.reading.numbers if filled.reading else {}
    known = {name: number.unbound for name, number in numbers.items() if name not in filled.corrections}
    said = table.changed({name: alone for name, alone in known.items() if alone is not None})
    return ([f"Doubtful: {listed(some)}."] if some else []) + said


def to_text(form: Form, filled: Filled) -> str:
    """Return one form as lines, a box each."""
    texts = zip(form.boxes, filled.texts, strict=True)
    return "".join(f"{harmless(box.name)}\t{harmless(text)}\n" for box, text in texts)


def to_csv(form: Form, filled: Sequence[Filled], between: str = ",") -> str:
    """Return forms as CSV, a line for each picture, below a header; `between`: what divides the cells."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=between, lineterminator="\n")
    writer.writerow(map(harmless, columns(form)))
    writer.writerows(map(harmless, row(form, one)) for one in filled)
    return text.getvalue()


def to_json(filled: Sequence[Filled]) -> str:
    """Return forms as a JSON list; see `as_dict`."""
    return json.dumps([as_dict(one) for one in filled], indent=2) + "\n"


def as_dict(filled: Filled) -> dict[str, Any]:
    """Return a form as JSON has it, with ten probabilities of every digit; the server answers the same."""
    if filled.reading is None:
        return {"file": filled.file, "status": "error", "error": filled.error}
    sheet, reading = filled.sheet, filled.reading
    boxes = []
    for name, cell in reading.cells.items():
        said = table.cell_as_dict(sheet, cell)
        beside = ("row", "column", "rows", "columns")
        kept = {key: of for key, of in said.items() if key not in beside}
        boxes.append({"name": name} | kept | {"corners": reading.boxes[name]})
    return {
        "file": filled.file,
        "status": sheet.status,
        "confidence": round(sheet.confidence, 4),
        "doubtful": filled.doubtful,
        "boxes": boxes,
    }


def to_xlsx(form: Form, filled: Sequence[Filled]) -> bytes:
    """Return forms as an .xlsx file of one sheet: a row for each picture, below a header; cells as in
    `digits.deploy.table.to_xlsx`.

    Raises:
        ValueError: openpyxl is not installed.
    """
    table.check_xlsx()
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    page = book.active
    page.title = table.title(form.name)
    for place, name in enumerate(columns(form), start=1):
        table.write(page.cell(1, place), name, number=False)
        page.cell(1, place).font = Font(bold=True)
    for down, one in enumerate(filled, start=1):
        said = row(form, one)
        for place in (0, -2, -1):
            table.write(page.cell(down + 1, place % len(said) + 1), said[place], number=False)
        table.fill(page, one.sheet, down, 1)
    page.freeze_panes = "B2"
    return table.saved(book)
