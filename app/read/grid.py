"""One table: its picture with every cell marked beside a grid to put it right, and everything as files."""

from functools import partial
from pathlib import PurePath

import pandas as pd
import streamlit as st

from app.read import known, sources
from app.read.sources import TABLE_HINTS, Source
from app.shared import widgets
from app.shared.sidebar import Choices
from digits.deploy import table
from digits.deploy.table import Sheet
from digits.plots import pixels, tables
from digits.plots.tables import CellMark
from digits.plots.text import percent
from digits.preprocessing.decode import to_rgb
from digits.reading import Cell

SHOWN = "cells_shown"  # in the session: what the grid and the boxes under it are about
VERSIONS = "grid_versions"  # in the session: grows where a picture's grid has to be drawn anew
MOST_SHOWN = 24
MOST_SUMS = 30
HIGH, HIGHEST = 20, 600  # more rows than that are for scrolling, within so many pixels
AT_ONCE = 400  # cells
LONGEST_TEXT = 40
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
        sheet = sources.sheet(choices, source, marks)
        if sheet is None:
            return
        if sheet.error:
            st.error(sheet.error)
            return
        _table_ui(source, sheet)


def _chosen_ui(found: list[Source]) -> Source:
    names = [source.name for source in found]
    return found[
        st.selectbox("Picture", range(len(found)), format_func=names.__getitem__, key="table_picture")
    ]


def _table_ui(source: Source, sheet: Sheet) -> None:
    st.session_state[SHOWN] = (source, sheet)
    st.container(key="status").write(_in_words(sheet))
    for note in table.notes(sheet):
        st.caption(f"ℹ️ {note}")
    picture, boxes = _upright(source.key, [cell.box for cell in sheet.cells], source.open, sheet.table)
    left, right = st.columns(2, gap="medium")
    with left, st.container(key="cells_boxed"):
        marks = [CellMark(box, *_mark(sheet, cell)) for cell, box in zip(sheet.cells, boxes, strict=True)]
        st.html(widgets.drawing(tables.table_svg(picture, marks), "The table, every cell in a box"))
    with right:
        _grid_ui(source, sheet)
        _sums_ui(sheet)
        _files_ui(sheet)
    _doubtful_ui(
        source, sheet, picture, {cell.place: box for cell, box in zip(sheet.cells, boxes, strict=True)}
    )


@st.cache_data(max_entries=4, show_spinner=False)
def _upright(key: str, boxes: list[tuple], _open, _read):
    return tables.upright(to_rgb(_open()), _read)


def _in_words(sheet: Sheet) -> str:
    rows, columns = sheet.table.shape
    size = f"{rows} rows, {columns} columns."
    waiting = [cell for cell in sheet.doubtful if not sheet.is_corrected(cell)]
    if waiting:
        which, them = ("One cell is", "it") if len(waiting) == 1 else (f"{len(waiting)} cells are", "them")
        return f"🤔 {size} {which} doubtful, marked orange and dashed. Put {them} right below or in the grid."
    if sheet.corrections:
        return f"{size} Sure, or put right by you."
    least = min((cell.confidence for cell in sheet.cells if cell.text), default=None)
    return (
        f"{size} Nothing is written in it."
        if least is None
        else f"{size} Sure: of each cell at least **{percent(least)}**"
    )


def _mark(sheet: Sheet, cell: Cell) -> tuple[str, str]:
    """Return what is written into a cell, and the kind of its mark."""
    text = sheet.text_of(cell).replace("\n", " / ")
    if sheet.is_corrected(cell):
        return f"{text} ✓", "corrected"
    if cell.is_doubtful:
        return text if text.endswith("?") else f"{text}?", "doubtful"
    return text, "sure" if text else "blank"


