"""Reads what the Read page was given, each picture once for all reruns, and remembers corrections."""

import os
from dataclasses import replace

import streamlit as st

from digit_ui import loading, shelf
from digit_ui.sidebar import Choices
from digit_ui.sources import Source
from digits.batch import read_all
from digits.rows import Row

JOBS = os.cpu_count() or 1


def rows(choices: Choices, sources: list[Source], marks: bool) -> list[Row] | None:
    """Return the row of each source, with corrections; None after showing why there is no model.

    Behind a progress bar, where there is more than one to read. Rows are kept as long as their pictures are
    there, and even those that were read before the visitor interrupted.
    """
    recognizer = loading.recognizer(choices.model, choices.thresholds)
    if recognizer is None:
        return None
    asked = (recognizer.name, shelf.stamp(choices.model.path), repr(choices.thresholds), marks)
    known = st.session_state.setdefault("rows", {})
    for old in known.keys() - {(source.key, asked) for source in sources}:
        del known[old]
    missing = [source for source in sources if (source.key, asked) not in known]
    if missing:
        found = ((source.name, source.open) for source in missing)
        bar = st.progress(0.0, _count(0, missing)) if len(missing) > 1 else None
        answers = read_all(lambda: recognizer, found, number=True, marks=marks, jobs=JOBS)
        for done, (source, row) in enumerate(zip(missing, answers, strict=True), start=1):
            known[source.key, asked] = row
            if bar:
                bar.progress(done / len(missing), _count(done, missing))
        if bar:
            bar.empty()
    return [_corrected(source, known[source.key, asked]) for source in sources]


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
