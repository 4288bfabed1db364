"""Files that a visitor brings: they outlive the widget that took them in, a change of page and a reload."""

from typing import Any

import streamlit as st

from app.shared import icons, widgets, work

MOST_NAMED = 3


def taking(page: str, name: str, key: str) -> dict[str, Any]:
    """Return the options of an `st.file_uploader` or `st.camera_input` whose files are kept under a name.

    Args:
        page: that keeps them, see `work.of`.
        name: under which it does.
        key: of the widget.
    """
    return {"key": key, "on_change": _bring, "args": (page, name, key)}


def kept_ui(page: str, name: str, key: str) -> list[work.File]:
    """Return the files that are kept under a name; say those that their widget has forgotten since."""
    files: list[work.File] = work.of(page).get(name, [])
    if files and not st.session_state.get(key):
        names = [widgets.as_text(file.name) for file in files[:MOST_NAMED]]
        names += [f"{len(files) - MOST_NAMED} more"] if len(files) > MOST_NAMED else []
        with st.container(horizontal=True, vertical_alignment="center", key="kept_files"):
            st.markdown(f"{icons.CLIP} {', '.join(names)}", width="content")
            st.button(
                "Take away", key="forget_files", type="tertiary", on_click=work.bring, args=(page, name, [])
            )
    return files


def _bring(page: str, name: str, key: str) -> None:
    files = st.session_state[key] or []
    work.bring(page, name, files if isinstance(files, list) else [files])
