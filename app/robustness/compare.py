"""Several models side by side: their choice, and what they say to the same picture."""

from html import escape

import streamlit as st

from app.shared import charts, models
from app.shared.sidebar import Choices
from digits import Recognizer
from digits.config import DEFAULT_MODEL
from digits.plots import text
from digits.recognizer import Opinion

FIRST = (DEFAULT_MODEL, "mnist_cnn", "mnist_robust")
MOST = 6
"""Models at once: as many as there are colours and as fit on a page."""
IN_A_ROW = 3


def readers_ui(choices: Choices, key: str) -> list[Recognizer]:
    """Draw the choice of models; return them loaded, or none after saying what to do.

    Args:
        choices: of the sidebar; its model is as careful as chosen there, the others as by themselves.
        key: of the widget.
    """
    usable = {entry.name: entry for entry in models.of_digits()}
    known = st.session_state.get(key)
    if known is None or not set(known) <= usable.keys():
        st.session_state[key] = [name for name in FIRST if name in usable] or list(usable)[:1]
    names = st.multiselect(
        "Models",
        list(usable),
        key=key,
        max_selections=MOST,
        select_all=False,
        wrap=True,
        persist_state="session",
        help="All of them get the very same picture. Each is as careful as it was made to be; the one chosen "
        "in the sidebar is as careful as chosen there.",
    )
    if usable and not names:
        st.info("Choose one model or more.")
    if not usable:
        models.recognizer(None)
    for name in names:
        models.start(usable[name])
    own = choices.model.name if choices.model else None
    loaded = [models.recognizer(usable[name], choices.thresholds if name == own else None) for name in names]
    return [reader for reader in loaded if reader]


def show(answers: list[Opinion], before: list[Opinion], label: int | None) -> None:
    """Show what each model says to a picture: the digit, how sure, whether right, and the ten probabilities.

    Args:
        answers: to the changed picture.
        before: of the same models to the picture as it was.
        label: what it is, where that is known.
    """
    with st.container(key="opinions"):
        for first in range(0, len(answers), IN_A_ROW):
            columns = st.columns(min(IN_A_ROW, len(answers)))
            row = list(zip(columns, answers[first:], before[first:], strict=False))
            for column, answer, old in row:
                column.html(_card(answer, in_words(answer), outcome(answer, old, label)))
            for column, answer, _ in row:  # later: the words need not wait for the drawing
                with column:
                    charts.show_probabilities(answer.probabilities)


def in_words(answer: Opinion) -> str:
    """Say how sure a model is."""
    first, second = answer.ranking[:2]
    if answer.status == "not_a_digit":
        return "says: this is no digit"
    if answer.status == "unsure":
        return f"not sure: {first} ({text.percent(answer.confidence)}) or {second}?"
    return f"sure: {text.percent(answer.confidence)}"


def outcome(answer: Opinion, before: Opinion, label: int | None) -> tuple[str, str]:
    """Return "good" or "bad", and in words whether an answer is right; with no label, whether it changed."""
    if label is not None:
        if answer.digit == label:
            return "good", "✓ right"
        return "bad", f"✗ labelled {label}"
    if answer.digit == before.digit:
        return "good", "✓ the same as before"
    return "bad", f"✗ before: {_digit(before)}"


def _digit(answer: Opinion) -> str:
    return "?" if answer.digit is None else str(answer.digit)


def _card(answer: Opinion, sure: str, found: tuple[str, str]) -> str:
    kind, words = found
    return (
        f'<div class="opinion {answer.status} {kind}"><span class="name">{escape(answer.name)}</span>'
        f'<span class="digit">{_digit(answer)}</span><span>{sure}</span>'
        f'<span class="found">{words}</span></div>'
    )
