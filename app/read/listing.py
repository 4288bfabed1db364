"""Many numbers: a table, most doubtful first, and everything as files."""

from functools import partial

import streamlit as st

from app.read.sources import Source
from digits.reading import Row, to_csv, to_json, to_text

COLUMNS = {
    "Number": st.column_config.TextColumn(width="small"),
    "Doubt": st.column_config.ProgressColumn(
        format="percent", min_value=0, max_value=1, width="small", help="About the least sure digit."
    ),
    "Picture": st.column_config.TextColumn(width="medium"),
    "Remark": st.column_config.TextColumn(width="medium"),
}
LINES, HIGHEST = 7, 300  # more lines than that are for scrolling, within so many pixels
AT_ONCE = 100  # rows
REMARKS = {
    "digit": "",
    "not_a_digit": "not all are digits",
    "blank": "no ink",
    "corrected": "put right by you",
}


def table_ui(sources: list[Source], read: list[Row], rows: list[Row]) -> int:
    """Draw the table of numbers, as they were read and as they were put right; return the place of the chosen
    row."""
    # By the doubt before any correction: the table must not shuffle under the visitor's hands.
    order = sorted(range(len(rows)), key=lambda i: (-read[i].first_doubt, read[i].status, i))
    first = next((line for line, i in enumerate(order) if not rows[i].error), 0)
    st.caption("Most doubtful first. Choose a row to see its picture below and to put it right.")
    event = st.dataframe(
        [_line(rows[i]) for i in order],
        column_config=COLUMNS,
        hide_index=True,
        height=HIGHEST if len(rows) > LINES else "auto",
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [first]}},
        key=f"table-{hash(tuple(source.key for source in sources))}",
    )
    chosen = event.selection.rows
    return order[chosen[0] if chosen else first]


def downloads_ui(rows: list[Row]) -> None:
    """Draw a button per kind of file, if there is anything to write."""
    if not rows:
        return
    with st.container(horizontal=True, key="downloads"):
        for kind, write in (("txt", to_text), ("csv", to_csv), ("json", to_json)):
            # Of many rows only when asked for, though a click during a rerun then comes to nothing.
            data = write(rows) if len(rows) <= AT_ONCE else partial(write, rows)
            name = "Text" if kind == "txt" else kind.upper()
            st.download_button(
                name,
                data,
                f"numbers.{kind}",
                icon=":material/download:",
                on_click="ignore",
                key=kind,
            )


def _line(row: Row) -> dict:
    return {
        "Number": row.text.replace("\n", " / "),
        "Doubt": row.doubt,
        "Picture": row.file,
        "Remark": row.error or REMARKS.get(row.status, row.status),
    }
