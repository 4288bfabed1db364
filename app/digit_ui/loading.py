"""Models load in the background, so that a page is there before TensorFlow is."""

from concurrent.futures import Future, ThreadPoolExecutor

import streamlit as st

from digit_ui import shelf
from digits import Recognizer
from digits.network.checkpoints import Entry

KEPT = 8  # models in memory at once


@st.cache_resource(show_spinner=False)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="load-model")


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _future(path, stamp) -> Future:
    return _pool().submit(_load, path)


def _load(path) -> Recognizer:
    recognizer = Recognizer.load(path)
    _keep_compiled()
    recognizer.warm_up()
    return recognizer


def _keep_compiled() -> None:
    """Keep Streamlit from ending Keras' session after each run of a page, as it does for models made anew in
    each. Ours stay, and would lose their compiled code: a third of a second for each stroke on a canvas."""
    import keras

    keras.backend.clear_session = lambda: None


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
            with st.spinner("Waking the network (about ten seconds, only the first time) …"):
                future.result()
        return future.result().careful(thresholds) if thresholds else future.result()
    except ValueError as error:
        st.error(str(error))
        return None
