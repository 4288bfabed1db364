"""Teach a model your own hand: what was collected, writing more, on screen or paper, and fine-tuning."""

import streamlit as st

from app.shared import current, icons, sidebar, widgets
from app.teach import along, collection, finetune, guided, remembered, sheet
from digits.config import is_public

PARTS = {
    "My digits": ("What you corrected and wrote so far.", collection.collection_ui),
    "Memory": ("What it remembers of your hand, and what that is worth.", remembered.remembered_ui),
    "On screen": ("Write digits one after the other, on the canvas.", guided.guided_ui),
    "On paper": ("Print a sheet, fill it in, and photograph it.", sheet.sheet_ui),
    "Teach": ("Make a model of your own hand, in the background.", finetune.finetune_ui),
}
PRIVATE = (
    f"{icons.PRIVATE} What you write stays on this computer, in the folder user_data/. Nothing is sent "
    "anywhere."
)
PUBLIC = (
    "This app is open to everyone, so it keeps nothing of yours and cannot be taught. "
    "Run it on your own computer for that: see the README."
)

st.title("Teach it my hand")
choices = sidebar.digit_choices()
if is_public():
    st.info(PUBLIC)
else:
    st.caption(PRIVATE)
    if current.get():
        along.along_ui(choices)
    part = widgets.switch_ui("What to do", PARTS, "teach_part")
    st.caption(PARTS[part][0])
    PARTS[part][1](choices)
