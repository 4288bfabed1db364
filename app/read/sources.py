"""The pictures that the Read page was given, and what is read on each: once for all reruns."""

import hashlib
import io
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from app.shared import canvas, icons, models, widgets, work
from app.shared.sidebar import Choices
from digits import Recognizer
from digits.deploy.batch.read import Opener, pictures

PAGE = "read"
JOBS = os.cpu_count() or 1
DRAWING = "drawing.png"  # the name of what is written on the canvas
DREW = "drew_number"  # in the session: something was drawn in it
MOST_NAMED = 3


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
    recognizer = models.recognizer(choices.model, choices.thresholds)
    if recognizer is None:
        return None
    key = recognizer.name, models.stamp(choices.model.path), repr(choices.thresholds), question
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
        return chosen, _drawn(canvas.show(choices.brush, choices.dark, "number", canvas.WIDE))
    if chosen == "Camera":
        st.camera_input(
            "Hold the paper in front of the camera",
            resolution="1080p",
            key=f"{slot}read_photo",
            on_change=_brought,
            args=(slot + chosen, f"{slot}read_photo"),
        )
        return chosen, _kept_ui(slot + chosen, f"{slot}read_photo")
    st.file_uploader(
        "Pictures, PDF documents, or a .zip of them",
        [*widgets.KINDS, "zip"],
        accept_multiple_files=True,
        key=f"{slot}read_files",
        on_change=_brought,
        args=(slot + chosen, f"{slot}read_files"),
    )
    return chosen, _kept_ui(slot + chosen, f"{slot}read_files")


def _brought(name: str, key: str) -> None:
    files = st.session_state[key] or []
    work.bring(PAGE, name, files if isinstance(files, list) else [files])


def _kept_ui(name: str, key: str) -> list[Source]:
    """Return the pictures that are kept under a name; say those that their widget has forgotten since."""
    files: list[work.File] = work.of(PAGE).get(name, [])
    if files and not st.session_state.get(key):
        names = [widgets.as_text(file.name) for file in files[:MOST_NAMED]]
        names += [f"{len(files) - MOST_NAMED} more"] if len(files) > MOST_NAMED else []
        with st.container(horizontal=True, vertical_alignment="center", key="kept_files"):
            st.markdown(f"{icons.CLIP} {', '.join(names)}", width="content")
            st.button(
                "Take away", key="forget_files", type="tertiary", on_click=work.bring, args=(PAGE, name, [])
            )
    return [
        Source(f"{file.id}/{place}", picture, opener)
        for file in files
        for place, (picture, opener) in enumerate(pictures([file.open()]))
    ]


def _drawn(image: np.ndarray | None) -> list[Source]:
    """Return what stands on the canvas; where nobody drew since a reload, what stood there before."""
    if image is not None:
        key = hashlib.sha1(image.tobytes()).hexdigest()
        if [file.id for file in work.of(PAGE).get("Draw", [])] != [key]:
            work.of(PAGE)["Draw"] = [work.File(key, DRAWING, _png(image))]
            work.save()
        st.session_state[DREW] = True
        return [Source(f"{key}/0", DRAWING, lambda: image)]
    if st.session_state.pop(DREW, False):  # and now it is cleared
        work.bring(PAGE, "Draw", [])
    return _kept_ui("Draw", "read_drawing")


def _png(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def read(
    asked: Asked, sources: list[Source], kind: str, through: Callable[..., Iterator[Any]], is_slow: bool
) -> list[Any]:
    """Return what was read on each picture, a row each.

    Behind a progress bar, where there is more than one to read. Rows are kept as long as their pictures are
    there, and even those that were read before the visitor interrupted.

    Args:
        asked: who reads, and how.
        sources: the pictures.
        kind: of what is read: each keeps its own.
        through: reads pictures; see `Mode.read`.
        is_slow: whether a single one deserves a word of patience.
    """
    known = st.session_state.setdefault("rows", {}).setdefault(kind, {})
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
