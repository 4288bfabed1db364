"""One table: its picture with every cell in a box beside the grid, what adds up, and everything as files."""

from functools import partial
from pathlib import PurePath

import streamlit as st

from app.read import editor, known, sources
from app.read.editor import Desk, Item
from app.read.sources import TABLE_HINTS, Asked, Source
from app.shared.sidebar import Choices
from digits.deploy import boxes, table
from digits.deploy.boxes import View
from digits.deploy.table import Sheet
from digits.plots.text import percent
from digits.preprocessing.decode import to_rgb
from digits.reading import Cell, TableReading

MOST_SUMS = 30
AT_ONCE = 400  # cells
KINDS = {"csv": (table.to_csv, "text/csv"), "json": (table.to_json, "application/json")}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show(choices: Choices) -> None:
    """Show input, the table and its files."""
    chosen, found = sources.sources_ui(choices, TABLE_HINTS, "table_source")
    marks = known.marks_ui()
    with st.container(key="table"):
        if not found:
            st.container(key="status").write(TABLE_HINTS[chosen])
            return
        source = found[0] if len(found) == 1 else _chosen_ui(found)
        asked = sources.asked(choices, marks)
        sheet = sources.sheet(asked, source, marks) if asked else None
        if sheet is None:
            return
        if sheet.error:
            st.error(sheet.error)
            return
        _table_ui(source, sheet, asked, marks)


def _chosen_ui(found: list[Source]) -> Source:
    names = [source.name for source in found]
    return found[
        st.selectbox("Picture", range(len(found)), format_func=names.__getitem__, key="table_picture")
    ]


def _table_ui(source: Source, sheet: Sheet, asked: Asked, marks: bool) -> None:
    drawn = list(editor.edits("table", source).boxes.values())
    view = _view(source.key, [cell.box for cell in sheet.cells], drawn, source.open, sheet.table)
    sheet = _edited(source, sheet, view, asked, marks)
    items = [_item(cell, view) for cell in sheet.cells]
    st.container(key="status").write(_in_words(sheet, items))
    for note in table.notes(sheet):
        st.caption(f"ℹ️ {note}")
    editor.show(Desk(source, view, items, "The table, every cell in a box", sheet.table))
    _sums_ui(sheet)
    _files_ui(sheet)


@st.cache_data(max_entries=2, show_spinner=False)  # of a photo it is 40 MB
def _view(key: str, boxes: list[tuple], drawn: list[tuple], _open, _table: TableReading) -> View:
    return View.of_table(to_rgb(_open()), _table, drawn)


def _edited(source: Source, sheet: Sheet, view: View, asked: Asked, marks: bool) -> Sheet:
    """Return a table as the person put it right."""

    def read(box: boxes.Box):
        return boxes.read_box(asked.recognizer, view, box, marks)

    edits = editor.edits("table", source)
    found = boxes.edited_table(sheet.table, edits, editor.once("table", source, asked.key, read))
    said = {
        cell.place: edits.said[key] for cell in found.cells if (key := boxes.cell_key(cell)) in edits.said
    }
    return Sheet(sheet.file, found, corrections=said)


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
        return f"🤔 {size} {editor.price(items, said, 'cells')} {editor.CARE}"
    if said:
        return f"{size} Sure, or put right by you."
    least = min((cell.confidence for cell in sheet.cells if cell.text), default=None)
    return (
        f"{size} Nothing is written in it."
        if least is None
        else f"{size} Sure: of each cell at least **{percent(least)}**"
    )


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


def _files_ui(sheet: Sheet) -> None:
    name = PurePath(sheet.file).stem or "table"
    with st.container(horizontal=True, key="table_files"):
        with st.popover("Copy", icon=":material/content_copy:"):
            st.caption("Copy it here, and paste it into a spreadsheet.")
            st.code(table.to_text(sheet), language=None)
        try:
            table.check_xlsx()
        except ValueError as error:
            st.caption(str(error))
        else:
            _file_ui("Excel", f"{name}.xlsx", table.to_xlsx, XLSX, sheet)
        for kind, (write, mime) in KINDS.items():
            _file_ui(kind.upper(), f"{name}.{kind}", write, mime, sheet)


def _file_ui(words: str, name: str, write, mime: str, sheet: Sheet) -> None:
    # Of many cells only when asked for, though a click during a rerun then comes to nothing.
    data = write([sheet]) if len(sheet.cells) <= AT_ONCE else partial(write, [sheet])
    st.download_button(
        words, data, name, mime, icon=":material/download:", on_click="ignore", key=f"table_{words.lower()}"
    )
