"""Numbers: what was read, and the picture with its boxes to put it right."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from app.read import agreed, editor, known
from app.read.desk import Desk, Item, edits_of
from app.read.listing import File
from app.read.mode import Mode, One
from app.read.sources import Asked, Source
from app.shared import canvas, icons, widgets
from app.shared.widgets import as_text
from digits.deploy import boxes
from digits.deploy.batch.read import read_all
from digits.deploy.boxes import View
from digits.deploy.question import Question
from digits.explain import finding
from digits.models.alphabet import DIGITS
from digits.plots import pixels, text
from digits.preprocessing.decode import to_rgb
from digits.reading import NumberReading, Row, to_csv, to_json, to_text

EMPTY = "I see no ink on this picture. Is the writing dark enough?"
MOST_SHOWN = 24
THUMBNAIL = 48
FILES = {"Text": ("txt", to_text), "CSV": ("csv", to_csv), "JSON": ("json", to_json)}
DOUBTFUL = ("unsure", "not_a_digit")


class NumberDesk(Desk):
    """A number: each of its digits in a box."""

    kind = "number"
    tools = ("draw", "split", "merge", "empty")
    is_digit = True

    def added(self, action: Mapping[str, Any]) -> dict[str, boxes.Box]:
        """Return the box that a person drew."""
        box = self.drawn(action)
        return {",".join(map(str, box)): box}

    def divided(self, item: Item) -> dict[str, boxes.Box]:
        """Return two boxes, divided where the least ink is."""
        return boxes.divided_digit(self.view, self.view.back(item.box))

    def joined(self, items: list[Item]) -> tuple[dict[str, boxes.Box], list[str]]:
        """Return the box around all."""
        box = boxes.around([self.view.back(item.box) for item in items])
        return {",".join(map(str, box)): box}, [item.key for item in items]


class NumberMode(Mode):
    """Numbers, one on each picture; rows are `Row`."""

    label, kind, is_slow = "Number", "number", False
    hints = {
        "Upload": f"{icons.HELLO} Choose a picture of a number; for a list choose many, or a .zip of them.",
        "Camera": f"{icons.HELLO} Take a picture of a number, as large and as level as you can.",
        "Draw": f"{icons.HELLO} Write a number into the box, several lines if you like. The answer "
        "follows each stroke.",
    }

    def question_ui(self) -> Question | None:
        """See `Mode`."""
        return known.question_ui()

    def read(self, reader, found, question, jobs):
        """See `Mode`."""
        return read_all(reader, found, question, jobs)

    def edited(self, source: Source, row: Row, asked: Asked) -> Row:
        """See `Mode`."""
        edits = edits_of("number", source)
        if not isinstance(row.reading, NumberReading) or not (edits.said or edits.boxes or edits.gone):
            return row

        def read(box: boxes.Box):
            return boxes.read_one(asked.recognizer, _view(source.key, source.open), box)

        look_up = editor.once("number", source, asked.key, read)
        number, keys = boxes.edited_number(row.reading, edits, look_up)
        said = {place: edits.said[key] for place, key in enumerate(keys) if key in edits.said}
        right = {place: int(one) if one in DIGITS else one for place, one in said.items()}  # "" is none
        return Row(row.file, number, corrections=right)

    def doubt(self, row: Row) -> float:
        """See `Mode`."""
        return row.doubt

    def is_waiting(self, row: Row) -> bool:
        """See `Mode`."""
        return any(
            digit.status in DOUBTFUL and place not in row.corrections
            for place, digit in enumerate(row.digits)
        )

    def line(self, row: Row) -> dict[str, Any]:
        """See `Mode`."""
        return {"Number": row.text.replace("\n", " / ")}

    def show(self, one: One | None, hint: str) -> None:
        """See `Mode`; the containers are there in every state: see `answer.show`."""
        if one and (words := known.in_words(one.read, one.row, one.asked.question)):
            st.markdown(words)
        answer, status, desk, steps = (st.container(key=key) for key in ("answer", "status", "desk", "steps"))
        if one is None:
            status.write(hint)
        elif one.row.error:
            status.error(as_text(one.row.error))
        elif one.row.status == "blank" and not edits_of("number", one.source).boxes:
            status.write(hint if one.source.name == canvas.DRAWING else EMPTY)
        else:
            row, items = one.row, _items(one.source, one.row)
            answer.html(f"<p>{row.text}</p>")
            status.write(_in_words(row, items))
            with desk:
                view = _view(one.source.key, one.source.open)
                words = f"Every digit in a box: {row.text}"
                labels = next((digit.labels for digit in one.row.digits), DIGITS)
                number_desk = NumberDesk(one.source, view, items, words, more=one.more, labels=labels)
                editor.show(number_desk)
                if one.row is one.read and _is_checked(one.row, one.asked.question):
                    agreed.offer_ui(number_desk, {item.key for item in items}, "Its check digit holds")
            with steps:
                _steps_ui(one.source, row)

    def files(self, rows: list[Row], question: Question) -> list[File]:
        """See `Mode`."""
        return [
            File(words, f"numbers.{ending}", lambda write=write: write(rows), len(rows))
            for words, (ending, write) in FILES.items()
        ]


@st.cache_data(max_entries=10, show_spinner=False)
def _parts(key: str, _open) -> np.ndarray | None:
    return finding.draw_number(_open())


@st.cache_data(max_entries=2, show_spinner=False)  # of a photo it is 40 MB
def _view(key: str, _open) -> View:
    return View.whole(to_rgb(_open()))


def _items(source: Source, row: Row) -> list[Item]:
    keys = _keys(source, row)
    return [
        Item(
            key,
            f"Digit {place + 1}",
            digit.box,
            digit.label or "?",
            digit.confidence,
            digit.status in DOUBTFUL,
            [digit],
        )
        for place, (key, digit) in enumerate(zip(keys, row.digits, strict=True))
    ]


def _keys(source: Source, row: Row) -> list[str]:
    drawn = {box: key for key, box in edits_of("number", source).boxes.items()}
    return [drawn.get(digit.box) or boxes.digit_key(digit) for digit in row.digits]


def _is_checked(row: Row, question: Question) -> bool:
    """Tell whether the check digit holds of a number as it was read: it was not read so to fit."""
    field, number = question.expected, row.reading
    return bool(field and field.check and number.value is not None and number.unbound is None)


def _in_words(row: Row, items: list[Item]) -> str:
    said = {item.key: "" for place, item in enumerate(items) if place in row.corrections}
    if any(item.doubtful and item.key not in said for item in items):
        return f"{icons.DOUBT} {editor.price(items, said, 'digits')} {editor.CARE}"
    if row.corrections:
        return "Put right by you." if len(said) == len(items) else "Sure, or put right by you."
    if len(items) == 1:
        return f"Sure: **{text.percent(row.confidence)}**"
    return f"Sure: of each digit at least **{text.percent(row.confidence)}**"


def _steps_ui(source: Source, row: Row) -> None:
    """Show how the finder parts the writing, and each digit as the network saw it."""
    shown = row.digits[:MOST_SHOWN]
    if (parts := _parts(source.key, source.open)) is not None:
        widgets.show({finding.TITLE: parts}, "parted")
    if any(np.any(digit.framed) for digit in shown):
        st.caption("Each digit as the network saw it")
        named = [(pixels.thumbnail_png(digit.framed, THUMBNAIL), _caption(digit)) for digit in shown]
        st.html("".join(widgets.figure(png, name) for png, name in named))


def _caption(digit) -> str:
    return "no digit" if digit.label is None else f"{digit.label}: {text.percent(digit.confidence)}"
