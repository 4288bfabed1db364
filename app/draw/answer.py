"""The answer to one picture: what was read, how sure, the ten likeliest, and what the network saw."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.draw import PLACES, SOURCES
from app.shared import canvas, charts, correct, current, icons, learnt, widgets, work
from app.shared.current import Current
from app.shared.sidebar import Choices
from app.shared.widgets import as_text
from digits import Reading
from digits.plots import pixels, text
from digits.preprocessing.decode import open_picture, to_rgb

EMPTY = "I see no ink on this picture. Is the digit dark enough?"
NO_DIGIT = (
    f"{icons.DOUBT} This does not look like a digit. What helps: a single digit from 0 to 9, upright and "
    "whole, with nothing else beside it. Or is it a number?"
)
NO_CHARACTER = (
    f"{icons.DOUBT} This does not look like a letter or a digit. What helps: a single character, upright and "
    "whole, with nothing else beside it. Or is it a word?"
)
SEVERAL = "Several digits, read one by one. For numbers there is a page of their own:"
AS_NUMBER, AS_WORD = "Read as a number", "Read as a word or code"
TAUGHT = f"{icons.HAND} Your hand made this a {{}}; the network alone says {{}}."
SEVERAL_CHARACTERS = "Several characters, read one by one. For words and codes there is a page of their own:"
THUMBNAIL = 76


def show(
    choices: Choices, mine: Current, places: dict[str, DeltaGenerator], beside: DeltaGenerator | None
) -> None:
    """Read a picture and show all there is to know.

    Args:
        choices: of the sidebar.
        mine: the picture.
        places: where what is shown, see `PLACES`.
        beside: where the picture itself is shown, if anywhere.
    """
    answer, status, chart, right, onward, steps = (places[key] for key in PLACES)
    with status:
        recognizer = learnt.reader(choices)
    if recognizer is None:
        return
    try:
        picture = open_picture(mine.file.open())
        if beside:
            beside.image(to_rgb(picture), width=canvas.SIDE)
        reading = recognizer.read_digit(picture, steps=True)
    except ValueError as error:
        status.error(as_text(error))
        return
    if reading.status == "blank":
        status.write(SOURCES["Draw"] if mine.origin == "draw" else EMPTY)
        return
    answer.markdown(_headline(reading))
    has_letters = recognizer.has_letters
    status.write(_in_words(reading, has_letters))
    if reading.untaught is not None:
        status.caption(text.articles(TAUGHT.format(reading.digit, reading.untaught)))
    if reading.status in ("several", "not_a_digit"):
        with status:
            number_ui(mine.file, AS_WORD if has_letters else AS_NUMBER)
    if reading.label is not None:
        with chart:
            charts.show_probabilities(reading.probabilities, reading.labels)
    if reading.status != "several":
        with right:
            correct.correct_ui(choices.model, picture, reading, mine.origin)
    with onward:
        current.onward_ui()
    steps.caption("How the model saw it: from your picture to the 28 × 28 points it looks at")
    pictures = {title: pixels.thumbnail_png(step, THUMBNAIL) for title, step in reading.steps.items()}
    steps.html("".join(widgets.figure(png, title) for title, png in pictures.items()))


def number_ui(file: work.File, words: str = AS_NUMBER) -> None:
    """Offer to read a picture as a number: it goes along, before what is on that page already."""
    if st.button(words, icon=icons.READ, key="as_number"):
        kept = work.of("read")
        kept["Upload"] = [file, *(other for other in kept.get("Upload", []) if other.id != file.id)]
        kept["look"] = file.id
        work.save()
        st.session_state.update(read_what="Number", number_source="Upload")
        st.switch_page("read/page.py")


def _headline(reading: Reading) -> str:
    return reading.number.text if reading.number else reading.label or "?"


def _in_words(reading: Reading, has_letters: bool) -> str:
    if reading.status == "several":
        return SEVERAL_CHARACTERS if has_letters else SEVERAL
    if reading.status == "not_a_digit":
        return NO_CHARACTER if has_letters else NO_DIGIT
    (first, _), (second, _) = reading.ranked(2)
    sure = text.percent(reading.confidence)
    if reading.status == "unsure":
        return f"{icons.DOUBT} Not sure: **{first}** ({sure}) or **{second}**?"
    also = f" Alone, it might as well be **{'** or **'.join(reading.alike)}**." if reading.alike else ""
    return f"Sure: **{sure}**.{also}" if also else f"Sure: **{sure}**"
