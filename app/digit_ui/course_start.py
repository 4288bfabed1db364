"""Before a lesson: what it would learn from, and how long it may take."""

import streamlit as st

from digit_ui import doing, shelf
from digit_ui.sidebar import Choices
from digits.adoption import is_adopted
from digits.collection.store import Store
from digits.school import course
from digits.school.states import Course
from digits.teaching_guards import doubts, unfit

BASE = "mnist_advanced"
"""The model to start from where the one in the sidebar cannot be taught."""

EFFORTS = {
    "quick": ("Quick", "one or two minutes"),
    "thorough": ("Thorough", "about ten minutes"),
    "long": ("Long", "about half an hour"),
}


def start_ui(found: Course, choices: Choices) -> None:
    """Draw the digits there are, the choices, and a button that starts; or say what is missing."""
    store = Store()
    counts = store.counts()
    st.markdown(f"**Your digits: {counts.sum()}**")
    st.html(_counts(counts))
    if problem := unfit(counts):
        st.info(f"{problem} Correct answers on the page *Draw a digit*, or write some here, above.", icon="✍️")
        return
    for sentence in doubts(counts):
        st.caption(f"⚠️ {sentence}")
    bases = [entry.name for entry in shelf.usable() if entry.card and not is_adopted(entry.card)]
    if not bases:
        st.info("There is no model with a card to start from. Train one: `python training/train_cnn.py`.")
        return
    left, right = st.columns([2, 3], gap="medium")
    left.selectbox(
        "Start from",
        bases,
        index=_first(bases, choices),
        key="course_base",
        help="The lesson makes a copy: this model stays as it is. What it can already, such as telling "
        "letters from digits, is practised too. A model of yours is not taught on, but made anew from the "
        "one it came from, with all your digits: so there are always some that it never saw.",
    )
    right.radio(
        "How long it may take",
        list(EFFORTS),
        format_func=lambda effort: EFFORTS[effort][0],
        captions=[caption for _, caption in EFFORTS.values()],
        horizontal=True,
        key="course_effort",
        help="On a small laptop. It goes on in the background, even when you close this page.",
    )
    doing.button(
        "Teach",
        "course_start",
        lambda: _start(store),
        "primary",
        icon="🎓",
    )


def _start(store: Store) -> None:
    # As chosen now: who clicks at once clicks on a button that was drawn with the choice before.
    course.start(st.session_state["course_base"], st.session_state["course_effort"], store.export_folder)


def _counts(counts) -> str:
    cells = "".join(f"<td><b>{digit}</b><br>{count}</td>" for digit, count in enumerate(counts))
    return f'<table class="numbers counts"><tr>{cells}</tr></table>'


def _first(bases: list[str], choices: Choices) -> int:
    card = choices.model.card if choices.model else None
    wanted = [card and (card.config.get("base") if is_adopted(card) else choices.model.name), BASE]
    return next((bases.index(name) for name in wanted if name in bases), 0)
