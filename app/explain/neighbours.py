"""Digits that a network finds like one: its neighbours, those of the digit it nearly was, and maps."""

from functools import partial

import numpy as np
import streamlit as st

from app.explain import charts
from app.explain.subject import Subject, part
from app.shared import charts as shared_charts
from app.shared import tasks, widgets
from app.shared.widgets import as_text
from digits.config import is_public
from digits.explain.feature_index import Index
from digits.explain.neighbours import Neighbour, Surroundings
from digits.models.alphabet import DIGITS
from digits.plots import curves, sheets
from digits.plots.text import percent

RUNNER_UP = "the runner-up"
MAPS = {"tsne": "t-SNE", "pca": "PCA"}
HINT = (
    "The network describes each digit with many numbers, far more than a page has directions. t-SNE and PCA "
    "are two ways to draw that flat: t-SNE keeps neighbours together, PCA is a straight view from the side "
    "on which digits differ most."
)
WORDS = {
    "pca": "The two directions along which training digits differ most. Your digit lies exactly where its "
    "own features put it. Groups that overlap here may well be apart in the directions that are not shown.",
    "tsne": "Digits that the network finds alike lie together; how far apart groups lie means nothing. "
    "This map was drawn before your digit was, so it stands between the digits on it that are most like it, "
    "nearer to those that are more alike.",
}
"""How each map is to be read, and how a new digit got its place."""
AXES = {"tsne": ("", ""), "pca": ("first direction", "second direction")}
STRANGE, UNUSUAL = 0.01, 0.1
"""Shares of digits that are as far from all others, or farther."""


@part
def alike_ui(subject: Subject) -> None:
    """Draw neighbours and maps, or say how to get them; only this part runs again."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        second = subject.labels[subject.runner_up]
        rival = st.selectbox(
            "Compare with",
            [RUNNER_UP, *range(10)],
            format_func=lambda one: f"{RUNNER_UP}: {second}" if one == RUNNER_UP else str(one),
            key="alike_rival",
            persist_state="session",
        )
        try:
            # Digits alone have neighbours: beside a letter, the digit that it is most like is found there.
            other = rival if rival != RUNNER_UP else int(second) if second in DIGITS else None
            around, index = subject.surroundings(other)
        except ValueError as error:
            _missing_ui(subject.entry.name, error)
            return
        _row_ui(f"**Most like it** of {len(index.labels):,} training digits", around.nearest, "alike")
        st.caption(_familiar(around.familiar))
        _row_ui(f"**Most like it among the {around.rival}s**", around.rivals, "rivals")
        st.caption(_how_far(around))
        if words := _borderline(around):
            st.caption(words)
        both = around.nearest + around.rivals
        draw = partial(sheets.digit_grid, _stack(both), [str(one.label) for one in both], len(around.nearest))
        widgets.download_ui(draw, "lookalikes")
    with right:
        _map_ui(around, index)


def _missing_ui(name: str, error: ValueError) -> None:
    """Say that a model has no look-alikes yet, and make them where that is wanted."""
    if is_public():
        st.info(as_text(error))
        return
    st.info(f"The look-alikes of **{as_text(name)}** are not made yet, or were made for another file.")
    if not tasks.task_ui(name):
        words = "Make them, in a minute or two"
        st.button(words, key="alike_make", type="primary", on_click=tasks.begin, args=(name, "index"))


def _row_ui(title: str, neighbours: list[Neighbour], key: str) -> None:
    st.markdown(title)
    widgets.show([(str(one.label), one.picture) for one in neighbours], key)


def _stack(neighbours: list[Neighbour]) -> np.ndarray:
    return np.stack([one.picture for one in neighbours])


def _familiar(share: float) -> str:
    if share < STRANGE:
        return (
            "Very unusual: of 100 handwritten digits at most one is as far from its nearest one as this. "
            "Take the answer with care."
        )
    words = f"{percent(share)} of digits are farther from their nearest one"
    return f"Unusual: only {words}." if share < UNUSUAL else f"Nothing unusual: {words}."


def _how_far(around: Surroundings) -> str:
    near, far = around.nearest[0], around.rivals[0]
    if far.label == near.label:
        return "The same digit as above."
    return (
        f"The first is at a distance of {far.distance:.3f}, the nearest of all at {near.distance:.3f}. "
        "0 is the same, 1 has nothing in common."
    )


def _borderline(around: Surroundings) -> str:
    """Say which of those shown are known digits that the network itself nearly took for others."""
    shown = {one.number: one for one in around.nearest + around.rivals}  # some stand in both rows
    close = sum(one.borderline for one in shown.values())
    if not close:
        return ""
    verb, them = ("is a borderline case", "it") if close == 1 else ("are borderline cases", "them")
    return f"{close} of these {len(shown)} {verb}: the network nearly read {them} as another digit."


def _map_ui(around: Surroundings, index: Index) -> None:
    kind = st.segmented_control(
        "Map",
        list(MAPS),
        default="tsne",
        required=True,
        format_func=MAPS.get,
        key="alike_map",
        persist_state="session",
        help=HINT,
    )
    places, place = getattr(index, kind), getattr(around, kind)
    own, guides, axes = (place.x, place.y), place.guides, AXES[kind]
    digits = places, index.map_labels, index.map_answers, index.map_numbers
    chart = charts.map_chart(*digits, own, f"your digit, read as {around.digit}", guides, axes)
    words = f"{len(places):,} test digits on a map; yours lies among those of the table"
    rows = [{"Test digit": int(index.map_numbers[i]), "Label": int(index.map_labels[i])} for i in guides]
    shared_charts.show(chart, words, rows, key=f"map_{kind}")
    st.caption(f"Each number is a test digit with that label, the star is yours. {WORDS[kind]}")
    if place.divided:
        st.caption(
            "The digits most like yours lie in different parts of this map: its place is a compromise."
        )
    draw = partial(curves.map_plot, places, index.map_labels, own, guides, axes)
    widgets.download_ui(draw, f"map_{kind}")
