"""Which digit to play with: the one drawn last, or a test digit. The one page file that knows test digits."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from digit_ui import canvas, loading
from digit_ui.sidebar import Choices
from digits.data.mnist_test import load_test

DRAWN, TEST = "Your drawing", "A test digit"


@dataclass(frozen=True)
class Digit:
    """A digit as networks see it."""

    frame: np.ndarray
    """(28, 28) uint8, bright ink on black."""
    label: int | None
    """What it is, where that is known."""
    name: str
    """For captions, e.g. "Test digit 4,711, labelled 8"."""


def digit_ui(choices: Choices, key: str) -> Digit | None:
    """Draw the choice of a digit; return it, or None after saying what is missing.

    Args:
        choices: of the sidebar; its model's road frames the drawing.
        key: begins the keys of all widgets.
    """
    drawn = canvas.drawn()
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{key}_digit"):
        source = st.segmented_control(
            "Which digit",
            [DRAWN, TEST],
            default=TEST if drawn is None else DRAWN,
            required=True,
            key=f"{key}_source",
        )
        if source == TEST:
            st.button("Another one", on_click=_another, icon="🎲", key=f"{key}_another")
    return _test_digit() if source == TEST else _drawn_digit(choices, drawn)


def test_digits(limit: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the first test digits, images (N, 28, 28) uint8 and labels (N,); None after saying why not."""
    try:
        images, labels = _mnist()
    except (OSError, ValueError) as error:
        st.info(f"There are no test digits here. {error}")
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
    place = st.session_state.setdefault("test_digit", 0) % len(found[1])
    return Digit(found[0][place], int(found[1][place]), f"Test digit {place:,}, labelled {found[1][place]}")


def _drawn_digit(choices: Choices, drawn: np.ndarray | None) -> Digit | None:
    if drawn is None:
        st.info("Nothing is drawn yet. Draw a digit first, then come back.")
        st.page_link("views/draw.py", label="Draw a digit", icon="✏️")
        return None
    reader = loading.recognizer(choices.model)
    if reader is None:
        return None
    reading = reader.read_digit(drawn)
    if reading.status in ("blank", "several"):
        st.info("On your drawing there is not exactly one digit. Draw one, then come back.")
        st.page_link("views/draw.py", label="Draw a digit", icon="✏️")
        return None
    return Digit((reading.framed * 255).round().astype(np.uint8), None, "Your drawing, as a network sees it")
