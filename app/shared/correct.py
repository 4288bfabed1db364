""" "That was a ...": the answer put right, or confirmed, and kept to teach a model with."""

import hashlib

import streamlit as st

from app.read.sources import Source
from app.shared import widgets
from app.shared.sidebar import choices
from digits import Reading
from digits.config import CLASSES, is_public
from digits.data.collection.originals import cut_out
from digits.data.collection.store import Sample, Store
from digits.models.checkpoints import Entry
from digits.preprocessing.decode import Picture
from digits.reading import Row

QUESTION = "Wrong? That was a …"
HELP = (
    "Your choice and the picture are kept on this computer, to teach a model your hand; nothing is sent "
    "anywhere. Was it right? Then choose the digit that was read: it teaches as well."
)
ASKED = "asked_for_right"  # in the session: what the question is about
PROBLEM = "keep_problem"  # in the session: why the last digit could not be kept


def correct_ui(entry: Entry, picture: Picture, reading: Reading, origin: str) -> None:
    """Ask for the right digit of a drawing or picture; after a click say that it is kept, and offer to undo.

    Args:
        entry: the model that answered.
        picture: what it was shown.
        reading: its answer.
        origin: see `collection.sample.ORIGINS`.
    """
    if is_public():
        return
    # By what the model saw, which is quick and the same for the same drawing: each is asked about once.
    name = hashlib.sha1(reading.framed.tobytes()).hexdigest()
    kept = _still_kept(name)
    if kept is None:
        key = f"right-{name}"
        # Not in the callback's arguments: Streamlit remembers those of every widget that ever was.
        st.session_state[ASKED] = (name, entry, picture, reading, origin)
        st.pills(QUESTION, range(CLASSES), key=key, help=HELP, on_change=_choose, args=(key,))
    else:
        with st.container(horizontal=True, vertical_alignment="center", key="kept"):
            st.markdown(f"🙏 Thanks, kept as **{kept.label}**, on this computer.", width="content")
            st.button("Undo", key=f"undo-{name}", type="tertiary", on_click=_take_back, args=(name,))
    problem_ui()


def keep_part(source: Source, row: Row, digit: Reading, right: int | str | None) -> None:
    """Keep one digit of a number, cut out of its picture, with the right label, in place of an earlier one.

    Args:
        source: the picture.
        row: what was read on it.
        digit: one of `row.digits`.
        right: what it is; "" (no digit) or None (the answer was right) keeps nothing.
    """
    if is_public():
        return
    name = f"{source.key} {digit.box}"
    _take_back(name)
    if isinstance(right, int):
        others = [other.box for other in row.digits if other.box != digit.box]
        cut = cut_out(source.open(), digit.box, others)
        _keep(name, right, choices().model, cut, digit, "number")


def problem_ui() -> None:
    """Say once why the last digit could not be kept, if so."""
    problem = st.session_state.pop(PROBLEM, None)
    if problem:
        st.error(problem)


def _kept() -> dict[str, int]:
    """Return what this visit kept: the number in the store, by the name of what was shown."""
    return st.session_state.setdefault("kept_digits", {})


def _still_kept(name: str) -> Sample | None:
    """Return what was kept under a name, unless it was deleted since, perhaps in another window."""
    if name not in _kept():
        return None
    try:
        return Store().sample(_kept()[name])
    except ValueError:
        return None


def _choose(key: str) -> None:
    right, st.session_state[key] = st.session_state[key], None  # after an undo nothing is chosen
    name, *about = st.session_state.get(ASKED) or [None]
    if right is not None and key == f"right-{name}":
        del st.session_state[ASKED]  # of two quick choices the first counts
        _keep(name, right, *about)


def _keep(name: str, right: int, entry: Entry, picture: Picture, reading: Reading, origin: str) -> None:
    try:
        sample = Store().add(
            picture,
            reading.framed,
            right,
            origin=origin,
            **widgets.about(entry, reading),
        )
    except (ValueError, OSError) as error:
        st.session_state[PROBLEM] = f"This digit could not be kept. {error}"
    else:
        _kept()[name] = sample.id


def _take_back(name: str) -> None:
    kept = _kept().pop(name, None)
    if kept is None:
        return
    try:
        Store().delete(kept)
    except ValueError as error:
        st.session_state[PROBLEM] = f"This digit could not be taken back. {error}"
