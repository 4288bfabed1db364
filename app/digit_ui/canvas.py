"""The drawing canvas: the one file that knows the canvas component (streamlit-drawable-canvas 0.13).

Its oddities: a new background colour and a change of page empty it, and it reports no picture before the
first stroke. So the last drawing is kept in the session, and given back to a fresh canvas. And see PIN_TOOLS.
"""

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

SIDE = 280
WHITE, BLACK = "#ffffff", "#000000"

PIN_TOOLS = """
<script>
  /* The canvas hides its tools over its own upper right corner until a mouse hovers, where they swallow the
     first stroke of a finger. Keep them above the canvas, and visible: a phone cannot hover. %s */
  (function pin(tries) {
    for (const node of document.querySelectorAll('.st-key-canvas *')) {
      if (!node.shadowRoot || node.shadowRoot.querySelector('style.pinned')) continue;
      const style = document.createElement('style');
      style.className = 'pinned';
      style.textContent = '.dc-toolbar { top: -2.65rem !important; opacity: 1 !important; }';
      node.shadowRoot.append(style);
    }
    if (tries > 0) setTimeout(() => pin(tries - 1), 100);
  })(100);
</script>
"""


def show(brush: int, dark: bool) -> np.ndarray | None:
    """Draw the canvas.

    Args:
        brush: diameter of the pen in pixels.
        dark: True for white on black.

    Returns:
        The drawing, (280, 280, 4) uint8 RGBA, or None for an untouched canvas.
    """
    state = _state()
    key = f"canvas-{state['number']}-{'dark' if dark else 'light'}"
    if key not in st.session_state:  # a fresh canvas: first visit, other page before, other colour, cleared
        state["initial"] = _recoloured(state["drawing"], dark)
    with st.container(key="canvas"):
        result = st_canvas(
            stroke_width=brush,
            stroke_color=WHITE if dark else BLACK,
            background_color=BLACK if dark else WHITE,
            initial_drawing=state["initial"],
            width=SIDE,
            height=SIDE,
            update_streamlit=True,
            return_image_data=True,
            key=key,
        )
        st.html(PIN_TOOLS % key, unsafe_allow_javascript=True)  # the key makes it run for each new canvas
    if result.image_data is not None:  # else: nothing drawn since this canvas is here
        state["drawing"], state["image"] = result.json_data, result.image_data
    return state["image"]


def clear() -> None:
    """Forget the drawing and put an empty canvas in its place."""
    number = _state()["number"] + 1
    st.session_state["canvas_state"] = _fresh(number)


def _state() -> dict:
    return st.session_state.setdefault("canvas_state", _fresh(0))


def _fresh(number: int) -> dict:
    return {"number": number, "drawing": None, "initial": None, "image": None}


def _recoloured(drawing: dict | None, dark: bool) -> dict | None:
    """Return a drawing with its strokes in the pen's colour of a dark or light canvas."""
    if not drawing:
        return None
    pen = WHITE if dark else BLACK
    return drawing | {"objects": [stroke | {"stroke": pen} for stroke in drawing.get("objects", [])]}
