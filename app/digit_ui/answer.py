"""The answer to one picture: the digit, how sure, the ten probabilities, and what the network saw."""

import numpy as np
import streamlit as st

from digits import Reading, Recognizer, figures
from digits.picture.decode import Picture

HINTS = {
    "Draw": "Draw a digit from 0 to 9 in the box. The answer appears here as you draw.",
    "Upload": "Choose a picture of one handwritten digit, dark on light or light on dark.",
    "Camera": "Take a picture of one handwritten digit, as large and as straight as you can.",
}
THUMBNAIL = 88


def show_hint(source: str) -> None:
    """Say what to do, when there is nothing to read yet."""
    with st.container(key="status"):
        st.write(f"👋 {HINTS[source]}")


def show(recognizer: Recognizer, picture: Picture) -> None:
    """Read `picture` and show all there is to know."""
    reading = recognizer.read_digit(picture)
    if reading.status == "blank":
        show_hint("Draw")
        return
    with st.container(key="answer"):
        st.markdown(_headline(recognizer, picture, reading))
    with st.container(key="status"):
        st.write(_in_words(reading))
    if reading.digit is not None:
        st.altair_chart(figures.probability_chart(reading.probabilities), width="stretch")
    _show_steps(reading.steps)


def _headline(recognizer: Recognizer, picture: Picture, reading: Reading) -> str:
    if reading.status == "several":
        return recognizer.read_number(picture).text
    return "?" if reading.digit is None else str(reading.digit)


def _in_words(reading: Reading) -> str:
    if reading.status == "several":
        return "✌️ Several digits, read one by one. This page is best with one digit at a time."
    if reading.status == "not_a_digit":
        return "🤔 This does not look like a digit."
    first, second = reading.ranking[:2]
    if reading.status == "unsure":
        return f"🤔 Not sure: **{first}** ({reading.confidence:.0%}) or **{second}**?"
    return f"Sure: **{reading.confidence:.1%}**"


def _show_steps(steps: dict[str, np.ndarray]) -> None:
    with st.container(key="steps"):
        st.caption("How the model saw it: from your picture to the 28 × 28 points it looks at")
        pictures = [figures.thumbnail(step, THUMBNAIL) for step in steps.values()]
        st.image(pictures, caption=list(steps), width=THUMBNAIL)
