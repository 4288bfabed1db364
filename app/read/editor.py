"""A picture with its boxes, to be put right by keyboard and mouse; what can be done with them, each kind of
`Desk` says.

What is moved through, and seen, is the browser's (`editor.js`); it sends a log of what the person does. Here
each of these actions becomes a change of the picture's `Edits`, which can be undone.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import streamlit as st

from app.read.sources import Source
from app.shared import correct, widgets, work
from app.shared.sidebar import choices
from digits.data.collection.originals import cut_out
from digits.deploy import boxes
from digits.deploy.boxes import Edits, View
from digits.deploy.form_boxes import LINE
from digits.plots import pixels
from digits.plots.text import percent
from digits.reading import Reading

PAGE = "read"
DESK = "desk"  # in the session: what the actions are about
DONE = "desk_done"  # in the session: which actions were taken, by the kind of what is edited
CARE = "Doubtful ones are orange; *How careful?* in the sidebar makes them more or fewer."
GO_ON = "desk_go_on"  # in the session: the next picture is asked for
LONGEST_TEXT = 40
LARGEST = 2000
"""Pixels of the picture's longer side as it is sent: single cells of it are looked at large."""
MOST_STEPS, MOST_PICTURES = 50, 5000
"""Changes of a picture that can be undone; pictures whose changes are kept."""
MOST_ACTIONS = 500
MOST_READ = 2000  # boxes, that are not read twice

_HTML, _CSS, *_JS = (
    Path(__file__).with_name(name).read_text("utf-8")
    for name in ("editor.html", "editor.css", "sheet.js", "grid.js", "editor.js")
)
_component = st.components.v2.component("editor", html=_HTML, css=_CSS, js="\n".join(_JS))


@dataclass(frozen=True)
class Item:
    """One box, and what was read in it."""

    key: str
    """See `digits.deploy.boxes`."""
    title: str
    box: boxes.Box
    """In pixels of the view."""
    text: str
    """As it was read; "?" for what is no digit."""
    confidence: float
    doubtful: bool
    digits: list[Reading]
    place: tuple[int, int, int, int] | None = None
    """Row and column in a table, and how many it takes."""


@dataclass(frozen=True)
class Desk:
    """What is edited, and what can be done with its boxes."""

    source: Source
    view: View
    items: list[Item]
    words: str
    """For those who cannot see the picture."""

    kind: ClassVar[str] = ""
    """By which its edits are known, beside its source."""
    tools: ClassVar[tuple[str, ...]] = ()
    """Buttons over the picture, of those in `editor.html`."""
    is_ruled: ClassVar[bool] = False
    """Whether lines may be printed around the boxes."""
    is_digit: ClassVar[bool] = False
    """Whether each box holds one digit."""
    teaches: ClassVar[bool] = True
    """Whether what is said of a box is what is written in it."""
    shape: tuple[int, int] | None = None
    """Rows and columns of the grid beside the picture, where there is one."""
    heads: list[str] | None = None
    """What stands before its rows; None: their numbers."""
    told: ClassVar[tuple[str, str]] = (
        "Nothing is doubtful. Click a box to put it right.",
        "doubtful ones are put right.",
    )
    """Said where nothing waits: there was nothing, or of so many all are done."""
    chosen: str | None = None
    """The key of the box that is looked at first; None: the most doubtful."""
    more: int = 0
    """How many other pictures have something doubtful left."""

    @property
    def name(self) -> tuple[str, str]:
        """By which its edits are known."""
        return self.kind, self.source.key

    @property
    def first(self) -> Any:
        """The edits before anything was done."""
        return Edits()

    @property
    def edits(self) -> Any:
        """What was done so far."""
        return steps(*self.name, self.first)[-1]

    def said(self, item: Item) -> str | None:
        """Return what a person said of a box."""
        return self.edits.said.get(item.key)

    def note(self, item: Item) -> str:
        """Return what is told of a box."""
        said = self.said(item)
        done = "" if said is None else ": confirmed by you" if said == item.text else ": put right by you"
        return f"Read as {item.text or 'blank'}, {percent(item.confidence)} sure{done}"

    def changed(self, before: Any, action: Mapping[str, Any]) -> Any:
        """Return the edits after an action, which a browser sent: it may hold anything.

        Raises:
            ValueError: it cannot be done; one sentence that says why.
        """
        kind, key = action.get("do"), action.get("key")
        if kind == "say":
            return self.say(before, self.item(key), action.get("text"))
        if kind == "move":
            return before.draw({self.item(key).key: self.drawn(action)})
        if kind == "add":
            return before.draw(self.added(action))
        if kind == "split":
            return before.draw(self.divided(self.item(key)), [self.item(key).key])
        if kind == "merge":
            keys = action.get("keys")
            if not isinstance(keys, list) or len(keys) < 2:
                raise ValueError("There is no second box to join.")
            return before.draw(*self.joined([self.item(each) for each in keys[:MOST_ACTIONS]]))
        raise ValueError("This cannot be done here.")

    def item(self, key: object) -> Item:
        """Return the box with a key."""
        found = next((item for item in self.items if item.key == key), None)
        if found is None:
            raise ValueError("This box is no longer there.")
        return found

    def say(self, before: Edits, item: Item, text: object) -> Edits:
        """Return the edits with what a box says; what is as it was read only where that was doubtful."""
        if text is None:
            return before.say(item.key, None)
        text = str(text).strip()[:LONGEST_TEXT]
        if self.is_digit and not (text == "" or (len(text) == 1 and text in "0123456789")):
            raise ValueError(f"{text} is no digit; expected 0 to 9, or nothing where there is none.")
        return before.say(item.key, None if text == item.text and not item.doubtful else text)

    def drawn(self, action: Mapping[str, Any]) -> boxes.Box:
        """Return the box of an action, in pixels of the whole picture."""
        box = action.get("box")
        if not isinstance(box, list) or not all(type(side) in (int, float) for side in box):
            raise ValueError("A box is not x, y, width and height.")
        return self.view.back(self.view.clipped(box))

    def added(self, action: Mapping[str, Any]) -> dict[str, boxes.Box]:
        """Return the boxes, with keys, that an action adds."""
        raise ValueError("This cannot be done here.")

    def divided(self, item: Item) -> dict[str, boxes.Box]:
        """Return the boxes, with keys, into which one is divided."""
        raise ValueError("This cannot be done here.")

    def joined(self, items: list[Item]) -> tuple[dict[str, boxes.Box], list[str]]:
        """Return the box, with its key, that takes the place of several, and the keys of these."""
        raise ValueError("This cannot be done here.")

    def choose(self, key: object) -> None:
        """Take in that a box was chosen."""


