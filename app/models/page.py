"""What is in models/: how the models stand, what they say to one digit, mistake, and learnt from."""

import streamlit as st

from app.models import arena, cards, leaderboard, mistakes, own, upload
from app.shared import icons, models, sidebar, widgets
from app.shared.widgets import as_text

choices = sidebar.choices()
PARTS = {
    "Leaderboard": leaderboard.show,
    "Arena": arena.show,
    "Mistakes": mistakes.show,
    "Cards": cards.show,
}


@st.fragment
def page():
    """Show the chosen part; only that runs."""
    part = widgets.switch_ui("Part of this page", PARTS, "models_part")
    with st.container(key="models"):
        PARTS[part](choices)


st.title("Models")
st.write("Every `.keras` file in the folder `models/`. A new file appears here and in the sidebar by itself.")
for entry in models.broken():
    st.warning(f"**{as_text(entry.path.name)}** cannot be used. {as_text(entry.problem)}", icon=icons.WARNING)
if models.usable():
    page()
else:
    st.info("There is no usable model in the folder `models/`. Train one: `python training/train_cnn.py`.")

own.own_ui()
st.header("Add your own", anchor=False)
upload.adding_ui()
models.start(choices.model)
