"""The sidebar that all pages share: which model, which brush, which canvas."""

from dataclasses import dataclass

import streamlit as st

from digit_ui import canvas, care, shelf
from digit_ui.strangers import as_text
from digits.contract import DEFAULT_MODEL
from digits.network.checkpoints import Entry


@dataclass(frozen=True)
class Choices:
    """What the visitor has chosen."""

    model: Entry | None
    """The chosen model, or None when models/ has no usable one."""
    brush: int
    """Diameter in pixels of a 280-pixel canvas."""
    dark: bool
    """True for a black canvas with a white pen."""
    thresholds: dict[str, float] | None
    """How careful to be, a row of the model's trade-off, or None for the model's own care."""


def show() -> None:
    """Draw the sidebar and remember the choices for the page."""
    with st.sidebar:
        model = _model_ui()
        thresholds = care.care_ui(model)
        brush = st.slider(
            "Brush", 6, 40, 18, key="brush", help="Thickness of the pen on the canvas, in pixels."
        )
        dark = st.toggle("Black canvas", key="dark", help="A white pen on black. Your drawing stays.")
        st.button("Clear the canvas", on_click=canvas.clear, width="stretch", key="clear")
        st.caption("Your digits never leave the computer this app runs on.")
    st.session_state["choices"] = Choices(model, brush, dark, thresholds)


def choices() -> Choices:
    """Return the choices of this run."""
    return st.session_state["choices"]


def _model_ui() -> Entry | None:
    usable = {entry.name: entry for entry in shelf.usable()}
    names = sorted(usable, key=lambda name: (name != DEFAULT_MODEL, name))
    if names and st.session_state.get("model") not in names:  # it was there, or nothing was; now others are
        st.session_state["model"] = names[0]
    name = st.selectbox("Model", names, key="model", help="Every .keras file in the folder models/.")
    for entry in shelf.broken():
        st.caption(f"⚠️ **{as_text(entry.path.name)}** is broken: {as_text(entry.problem)}")
    if name and usable[name].card is None:
        st.caption("This model has no card: its confidence is not calibrated.")
    return usable.get(name)
