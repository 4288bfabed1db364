"""Guided writing: one digit after the other is asked for, written on the canvas, and kept."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from app.shared import canvas, correct, hand, icons, learnt, models
from app.shared.sidebar import Choices
from app.shared.widgets import as_text
from app.teach.needs import NONE, Need, needs, shares
from digits import Reading
from digits.data.collection.sheet import NO_DIGIT, slip
from digits.plots.text import articles
from digits.preprocessing.lattice import frame_single

EACH = (3, 5, 10, 20)
NAME = "guided"  # of the canvas
HINTS = {
    "blank": "The canvas is empty. Write a {digit}, then keep it.",
    "several": "There are several lines on the canvas. Write one {digit}, then keep it.",
}
HELD = (
    "Not kept yet ({doubt}). *Keep* once more keeps it as a {digit} all the same; or clear the "
    "canvas and write it anew."
)
OTHER = (
    "Kept as a {digit}, though I read a {read}. If you wrote something else than was asked, undo the last "
    "one."
)
DONE = f"{icons.DONE} That was all, thank you. Look at them under “My digits”, or go on to “Teach”."


@dataclass
class Round:
    """What is asked for in one go, and how far it is."""

    order: list[int]
    why: Sequence[Need] = NONE
    """Of each digit, why it is asked for more often than others."""
    kept: list[int | None] = field(default_factory=list)
    """For each digit asked so far its number in the store, or None where it was skipped."""
    held: str = ""
    """The drawing that is kept only if that is asked for once more: it shows no digit."""
    slip: str = ""
    """What is to be said of the digit that was kept last."""

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
    # Writing first, so that on a phone canvas and button are in sight together.
    page, below = st.container(), st.container()
    with below:
        each = st.segmented_control(
            "How many of each digit?",
            EACH,
            default=10,
            required=True,
            key="guided_each",
            persist_state="session",
            on_change=_begin,
        )
    now = st.session_state.get("guided_round") or _begun(each, needs(learnt.learnt(choices)))
    with page:
        _ask_ui(choices, now)
        _progress_ui(now)


def _ask_ui(choices: Choices, now: Round) -> None:
    """Ask for a digit, or say that all are written."""
    if now.digit is None:
        st.success(DONE)
        with st.container(horizontal=True):
            st.button("Write more", type="primary", key="guided_more", on_click=_begin)
            _undo_ui(now)
        return
    with st.container(key="guided_ask"):
        st.markdown(articles(f"Write a **{now.digit}**"))
        st.caption(now.why[now.digit].reason)
    drawn = canvas.show(NAME)
    foot = st.container(key="guided_foot")  # what is said stands above the buttons, in sight as they are
    hint = foot.container(key="guided_hint")
    with foot.container(horizontal=True, key="guided_buttons"):
        keep = st.button("Keep", type="primary", key="guided_keep", icon=icons.KEEP, shortcut="Enter")
        st.button("Skip", key="guided_skip", on_click=_skip)
        _undo_ui(now)
    with hint:
        if keep:  # here and not before the page: only now the last stroke has arrived
            _keep(choices, now, drawn)
        elif now.slip:
            st.warning(now.slip, icon=icons.DOUBT)


def _begin() -> None:
    """Start over, with what was learnt meanwhile."""
    st.session_state.pop("guided_round", None)


def _begun(each: int, needed: Sequence[Need]) -> Round:
    order = mixed(shares(each, needed), np.random.default_rng())
    st.session_state["guided_round"] = Round(order, needed)
    return st.session_state["guided_round"]


def _progress_ui(now: Round) -> None:
    done, all_of_them = len(now.kept), len(now.order)
    written = sum(id is not None for id in now.kept)
    skipped = f", {done - written} skipped" * (written < done)
    st.progress(done / all_of_them, f"{written} written{skipped}, {all_of_them - done} to go")


def _undo_ui(now: Round) -> None:
    st.button("Undo the last one", key="guided_undo", type="tertiary", disabled=not now.kept, on_click=_undo)


def _skip() -> None:
    _next(st.session_state["guided_round"], None)


def _undo() -> None:
    """Take back the last digit, from the collection too; it is asked for again."""
    now = st.session_state["guided_round"]
    last, now.slip, now.held = now.kept.pop(), "", ""
    canvas.clear()
    if last is not None:
        with suppress(ValueError):  # deleted elsewhere meanwhile: that is what was wanted
            hand.store().delete(last)


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
    reading = reader.read_digit(drawn) if reader else None
    drawing = hashlib.sha1(drawn.tobytes()).hexdigest()
    if reading and reading.status in NO_DIGIT and now.held != drawing:
        now.held, now.slip = drawing, ""
        st.warning(articles(HELD.format(doubt=slip(now.digit, reading), digit=now.digit)), icon=icons.DOUBT)
        return
    said = correct.about(choices.model, reading) if reading else {}
    try:
        sample = hand.store().add(drawn, whole.framed, now.digit, origin=NAME, **said)
    except (ValueError, OSError) as error:
        st.error(f"This digit could not be kept. {as_text(error)}")
        return
    _next(now, sample.id, articles(_slip(now.digit, reading)))
    st.rerun(scope="fragment")


def _next(now: Round, kept: int | None, words: str = "") -> None:
    now.kept.append(kept)
    now.held, now.slip = "", words
    canvas.clear()


def _slip(digit: int, reading: Reading | None) -> str:
    """Say that the model reads a digit that was kept as another one; that is how it learns, or a slip."""
    if reading is None or reading.digit in (digit, None):
        return ""
    return OTHER.format(digit=digit, read=reading.digit)


def mixed(counts: Sequence[int], rng: np.random.Generator) -> list[int]:
    """Return every digit as often as said, in mixed rounds, so that the hand finds no rhythm.

    A digit comes twice in a row only where nothing else is left, and wherever one stops, none of those that
    are left was asked for more often than another by more than one.

    Args:
        counts: (10,) how often each is asked for.
        rng: where chance comes from.
    """
    order: list[int] = []
    for turn in range(max(counts)):
        round_ = rng.permutation([digit for digit, count in enumerate(counts) if turn < count])
        if order and round_[0] == order[-1]:
            round_ = np.roll(round_, 1)
        order += round_.tolist()
    return order
