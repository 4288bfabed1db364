"""One number: what was read, and the picture with its boxes to put it right."""

import numpy as np
import streamlit as st

from app.read import editor
from app.read.editor import Desk, Item
from app.read.sources import DRAWING, Asked, Source
from app.shared import widgets
from digits.deploy import boxes
from digits.deploy.boxes import View
from digits.plots import pixels, text
from digits.preprocessing.decode import to_rgb
from digits.reading import NumberReading, Row

EMPTY = "I see no ink on this picture. Is the writing dark enough?"
MOST_SHOWN = 24
THUMBNAIL = 48


def show(source: Source | None, row: Row | None, hint: str) -> None:
    """Show one number with all its digits; without one, the hint.

    The containers are there in every state; see `answer.show`.
    """
    answer, status, desk, steps = (st.container(key=key) for key in ("answer", "status", "desk", "steps"))
    if row is None:
        status.write(hint)
    elif row.error:
        status.error(row.error)
    elif row.status == "blank" and not editor.edits("number", source).boxes:
        status.write(hint if source.name == DRAWING else EMPTY)
    else:
        items = _items(source, row)
        answer.html(f"<p>{row.text}</p>")
        status.write(_in_words(row, items))
        with desk:
            editor.show(
                Desk(source, _view(source.key, source.open), items, f"Every digit in a box: {row.text}")
            )
        with steps:
            _steps_ui(row)


@st.cache_data(max_entries=2, show_spinner=False)  # of a photo it is 40 MB
def _view(key: str, _open) -> View:
    return View.whole(to_rgb(_open()))


def edited(source: Source, row: Row, asked: Asked) -> Row:
    """Return a number as the person put it right."""
    edits = editor.edits("number", source)
    if not isinstance(row.reading, NumberReading) or not (edits.said or edits.boxes or edits.gone):
        return row

    def read(box: boxes.Box):
        return boxes.read_one(asked.recognizer, _view(source.key, source.open), box)

    number, keys = boxes.edited_number(row.reading, edits, editor.once("number", source, asked.key, read))
    said = {place: edits.said[key] for place, key in enumerate(keys) if key in edits.said}
    right = {place: int(one) if one else "" for place, one in said.items()}
    return Row(row.file, number, corrections=right)


def _items(source: Source, row: Row) -> list[Item]:
    keys = _keys(source, row)
    return [
        Item(
            key,
            f"Digit {place + 1}",
            digit.box,
            "?" if digit.digit is None else f"{digit.digit}",
            digit.confidence,
            digit.status in ("unsure", "not_a_digit"),
            [digit],
        )
        for place, (key, digit) in enumerate(zip(keys, row.digits, strict=True))
    ]


def _keys(source: Source, row: Row) -> list[str]:
    drawn = {box: key for key, box in editor.edits("number", source).boxes.items()}
    return [drawn.get(digit.box) or boxes.digit_key(digit) for digit in row.digits]


def _in_words(row: Row, items: list[Item]) -> str:
    said = {item.key: "" for place, item in enumerate(items) if place in row.corrections}
    if any(item.doubtful and item.key not in said for item in items):
        return f"🤔 {editor.price(items, said, 'digits')} {editor.CARE}"
    if row.corrections:
        return "Put right by you." if len(said) == len(items) else "Sure, or put right by you."
    if len(items) == 1:
        return f"Sure: **{text.percent(row.confidence)}**"
    return f"Sure: of each digit at least **{text.percent(row.confidence)}**"


def _steps_ui(row: Row) -> None:
    """Show each digit as the network saw it."""
    shown = row.digits[:MOST_SHOWN]
    if any(np.any(digit.framed) for digit in shown):
        st.caption("Each digit as the network saw it")
        named = [(pixels.thumbnail_png(digit.framed, THUMBNAIL), _caption(digit)) for digit in shown]
        st.html("".join(widgets.figure(png, name) for png, name in named))


def _caption(digit) -> str:
    return "no digit" if digit.digit is None else f"{digit.digit}: {text.percent(digit.confidence)}"
