"""The picture that a visitor works on: one thing of the visit, which every page takes up.

What was drawn, uploaded or photographed last, or a digit, cell or box that was taken along from a page of
many. It is kept with the visitor's work, so that it outlives a change of page and a reload.
"""

from dataclasses import dataclass

import streamlit as st

from app.shared import icons, work
from digits.config import is_public

PAGE = "current"  # under which it is kept

ONWARD = {"why": "explain/page.py", "break": "robustness/page.py", "teach": "teach/page.py"}
"""Where it can be taken along, by what is asked there."""

WORDS = {"why": "Why?", "break": "Try to break it", "teach": "Teach"}
ICONS = {"why": icons.WHY, "break": icons.BREAK, "teach": icons.TEACH}


@dataclass(frozen=True)
class Current:
    """A picture, and whose it is."""

    file: work.File
    name: str
    """In words, e.g. "Your drawing" or "Digit 2 of scan.png"."""
    origin: str
    """One of `digits.data.collection.store.ORIGINS`."""


def get() -> Current | None:
    """Return the picture that the visitor works on, or None."""
    kept = work.of(PAGE)
    return Current(kept["file"][0], kept["name"], kept["origin"]) if kept.get("file") else None


def take(file: work.File, name: str, origin: str) -> None:
    """Make a picture the one that the visitor works on; see `Current`."""
    if get() != (new := Current(file, name, origin)):
        work.of(PAGE).update(file=[new.file], name=new.name, origin=new.origin)
        work.save()


def forget(*origins: str) -> None:
    """Work on no picture, if it was of one of these origins: it was wiped or taken away."""
    if work.of(PAGE).get("origin") in origins:
        work.of(PAGE).clear()
        work.save()


def ways() -> list[str]:
    """Return which of `ONWARD` there are here: nobody teaches an app that is open to all."""
    return [way for way in ONWARD if way != "teach" or not is_public()]


def onward_ui() -> None:
    """Offer the pages that take the picture up."""
    with st.container(horizontal=True, key="onward"):
        for way in ways():
            st.page_link(ONWARD[way], label=WORDS[way], icon=ICONS[way], width="content")
