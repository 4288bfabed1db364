"""Buttons that do something that may fail, and what became of it, said once after the page was drawn anew."""

from collections.abc import Callable

import streamlit as st


def button(words: str, key: str, do: Callable[[], object], kind: str = "secondary", **options) -> None:
    """Draw a button.

    Args:
        words: on it.
        key: of the widget.
        do: what a click does; where it returns a sentence that is said, as is a ValueError or OSError.
        kind: as `type` of `st.button`; its other options as there.
    """
    st.button(words, key=key, type=kind, on_click=_do, args=(do,), **options)


def say() -> None:
    """Say what became of the last click."""
    for kind, words in st.session_state.pop("said", []):
        getattr(st, kind)(words)


def _do(do: Callable[[], object]) -> None:
    try:
        found = do()
    except (ValueError, OSError) as error:
        st.session_state["said"] = [("error", str(error))]
    else:
        st.session_state["said"] = [("success", found)] if isinstance(found, str) else []
