"""Read numbers from pictures: one to look at and put right, or many as a list; or a table, cell by cell."""

import streamlit as st

from app.read import grid, known, number, sources, table
from app.shared import models, sidebar, widgets

choices = sidebar.choices()


@st.fragment
def page():
    """Show input and answer; only this part runs again on a stroke or a correction."""
    if widgets.switch_ui("What to read", ("Number", "Table"), "read_what") == "Table":
        grid.show(choices)
    else:
        numbers()


def numbers():
    """Show input, answer and list."""
    chosen, found = sources.sources_ui(choices)
    question = known.question_ui()
    many, one, files = st.container(key="many"), st.container(key="number"), st.container(key="files")
    with many:
        rows = sources.rows(choices, found, question) if found and question else None
        place = table.table_ui(found, rows) if rows and len(rows) > 1 else 0
    with one:
        if rows and (words := known.in_words(rows[place], question)):
            st.markdown(words)
        number.show(found[place] if rows else None, rows[place] if rows else None, sources.HINTS[chosen])
    with files:
        table.downloads_ui(rows or [])


st.title("Read a number")
page()
models.start(choices.model)
