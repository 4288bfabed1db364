"""Tables: a picture with every cell in a box beside the grid, what adds up, and everything as files."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from typing import Any

import streamlit as st

from app.read import agreed, editor, known
from app.read.desk import Desk, Item, edits_of
from app.read.listing import File
from app.read.mode import Mode, One
from app.read.sources import Asked, Source
from app.shared import icons
from app.shared.widgets import as_text
from digits.deploy import boxes, table
from digits.deploy.batch.read import read_tables
from digits.deploy.boxes import View
from digits.deploy.table import Sheet
from digits.plots.text import percent
from digits.preprocessing.decode import to_rgb
from digits.reading import Cell, TableReading

MOST_SUMS = 30
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, kw_only=True)
class TableDesk(Desk):
    """A table: each of its cells in a box."""

    table: TableReading

    kind, is_ruled = "table", True
    tools = ("split", "merge", "empty", "row", "column")

    def added(self, action: Mapping[str, Any]) -> dict[str, boxes.Box]:
        """Return the cells of one more row or column."""
        return boxes.more_cells(self.view, self.table, "column" if action.get("way") == "column" else "row")

    def divided(self, item: Item) -> dict[str, boxes.Box]:
        """Return the places that a cell takes."""
        return boxes.divided_cell(self.view, self._cells[item.key])

    def joined(self, items: list[Item]) -> tuple[dict[str, boxes.Box], list[str]]:
        """Return the cell that takes the places of all."""
        return boxes.joined_cells(self.table, [self._cells[item.key] for item in items])

    @property
    def _cells(self) -> dict[str, Cell]:
        return {boxes.cell_key(cell): cell for cell in self.table.cells}


class TableMode(Mode):
    """Tables, the largest on each picture; rows are `Sheet`."""

    label, kind = "Table", "table"
    hints = {
        "Upload": f"{icons.HELLO} Choose a picture of a table: with ruled lines, or with numbers in clear "
        "rows and columns. Each of its cells is read.",
        "Camera": f"{icons.HELLO} Take a picture of a table with ruled lines, or with numbers in clear rows "
        "and columns: all of it, and as level as you can.",
    }

    def question_ui(self) -> bool:
        """See `Mode`."""
        return known.marks_ui()

    def read(self, reader, found, question, jobs):
        """See `Mode`."""
        return read_tables(reader, found, question, jobs)

    def edited(self, source: Source, row: Sheet, asked: Asked) -> Sheet:
        """See `Mode`."""
        edits = edits_of("table", source)
        if row.table is None or not (edits.said or edits.boxes or edits.gone):
            return row

        def read(box: boxes.Box):
            return boxes.read_box(asked.recognizer, _seen(source, row), box, asked.question)

        found = boxes.edited_table(row.table, edits, editor.once("table", source, asked.key, read))
        said = {
            cell.place: edits.said[key] for cell in found.cells if (key := boxes.cell_key(cell)) in edits.said
        }
        return Sheet(row.file, found, corrections=said)

    def doubt(self, row: Sheet) -> float:
        """See `Mode`."""
        return doubt(row)

    def is_waiting(self, row: Sheet) -> bool:
        """See `Mode`."""
        return any(cell.is_doubtful and not row.is_corrected(cell) for cell in row.cells)

    def line(self, row: Sheet) -> dict[str, Any]:
        """See `Mode`."""
        return {"Table": " × ".join(map(str, row.table.shape)) if row.table else ""}

    def show(self, one: One | None, hint: str) -> None:
        """See `Mode`."""
        if one is None or one.row.error:
            status = st.container(key="status")
            status.error(as_text(one.row.error)) if one else status.write(hint)
            return
        sheet = one.row
        view = _seen(one.source, one.read)
        items = [_item(cell, view) for cell in sheet.cells]
        st.container(key="status").write(_in_words(sheet, items))
        for note in table.notes(sheet):
            st.caption(f"{icons.NOTE} {as_text(note)}")
        words, found = "The table, every cell in a box", sheet.table
        desk = TableDesk(one.source, view, items, words, found.shape, more=one.more, table=found)
        editor.show(desk)
        agreed.offer_ui(desk, _summed(sheet), "These rows or columns add up")
        _sums_ui(sheet)

    def files(self, rows: list[Sheet], question: bool) -> list[File]:
        """See `Mode`."""
        good = [sheet for sheet in rows if sheet.table]
        if not good:
            return []
        name = (PurePath(good[0].file).stem or "table") if len(rows) == 1 else "tables"
        weight = sum(len(sheet.cells) for sheet in rows)
        return [
            File("Copy", "", lambda: "\n".join(map(table.to_text, good)), weight),
            File("Excel", f"{name}.xlsx", partial(table.to_xlsx, rows), weight, XLSX),
            File("CSV", f"{name}.csv", partial(table.to_csv, rows), weight, "text/csv"),
            File("JSON", f"{name}.json", partial(table.to_json, rows), weight, "application/json"),
        ]


def doubt(sheet: Sheet) -> float:
    """Return the doubt about the least sure cell that is not put right, in [0, 1]."""
    waiting = [cell.confidence for cell in sheet.cells if not sheet.is_corrected(cell)]
    return 1.0 if sheet.error else 1 - min(waiting, default=1.0)


def _seen(source: Source, sheet: Sheet) -> View:
    """Return the picture of a table, as it is shown."""
    drawn = list(edits_of("table", source).boxes.values())
    return _view(source.key, [cell.box for cell in sheet.cells], drawn, source.open, sheet.table)


@st.cache_data(max_entries=2, show_spinner=False)  # of a photo it is 40 MB
def _view(key: str, boxes: list[tuple], drawn: list[tuple], _open, _table: TableReading) -> View:
    return View.of_table(to_rgb(_open()), _table, drawn)


def _item(cell: Cell, view: View) -> Item:
    title = f"Row {cell.row + 1}, column {cell.column + 1}"
    place = cell.row, cell.column, cell.rows, cell.columns
    digits = cell.number.digits
    box = view.box(cell.box)
    return Item(boxes.cell_key(cell), title, box, cell.text, cell.confidence, cell.is_doubtful, digits, place)


def _in_words(sheet: Sheet, items: list[Item]) -> str:
    rows, columns = sheet.table.shape
    size = f"{rows} rows, {columns} columns."
    said = {boxes.cell_key(cell): "" for cell in sheet.cells if sheet.is_corrected(cell)}
    if any(item.doubtful and item.key not in said for item in items):
        return f"{icons.DOUBT} {size} {editor.price(items, said, 'cells')} {editor.CARE}"
    if said:
        return f"{size} Sure, or put right by you."
    least = min((cell.confidence for cell in sheet.cells if cell.text), default=None)
    return (
        f"{size} Nothing is written in it."
        if least is None
        else f"{size} Sure: of each cell at least **{percent(least)}**"
    )


def _summed(sheet: Sheet) -> set[str]:
    """Return the keys of the cells in rows and columns whose last cell is the sum of the others."""
    rows = sheet.rows
    good = [[right for _, right in table.sums(lines)] for lines in (rows, list(zip(*rows, strict=True)))]
    return {boxes.cell_key(cell) for cell in sheet.cells if good[0][cell.row] or good[1][cell.column]}


def _sums_ui(sheet: Sheet) -> None:
    """Say what rows and columns add up to, where they hold numbers alone."""
    rows = sheet.rows
    sums = {"Rows": table.sums(rows), "Columns": table.sums(list(zip(*rows, strict=True)))}
    lines = [
        f"{name} add up to {', '.join(_sum(*one) for one in found)}."
        for name, found in sums.items()
        if len(found) <= MOST_SUMS and any(total is not None for total, _ in found)
    ]
    if "✓" in "".join(lines):
        lines.append("✓: the last cell is the sum of the others.")
    if lines:
        st.caption("  \n".join(lines))


def _sum(total, is_right: bool) -> str:
    return "–" if total is None else f"{total} ✓" if is_right else f"{total}"
