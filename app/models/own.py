"""The models that somebody added here: measured, renamed, removed."""

from collections import defaultdict
from functools import partial

import streamlit as st

from app.shared import icons, models, tasks, widgets
from app.shared.widgets import as_text
from digits.config import is_public
from digits.files import sha256
from digits.models import registry
from digits.models.checkpoints import Entry


def own_ui() -> None:
    """Draw a line for each own model, and say which are one file under two names."""
    widgets.say(but="rename_do_")
    if is_public():
        return
    own = [entry for entry in models.entries() if registry.is_own(entry)]
    if not own:
        return
    st.header("Your own models", anchor=False)
    for names in _same(models.entries()):
        st.warning(f"**{as_text(' and '.join(names))}** are the same file. Remove one.", icon=icons.WARNING)
    for entry in own:
        with st.container(border=True, key=f"own_{entry.name}"):
            _line_ui(entry)


def _same(entries: list[Entry]) -> list[list[str]]:
    """Return the names under which one file stands more than once."""
    names = defaultdict(list)
    for entry in entries:
        names[_digest(entry.path, models.stamp(entry.path))].append(entry.name)
    return [found for found in names.values() if len(found) > 1]


@st.cache_data(max_entries=200, show_spinner=False)
def _digest(path, stamp) -> str:
    return sha256(path)


def _line_ui(entry: Entry) -> None:
    name = entry.name
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{as_text(name)}**", width="stretch")
        buttons = st.container(horizontal=True, width="content")
    runs = tasks.task_ui(name)
    with buttons:
        if not entry.problem and not entry.has_letters:  # what measures knows digits
            st.button(
                "Measure",
                key=f"measure_{name}",
                icon=icons.MEASURE,
                disabled=runs,
                on_click=tasks.begin,
                args=(name, "measure"),
                help="On MNIST's test digits and, where it is here, on real writing: some minutes, in the "
                "background.",
            )
        with st.popover("Rename", icon=icons.RENAME, disabled=runs, key=f"rename_{name}"):
            st.text_input("Its new name", name, key=f"new_name_{name}", max_chars=40)
            widgets.say(f"rename_do_{name}")
            widgets.button("Rename", f"rename_do_{name}", partial(_rename, name), "primary")
        with st.popover("Remove", icon=icons.DELETE, disabled=runs, key=f"remove_{name}"):
            st.write(
                f"Remove **{as_text(name)}** with its look-alikes and results? The model itself is kept in "
                "`models/previous/` until another one of this name is removed."
            )
            widgets.button(f"Remove {as_text(name)}", f"remove_do_{name}", partial(_remove, name), "primary")


def _rename(name: str) -> str:
    new = st.session_state[f"new_name_{name}"].strip()
    registry.rename(name, new)
    if st.session_state.get("model") == name:
        st.session_state["model"] = new  # the sidebar's
    return f"**{as_text(name)}** is called **{as_text(new)}** now."


def _remove(name: str) -> str:
    registry.remove(name)
    return f"**{as_text(name)}** was removed."
