"""The drawing canvas with its tools: the one file that knows the component (streamlit-drawable-canvas 0.13).

A drawing is kept with the visitor's work, so that it outlives a change of page and a reload; what the canvas
shall show is told to it as its `initial_drawing`, and whenever that changes it draws it anew and reports it.
Its own tools are hidden: its bin brings back what it began with, and its "Edit" makes things of strokes, on
which nobody can draw any more. And see MEND.
"""

import hashlib
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
import streamlit_drawable_canvas as component

from app.shared import icons, preferences, work

if TYPE_CHECKING:
    import numpy as np

SIDE = 280
WIDE = (680, 300)
"""Width and height in pixels of the canvas for a whole number; a narrow window shows it smaller."""

WHITE, BLACK = "#ffffff", "#000000"
DRAWING = "drawing.png"
"""The name of what is drawn."""

PAGE = "canvas"  # under which drawings are kept
LARGEST = 2**21
"""Bytes of a drawing, which a stranger's browser sends."""
EMPTY = {"drawing": None, "cleared": None, "dark": False, "turn": 0, "picture": []}

MEND = Path(__file__).with_name("canvas.html").read_text(encoding="utf-8")
"""Hides the component's tools, and mends its width; see there."""


def show(name: str = "digit", size: tuple[int, int] = (SIDE, SIDE)) -> "np.ndarray | None":
    """Draw a canvas, and below it its tools.

    Args:
        name: of the canvas; each keeps its own drawing.
        size: width and height in pixels, of the drawing too. Where that is too wide for the window the canvas
            is shown smaller, and counts its pixels as before.

    Returns:
        The drawing, (height, width, 4) uint8 RGBA, or None for an empty canvas.
    """
    state, key, dark = _state(name), _key(name), preferences.get("dark")
    if key not in st.session_state or state["dark"] != dark:  # new to this page, or a reload
        state["dark"] = dark
        _put(name, state["drawing"])
    with st.container(key="canvas", gap=None):
        result = component.st_canvas(
            stroke_width=preferences.get("brush"),
            stroke_color=WHITE if dark else BLACK,
            background_color=BLACK if dark else WHITE,
            initial_drawing=_shown(name),
            width=size[0],
            height=size[1],
            update_streamlit=True,
            return_image_data=True,
            key=key,
        )
        mend = MEND % {"key": key, "width": size[0], "height": size[1]}
        st.html(mend, unsafe_allow_javascript=True)
    _take_in(name, result.json_data, result.image_bytes)
    _tools_ui(name)
    preferences.say()
    return _pixels(state["picture"][0].data) if state["picture"] else None


def file(name: str = "digit") -> work.File | None:
    """Return what stands on a canvas as a file, or None."""
    return next(iter(_state(name)["picture"]), None)


def clear(name: str = "") -> None:
    """Empty a canvas, by default that shown last; `undo` brings the drawing back."""
    name = name or st.session_state.get("canvas_shown", "digit")
    state = _state(name)
    drawing = _reported(name) or state["drawing"]
    if drawing:
        state["cleared"] = drawing, state["picture"]
    _put(name, None)


def undo(name: str) -> None:
    """Take the last stroke back, or the clearing."""
    state = _state(name)
    drawing = _reported(name) or state["drawing"]  # the last stroke may have come with the click
    if drawing:
        strokes = drawing["objects"][:-1]
        _put(name, drawing | {"objects": strokes} if strokes else None)
    elif state["cleared"]:
        drawing, state["picture"] = state["cleared"]
        _put(name, drawing)


def _tools_ui(name: str) -> None:
    st.session_state["canvas_shown"] = name
    state = _state(name)
    with st.container(horizontal=True, gap="xsmall", key="canvas_tools"):
        none = not (state["drawing"] or state["cleared"])
        st.button(
            "Undo", icon=icons.UNDO, key="undo_stroke", on_click=undo, args=(name,), shortcut="Ctrl+Z",
            disabled=none,
        )  # fmt: skip
        st.button(
            "Clear", icon=icons.DELETE, key="clear", on_click=clear, args=(name,), shortcut="Delete",
            disabled=not state["drawing"],
        )  # fmt: skip
        with st.popover("Pen", icon=icons.DRAW):
            preferences.remembered(
                "brush", st.slider, "Brush", 6, 40, help="Thickness of the pen on the canvas, in pixels."
            )
            preferences.remembered(
                "dark", st.toggle, "Black canvas", help="A white pen on black. Your drawing stays."
            )
            st.caption("Ctrl+Z takes the last stroke back, or the clearing; Delete clears.")


def _state(name: str) -> dict[str, Any]:
    return work.of(PAGE).setdefault(name, dict(EMPTY))


def _key(name: str) -> str:
    return f"canvas-{name}"


def _put(name: str, drawing: dict[str, Any] | None) -> None:
    """Let a canvas show a drawing."""
    state = _state(name)
    state["turn"] += 1
    state["drawing"] = drawing
    # Until the canvas has drawn that, it still reports what it showed before.
    st.session_state[f"{_key(name)}-before"] = _raw(name)
    if drawing is None:
        state["picture"] = []
        work.save()


def _shown(name: str) -> dict[str, Any]:
    """Return what a canvas begins with; it changes only by `_put`, since the canvas then begins anew."""
    state, turn = _state(name), f"{_key(name)}-turn"
    if st.session_state.get(turn, [None])[0] != state["turn"]:
        pen = WHITE if state["dark"] else BLACK
        strokes = [stroke | {"stroke": pen} for stroke in (state["drawing"] or {}).get("objects", [])]
        st.session_state[turn] = state["turn"], {"objects": strokes, "turn": state["turn"]}
    return st.session_state[turn][1]


def _take_in(name: str, drawing: dict[str, Any] | None, png: bytes | None) -> None:
    """Keep what a canvas reports."""
    state = _state(name)
    if png is None or drawing is None or drawing == st.session_state.get(f"{_key(name)}-before"):
        return
    st.session_state[f"{_key(name)}-before"] = None  # it has drawn what it was told: the same may come again
    if len(json.dumps(drawing)) + len(png) > LARGEST:
        st.warning("So long a drawing is not read. Clear the canvas, and draw a shorter one.")
    elif drawing.get("objects"):
        digest = hashlib.sha1(png).hexdigest()
        if [one.id for one in state["picture"]] != [digest]:
            state["drawing"], state["picture"] = drawing, [work.File(digest, DRAWING, png)]
            work.save()
    elif state["drawing"]:
        state["drawing"], state["picture"] = None, []
        work.save()


def _raw(name: str) -> dict[str, Any] | None:
    """Return what a canvas reported last."""
    reported = st.session_state.get(_key(name))
    return (reported.get("drawing") or {}).get("raw") if reported else None


def _reported(name: str) -> dict[str, Any] | None:
    raw = _raw(name)
    is_old = raw == st.session_state.get(f"{_key(name)}-before")
    return raw if raw and raw.get("objects") and not is_old else None


def _pixels(png: bytes) -> "np.ndarray":
    import numpy as np  # late: the canvas is there before what reads it

    from digits.preprocessing.decode import open_picture

    return np.asarray(open_picture(io.BytesIO(png)))
