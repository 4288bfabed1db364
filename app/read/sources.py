"""The pictures that the Read page was given, and what is read on each: once for all reruns."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.shared import brought, canvas, hand, learnt, models, widgets, work
from app.shared.sidebar import Choices
from digits import Recognizer
from digits.deploy.batch.read import Opener, pictures

PAGE = "read"
JOBS = os.cpu_count() or 1

MOST_KEPT = 200
"""Pictures, of which a reload finds what was read; more take too much room to outlive the tab."""


@dataclass(frozen=True)
class Source:
    """One picture that waits to be read."""

    key: str
    """The same for the same picture, as long as the visit lasts."""
    name: str
    open: Opener


@dataclass(frozen=True)
class Asked:
    """Who reads, and how."""

    recognizer: Recognizer
    question: Any
    """What else is asked, something that can be a key."""
    key: tuple
    """The same for the same answers."""


def asked(choices: Choices, question: Any) -> Asked | None:
    """Return who reads, and how; None after showing why there is no model.

    Args:
        choices: of the sidebar.
        question: see `Asked`.
    """
    recognizer = learnt.reader(choices)
    if recognizer is None:
        return None
    # Not what was learnt, nor whether anything was: a correction, the first too, counts from the next picture
    # on, and none is read over and over again.
    whose = hand.chosen() if hand.is_on() else None
    key = recognizer.name, models.stamp(choices.model.path), repr(choices.thresholds), whose, question
    return Asked(recognizer, question, key)


def sources_ui(choices: Choices, hints: Mapping[str, str], kind: str, slot: str) -> tuple[str, list[Source]]:
    """Draw the widgets; return which source, of those with a hint, was chosen, and the pictures that it
    holds: those that were brought last, also before a reload.

    Args:
        choices: of the sidebar.
        hints: what to do, by source.
        kind: begins the key of the choice.
        slot: begins the names under which the pictures are kept.
    """
    chosen = widgets.switch_ui("Where the picture comes from", hints, f"{kind}_source", keep=False)
    if chosen == "Draw":
        canvas.show("number", canvas.WIDE)
        drawn = canvas.file("number")
        return chosen, _sources([drawn] if drawn else [])
    key = f"{slot}read_photo" if chosen == "Camera" else f"{slot}read_files"
    taking = brought.taking(PAGE, slot + chosen, key)
    if chosen == "Camera":
        st.camera_input("Hold the paper in front of the camera", resolution="1080p", **taking)
    else:
        kinds = [*widgets.KINDS, "zip"]
        words = "Pictures, PDF documents, or a .zip of them"
        st.file_uploader(words, kinds, accept_multiple_files=True, **taking)
    return chosen, _sources(brought.kept_ui(PAGE, slot + chosen, key))


def _sources(files: list[work.File]) -> list[Source]:
    return [
        Source(f"{file.id}/{place}", picture, opener)
        for file in files
        for place, (picture, opener) in enumerate(pictures([file.open()]))
    ]


def read(
    asked: Asked, sources: list[Source], kind: str, through: Callable[..., Iterator[Any]], is_slow: bool
) -> list[Any]:
    """Return what was read on each picture, a row each.

    Behind a progress bar, where there is more than one to read. Rows are kept as long as their pictures are
    there, even those that were read before the visitor interrupted, and also for a reload: what was learnt
    meanwhile must not change what somebody is putting right.

    Args:
        asked: who reads, and how.
        sources: the pictures.
        kind: of what is read: each keeps its own.
        through: reads pictures; see `Mode.read`.
        is_slow: whether a single one deserves a word of patience.
    """
    kept = work.of(PAGE)
    rows = st.session_state.setdefault("rows", kept.get("rows", {}))
    kept["rows"] = rows if len(sources) <= MOST_KEPT else {}
    known = rows.setdefault(kind, {})
    for old in known.keys() - {(source.key, asked.key) for source in sources}:
        del known[old]
    missing = [source for source in sources if (source.key, asked.key) not in known]
    if missing:
        found = ((source.name, source.open) for source in missing)
        bar = st.progress(0.0, _count(0, missing)) if len(missing) > 1 else None
        with st.spinner("Reading …") if is_slow and not bar else nullcontext():
            answers = through(lambda: asked.recognizer, found, asked.question, JOBS)
            for done, (source, row) in enumerate(zip(missing, answers, strict=True), start=1):
                known[source.key, asked.key] = row
                if bar:
                    bar.progress(done / len(missing), _count(done, missing))
        if bar:
            bar.empty()
    return [known[source.key, asked.key] for source in sources]


def _count(done: int, sources: list[Source]) -> str:
    return f"{done} of {len(sources)} pictures read"
