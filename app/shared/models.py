"""What stands in models/, for the sidebar and the Models page. Looked at anew on every run, without Keras.

Models load in the background, so that a page is there before they are; many need no TensorFlow.
"""

import importlib
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import streamlit as st

from app.shared import icons
from app.shared.widgets import as_code, as_text
from digits import files
from digits.config import models_dir
from digits.files import sha256
from digits.models import checkpoints, leaderboard
from digits.models.checkpoints import Entry
from digits.models.leaderboard import Found, Standing

if TYPE_CHECKING:
    from digits import Recognizer


@st.cache_data(max_entries=200, show_spinner=False)
def _inspect(path, stamp) -> Entry:
    return checkpoints.inspect(path)


def stamp(path) -> tuple:
    """Return what changes when a model or its card is replaced, or taken away."""
    return tuple(map(files.instance, (path, path.with_suffix(".json"))))


def entries() -> list[Entry]:
    """Return all entries of models/, by name."""
    return [_inspect(path, stamp(path)) for path in checkpoints.files(models_dir())]


def usable() -> list[Entry]:
    """Return the entries that can be loaded, as far as a look without loading tells."""
    return [entry for entry in entries() if not entry.problem]


def of_digits() -> list[Entry]:
    """Return the usable entries that read digits alone: they are compared, measured and taught."""
    return [entry for entry in usable() if not entry.has_letters]


def broken() -> list[Entry]:
    """Return the entries with a problem."""
    return [entry for entry in entries() if entry.problem]


def chosen_ui(default: Entry | None, key: str, among: list[Entry] | None = None) -> Entry:
    """Draw a choice among models, all usable ones (there is one at least) unless told, beside the sidebar's;
    return it."""
    known = {entry.name: entry for entry in among or usable()}
    names = list(known)
    first = names.index(default.name) if default and default.name in known else 0
    return known[st.selectbox("Model", names, index=first, key=key, persist_state="session")]


def standing(entry: Entry) -> Standing | None:
    """Return how a model stands, or None after saying which result cannot be read."""
    try:
        return leaderboard.standing(entry)
    except (ValueError, LookupError, TypeError) as error:
        _warn_of_result(entry, error)
        return None


def judged(entry: Entry) -> Found | None:
    """Return what was measured on a model on MNIST's test digits, or None after saying how to do it."""
    try:
        found = leaderboard.find(entry.name, "", entry.card.sha256 if entry.card else sha256(entry.path))
    except ValueError as error:
        _warn_of_result(entry, error)
        return None
    if found is None:
        st.info(
            f"**{as_text(entry.name)}** was not judged yet. Judge it, in half a minute: "
            f"{how_to_judge(entry)}."
        )
    elif found.stale:
        st.warning(
            f"Stale: this is a result {found.stale}, not of what is here now. Judge {as_text(entry.name)} "
            f"again: {how_to_judge(entry)}.",
            icon=icons.WARNING,
        )
    return found


def _warn_of_result(entry: Entry, error: Exception) -> None:
    st.warning(
        f"A result on **{as_text(entry.name)}** cannot be read ({as_text(error)}). Measure it again: "
        f"{how_to_judge(entry)}.",
        icon=icons.WARNING,
    )


def how_to_judge(entry: Entry) -> str:
    """Return the command that measures a model on MNIST's test digits, as code in Markdown."""
    return as_code(f"python -m evaluation.judges.accuracy --model {entry.name}")


KEPT = 8  # models in memory at once

HEAD_START = 0.6
"""Seconds that the first page gets before the first model loads: the files of the page come from this
process too, and each would wait for an import. A model that is asked begins at once."""

_asked = threading.Event()  # nobody waits for the first page any more


@st.cache_resource(show_spinner=False)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "load-model")


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _future(path, stamp) -> Future:
    return _pool().submit(_load, path)


def _load(path) -> "Recognizer":
    _asked.wait(HEAD_START)
    _asked.set()
    from digits.deploy import lite  # late: a page is there before what reads

    importlib.import_module("app.draw.answer")  # what shows the first answer comes with it
    recognizer = lite.load(path)
    recognizer.warm_up()
    return recognizer


def wake_tensorflow() -> None:
    """Begin to import what models are explained with, unless that has happened already."""
    _waking()


@st.cache_resource(show_spinner=False)
def _waking_tables() -> Future:
    return _pool().submit(importlib.import_module, "pandas")


@st.cache_resource(show_spinner=False)
def _waking() -> Future:
    return _pool().submit(importlib.import_module, "keras")


def start(entry: Entry | None) -> None:
    """Begin to load a model, unless that has happened already, and then what other pages wait for."""
    if entry:
        _future(entry.path, stamp(entry.path))
        _waking_tables()


def recognizer(entry: Entry | None, thresholds: dict[str, float] | None = None) -> "Recognizer | None":
    """Return the loaded model, waiting behind a spinner if need be; None after showing why there is none.

    Args:
        entry: the model.
        thresholds: how careful it shall be, a row of its `trade_off`, or None for the card's own.
    """
    if entry is None:
        st.error("There is no usable model in the folder models/. Train one: `python training/train_cnn.py`.")
        return None
    future = _future(entry.path, stamp(entry.path))
    _asked.set()
    try:
        if not future.done():
            with st.spinner("Waking the network (up to ten seconds, only the first time) …"):
                future.result()
        return future.result().with_thresholds(thresholds) if thresholds else future.result()
    except ValueError as error:
        st.error(as_text(error))
        return None
