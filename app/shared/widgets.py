"""Pictures of few points, large and with sharp edges.

Buttons that do something that may fail, and what became of it, said once after the page was drawn anew.

What the collection notes of a digit beside its label.

Words that strangers chose, names of files and what stands in them, for places that understand Markdown.
"""

import base64
import io
import re
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from digits import Reading
from digits.data.collection.store import STATUSES
from digits.files import sha256
from digits.models.checkpoints import Entry
from digits.models.sandbox.container import plain
from digits.plots import pixels

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def show(named: dict[str, np.ndarray], key: str) -> None:
    """Show pictures side by side, each over its name.

    They are written into the page itself: Streamlit drops the file of a picture between two runs that both
    show it.

    Args:
        named: (h, w) grey or (h, w, 3) RGB; uint8, or float32 in [0, 1].
        key: of the container.
    """
    show_all(list(named.items()), key)


def show_all(named: list[tuple[str, np.ndarray]], key: str) -> None:
    """Show the same where several pictures may have one name; see `show`."""
    with st.container(key=key):
        st.html(f'<div class="pictures">{"".join(_figure(*item) for item in named)}</div>')


def as_html(named: dict[str, np.ndarray]) -> str:
    """Return HTML for the same, to stand in `<div class="pictures">` with other things; see `show`."""
    return "".join(_figure(*item) for item in named.items())


def download_ui(draw: Callable[[], "Figure"], name: str) -> None:
    """Draw a button that downloads a figure as PNG; it is drawn only when somebody clicks.

    Args:
        draw: makes the figure.
        name: of the file, without .png; no two on a page have the same.
    """
    name = re.sub(r"[^\w-]", "_", name)  # layers have names like inner/conv:2
    st.download_button(
        "PNG",
        lambda: _file(draw()),
        f"{name}.png",
        "image/png",
        key=f"png_{name}",
        on_click="ignore",
        icon="⬇️",
    )


def image(png: bytes, words: str) -> str:
    """Return HTML for a PNG file, with words for those who cannot see it or point at it."""
    data, words = base64.b64encode(png).decode(), escape(words)
    return f'<img src="data:image/png;base64,{data}" alt="{words}" title="{words}">'


def drawing(svg: str, words: str) -> str:
    """Return HTML for an SVG, with words for those who cannot see it."""
    data = base64.b64encode(svg.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(words)}">'


def _figure(name: str, picture: np.ndarray) -> str:
    picture = image(pixels.png(picture), name)
    return f"<figure>{picture}<figcaption>{escape(name)}</figcaption></figure>"


def _file(figure: "Figure") -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=150)
    return file.getvalue()


def button(words: str, key: str, do: Callable[[], object], kind: str = "secondary", **options) -> None:
    """Draw a button.

    Args:
        words: on it.
        key: of the widget.
        do: what a click does; where it returns a sentence that is said, as is a ValueError or OSError.
        kind: as `type` of `st.button`; its other options as there.
    """
    st.button(words, key=key, type=kind, on_click=_do, args=(do,), **options)


def say() -> None:
    """Say what became of the last click."""
    for kind, words in st.session_state.pop("said", []):
        getattr(st, kind)(words)


def _do(do: Callable[[], object]) -> None:
    try:
        found = do()
    except (ValueError, OSError) as error:
        st.session_state["said"] = [("error", str(error))]
    else:
        st.session_state["said"] = [("success", found)] if isinstance(found, str) else []


def about(entry: Entry, reading: Reading) -> dict:
    """Return what a model said of a digit, as arguments of `Store.add`."""
    return {
        "answer": reading.digit,
        "status": reading.status if reading.status in STATUSES else "",
        "model": entry.name,
        "model_sha256": entry.card.sha256 if entry.card else sha256(entry.path),
    }


def as_text(words: object) -> str:
    """Return words in one line whose signs mean nothing: no picture is fetched, nothing is formatted."""
    return re.sub(r"([\\`*_\[\]<>$~|])", r"\\\1", plain(words, 800))