def _grid_ui(source: Source, sheet: Sheet) -> None:
    version = st.session_state.setdefault(VERSIONS, {}).setdefault(source.key, 0)
    key = f"grid-{source.key}-{version}"
    if key not in st.session_state:  # drawn anew: what it begins with must not change while it is edited
        st.session_state["grid_begins"] = sheet.rows
    begins = st.session_state["grid_begins"]
    names = [str(column + 1) for column in range(sheet.table.shape[1])]
    longest = max(len(text) for row in begins for text in row)
    column = st.column_config.TextColumn(width=min(160, 30 + 8 * longest), max_chars=LONGEST_TEXT)
    st.data_editor(
        pd.DataFrame(begins, index=range(1, len(begins) + 1), columns=names),
        width="content",
        height="content" if len(begins) <= HIGH else HIGHEST,
        column_config=dict.fromkeys(names, column),
        key=key,
        on_change=_edited,
        args=(key,),
    )


def _edited(key: str) -> None:
    source, _ = st.session_state[SHOWN]
    if key not in st.session_state or not key.startswith(f"grid-{source.key}-"):  # a late click
        return
    for row, changes in st.session_state[key]["edited_rows"].items():
        for column, text in changes.items():
            cell = _cell_at((int(row), int(column) - 1))
            if cell:
                _put_right(source, cell, text or "")
            else:  # a merged cell begins elsewhere
                _draw_anew(source)


def _put_right(source: Source, cell: Cell, text: str) -> None:
    """Remember a correction; what is as it was read is one only where that was doubtful."""
    text = text.strip()[:LONGEST_TEXT]
    sources.correct_cell(source, cell, None if text == cell.text and not cell.is_doubtful else text)


def _draw_anew(source: Source) -> None:
    st.session_state[VERSIONS][source.key] += 1


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


def _doubtful_ui(source: Source, sheet: Sheet, picture, boxes: dict) -> None:
    """Show every doubtful cell large, with a box to put it right."""
    doubtful = sheet.doubtful
    if not doubtful:
        return
    st.caption("Most doubtful first. Write what the cell says, or ✓ where it was read right.")
    if len(doubtful) > MOST_SHOWN and not st.toggle(f"Show all {len(doubtful)} cells", key="all_cells"):
        doubtful = [cell for cell in doubtful if not sheet.is_corrected(cell)][:MOST_SHOWN]
    with st.container(horizontal=True, gap="small", key="cells"):
        for cell in doubtful:
            with st.container(width=112, gap="xxsmall"):
                _cell_ui(source, sheet, cell, tables.crop(picture, boxes[cell.place]))


def _cell_ui(source: Source, sheet: Sheet, cell: Cell, image) -> None:
    name = f"Row {cell.row + 1}, column {cell.column + 1}"
    corrected = sheet.is_corrected(cell)
    said = "by you" if corrected else f"{percent(cell.confidence)} sure" if cell.text else "blank?"
    figure = widgets.image(pixels.png(image), name)
    st.html(
        f'<figure class="{sheet.status_of(cell)}">{figure}'
        f"<figcaption>{cell.row + 1} · {cell.column + 1}: {said}</figcaption></figure>"
    )
    key = f"cell-{source.key}-{cell.row}-{cell.column}"
    st.session_state[key] = sheet.text_of(cell)  # it may have been put right in the grid
    with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center"):
        st.text_input(
            name, key=key, width=72, label_visibility="collapsed", on_change=_written, args=(key, cell.place)
        )
        mark, words = ("↺", "Take it back") if corrected else ("✓", "It was read right")
        st.button(mark, key=f"{key}-ok", help=words, type="tertiary", on_click=_confirmed, args=cell.place)


def _written(key: str, place: tuple[int, int]) -> None:
    source, sheet = st.session_state[SHOWN]
    cell = _cell_at(place)
    # A box that comes back with the page calls this too, though nobody wrote into it.
    if cell and key.startswith(f"cell-{source.key}-") and st.session_state[key] != sheet.text_of(cell):
        _put_right(source, cell, st.session_state[key])
        _draw_anew(source)


def _confirmed(row: int, column: int) -> None:
    source, sheet = st.session_state[SHOWN]
    cell = _cell_at((row, column))
    if cell:
        sources.correct_cell(source, cell, None if sheet.is_corrected(cell) else cell.text)
        _draw_anew(source)


def _cell_at(place: tuple[int, int]) -> Cell | None:
    _, sheet = st.session_state[SHOWN]
    return next((cell for cell in sheet.cells if cell.place == place), None)
