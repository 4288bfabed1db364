"""The models that were adopted: how each did, and one click back."""

from datetime import datetime

import streamlit as st

from digit_ui import doing
from digits import adoption
from digits.adoption import Adopted
from digits.contract import DEFAULT_MODEL


def adopted_ui() -> None:
    """Draw a line per adopted model with its roll back, and a button per roll back that can be undone."""
    models, undone = adoption.adopted(), adoption.undone()
    if not models and not undone:
        return
    st.divider()
    st.markdown("**Your models**")
    for model in models:
        with st.container(horizontal=True, vertical_alignment="center", key=f"adopted_{model.name}"):
            st.markdown(_about(model), width="stretch")
            doing.button(
                "Roll back" if model.previous else "Take out",
                f"roll_back_{model.name}",
                lambda name=model.name: _roll_back(name),
                icon="↩️",
                help=_what_comes(model),
            )
    for name in undone:
        doing.button(
            f"Undo: {name} as it was before the roll back",
            f"undo_{name}",
            lambda name=name: _undo(name),
            icon="↪️",
        )


def _about(model: Adopted) -> str:
    validation = model.entry.card.validation
    since = f"**{model.name}**, adopted on {_when(model.since)}"
    if "own_after" not in validation:
        return since
    return (
        f"{since}: {validation['own_after']:.0%} of {validation['own_n']} digits of yours held out, "
        f"{validation['own_before']:.0%} before"
    )


def _what_comes(model: Adopted) -> str:
    if model.previous:
        return f"Back to the version of {_when(model.previous.created)}."
    return "It replaced no other version, so it leaves the selector. You can undo this."


def _roll_back(name: str) -> str:
    back = adoption.roll_back(name)
    if back:
        return f"**{name}** is back in its version of {_when(back.created)}."
    if st.session_state.get("model") == name:
        st.session_state["model"] = DEFAULT_MODEL
    return f"**{name}** was taken out."


def _undo(name: str) -> str:
    adoption.undo(name)
    return f"**{name}** is as it was before the roll back."


def _when(iso: str) -> str:
    """Return a time in UTC as it is where the app runs."""
    return datetime.fromisoformat(iso).astimezone().strftime("%d %B %Y, %H:%M")
