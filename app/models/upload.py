"""Adding a model of one's own: what it must be like, and where this app takes one in."""

import streamlit as st

from app.shared import icons, tasks
from app.shared.widgets import as_text
from digits.config import is_public
from digits.models import checkpoints
from digits.models.alphabet import DIGITS
from digits.models.sandbox import gate

LARGEST = 30
"""Megabytes; the server takes in no more either, see `.streamlit/config.toml`."""

WANTED = (
    "Any Keras model that reads one digit will do: functional or Sequential, saved with "
    "`model.save('my_model.keras')` or as an old `.h5`, with layers of Keras' own and up to 20 million "
    "parameters.\n"
    "- **In:** pictures of 28 × 28, as (28, 28, 1), (28, 28) or 784 in a row, or with an edge of 2 "
    "around them. Which values it learnt from, 0 to 1, 0 to 255 or others, is "
    "found out with digits that are known.\n"
    "- **Out:** ten numbers, probabilities or the logits before the softmax; or as many as it has letters "
    "and digits, if you say below which."
)

CHECKED = (
    "A model is a program, so each file is looked through before anything in it runs, and then tried once in "
    "a process of its own with little memory and time. That takes about half a minute."
)

CLOSED = (
    "This app is open to everyone, so it takes in no models: a model is a program. Run the app on your own "
    "computer and you can add models here."
)


def adding_ui() -> None:
    """Say what a model must be like, and take one in where that is allowed."""
    st.markdown(WANTED)
    if is_public():
        st.info(CLOSED, icon=icons.PRIVATE)
        return
    st.write(CHECKED)
    with st.form("add_model", border=False, clear_on_submit=True):
        file = st.file_uploader(
            "A model",
            type=[ending[1:] for ending in gate.ENDINGS],
            key="added_model",
            max_upload_size=LARGEST,
        )
        names = st.text_input(
            "Its answers, if these are not the digits 0 to 9",
            key="added_labels",
            placeholder="e.g. ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            help="What its outputs stand for, in their order, without spaces: digits and letters, each once.",
        )
        wanted = st.form_submit_button("Check and add", icon=icons.ADD)
    if wanted:
        _take_in(file, names)
    if "added" in st.session_state:
        kind, words = st.session_state.pop("added")
        getattr(st, kind)(words)
    st.caption(
        "Or put the file into the folder `models/` yourself: it is checked just the same. A file of more"
        f" than {LARGEST} MB, as models of over seven million parameters write, comes in only that way."
    )


def _take_in(file, names: str) -> None:
    """Try a file, and draw the whole app anew, since the selector may have one more."""
    if file is None:
        st.warning("Choose a `.keras` file first.")
        return
    try:
        with st.spinner(f"Checking {as_text(file.name)} …"):
            path = gate.take_in(file, file.name, names.strip() or DIGITS)
    except (ValueError, OSError) as error:
        st.session_state["added"] = "error", f"It was not added. {as_text(error)}"
    else:
        entry = checkpoints.inspect(path)
        card = entry.card
        if not entry.has_letters:
            tasks.begin(path.stem, "index")
        remark = as_text(card.config.get("remarks") or "") if card else ""
        words = f"**{path.stem}** was added. Choose it in the sidebar, or see it in the leaderboard above."
        st.session_state["added"] = "success", f"{words} {remark}".strip()
        st.rerun()
