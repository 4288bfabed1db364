"""Pictures of few points, large and with sharp edges."""

import base64
from html import escape

import numpy as np
import streamlit as st

from digits import figures


def show(named: dict[str, np.ndarray], key: str) -> None:
    """Show pictures side by side, each over its name.

    They are written into the page itself: Streamlit drops the file of a picture between two runs that both
    show it.

    Args:
        named: (h, w) grey or (h, w, 3) RGB; uint8, or float32 in [0, 1].
        key: of the container.
    """
    with st.container(key=key):
        st.html(f'<div class="pictures">{"".join(_figure(*item) for item in named.items())}</div>')


def image(png: bytes, words: str) -> str:
    """Return HTML for a PNG file, with words for those who cannot see it or point at it."""
    data, words = base64.b64encode(png).decode(), escape(words)
    return f'<img src="data:image/png;base64,{data}" alt="{words}" title="{words}">'


def _figure(name: str, picture: np.ndarray) -> str:
    picture = image(figures.png(picture), name)
    return f"<figure>{picture}<figcaption>{escape(name)}</figcaption></figure>"