def edits(kind: str, source: Source) -> Edits:
    """Return what a person did to the boxes of a picture so far, of a kind of desk."""
    return steps(kind, source.key)[-1]


def steps(kind: str, key: str, first: Any = None) -> list[Any]:
    """Return the edits after each step so far; `first`: those before any, if not empty."""
    return work.of(PAGE).setdefault("edits", {}).get((kind, key)) or [Edits() if first is None else first]


def show(desk: Desk) -> None:
    """Show the picture, the walk and, of a table, the grid; below them what goes for all."""
    st.session_state[DESK] = desk
    name, picture = _picture(desk.name, desk.view.turns, desk.view.corner, desk.view.picture.shape, desk.view)
    with st.container(key="boxed"):  # not seen: the component shows it, and it is sent once
        st.html(f'<img src="{picture}" alt="{escape(desk.words)}" class="sheet-{name}">')
    _component(
        key=f"editor-{desk.kind}",
        data=_data(desk, name),
        on_log_change=partial(_acted, desk.kind),
    )
    with st.container(horizontal=True, vertical_alignment="center", key="editor_undo"):
        widgets.button(
            "Undo",
            "undo",
            _undo,
            icon=":material/undo:",
            shortcut="Ctrl+Z",
            disabled=len(steps(*desk.name)) < 2,
        )
        if desk.teaches:
            correct.consent_ui()
    widgets.say()
    correct.problem_ui()


@st.cache_data(max_entries=8, show_spinner=False)
def _picture(
    name: tuple[str, str], turns: int, corner: tuple[int, int], shape: tuple, _view: View
) -> tuple[str, str]:
    """Return the picture as a page can show it, and a name for it."""
    factor = min(1.0, LARGEST / max(_view.picture.shape[:2]))
    size = tuple(max(1, round(side * factor)) for side in _view.picture.shape[1::-1])
    data = pixels.jpeg(cv2.resize(_view.picture, size, interpolation=cv2.INTER_AREA))
    return hashlib.sha1(data.encode()).hexdigest()[:16], data


def _data(desk: Desk, picture: str) -> dict[str, Any]:
    ranks = np.argsort(np.argsort([item.confidence for item in desk.items], kind="stable")).tolist()
    return {
        "name": " ".join(desk.name),
        "kind": desk.kind,
        "one": desk.is_digit,
        "tools": desk.tools,
        "tells": not desk.teaches,
        "told": desk.told,
        "more": desk.more,
        "chosen": desk.chosen,
        "picture": picture,
        "size": desk.view.picture.shape[1::-1],
        "shape": desk.shape,
        "heads": desk.heads,
        "longest": LONGEST_TEXT,
        "applied": st.session_state.setdefault(DONE, {}).get(desk.kind, ["", 0]),
        "items": [
            {
                "k": item.key,
                "t": item.title,
                "b": item.box,
                "r": item.text,
                "n": desk.note(item),
                "d": item.doubtful,
                "s": desk.said(item),
                "p": rank,
                "at": item.place,
            }
            for item, rank in zip(desk.items, ranks, strict=True)
        ],
    }


