"""A lesson while it runs: how far it is, how it learns, and a button that stops it."""

import streamlit as st

from digit_ui import doing
from digit_ui.sidebar import Choices
from digits import figures
from digits.school import course
from digits.school.progress import Progress, progress
from digits.school.states import Course, State

EVERY = 2
"""Seconds between two looks."""


def watch_ui(found: Course, choices: Choices) -> None:
    """Draw it; only this part runs again, as long as the lesson does."""
    st.markdown(
        f"**{found.request.base}** is learning your hand. You can use the app meanwhile, or close it."
    )
    _watch()
    doing.button("Stop", "course_stop", course.cancel, icon="⏹️")


@st.fragment(run_every=EVERY)
def _watch() -> None:
    found = course.look()
    if found.state is not State.RUNNING:
        st.rerun()  # of the whole page: there is a result
    now = progress(found.folder)
    st.progress(now.share, text=words(now))
    if now.history:
        st.altair_chart(figures.course_chart(now.history, now.judged), width="stretch", key="course_curve")
        st.caption(
            "How many of the digits it does not learn from - a fifth of yours - it reads right after each "
            "epoch. Up to the dotted line its last layer learns alone."
        )


def words(now: Progress) -> str:
    """Say how far a lesson is."""
    if not now.epochs:
        return "Getting ready: waking the network, looking at your digits …"
    if now.done in (now.judged, now.epochs):
        return "Judging it: your digits held out, and MNIST's …"
    stage = "the last layer alone" if now.done == 0 else "all layers"
    if now.again:
        stage = "with the digits held out, now that they have judged"
    left = now.seconds_left
    time = "" if left is None else f", {_minutes(left)} left"
    return f"Epoch {now.done + 1} of {now.epochs}: {stage}{time}"


def _minutes(seconds: float) -> str:
    return (
        f"about {round(seconds / 60)} min" if seconds >= 90 else f"about {max(5, 5 * round(seconds / 5))} s"
    )
