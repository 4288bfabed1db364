"""Read numbers from pictures: one to look at and put right, or many as a list; or a table, cell by cell."""

import streamlit as st

from app.read import known, listing, number, sources, table
from app.shared import models, sidebar, widgets, work

REMEMBERED = ("read_what", "read_source", "table_source", "table_picture", "marks", *known.WIDGETS)
"""Widgets that a reload leaves alone."""

choices = sidebar.choices()


@st.fragment
def page():
    """Show input and answer; only this part runs again on a stroke or a correction."""
    work.remember(sources.PAGE, *REMEMBERED)
    if widgets.switch_ui("What to read", ("Number", "Table"), "read_what") == "Table":
        table.show(choices)
    else:
        numbers()


def numbers():
    """Show input, answer and list."""
    chosen, found = sources.sources_ui(choices)
    question = known.question_ui()
    many, one, files = st.container(key="many"), st.container(key="number"), st.container(key="files")
    rows, place = [], 0
    with many:
        asked = sources.asked(choices, question) if found and question else None
        if asked:
            read = sources.rows(asked, found, question)
            rows = [number.edited(*pair, asked) for pair in zip(found, read, strict=True)]
            place = listing.table_ui(found, read, rows) if len(rows) > 1 else 0
    with one:
        if rows and (words := known.in_words(read[place], rows[place], question)):
            st.markdown(words)
        number.show(found[place] if rows else None, rows[place] if rows else None, sources.HINTS[chosen])
    with files:
        listing.downloads_ui(rows)


st.title("Read a number")
page()
models.start(choices.model)
