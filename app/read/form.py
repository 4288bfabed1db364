"""Forms: a row for each picture, a column for each box of a template; each photo straight, with its boxes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from app.read import agreed, editor, table, template
from app.read.desk import Desk, Item, edits_of
from app.read.listing import File
from app.read.mode import Mode, One
from app.read.sources import Asked, Source
from app.read.template import plain
from app.shared import icons
from app.shared.widgets import as_text
from digits.deploy import form as files
from digits.deploy.batch.read import read_forms
from digits.deploy.boxes import View
from digits.deploy.form import Filled
from digits.deploy.form_boxes import Straight, edited_form, fits, read_moved
from digits.fields import holds
from digits.forms import Form
from digits.plots.text import listed, percent
from digits.preprocessing.components import Box as Rectangle
from digits.preprocessing.decode import to_rgb
from digits.reading import Cell

MARKED = {"doubtful": "{} ?", "corrected": "{} ✓", "": "{}"}
MOST_TOLD = 8


@dataclass(frozen=True, kw_only=True)
class FormDesk(Desk):
    """A form: each of its boxes."""

    straight: Straight
    form: Form

    kind, is_ruled = "form", True
    tools = ("empty",)

    def drawn(self, action: Mapping[str, Any]) -> Rectangle:
        """Return the box of an action, in pixels of the template's picture."""
        x, y, w, h = self.straight.of_template(super().drawn(action))
        width, height = self.form.size
        moved = x, y, min(w, width - x), min(h, height - y)
        name = self.item(action.get("key")).key
        replace(next(box for box in self.form.boxes if box.name == name), box=moved)  # refused if too small
        return moved


class FormMode(Mode):
    """Forms of one template; rows are `Filled`."""

    label, kind, slot = "Form", "form", "form "
    hints = {
        "Upload": f"{icons.HELLO} Choose photos or scans of the form, many if you like, also PDF documents "
        "or a .zip. Each becomes a row.",
        "Camera": f"{icons.HELLO} Take a picture of the form: all of it, flat, and in even light.",
    }

    def begin_ui(self) -> bool:
        """Draw the template; return whether there is one, and photos are asked for."""
        return template.ui(self.slot)

    def question_ui(self) -> Form | None:
        """Return the template, None after saying what is wrong with it."""
        try:
            return template.form()
        except ValueError as error:
            st.error(f"{as_text(error)} Put that right at the step *Template*.")
            return None

    def read(self, reader, found, question, jobs):
        """See `Mode`."""
        return read_forms(reader, found, question, jobs)

    def edited(self, source: Source, row: Filled, asked: Asked) -> Filled:
        """See `Mode`."""
        source = _own(source)
        edits = edits_of("form", source)
        if row.reading is None or not (edits.said or edits.boxes):
            return row
        form, view = asked.question, row.reading.view

        def read(name: str, place: Rectangle):
            box = next(box for box in form.boxes if box.name == name)
            alone = partial(_read_alone, asked, source, view, box)
            return editor.once("form", source, (asked.key, name), alone)(place)

        reading = edited_form(row.reading, edits.boxes, read)
        return Filled(row.file, reading, corrections=edits.said)

    def doubt(self, row: Filled) -> float:
        """See `Mode`."""
        return table.doubt(row.sheet)

    def is_waiting(self, row: Filled) -> bool:
        """See `Mode`."""
        return bool(row.doubtful)

    def line(self, row: Filled) -> dict[str, Any]:
        """See `Mode`; a column for each box, by its place: names may be those of other columns."""
        sheet = row.sheet
        return {"Picture": row.file, "Remark": ""} | {
            str(cell.column): _marked(sheet.is_corrected(cell), cell.is_doubtful).format(sheet.text_of(cell))
            for cell in sheet.cells
        }

    def columns(self, question: Form) -> dict[str, Any]:
        """See `Mode`."""
        small = partial(st.column_config.TextColumn, width="small")
        boxes = {str(place): small(box.name) for place, box in enumerate(question.boxes)}
        return {"Picture": small(), "Remark": small()} | boxes

    def show(self, one: One | None, hint: str) -> None:
        """See `Mode`."""
        status = st.container(key="status")
        if one is None or one.row.error:
            status.error(as_text(one.row.error)) if one else status.write(hint)
            return
        source, row, form = _own(one.source), one.row, one.asked.question
        view = one.read.reading.view
        straight = _straight(source.key, tuple(view.ravel().tolist()), form.size, source.open)
        items = [_item(form, cell, straight, place) for place, cell in enumerate(row.sheet.cells)]
        moved = edits_of("form", source).boxes
        items = [
            replace(item, box=straight.box(moved[item.key])) if item.key in moved else item for item in items
        ]
        status.write(_in_words(row, items))
        heads = [box.name for box in form.boxes]
        words = "The form, straight, every box on it"
        desk = FormDesk(
            source,
            View.whole(straight.picture),
            items,
            words,
            (len(items), 1),
            heads,
            more=one.more,
            straight=straight,
            form=form,
        )
        editor.show(desk)
        agreed.offer_ui(desk, _summed(form, row), "Totals hold")
        _checks_ui(form, row)

    def files(self, rows: list[Filled], question: Form) -> list[File]:
        """See `Mode`."""
        weight = len(rows) * len(question.boxes)
        return [
            File("Copy", "", partial(files.to_csv, question, rows, "\t"), weight),
            File("Excel", "forms.xlsx", partial(files.to_xlsx, question, rows), weight, table.XLSX),
            File("CSV", "forms.csv", partial(files.to_csv, question, rows), weight, "text/csv"),
            File("JSON", "forms.json", partial(files.to_json, rows), weight, "application/json"),
        ]


