"""The answer to one digit, and in words why it is sure or not."""

import streamlit as st

from app.explain.subject import Subject
from app.shared import widgets
from app.shared.digit_source import Digit
from digits import Recognizer
from digits.explain import decision
from digits.models.checkpoints import Entry
from digits.recognizer import opinions

STATUS = {"digit": "Sure", "unsure": "🤔 Not sure", "not_a_digit": "🤔 This does not look like a digit"}

PICTURE = 96
"""Pixels."""


def verdict_ui(entry: Entry, reader: Recognizer, digit: Digit) -> Subject:
    """Show what a model reads and why it is sure or not; return all that the parts of the page ask about.

    Args:
        entry: the model.
        reader: the same, loaded.
        digit: with exactly one digit on it.
    """
    if digit.reading:
        frame, answer = digit.reading.framed, digit.reading
    else:
        frame, answer = digit.points, opinions([reader], digit.frame)[0]
    beside = st.container(horizontal=True)
    with beside.container(width=PICTURE):
        widgets.show({digit.name: digit.frame}, "subject")
    with beside.container(width="stretch"):
        with st.container(key="answer"):
            st.markdown("?" if answer.digit is None else str(answer.digit))
        with st.container(key="status"):
            st.markdown(f"**{STATUS[answer.status]}**{_known(digit.label, answer.digit)}")
    subject = Subject(entry, reader, digit.name, frame, answer)
    with st.container(key="why"):
        st.markdown(" ".join(decision.explain_decision(reader, answer, frame).sentences))
        if not answer.asked:
            st.caption(f"If it were asked, it would say {subject.digit}: that is what is explained below.")
    return subject


def _known(label: int | None, found: int | None) -> str:
    if label is None:
        return ""
    return ", and right" if label == found else f"; it is labelled {label}"
