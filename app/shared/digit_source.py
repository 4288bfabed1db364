"""Which digit to play with: the one drawn last, a test digit or a picture."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from app.shared import canvas, models, widgets
from app.shared.sidebar import Choices
from app.shared.widgets import as_text
from digits import Reading
from digits.data.mnist_test import load_test
from digits.preprocessing.decode import Picture, open_picture
from digits.preprocessing.frame import as_batch

DRAWN, TEST, UPLOAD = "Your drawing", "A test digit", "Upload"
NOTHING = ("blank", "several")


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
    drawn = canvas.drawn()
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{key}_digit"):
        source = st.segmented_control(
            "Which digit",
            [DRAWN, TEST, UPLOAD],
            default=TEST if drawn is None else DRAWN,
            required=True,
            key=f"{key}_source",
        )
        if source == TEST:
            st.button("Another one", on_click=_another, icon="🎲", key=f"{key}_another")
    if source == UPLOAD:
        return _uploaded_digit(choices, key, steps)
    return _test_digit() if source == TEST else _drawn_digit(choices, drawn, steps)


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


def _drawn_digit(choices: Choices, drawn: np.ndarray | None, steps: bool) -> Digit | None:
    if drawn is None:
        st.info("Nothing is drawn yet. Draw a digit first, then come back.")
    else:
        otherwise = "On your drawing there is not exactly one digit. Draw one, then come back."
        digit = _framed(choices, drawn, "Your drawing, as a network sees it", steps, otherwise)
        if digit:
            return digit
    st.page_link("draw/page.py", label="Draw a digit", icon="✏️")
    return None


def _uploaded_digit(choices: Choices, key: str, steps: bool) -> Digit | None:
    file = widgets.picture_ui("A picture of one digit", f"{key}_file")
    if file is None:
        st.info("Choose a picture of one handwritten digit, dark on light or light on dark.")
        return None
    otherwise = "On this picture there is not exactly one digit. Choose another one."
    try:
        return _framed(choices, open_picture(file), "Your picture, as a network sees it", steps, otherwise)
    except ValueError as error:
        st.error(as_text(error))
        return None


def _framed(choices: Choices, picture: Picture, name: str, steps: bool, otherwise: str) -> Digit | None:
    """Return what a network sees of a picture; None after showing why there is no network, or `otherwise`."""
    reader = models.recognizer(choices.model, choices.thresholds)
    if reader is None:
        return None
    reading = reader.read_digit(picture, steps)
    if reading.status in NOTHING:
        st.info(otherwise)
        return None
    return Digit(reading.framed, None, name, reading, picture)
