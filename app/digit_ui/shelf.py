"""What stands in models/, for the sidebar and the Models page. Looked at anew on every run, without Keras."""

from dataclasses import asdict

import streamlit as st

from digits.contract import models_dir
from digits.network import checkpoints
from digits.network.checkpoints import Entry
from digits.results import summary

COLUMNS = {
    "MNIST test": st.column_config.NumberColumn(format="percent", help="Accuracy on the 10,000 test digits."),
    "Pen drawings": st.column_config.NumberColumn(
        format="percent", help="Accuracy on drawings by writers whom no training saw."
    ),
    "Damaged": st.column_config.NumberColumn(
        format="percent", help="Mean accuracy on test digits with noise, blur, fog, scribbles and the like."
    ),
    "Parameters": st.column_config.NumberColumn(format="localized"),
    "Minutes": st.column_config.NumberColumn(help="Training time."),
}


@st.cache_data(max_entries=200, show_spinner=False)
def _inspect(path, stamp) -> Entry:
    return checkpoints.inspect(path)


def stamp(path) -> tuple:
    """Return what changes when a model or its card is replaced: times and sizes."""
    files = [file for file in (path, path.with_suffix(".json")) if file.exists()]
    return tuple((file.stat().st_mtime_ns, file.stat().st_size) for file in files)


def entries() -> list[Entry]:
    """Return all entries of models/, by name."""
    return [_inspect(path, stamp(path)) for path in checkpoints.files(models_dir())]


def usable() -> list[Entry]:
    """Return the entries that can be loaded, as far as a look without loading tells."""
    return [entry for entry in entries() if not entry.problem]


def broken() -> list[Entry]:
    """Return the entries with a problem."""
    return [entry for entry in entries() if entry.problem]


def with_cards() -> list[Entry]:
    """Return the entries that have a card."""
    return [entry for entry in entries() if entry.card]


def card(entry: Entry) -> dict:
    """Return the card of an entry as plain values."""
    return asdict(entry.card)


def table() -> list[dict]:
    """Return one row per usable model for the table of the Models page."""
    return [_row(entry) for entry in usable()]


def _row(entry: Entry) -> dict:
    known = entry.card

    def measured(kind: str = "") -> dict:
        return summary(entry.name + kind, known.sha256 if known else None) or {}

    return {
        "Model": entry.name,
        "MNIST test": measured().get("accuracy"),
        "Pen drawings": measured(".pen").get("held_out", {}).get("accuracy"),
        "Damaged": measured(".robustness").get("mean_accuracy"),
        "Parameters": known.parameters if known else None,
        "Trained on": ", ".join(source["name"] for source in known.trained_on) if known else "no card",
        "Minutes": known.minutes if known else None,
    }