def _acted(kind: str) -> None:
    """Take in what the person did since the last run."""
    desk, log = st.session_state.get(DESK), st.session_state.get(f"editor-{kind}", {}).get("log")
    if desk is None or not isinstance(log, dict):
        return
    mount, actions = log.get("mount"), log.get("actions")
    if not isinstance(mount, str) or not isinstance(actions, list) or len(mount) > LONGEST_TEXT:
        return
    done = st.session_state.setdefault(DONE, {})
    last = done[kind][1] if done.get(kind, [""])[0] == mount else 0
    problems = []
    for action in actions[:MOST_ACTIONS]:
        number = action.get("n") if isinstance(action, dict) else None
        if not isinstance(number, int) or number <= last:
            continue
        last = number
        if action.get("name") != " ".join(desk.name):  # another picture is shown by now
            continue
        try:
            _do(desk, action)
        except ValueError as error:
            problems.append(("error", str(error)))
    done[kind] = [mount, last]
    st.session_state["said"] = problems[-1:]


def _do(desk: Desk, action: Mapping[str, Any]) -> None:
    if action.get("do") == "undo":
        _undo()
    elif action.get("do") == "next":
        st.session_state[GO_ON] = True
    elif action.get("do") == "choose":
        desk.choose(action.get("key"))
    else:
        push(desk, desk.changed(desk.edits, action))


def push(desk: Desk, after: Any) -> None:
    """Take one more step."""
    before = desk.edits
    if after == before:
        return
    known = work.of(PAGE).setdefault("edits", {})
    known[desk.name] = [*steps(*desk.name, desk.first), after][-MOST_STEPS:]
    while len(known) > MOST_PICTURES:
        del known[next(iter(known))]
    work.save()
    _teach(desk, before, after)


def _undo() -> str | None:
    desk = st.session_state[DESK]
    done = steps(*desk.name)
    if len(done) < 2:
        return "There is nothing to undo."
    work.of(PAGE)["edits"][desk.name] = done[:-1]
    work.save()
    _teach(desk, done[-1], done[-2])
    return None


def _teach(desk: Desk, before: Any, after: Any) -> None:
    """Keep the digits of which something else is said now, if the person agrees; forget what was kept."""
    for item in desk.items if desk.teaches else []:
        said = after.said.get(item.key)
        if said != before.said.get(item.key):
            written = [int(letter) for letter in said or "" if letter.isascii() and letter.isdigit()]
            can_be_told = len(written) == len(item.digits)
            for place, digit in enumerate(item.digits):
                others = [desk.view.box(other.box) for other in item.digits if other is not digit]
                others += [other.box for other in desk.items if desk.is_digit and other is not item]
                others += _beyond(item.box) if desk.is_ruled else []
                correct.keep_part(
                    f"{desk.kind} {desk.source.key} {digit.box}",
                    written[place] if can_be_told else None,
                    choices().model,
                    partial(cut_out, desk.view.picture, desk.view.box(digit.box), others),
                    digit,
                )


def _beyond(box: boxes.Box) -> list[boxes.Box]:
    """Return what is not within a box, and the lines around it, as four boxes."""
    x, y, w, h = box
    rim = round(LINE * min(w, h))
    level, upright = (
        [(x - w, at, 3 * w, h + rim) for at in (y - h, y + h - rim)],
        [(at, y - h, w + rim, 3 * h) for at in (x - w, x + w - rim)],
    )
    return level + upright


def price(items: list[Item], said: Mapping[str, str], what: str) -> str:
    """Say how many are doubtful, and what is to be expected of the others by their confidence.

    Args:
        items: all.
        said: what a person said, by key.
        what: they are, e.g. "cells".
    """
    waiting = [item for item in items if item.doubtful and item.key not in said]
    sure = [1 - item.confidence for item in items if not item.doubtful and item.key not in said]
    many = f"{len(waiting)} of {len(items)} {what} {'is' if len(waiting) == 1 else 'are'} doubtful"
    return f"{many}; of the others about {odds(float(np.mean(sure)))} is wrong." if sure else f"{many}."


def odds(share: float) -> str:
    """Return a small share as a person says it.

    >>> odds(0.005), odds(0.0523), odds(0.00001), odds(0.4)
    ('1 in 200', '1 in 19', '1 in 1,000 or fewer', '1 in 2')
    """
    return "1 in 1,000 or fewer" if share < 0.001 else f"1 in {max(2, round(1 / share)):,}"


def once(
    kind: str, source: Source, asked: tuple, read: Callable[[boxes.Box], Any]
) -> Callable[[boxes.Box], Any]:
    """Return what reads a box of a picture, and remembers it.

    Args:
        kind, source: see `edits`.
        asked: what else the answer depends on.
        read: reads a box.
    """
    kept = st.session_state.setdefault("boxes_read", {})

    def look_up(box: boxes.Box) -> Any:
        name = kind, source.key, asked, box
        if name not in kept:
            kept[name] = read(box)
            while len(kept) > MOST_READ:
                del kept[next(iter(kept))]
        return kept[name]

    return look_up
