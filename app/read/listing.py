"""Many pictures: a list, the most doubtful first, and everything as files."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from app.shared.widgets import as_text

COLUMNS = {
    "Number": st.column_config.TextColumn(width="small"),
    "Table": st.column_config.TextColumn(width="small"),
    "Doubt": st.column_config.ProgressColumn(
        format="percent", min_value=0, max_value=1, width="small", help="About the least sure."
    ),
    "Picture": st.column_config.TextColumn(width="medium"),
    "Remark": st.column_config.TextColumn(width="medium"),
}
LINES, HIGHEST = 7, 300  # more lines than that are for scrolling, within so many pixels
AT_ONCE = 400
"""Up to so many answers are written as files before anybody asks."""
REMARKS = {
    "digit": "",
    "not_a_digit": "not all are digits",
    "blank": "no ink",
    "corrected": "put right by you",
}


@dataclass(frozen=True)
class File:
    """What can be taken."""

    words: str
    """On its button; "Copy" is shown as text."""
    name: str
    write: Callable[[], str | bytes]
    weight: int
    """How many answers it holds."""
    mime: str | None = None


def about(row: Any, doubt: float) -> dict[str, Any]:
    """Return what the list says of every picture, by column."""
    remark = row.error or REMARKS.get(row.status, row.status)
    return {"Doubt": doubt, "Picture": row.file, "Remark": remark}


def table_ui(
    lines: list[dict[str, Any]],
    columns: dict[str, Any],
    first: int,
    name: str,
    after: Callable[[int], int] | None = None,
) -> int:
    """Draw a list of which one line is chosen; return which.

    Args:
        lines: by column.
        columns: how they are shown, besides `COLUMNS`.
        first: the line that is chosen at first.
        name: the same for the same list.
        after: what to choose instead of the line that is chosen; None leaves that to the person.
    """
    st.caption("Most doubtful first. Choose a row to see its picture below and to put it right.")
    turn, line = st.session_state.get("list_turn", {}).get(name, (0, first))
    if after:  # a new widget, since that of before cannot be told what is chosen
        chosen = _selected(f"{name}-{turn}", line)
        turn, line = turn + 1, after(chosen)
        st.session_state["list_turn"] = {name: (turn, line)}
    st.dataframe(
        lines,
        column_config=COLUMNS | columns,
        hide_index=True,
        height=HIGHEST if len(lines) > LINES else "auto",
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [line]}},
        key=f"{name}-{turn}",
    )
    return _selected(f"{name}-{turn}", line)


def _selected(key: str, line: int) -> int:
    rows = st.session_state[key].selection.rows if key in st.session_state else []
    return rows[0] if rows else line


def files_ui(files: list[File]) -> None:
    """Draw a button for each file."""
    if not files:
        return
    with st.container(horizontal=True, key="downloads"):
        for file in files:
            if file.words == "Copy":
                with st.popover("Copy", icon=":material/content_copy:"):
                    st.caption("Copy it here, and paste it into a spreadsheet.")
                    st.code(file.write(), language=None)
                continue
            try:
                # Of many answers only when asked for, though a click during a rerun then comes to nothing.
                data = file.write() if file.weight <= AT_ONCE else partial(file.write)
            except ValueError as error:  # what writes it is not installed
                st.caption(as_text(error))
                continue
            st.download_button(
                file.words,
                data,
                file.name,
                file.mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"take_{file.words.lower()}",
            )
