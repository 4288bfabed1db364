"""The work of a visitor, kept by the server so that it survives a change of page and a reload of the tab.

A reload begins a new session of Streamlit. What shall outlive it is in memory, under a token in the address
(`?work=...`) that nobody can guess, and is handed out only to the browser that it came from: a link that is
passed on shows nothing. Nothing is written to the disk; it is bounded in size, number and age.
"""

import io
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import streamlit as st

from digits.config import is_public

ADDRESS = "work"
"""The parameter of the address that has the token."""

COOKIE = "_streamlit_xsrf"
"""By which a browser is known again: Streamlit gives each its own, against forged requests."""

KEPT = "work"  # in the session


@dataclass(frozen=True)
class Limits:
    """How much work is kept for a reload."""

    each: int
    """Bytes of the files of one visitor."""
    all: int
    """Bytes of the files of all."""
    visitors: int
    age: float
    """Seconds since it was touched last."""


PRIVATE = Limits(200 * 2**20, 400 * 2**20, 50, 24 * 3600.0)
PUBLIC = Limits(20 * 2**20, 100 * 2**20, 200, 2 * 3600.0)


@dataclass(frozen=True)
class File:
    """A file that somebody brought."""

    id: str
    """The same for the same file, as long as the work lasts."""
    name: str
    data: bytes = field(repr=False)

    def open(self) -> io.BytesIO:
        """Return it as an open file that has a name."""
        file = io.BytesIO(self.data)
        file.name = self.name
        return file


@dataclass
class Work:
    """What one visitor does."""

    owner: str
    """The browser."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    touched: float = 0.0
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By page, what it keeps: small values, and lists of `File`."""

    @property
    def weight(self) -> int:
        """Bytes of its files."""
        values = (value for page in self.pages.values() for value in page.values() if isinstance(value, list))
        return sum(len(file.data) for value in values for file in value if isinstance(file, File))


class Shelf:
    """All that is kept. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._works: dict[str, Work] = {}

    def find(self, token: str, owner: str, limits: Limits) -> Work | None:
        """Return the work with a token, if it came from the same browser and is not too old."""
        with self._lock:
            self._sweep(limits)
            work = self._works.get(token)
            return work if work and secrets.compare_digest(work.owner.encode(), owner.encode()) else None

    def keep(self, work: Work, limits: Limits) -> bool:
        """Keep a work, and let go what was touched longest ago where it is too much; tell whether it fits."""
        with self._lock:
            work.touched = time.monotonic()
            self._works.pop(work.token, None)
            if work.weight > limits.each:
                return False
            self._works[work.token] = work  # the last
            self._sweep(limits)
            return True

    def _sweep(self, limits: Limits) -> None:
        oldest = time.monotonic() - limits.age
        weight = sum(work.weight for work in self._works.values())
        for token, work in list(self._works.items()):
            if work.touched < oldest or weight > limits.all or len(self._works) > limits.visitors:
                weight -= self._works.pop(token).weight


@st.cache_resource(show_spinner=False)
def _shelf() -> Shelf:
    return Shelf()


def _limits() -> Limits:
    return PUBLIC if is_public() else PRIVATE


def begin() -> None:
    """Take up the work that the address names, or begin anew; on each run, before any page."""
    if KEPT not in st.session_state:
        owner = _browser(st.context.cookies.get(COOKIE, ""))
        token = st.query_params.get(ADDRESS, "")
        st.session_state[KEPT] = _shelf().find(token, owner, _limits()) or Work(owner)
    _tell_address()


def _browser(cookie: str) -> str:
    """Return what stays the same as long as a browser keeps its cookie, which says it behind another mask in
    each answer (as Tornado does: 2|mask|masked|time); "" where there is none."""
    _, mask, masked, *_ = [*cookie.split("|"), "", "", ""]
    try:
        key = bytes.fromhex(mask)
        return bytes(byte ^ key[i % len(key)] for i, byte in enumerate(bytes.fromhex(masked))).hex()
    except (ValueError, ZeroDivisionError):
        return ""


def of(page: str) -> dict[str, Any]:
    """Return what a page keeps, to look into and to write into; `save` what shall survive a reload."""
    return st.session_state[KEPT].pages.setdefault(page, {})


def save() -> bool:
    """Keep what the pages have by now for a reload; tell whether it can be: where anybody may come, a browser
    that has no cookie cannot be told from others."""
    work = st.session_state[KEPT]
    if is_public() and not work.owner:
        return False
    fits = _shelf().keep(work, _limits())
    _tell_address()
    return fits


def bring(page: str, name: str, files: Iterable[Any]) -> None:
    """Keep files of `st.file_uploader` or `st.camera_input` under a name, in place of those before."""
    of(page)[name] = [File(file.file_id, file.name, file.getvalue()) for file in files]
    save()


def remember(page: str, *keys: str) -> None:
    """Give widgets, before they are drawn, the values that they had before a reload; keep those of now."""
    kept = of(page).setdefault("widgets", {})
    for key in keys:
        if key in st.session_state:
            kept[key] = st.session_state[key]
        elif key in kept:
            st.session_state[key] = kept[key]


def _tell_address() -> None:
    # A change of page takes the parameters out of the address.
    work = st.session_state[KEPT]
    if work.touched and st.query_params.get(ADDRESS) != work.token:
        st.query_params[ADDRESS] = work.token
