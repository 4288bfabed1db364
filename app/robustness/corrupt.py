"""One digit, damaged little or much, and what the models say to it."""

import streamlit as st

from app.robustness import compare
from app.shared import widgets
from app.shared.digit_source import Digit
from digits import Recognizer
from digits.preprocessing.frame import to_uint8
from digits.recognizer import Opinion, opinions
from digits.robustness.corruptions import KINDS, MNIST_C, SEVERITIES, corrupt

KIND = "damage_kind"
"""The key of the chosen kind, also where it is not on the page."""


@st.fragment
def damage_ui(digit: Digit, readers: list[Recognizer], before: list[Opinion]) -> None:
    """Draw kind and severity, the digit before and after, and the answers; only this part runs again.

    Args:
        digit: as it was.
        readers: the models, one or more.
        before: what they say to the digit as it was.
    """
    left, right = st.columns(2, gap="large")
    with left:
        kind = st.selectbox(
            "Damage",
            list(KINDS),
            format_func=title,
            key=KIND,
            persist_state="session",
            help=f"The first are of daily use. The last {len(MNIST_C)} are those of MNIST-C, a public test "
            "of how readers of digits stand damage. No model here was trained on any of them.",
        )
        severity = st.slider(
            "How bad",
            0,
            SEVERITIES[-1],
            2,
            key="damage_severity",
            persist_state="session",
            help="0 leaves the digit as it was, 5 is the worst.",
        )
        st.caption(amount(kind, severity))
    damaged = corrupt(to_uint8(digit.frame)[None], kind, severity)[0] if severity else digit.frame
    answers = opinions(readers, damaged)  # before anything is sent: a browser at work takes the cores
    with right:
        widgets.show({digit.name: digit.frame, amount(kind, severity): damaged}, "damaged")
    compare.show(answers, before, digit.label)


def title(kind: str) -> str:
    """Return the name of a kind of damage with what it does, e.g. "blur: out of focus"."""
    return f"{kind.replace('_', ' ')}: {KINDS[kind].words}"


def amount(kind: str, severity: int) -> str:
    """Say what a severity does, e.g. "Tilted either way: 18 degrees"."""
    if not severity:
        return "As it was"
    said = KINDS[kind].say(severity) or f"severity {severity} of {SEVERITIES[-1]}"
    return f"{KINDS[kind].words.capitalize()}: {said}"
