"""Models load in the background, so that a page is there before they are; many need no TensorFlow."""

import importlib
from concurrent.futures import Future, ThreadPoolExecutor

import streamlit as st
from streamlit.runtime.scriptrunner import script_runner

from digit_ui import shelf
from digit_ui.strangers import as_text
from digits import Recognizer, light
from digits.network.checkpoints import Entry

KEPT = 8  # models in memory at once


def spare_models() -> None:
    """Spare models what Streamlit does after each run of a page, for models made anew in each run.

    It ends Keras' session, and with it their compiled code: half a second more for each stroke on a canvas.
    It would look for garbage among all of TensorFlow as well; .streamlit/config.toml says no to that.
    """
    script_runner._clean_problem_modules = lambda: None


@st.cache_resource(show_spinner=False)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "load-model")


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _future(path, stamp) -> Future:
    return _pool().submit(_load, path)


def _load(path) -> Recognizer:
    recognizer = light.reader(path)
    recognizer.warm_up()
    return recognizer


def wake_tensorflow() -> None:
    """Begin to import what models are explained with, unless that has happened already."""
    _waking()


@st.cache_resource(show_spinner=False)
def _waking() -> Future:
    return _pool().submit(importlib.import_module, "keras")


def start(entry: Entry | None) -> None:
    """Begin to load a model, unless that has happened already."""
    if entry:
        _future(entry.path, shelf.stamp(entry.path))


def recognizer(entry: Entry | None, thresholds: dict[str, float] | None = None) -> Recognizer | None:
    """Return the loaded model, waiting behind a spinner if need be; None after showing why there is none.

    Args:
        entry: the model.
        thresholds: how careful it shall be, a row of its `trade_off`, or None for the card's own.
    """
    if entry is None:
        st.error("There is no usable model in the folder models/. Train one: `python training/train_cnn.py`.")
        return None
    future = _future(entry.path, shelf.stamp(entry.path))
    try:
        if not future.done():
            with st.spinner("Waking the network (up to ten seconds, only the first time) …"):
                future.result()
        return future.result().careful(thresholds) if thresholds else future.result()
    except ValueError as error:
        st.error(as_text(error))
        return None
