"""Which digit to look into: on the picture that the visitor works on, or a test digit."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from app.shared import current, icons, models, widgets, work
from app.shared.sidebar import Choices
from app.shared.widgets import as_text
from digits import Reading
from digits.data.collection.originals import cut_out
from digits.data.mnist_test import load_test
from digits.preprocessing.decode import Picture, open_picture
from digits.preprocessing.frame import as_batch

YOURS, TEST, UPLOAD = "Your picture", "A test digit", "Upload"
NOTHING = "Nothing is drawn, uploaded or photographed yet. Do that first, then come back."
BRING = "Choose a picture of one handwritten digit, dark on light or light on dark."
BLANK = "There is no ink on it: {}. Draw, upload or photograph another one."
SEVERAL = "There is not exactly one digit on it: {}. Draw, upload or photograph another one."
MOST_PLACES = 30
"""Digits of one picture among which one can be chosen."""


@dataclass(frozen=True)
class Digit:
    """A digit as networks see it."""

    frame: np.ndarray
    """(28, 28) float32 in [0, 1], bright ink on black."""
    label: int | None
    """What it is, where that is known."""
    name: str
    """For captions, e.g. "Test digit 4,711, labelled 8"."""
    reading: Reading | None = None
    """What the sidebar's model read, where it was framed from a picture."""
    picture: Picture | None = None
    """That picture."""


def digit_ui(choices: Choices, key: str, steps: bool = False) -> Digit | None:
    """Draw the choice of a digit; return it, or None after saying what is missing.

    Args:
        choices: of the sidebar; its model's road frames the drawing.
        key: begins the keys of all widgets.
        steps: whether its reading is to keep the pictures of its steps.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{key}_digit"):
        source = st.segmented_control(
            "Which digit",
            [YOURS, TEST, UPLOAD],
            default=YOURS if current.get() else TEST,
            required=True,
            key=f"{key}_source",
        )
        if source == TEST:
            st.button("Another one", on_click=_another, icon=icons.DICE, key=f"{key}_another")
    if source == UPLOAD:
        widgets.picture_ui("A picture of one digit", key=f"{key}_file", on_change=_brought, args=(key,))
        mine = current.get()
        if not (mine and mine.origin == "upload"):
            st.info(BRING)
            return None
    return _test_digit() if source == TEST else yours_ui(choices, key, steps)


def yours_ui(choices: Choices, key: str, steps: bool = False) -> Digit | None:
    """Return the digit on the picture that the visitor works on; where there are several draw a choice, where
    there is none say so, and return None.

    Args:
        choices, key, steps: see `digit_ui`.
    """
    mine, reader = current.get(), models.recognizer(choices.model, choices.thresholds)
    if mine is None:
        st.info(NOTHING)
        st.page_link("draw/page.py", label="Draw a digit", icon=icons.DRAW)
    if mine is None or reader is None:
        return None
    try:
        picture, name = open_picture(mine.file.open()), mine.name
        reading = reader.read_digit(picture, True)
        if reading.number:
            picture, name = _one_of(picture, reading.number.digits, mine, key)
            reading = reader.read_digit(picture, steps)
    except ValueError as error:
        st.error(as_text(error))
        return None
    if reading.status in ("blank", "several"):
        words = BLANK if reading.status == "blank" else SEVERAL
        st.info(words.format(as_text(name)))
        return None
    return Digit(reading.framed, None, f"{name}, as a network sees it", reading, picture)


def _one_of(picture: Picture, digits: list[Reading], mine: current.Current, key: str) -> tuple[Picture, str]:
    """Draw the choice among the digits of a picture; return that one, cut out, and its name."""
    places = range(min(len(digits), MOST_PLACES))
    place = st.segmented_control(
        "Which of its digits",
        places,
        default=0,
        required=True,
        format_func=lambda place: digits[place].label or "?",
        key=f"{key}_place_{mine.file.id}",
    )
    others = [digit.box for digit in digits if digit is not digits[place]]
    return cut_out(picture, digits[place].box, others), f"{mine.name}, digit {place + 1}"


def _brought(key: str) -> None:
    """Take a file in as if it came on the page Draw, where it stands from now on too."""
    file = st.session_state[f"{key}_file"]
    if file:
        work.bring("draw", "Upload", [file])
        current.take(work.of("draw")["Upload"][0], f"Your picture {file.name}", "upload")
        st.session_state["source"] = "Upload"


def test_digits(limit: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the first test digits, images (N, 28, 28) uint8 and labels (N,); None after saying why not."""
    try:
        images, labels = _mnist()
    except (OSError, ValueError) as error:
        st.info(f"There are no test digits here. {as_text(error)}")
        return None
    return images[:limit], labels[:limit]


@st.cache_resource(show_spinner="Looking for the test digits …")
def _mnist() -> tuple[np.ndarray, np.ndarray]:
    return load_test()


def _another() -> None:
    st.session_state["test_digit"] = int(np.random.default_rng().integers(10_000))


def _test_digit() -> Digit | None:
    found = test_digits(10_000)
    if found is None:
        return None
    images, labels = found
    place = st.session_state.setdefault("test_digit", 0) % len(labels)
    frame = as_batch(images[place][None])[0, ..., 0]
    return Digit(frame, int(labels[place]), f"Test digit {place:,}, labelled {labels[place]}")
