"""What would change a model's mind: the smallest change of ink that makes another digit of one."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from app.explain.subject import Subject, part
from app.shared import charts, widgets
from digits.explain.counterfactual import WAYS, Change
from digits.plots import curves, pixels, sheets
from digits.plots.text import articles, percent
from digits.recognizer import opinions

ANY = "any other digit"
STATUS = {"digit": "", "unsure": ": not sure", "not_a_digit": ": does not look like a digit"}
BY = {"Both": WAYS, "Erasing": ("erase",), "Adding": ("add",)}


@part
def change_ui(subject: Subject) -> None:
    """Draw the choices, the changed digit, and the answers before and after; only this part runs again."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        goal = st.selectbox(
            "Shall be read as",
            [ANY, *range(len(subject.labels))],
            format_func=lambda place: place if place == ANY else subject.labels[place],
            key=f"change_goal{subject.suffix}",
            persist_state="session",
        )
        ways = st.segmented_control(
            "By", list(BY), default="Both", required=True, key="change_ways", persist_state="session"
        )
        st.caption(
            "The search rubs out pieces of strokes and draws short new ones, as a hand could, and keeps the "
            "smallest change it finds. There may be smaller ones."
        )
    search = subject.change(None if goal == ANY else goal, BY[ways])
    change = search.change
    with right:
        if change is None:
            st.info(search.reason)
            return
        titles = (
            f"Before: read as {subject.labels[change.before]}",
            "The change",
            f"After: read as {subject.labels[change.after]}",
        )
        coloured = pixels.ink_change_map(change.frame, change.erased, change.added)
        shown = subject.frame, coloured, change.frame
        widgets.show(dict(zip(titles, shown, strict=True)), "ink")
        st.markdown(articles(_in_words(change, subject.labels)))
        st.caption("In the middle: vermillion was erased, green was added, grey stayed.")
        draw = partial(sheets.ink_change, change.frame, change.erased, change.added, titles)
        widgets.download_ui(draw, "change_of_mind")
    _answers_ui(subject, change)


def _in_words(change: Change, labels: Sequence[str]) -> str:
    inked = float((change.frame - change.added + change.erased).sum())
    parts = (("erased", change.erased), ("added", change.added))
    done = [f"{ink.sum() / inked:.0%} of its ink {name}" for name, ink in parts if ink.any()]
    old, new = labels[change.before], labels[change.after]
    before, after = (percent(p) for p in (change.probability_before, change.probability_after))
    if change.after == change.before:
        return f"With {' and '.join(done)} it is surer of a **{new}**: {after} instead of {before}."
    return (
        f"With {' and '.join(done)} it reads as **{new}** ({after}) instead of "
        f"**{old}**. Before, the chance of a {new} was {before}."
    )


def _answers_ui(subject: Subject, change: Change) -> None:
    """Show the ten probabilities before and after."""
    (before,), (after,) = (opinions([subject.reader], frame) for frame in (subject.frame, change.frame))
    answers = {"Before" + STATUS[before.status]: before, "After" + STATUS[after.status]: after}
    for column, (title, answer) in zip(st.columns(2), answers.items(), strict=True):
        with column:
            st.caption(title)
            charts.show_probabilities(answer.probabilities, answer.labels)
    bars = {title: answer.probabilities for title, answer in answers.items()}
    widgets.download_ui(partial(curves.probability_plot, bars), "before_and_after")
