"""What a visitor prefers, also on the next visit: the model, how careful, whose hand, the brush and canvas.

Kept in `user_data/preferences.json`; where strangers use the app in a cookie of each browser instead, since
the disk keeps nothing of theirs. Both may hold anything: what is read out of them is checked.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import streamlit as st

from digits.config import DEFAULT_MODEL, is_public, user_dir
from digits.files import write_json

COOKIE = "digits_preferences"
YEAR = 365 * 24 * 3600
"""Seconds for which a browser keeps it."""

LONGEST = 3000
"""Characters: as much as fits into a cookie, and more than is ever written."""

MOST_MODELS, LONGEST_NAME = 10, 60
"""Models whose care is kept, and characters of a model's name."""

BRUSHES = 6, 40
"""Pixels of the thinnest and of the thickest pen."""

FIRST = {
    "model": DEFAULT_MODEL,
    "before": "",
    "care": {},
    "brush": 18,
    "dark": False,
    "hand": 1,
    "my_hand": True,
}
"""What is preferred at first. "before": the model that an adopted one took the place of, or nothing; "care":
by model which row of its trade-off; "hand": the number of the one whose digits count, if "my_hand"."""

KEPT = "preferences"  # in the session
TO_TELL = "preferences_to_tell"  # in the session: its browser does not know them yet
PROBLEM = "preferences_problem"  # in the session: why they could not be kept


def get(name: str) -> Any:
    """Return what is preferred, one of `FIRST`."""
    return _all()[name]


def keep(**changed: Any) -> None:
    """Keep what is preferred from now on, for the next visit too."""
    found = checked(_all() | changed)
    if found == _all():
        return
    st.session_state[KEPT] = found
    if is_public():
        st.session_state[TO_TELL] = True
        return
    try:
        write_json(_file(), found)
    except (OSError, ValueError) as error:
        st.session_state[PROBLEM] = f"What you chose holds for this visit, but could not be kept. {error}"


def remembered(name: str, draw: Callable[..., Any], label: str, *arguments: Any, **options: Any) -> None:
    """Draw a widget that says what is preferred, under the same key.

    Args:
        name: "brush" or "dark".
        draw: the widget, e.g. `st.slider`; it gets the label, the arguments and the options.
    """
    kept = {"value": get(name), "key": name, "persist_state": "session"}
    draw(label, *arguments, on_change=_chosen, args=(name,), **kept, **options)


def adopt(model: str) -> None:
    """Prefer a model that was made or added just now, and remember what it takes the place of."""
    if model != get("model"):
        keep(model=model, before=get("model"))
    st.session_state["model"] = model


def take_back() -> None:
    """Prefer what an adopted model took the place of."""
    keep(model=get("before") or DEFAULT_MODEL, before="")
    st.session_state["model"] = get("model")


def say() -> None:
    """Tell the browser, where that keeps them; and once why they could not be kept, if so."""
    if st.session_state.pop(TO_TELL, False):
        value = quote(json.dumps(_all(), separators=(",", ":")), safe="")
        words = f"{COOKIE}={value}; path=/; max-age={YEAR}; samesite=lax"
        st.html(f"<script>document.cookie = {json.dumps(words)};</script>", unsafe_allow_javascript=True)
    if problem := st.session_state.pop(PROBLEM, None):
        st.warning(problem)


def checked(raw: object) -> dict[str, Any]:
    """Return what of something read elsewhere can be preferred, with `FIRST` for the rest.

    >>> checked({"brush": 12, "dark": "yes", "model": "a/../b", "care": {"handwriting": 3, "x": -1}})["care"]
    {'handwriting': 3}
    """
    found = dict(FIRST, care={})
    if not isinstance(raw, dict):
        return found
    for name in ("model", "before"):
        if _is_name(raw.get(name)):
            found[name] = raw[name]
    if type(raw.get("brush")) is int and BRUSHES[0] <= raw["brush"] <= BRUSHES[1]:
        found["brush"] = raw["brush"]
    if type(raw.get("hand")) is int and 1 <= raw["hand"] < 2**53:
        found["hand"] = raw["hand"]
    found |= {name: raw[name] for name in ("dark", "my_hand") if type(raw.get(name)) is bool}
    if isinstance(raw.get("care"), dict):
        good = {
            name: row
            for name, row in raw["care"].items()
            if _is_name(name) and type(row) is int and 0 <= row < LONGEST_NAME
        }
        found["care"] = dict([*good.items()][-MOST_MODELS:])
    return found


def _is_name(name: object) -> bool:
    return isinstance(name, str) and len(name) <= LONGEST_NAME and name.isprintable() and "/" not in name


def _all() -> dict[str, Any]:
    if KEPT not in st.session_state:
        st.session_state[KEPT] = checked(_read())
    return st.session_state[KEPT]


def _read() -> object:
    with suppress(OSError, ValueError, RecursionError):
        if is_public():
            return json.loads(unquote(str(st.context.cookies.get(COOKIE, ""))[:LONGEST]))
        with _file().open(encoding="utf-8") as file:
            return json.loads(file.read(LONGEST))
    return None


def _file() -> Path:
    return user_dir() / "preferences.json"


def _chosen(name: str) -> None:
    keep(**{name: st.session_state[name]})