def _own(source: Source) -> Source:
    """Return a picture as it is known with this template: what is said of its boxes is said of that."""
    return replace(source, key=f"{source.key}@{template.key()}")


def _read_alone(asked: Asked, source: Source, view: np.ndarray, box: Any, place: Rectangle):
    moved = replace(box, box=place)
    return read_moved(asked.recognizer, source.open(), asked.question, view, moved)


@st.cache_data(max_entries=2, show_spinner=False)  # of a photo it is 20 MB
def _straight(key: str, view: tuple[float, ...], size: tuple[int, int], _open) -> Straight:
    return Straight.of(to_rgb(_open()), np.array(view).reshape(3, 3), size)


def _item(form: Form, cell: Cell, straight: Straight, place: int) -> Item:
    box = straight.box(form.boxes[place].box)
    digits, name = straight.digits(cell, box), form.boxes[place].name
    return Item(name, name, box, cell.text, cell.confidence, cell.is_doubtful, digits, (place, 0, 1, 1))


def _marked(is_corrected: bool, is_doubtful: bool) -> str:
    return MARKED["corrected" if is_corrected else "doubtful" if is_doubtful else ""]


def _in_words(row: Filled, items: list[Item]) -> str:
    if row.doubtful:
        return f"{icons.DOUBT} {editor.price(items, row.corrections, 'boxes')} {editor.CARE}"
    if row.sheet.status == "corrected":
        return "Sure, or put right by you."
    return f"Sure: of each box at least **{percent(min(item.confidence for item in items))}**"


def _summed(form: Form, row: Filled) -> set[str]:
    """Return the names of the boxes of totals that hold, where nothing was read otherwise so that they do."""
    names = [box.name for box in form.boxes]
    texts = dict(zip(names, row.texts, strict=True))
    bound = {
        name for name, cell in zip(names, row.sheet.cells, strict=True) if cell.number.unbound is not None
    }
    totals = [{total.total, *total.of} for total in form.totals if holds(total, texts)]
    return set().union(*(total for total in totals if not total & bound))


def _checks_ui(form: Form, row: Filled) -> None:
    """Say which totals hold, and what does not fit what is known of it."""
    texts = dict(zip((box.name for box in form.boxes), row.texts, strict=True))
    lines = []
    for total in form.totals:
        parts, more = list(total.of[:MOST_TOLD]), len(total.of) - MOST_TOLD
        parts += [f"{more} more"] if more > 0 else []
        said = {True: (icons.KEEP, "is the sum of"), False: (icons.WARNING, "is not the sum of")}.get(
            holds(total, texts), ("–", "cannot be compared with")
        )
        lines.append(f"{said[0]} {plain(total.total)} {said[1]} {plain(listed(parts))}.")
    known = {box.name: fits(box, texts[box.name]) for box in form.boxes}
    wrong = [name for name, good in known.items() if good is False]
    if wrong:
        whom = "it" if len(wrong) == 1 else "them"
        lines.append(f"{icons.WARNING} {plain(listed(wrong))}: not what is known of {whom}.")
    elif True in known.values():
        lines.append(f"{icons.KEEP} All that is written fits what is known of it.")
    if lines:
        st.caption("  \n".join(lines))
