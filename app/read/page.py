"""Read what is written on pictures: numbers, tables or forms, to look at, put right and take along."""

import streamlit as st

from app.read import known, mode, sources, template
from app.read.form import FormMode
from app.read.number import NumberMode
from app.read.table import TableMode
from app.shared import models, sidebar, widgets, work

MODES = {each.label: each for each in (NumberMode(), TableMode(), FormMode())}
REMEMBERED = (
    "read_what",
    *(f"{each.kind}_source" for each in MODES.values()),
    template.STEP,
    "marks",
    *known.WIDGETS,
)
"""Widgets that a reload leaves alone."""

choices = sidebar.choices()


@st.fragment
def page():
    """Show input and answer; only this part runs again on a stroke or a correction."""
    work.remember(sources.PAGE, *REMEMBERED)
    mode.run(MODES[widgets.switch_ui("What to read", MODES, "read_what")], choices)


st.title("Read numbers, tables, forms")
page()
models.start(choices.model)
