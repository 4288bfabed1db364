"""The pictures that the Read page was given, and what is read on each: once for all reruns, and corrected."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from app.shared import canvas, models, widgets
from app.shared.sidebar import Choices
from digits.deploy.batch.read import Opener, pictures, read_all, read_tables
from digits.deploy.question import Question
from digits.deploy.table import Sheet
from digits.reading import Cell, Row

JOBS = os.cpu_count() or 1
DRAWING = "drawing.png"  # the name of what is written on the canvas
HINTS = {
    "Upload": "👋 Choose a picture of a number. For many choose many, or a .zip of them: you get a table.",
    "Camera": "👋 Take a picture of a number, as large and as level as you can.",
    "Draw": "👋 Write a number into the box, several lines if you like. The answer follows each stroke.",
}

TABLE_HINTS = {
    "Upload": "👋 Choose a picture of a table with ruled lines. Each of its cells is read.",
    "Camera": "👋 Take a picture of a table with ruled lines, all of it and as level as you can.",
}


@dataclass(frozen=True)
class Source:
    """One picture that waits to be read."""

    key: str
    """The same for the same picture, as long as the visit lasts."""
    name: str
    open: Opener


def sources_ui(
    choices: Choices, hints: Mapping[str, str] = HINTS, key: str = "read_source"
) -> tuple[str, list[Source]]:
    """Draw the widgets; return which source, of those with a hint, was chosen, and the pictures that it
    holds."""
    chosen = widgets.switch_ui("Where the picture comes from", hints, key, keep=False)
    if chosen == "Draw":
        return chosen, _drawn(canvas.show(choices.brush, choices.dark, "number", canvas.WIDE))
    if chosen == "Camera":
        photo = st.camera_input("Hold the paper in front of the camera", resolution="1080p")
        return chosen, _uploaded([photo] if photo else [])
    files = st.file_uploader(
        "Pictures, PDF documents, or a .zip of them",
        [*widgets.KINDS, "zip"],
        accept_multiple_files=True,
        key="read_files",
    )
    return chosen, _uploaded(files)


def _drawn(image: np.ndarray | None) -> list[Source]:
    if image is None:
        return []
    return [Source(hashlib.sha1(image.tobytes()).hexdigest(), DRAWING, lambda: image)]


def _uploaded(files: list) -> list[Source]:
    return [
        Source(f"{file.file_id}/{place}", name, opener)
        for file in files
        for place, (name, opener) in enumerate(pictures([file]))
    ]


def rows(choices: Choices, sources: list[Source], question: Question) -> list[Row] | None:
    """Return the row of each source, with corrections; None after showing why there is no model.

    Behind a progress bar, where there is more than one to read. Rows are kept as long as their pictures are
    there, and even those that were read before the visitor interrupted.
    """
    recognizer = models.recognizer(choices.model, choices.thresholds)
    if recognizer is None:
        return None
    asked = (recognizer.name, models.stamp(choices.model.path), repr(choices.thresholds), question)
    known = st.session_state.setdefault("rows", {})
    for old in known.keys() - {(source.key, asked) for source in sources}:
        del known[old]
    missing = [source for source in sources if (source.key, asked) not in known]
    if missing:
        found = ((source.name, source.open) for source in missing)
        bar = st.progress(0.0, _count(0, missing)) if len(missing) > 1 else None
        answers = read_all(lambda: recognizer, found, question, JOBS)
        for done, (source, row) in enumerate(zip(missing, answers, strict=True), start=1):
            known[source.key, asked] = row
            if bar:
                bar.progress(done / len(missing), _count(done, missing))
        if bar:
            bar.empty()
    return [_corrected(source, known[source.key, asked]) for source in sources]


def sheet(choices: Choices, source: Source, marks: bool) -> Sheet | None:
    """Return the table on a picture, with corrections; None after showing why there is no model. The last is
    kept."""
    recognizer = models.recognizer(choices.model, choices.thresholds)
    if recognizer is None:
        return None
    asked = (recognizer.name, models.stamp(choices.model.path), repr(choices.thresholds), marks, source.key)
    if st.session_state.get("sheet", [None])[0] != asked:
        with st.spinner("Reading the table …"):
            (found,) = read_tables(lambda: recognizer, [(source.name, source.open)], marks)
        st.session_state["sheet"] = asked, found
    return replace(st.session_state["sheet"][1], corrections=dict(_cells(source)))


def correct_cell(source: Source, cell: Cell, text: str | None) -> None:
    """Remember what a cell of a table says; None takes a correction back."""
    _cells(source).pop(cell.place, None) if text is None else _cells(source).update({cell.place: text})


def _cells(source: Source) -> dict[tuple[int, int], str]:
    return st.session_state.setdefault("cell_corrections", {}).setdefault(source.key, {})


def correct(source: Source, box: tuple, right: int | str | None) -> None:
    """Remember what the digit in a box is: 0 to 9, "" for none; None takes a correction back."""
    known = st.session_state.setdefault("corrections", {}).setdefault(source.key, {})
    known.pop(box, None) if right is None else known.update({box: right})


def _corrected(source: Source, row: Row) -> Row:
    # By box, since another model or the marks between digits may change their places in the row.
    known = st.session_state.get("corrections", {}).get(source.key, {})
    places = {place: known[digit.box] for place, digit in enumerate(row.digits) if digit.box in known}
    return replace(row, corrections=places)


def _count(done: int, sources: list[Source]) -> str:
    return f"{done} of {len(sources)} pictures read"
