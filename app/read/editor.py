"""A picture with its boxes, to be put right by keyboard and mouse.

What is moved through, and seen, is the browser's (`editor.js`); it sends a log of what the person does. Here
each of these actions becomes a change of the picture's `Edits`, which can be undone.
"""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from app.read.desk import LONGEST_TEXT, MOST_ACTIONS, Desk, Item, steps
from app.read.sources import PAGE, Source
from app.shared import canvas, correct, current, whose, widgets, work
from app.shared.sidebar import choices
from app.shared.widgets import as_text
from digits.data.collection.originals import cut_out, original, png
from digits.deploy import boxes
from digits.deploy.boxes import View
from digits.deploy.form_boxes import LINE
from digits.plots import pixels
from digits.reading import Reading

DESK = "desk"  # in the session: what the actions are about
DONE = "desk_done"  # in the session: which actions were taken, by the kind of what is edited
CARE = "Doubtful ones are orange; *How careful?* in the sidebar makes them more or fewer."
GO_TO = "desk_go_to"  # in the session: the page that a box is taken along to
GO_ON = "desk_go_on"  # in the session: the next picture is asked for
LARGEST = 2000
"""Pixels of the picture's longer side as it is sent: single cells of it are looked at large."""
MOST_STEPS, MOST_PICTURES = 50, 5000
"""Changes of a picture that can be undone; pictures whose changes are kept."""
MOST_READ = 2000  # boxes, that are not read twice

_HTML, _CSS, *_JS = (
    Path(__file__).with_name(name).read_text("utf-8")
    for name in ("editor.html", "editor.css", "sheet.js", "grid.js", "editor.js")
)
_component = st.components.v2.component("editor", html=_HTML, css=_CSS, js="\n".join(_JS))


def show(desk: Desk) -> None:
    """Show the picture, the walk and, of a table, the grid; below them what goes for all."""
    st.session_state[DESK] = desk
    if page := st.session_state.pop(GO_TO, None):
        st.switch_page(page)
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
            # Where one writes it takes strokes back.
            shortcut=None if desk.source.name == canvas.DRAWING else "Ctrl+Z",
            disabled=len(steps(*desk.name)) < 2,
        )
        if desk.teaches:
            correct.consent_ui()
    widgets.say()
    correct.problem_ui()
    if desk.teaches:
        whose.guess_ui([digit for item in desk.items for digit in item.digits])


@st.cache_data(max_entries=8, show_spinner=False)
def _picture(
    name: tuple[str, str], turns: int, corner: tuple[int, int], shape: tuple, _view: View
) -> tuple[str, str]:
    """Return the picture as a page can show it, and a name for it."""
    data = pixels.jpeg(_view.picture, LARGEST)
    return hashlib.sha1(data.encode()).hexdigest()[:16], data


def _data(desk: Desk, picture: str) -> dict[str, Any]:
    ranks = np.argsort(np.argsort([item.confidence for item in desk.items], kind="stable")).tolist()
    return {
        "name": " ".join(desk.name),
        "kind": desk.kind,
        "one": desk.is_digit,
        "letters": desk.has_letters,
        "tools": desk.tools,
        "tells": not desk.teaches,
        "onward": current.ways() if desk.teaches else [],
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
            problems.append(("error", as_text(error), ""))
    done[kind] = [mount, last]
    st.session_state["said"] = problems[-1] if problems else ()


def _do(desk: Desk, action: Mapping[str, Any]) -> None:
    if action.get("do") == "undo":
        _undo()
    elif action.get("do") == "next":
        st.session_state[GO_ON] = True
    elif action.get("do") == "go":
        _take_along(desk, desk.item(action.get("key")), action.get("to"))
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


def _take_along(desk: Desk, item: Item, way: object) -> None:
    """Make one box the picture that the visitor works on, and go to another page with it."""
    if way not in current.ways():
        raise ValueError("This cannot be done here.")
    digit = item.digits[0] if len(item.digits) == 1 else None
    box = desk.view.box(digit.box) if digit else item.box
    cut = png(original(cut_out(desk.view.picture, box, _others(desk, item, digit))))
    title = f"{item.title} of {desk.source.name}"
    file = work.File(hashlib.sha1(cut).hexdigest(), f"{title}.png", cut)
    current.take(file, title, "number")
    st.session_state[GO_TO] = current.ONWARD[way]


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
            keep(desk, item, written if len(written) == len(item.digits) else None)


def keep(desk: Desk, item: Item, written: list[int] | None, asked: bool = False) -> None:
    """Keep the digits of a box as what is written there, in place of what was kept of them before.

    Args:
        desk: where it is.
        item: the box.
        written: for each of its digits what it is; None keeps none of them.
        asked: see `correct.keep_part`.
    """
    for place, digit in enumerate(item.digits):
        others = _others(desk, item, digit)
        correct.keep_part(
            _name(desk, digit),
            None if written is None else written[place],
            choices().model,
            partial(cut_out, desk.view.picture, desk.view.box(digit.box), others),
            digit,
            asked,
        )


def is_kept(desk: Desk, item: Item) -> bool:
    """Tell whether all digits of a box are kept."""
    return all(correct.is_kept(_name(desk, digit)) for digit in item.digits)


def _name(desk: Desk, digit: Reading) -> str:
    return f"{desk.kind} {desk.source.key} {digit.box}"


def _others(desk: Desk, item: Item, digit: Reading | None) -> list[boxes.Box]:
    """Return what is not to be cut out with a digit of a box, or (None) with all of the box."""
    others = [desk.view.box(other.box) for other in item.digits if digit and other is not digit]
    others += [other.box for other in desk.items if desk.is_digit and other is not item]
    return others + (_beyond(item.box) if desk.is_ruled else [])


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
    if len(items) == 1:
        return "It is doubtful."
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
        kind, source: see `desk.edits_of`.
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
