"""What stands in models/, for the sidebar and the Models page. Looked at anew on every run, without Keras."""

import streamlit as st

from digits import files, results, standings
from digits.contract import models_dir
from digits.files import sha256
from digits.network import checkpoints
from digits.network.checkpoints import Entry
from digits.results import Found
from digits.standings import Standing


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


def broken() -> list[Entry]:
    """Return the entries with a problem."""
    return [entry for entry in entries() if entry.problem]


def chosen_ui(default: Entry | None, key: str) -> Entry:
    """Draw a choice among the usable models (there is one at least), beside the sidebar's; return it."""
    known = {entry.name: entry for entry in usable()}
    names = list(known)
    first = names.index(default.name) if default and default.name in known else 0
    return known[st.selectbox("Model", names, index=first, key=key, persist_state="session")]


def standing(entry: Entry) -> Standing | None:
    """Return how a model stands, or None after saying which result cannot be read."""
    try:
        return standings.standing(entry)
    except (ValueError, LookupError, TypeError) as error:
        _warn_of_result(entry, error)
        return None


def judged(entry: Entry) -> Found | None:
    """Return what was measured on a model on MNIST's test digits, or None after saying how to do it."""
    try:
        found = results.find(entry.name, "", entry.card.sha256 if entry.card else sha256(entry.path))
    except ValueError as error:
        _warn_of_result(entry, error)
        return None
    if found is None:
        st.info(f"**{entry.name}** was not judged yet. Judge it, in half a minute: `{how_to_judge(entry)}`.")
    elif found.stale:
        st.warning(
            f"Stale: this was measured on another file that bore the name {entry.name}. Judge the one that "
            f"is here now: `{how_to_judge(entry)}`.",
            icon="⚠️",
        )
    return found


def _warn_of_result(entry: Entry, error: Exception) -> None:
    st.warning(
        f"A result on **{entry.name}** cannot be read ({error}). Measure it again: `{how_to_judge(entry)}`.",
        icon="⚠️",
    )


def how_to_judge(entry: Entry) -> str:
    """Return the command that measures a model on MNIST's test digits."""
    return f"python evaluation/evaluate.py --model {entry.name}"
