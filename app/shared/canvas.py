"""The drawing canvas: the one file that knows the canvas component (streamlit-drawable-canvas 0.13).

Its oddities: a new background colour and a change of page empty it, and it reports no picture before the
first stroke. So the last drawing is kept in the session, and given back to a fresh canvas. And see MEND.
"""

from pathlib import Path

import numpy as np
import streamlit as st
import streamlit_drawable_canvas as component

SIDE = 280
WIDE = (680, 300)
"""Width and height in pixels of the canvas for a whole number; a narrow window shows it smaller."""

WHITE, BLACK = "#ffffff", "#000000"

MEND = Path(__file__).with_name("canvas.html").read_text(encoding="utf-8")
"""Mends the component's tools and its width; see there."""


def show(
    brush: int, dark: bool, name: str = "digit", size: tuple[int, int] = (SIDE, SIDE)
) -> np.ndarray | None:
    """Draw a canvas.

    Args:
        brush: diameter of the pen in pixels of the canvas.
        dark: True for white on black.
        name: of the canvas; each keeps its own drawing.
        size: width and height in pixels, of the drawing too. Where that is too wide for the window the canvas
            is shown smaller, and counts its pixels as before.

    Returns:
        The drawing, (height, width, 4) uint8 RGBA, or None for an untouched canvas.
    """
    st.session_state["canvas_shown"] = name
    state = _state(name)
    key = f"canvas-{name}-{state['number']}-{'dark' if dark else 'light'}"
    if key not in st.session_state:  # a fresh canvas: first visit, other page before, other colour, cleared
        state["initial"] = _recoloured(state["drawing"], dark)
    with st.container(key="canvas"):
        result = component.st_canvas(
            stroke_width=brush,
            stroke_color=WHITE if dark else BLACK,
            background_color=BLACK if dark else WHITE,
            initial_drawing=state["initial"],
            width=size[0],
            height=size[1],
            update_streamlit=True,
            return_image_data=True,
            key=key,
        )
        mend = MEND % {"key": key, "width": size[0], "height": size[1]}
        st.html(mend, unsafe_allow_javascript=True)  # the key makes it run for each new canvas
    if result.image_data is not None:  # else: nothing drawn since this canvas is here
        state["drawing"], state["image"] = result.json_data, result.image_data
    return state["image"]


def drawn(name: str = "digit") -> np.ndarray | None:
    """Return what was drawn on a canvas last, (height, width, 4) uint8 RGBA, or None."""
    return _state(name)["image"]


def clear() -> None:
    """Forget the drawing on the canvas shown last, and put an empty one in its place."""
    name = st.session_state.get("canvas_shown", "digit")
    st.session_state[f"canvas_state_{name}"] = _fresh(_state(name)["number"] + 1)


def _state(name: str) -> dict:
    return st.session_state.setdefault(f"canvas_state_{name}", _fresh(0))


def _fresh(number: int) -> dict:
    return {"number": number, "drawing": None, "initial": None, "image": None}


def _recoloured(drawing: dict | None, dark: bool) -> dict | None:
    """Return a drawing with its strokes in the pen's colour of a dark or light canvas."""
    if not drawing:
        return None
    pen = WHITE if dark else BLACK
    return drawing | {"objects": [stroke | {"stroke": pen} for stroke in drawing.get("objects", [])]}
