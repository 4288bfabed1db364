"""Guided writing: one digit after the other is asked for, written on the canvas, and kept."""

from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from app.shared import canvas, correct, models
from app.shared.sidebar import Choices
from app.shared.widgets import as_text
from digits.config import CLASSES
from digits.data.collection.store import Store
from digits.plots.text import articles
from digits.preprocessing.lattice import frame_single

EACH = (3, 5, 10, 20)
NAME = "guided"  # of the canvas
HINTS = {
    "blank": "The canvas is empty. Write a {digit}, then keep it.",
    "several": "There are several lines on the canvas. Write one {digit}, then keep it.",
}
DONE = "🎉 That was all, thank you. Look at them under “My digits”, or go on to “Teach”."


@dataclass
class Round:
    """What is asked for in one go, and how far it is."""

    order: list[int]
    kept: list[int | None] = field(default_factory=list)
    """For each digit asked so far its number in the store, or None where it was skipped."""

    @property
    def digit(self) -> int | None:
        """The digit that is asked for now, or None at the end."""
        return self.order[len(self.kept)] if len(self.kept) < len(self.order) else None


def guided_ui(choices: Choices) -> None:
    """Ask for digits, and keep what is written."""
    models.start(choices.model)
    _page(choices)


@st.fragment
def _page(choices: Choices) -> None:
    each = st.segmented_control(
        "How many of each digit?",
        EACH,
        default=10,
        required=True,
        key="guided_each",
        persist_state="session",
        on_change=_begin,
    )
    now = st.session_state.get("guided_round") or _begin(each)
    _progress_ui(now)
    if now.digit is None:
        st.success(DONE)
        with st.container(horizontal=True):
            st.button("Write more", type="primary", key="guided_more", on_click=_begin)
            _undo_ui(now)
        return
    with st.container(key="guided_ask"):
        st.markdown(articles(f"Write a **{now.digit}**"))
    drawn = canvas.show(choices.brush, choices.dark, NAME)
    hint = st.container(key="guided_hint")
    with st.container(horizontal=True, key="guided_buttons"):
        keep = st.button("Keep", type="primary", key="guided_keep", icon="✅")
        st.button("Skip", key="guided_skip", on_click=_skip)
        _undo_ui(now)
    if keep:  # here and not before the page: only now the last stroke has arrived
        with hint:
            _keep(choices, now, drawn)


def _begin(each: int | None = None) -> Round:
    """Start over with a mixed order; return it."""
    each = each or st.session_state["guided_each"]
    st.session_state["guided_round"] = Round(mixed(each, np.random.default_rng()))
    return st.session_state["guided_round"]


def _progress_ui(now: Round) -> None:
    done, all_of_them = len(now.kept), len(now.order)
    written = sum(id is not None for id in now.kept)
    skipped = f", {done - written} skipped" * (written < done)
    st.progress(done / all_of_them, f"{written} written{skipped}, {all_of_them - done} to go")


def _undo_ui(now: Round) -> None:
    st.button("Undo the last one", key="guided_undo", type="tertiary", disabled=not now.kept, on_click=_undo)


def _skip() -> None:
    st.session_state["guided_round"].kept.append(None)
    canvas.clear()


def _undo() -> None:
    """Take back the last digit, from the collection too; it is asked for again."""
    last = st.session_state["guided_round"].kept.pop()
    canvas.clear()
    if last is not None:
        with suppress(ValueError):  # deleted elsewhere meanwhile: that is what was wanted
            Store().delete(last)


def _keep(choices: Choices, now: Round, drawn: np.ndarray | None) -> None:
    """Keep what is drawn and go on to the next digit, or say why not."""
    if drawn is None:
        st.info(articles(HINTS["blank"].format(digit=now.digit)))
        return
    whole = frame_single(drawn)
    if not whole.framed.any():
        st.info(HINTS[whole.status].format(digit=now.digit))
        return
    reader = models.recognizer(choices.model) if choices.model else None
    said = correct.about(choices.model, reader.read_digit(drawn)) if reader else {}  # shown to nobody here
    try:
        sample = Store().add(drawn, whole.framed, now.digit, origin=NAME, **said)
    except (ValueError, OSError) as error:
        st.error(f"This digit could not be kept. {as_text(error)}")
        return
    now.kept.append(sample.id)
    canvas.clear()
    st.rerun(scope="fragment")


def mixed(each: int, rng: np.random.Generator) -> list[int]:
    """Return every digit `each` times, in rounds of all ten, mixed so that the hand finds no rhythm.

    No digit comes twice in a row, and wherever one stops, none was asked for much more often than another.

    Args:
        each: how many of each digit, 1 or more.
        rng: where chance comes from.
    """
    order: list[int] = []
    for _ in range(each):
        turn = rng.permutation(CLASSES)
        while order and turn[0] == order[-1]:
            turn = rng.permutation(CLASSES)
        order += turn.tolist()
    return order
