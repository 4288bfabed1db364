"""What a visitor knows of the numbers before they are read."""

import re

import streamlit as st

from app.shared import icons
from app.shared.widgets import as_text
from digits.deploy.question import Question
from digits.reading import NumberReading, Row

CHECKS = {"None": "", "Luhn (cards)": "luhn", "ISBN": "isbn", "Modulo 11": "mod11", "Modulo 97": "mod97"}
FITS_NOT = f"{icons.WARNING} Nothing that could be read here fits what you know of it."
PUT_NOT, FITS = (
    f"{icons.WARNING} This does not fit what you know of it yet.",
    "✓ It fits what you know of it.",
)
WIDGETS = tuple(f"known_{name}" for name in ("pattern", "values", "between", "check", "length", "step"))
ELSE = "Knowing that, it reads **{}**; otherwise it would have read {}."
HELP = (
    "d is a digit, with . , - / : or spaces between; or a date or a time: DD.MM.YYYY, YYYY-MM-DD, hh:mm. "
    "With a model of letters also L for a capital, l for a small letter, A for either, X for a letter "
    "or a digit: LL-dddd."
)


def question_ui() -> Question | None:
    """Draw what can be known; return what is asked of each picture, or None after showing what is wrong."""
    marks = marks_ui()
    with st.popover("What do you know of it?", icon=":material/tune:"):
        words = _words_ui()
    try:
        return Question(number=True, marks=marks, field=tuple(words))
    except ValueError as error:
        st.error(as_text(error))
        return None


def marks_ui() -> bool:
    """Draw the switch for marks; return whether they are asked for."""
    words = "Also read points, commas, minus signs and spaces"
    return st.toggle(words, key="marks", persist_state="session")


def _words_ui() -> list[str]:
    st.caption("The number is then read so that it fits, as far as the picture allows.")
    left, right = st.columns(2)
    with left:
        said = {
            "pattern": _text_ui("It is written like", "DD.MM.YYYY", "pattern", HELP),
            "values": _text_ui("It is one of", "1204, 1731, 2056", "values"),
            "between": _text_ui("From, to", "0, 60", "between"),
        }
    with right:
        check = st.selectbox("Check digit", CHECKS, key="known_check", persist_state="session")
        said |= {
            "check": CHECKS[check],
            "length": _text_ui("So many digits", "8", "length"),
            "step": _text_ui("In steps of", "5", "step"),
        }
    return [f"{name}={value}" for name, value in said.items() if value]


def _text_ui(label: str, example: str, name: str, hint: str | None = None) -> str:
    key = f"known_{name}"
    said = st.text_input(label, placeholder=example, key=key, help=hint, persist_state="session").strip()
    return said if name == "pattern" else ",".join(re.findall(r"[^\s,;]+", said))


def in_words(read: Row, row: Row, question: Question) -> str:
    """Say what it made of a number that something is known of it; empty where that changed nothing.

    Args:
        read: the number as it was read.
        row: as the person put it right.
        question: what was asked.
    """
    number = read.reading
    if question.expected is None or not isinstance(number, NumberReading) or not row.digits:
        return ""
    if row is not read:
        digits = "".join(letter for letter in row.text if letter.isdigit())
        return FITS if "?" not in row.text and question.expected.fits(digits) else PUT_NOT
    if number.value is None:
        return FITS_NOT
    return "" if number.unbound is None else ELSE.format(number.value, number.unbound)
