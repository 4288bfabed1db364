"""The answer to one picture: the digit, how sure, the ten probabilities, and what the network saw."""

import streamlit as st

from app.shared import charts, correct, models, widgets
from app.shared.widgets import as_text
from digits import Reading
from digits.models.checkpoints import Entry
from digits.plots import pixels, text
from digits.preprocessing.decode import Picture

HINTS = {
    "Draw": "👋 Draw a digit from 0 to 9 in the box. The answer appears here as you draw.",
    "Upload": "👋 Choose a picture of one handwritten digit, dark on light or light on dark.",
    "Camera": "👋 Take a picture of one handwritten digit, large and upright.",
}
EMPTY = "I see no ink on this picture. Is the digit dark enough?"
NO_DIGIT = (
    "🤔 This does not look like a digit. What helps: a single digit from 0 to 9, upright and whole, "
    "with nothing else beside it."
)
THUMBNAIL = 76


def show(
    entry: Entry | None, thresholds: dict[str, float] | None, picture: Picture | None, source: str
) -> None:
    """Read `picture` with a model and show all there is to know; without a picture, show what to do.

    The containers are there in every state: Streamlit shows a new one at an old one's place with the
    old content for a moment, and a program that watches `answer` would see words in it.
    """
    answer, status, chart, right, steps = (
        st.container(key=key) for key in ("answer", "status", "chart", "right", "steps")
    )
    if picture is None:
        status.write(HINTS[source])
        return
    with status:
        recognizer = models.recognizer(entry, thresholds)
    if recognizer is None:
        return
    try:
        reading = recognizer.read_digit(picture, steps=True)
    except ValueError as error:
        status.error(as_text(error))
        return
    if reading.status == "blank":
        status.write(HINTS["Draw"] if source == "Draw" else EMPTY)
        return
    answer.markdown(_headline(reading))
    status.write(_in_words(reading))
    if reading.status == "several":
        status.page_link("read/page.py", label="Read a number", icon="🔢")
    if reading.digit is not None:
        with chart:
            charts.show_probabilities(reading.probabilities)
    if reading.status != "several":
        with right:
            correct.correct_ui(entry, picture, reading, source.lower())
    steps.caption("How the model saw it: from your picture to the 28 × 28 points it looks at")
    pictures = {title: pixels.thumbnail_png(step, THUMBNAIL) for title, step in reading.steps.items()}
    steps.html("".join(widgets.figure(png, title) for title, png in pictures.items()))


def _headline(reading: Reading) -> str:
    return reading.number.text if reading.number else reading.label or "?"


def _in_words(reading: Reading) -> str:
    if reading.status == "several":
        return "Several digits, read one by one. For numbers there is a page of their own:"
    if reading.status == "not_a_digit":
        return NO_DIGIT
    first, second = reading.ranking[:2]
    sure = text.percent(reading.confidence)
    if reading.status == "unsure":
        return f"🤔 Not sure: **{first}** ({sure}) or **{second}**?"
    return f"Sure: **{sure}**"
