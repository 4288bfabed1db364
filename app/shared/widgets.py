"""What pages share: small pictures with sharp edges, files to bring and to take, buttons that may fail."""

import base64
import io
import re
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.shared import icons
from digits.config import SUFFIXES
from digits.models.sandbox.container import plain

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure

LARGEST_PICTURE = 30
"""Megabytes; only an archive may have as many as .streamlit/config.toml says."""

KINDS = [suffix[1:] for suffix in sorted(SUFFIXES)]
"""Endings of the pictures that can be brought."""

JOINER = "\u2060"
"""A word joiner: it takes no room, and parts what stands before it from what stands behind."""

MARKED = re.compile(r"[\\`*_\[\]<>$~|&]|^[-+=#]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
"""Signs that mean something in Markdown, some at the beginning alone."""

SECOND_LOOK = re.compile(
    r"(?<=\s[-<>~])(?=[-=>]+(\s|$))|(?<=^[-<>~])(?=[-=>]+(\s|$))|:(?=//|[\w+-]+[:/\[])|(?<=www)(?=\.)|(?=@)",
    re.I,
)
"""Places in arrows, names of icons and addresses, which Streamlit finds in escaped text too."""


def show(named: "Mapping[str, np.ndarray] | Iterable[tuple[str, np.ndarray]]", key: str) -> None:
    """Show pictures side by side, each over its name.

    They are written into the page itself: Streamlit drops the file of a picture between two runs that both
    show it.

    Args:
        named: (h, w) grey or (h, w, 3) RGB; uint8, or float32 in [0, 1]; as pairs where names come twice.
        key: of the container.
    """
    with st.container(key=key):
        st.html(f'<div class="pictures">{figures(named)}</div>')


def figures(named: "Mapping[str, np.ndarray] | Iterable[tuple[str, np.ndarray]]") -> str:
    """Return HTML for the same, to stand in `<div class="pictures">` with other things; see `show`."""
    from digits.plots import pixels  # late: a page with a canvas is there before it

    pairs = named.items() if isinstance(named, Mapping) else named
    return "".join(figure(pixels.png(picture), name) for name, picture in pairs)


def figure(png: bytes, name: str) -> str:
    """Return HTML for a PNG file over its name."""
    return f"<figure>{image(png, name)}<figcaption>{escape(name)}</figcaption></figure>"


def image(png: bytes, words: str) -> str:
    """Return HTML for a PNG file, with words for those who cannot see it or point at it."""
    data, words = base64.b64encode(png).decode(), escape(words)
    return f'<img src="data:image/png;base64,{data}" alt="{words}" title="{words}">'


def drawing(svg: str, words: str) -> str:
    """Return HTML for an SVG, with words for those who cannot see it."""
    data = base64.b64encode(svg.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(words)}">'


def switch_ui(words: str, options: Iterable[str], key: str, keep: bool = True) -> str:
    """Draw a switch between parts of a page or sources of pictures, the first one on; return which is on.

    Args:
        words: said to those who cannot see it.
        options: two or more.
        key: of the widget.
        keep: True keeps the choice for when the visitor comes back to the page.
    """
    options = list(options)
    return st.segmented_control(
        words,
        options,
        default=None if key in st.session_state else options[0],
        required=True,
        key=key,
        persist_state="session" if keep else None,
        label_visibility="collapsed",
    )


def picture_ui(words: str, key: str | None = None, **options):
    """Draw the place to bring the file of a picture; return the file, or None.

    Args:
        words: what is asked for.
        key: of the widget.
        options: others of `st.file_uploader`.
    """
    return st.file_uploader(words, KINDS, max_upload_size=LARGEST_PICTURE, key=key, **options)


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
        icon=icons.DOWNLOAD,
    )


def _file(drawn: "Figure") -> bytes:
    file = io.BytesIO()
    drawn.savefig(file, format="png", dpi=150)
    return file.getvalue()


def button(words: str, key: str, do: Callable[[], object], kind: str = "secondary", **options) -> None:
    """Draw a button.

    Args:
        words: on it.
        key: of the widget.
        do: what a click does; where it returns a sentence that is said, as is a ValueError or OSError.
        kind: as `type` of `st.button`; its other options as there.
    """
    st.button(words, key=key, type=kind, on_click=_do, args=(do, key), **options)


def say(key: str = "", but: str = "") -> None:
    """Say what became of the last click, once and after the page was drawn anew.

    Args:
        key: of a button; then only its error, which so stands beside the field that is wrong.
        but: begins the keys of buttons whose errors are said there instead.
    """
    kind, words, of = st.session_state.get("said") or ("", "", "")
    elsewhere = kind == "error" and bool(but) and of.startswith(but)
    if words and ((kind, of) == ("error", key) if key else not elsewhere):
        del st.session_state["said"]
        getattr(st, kind)(words)


def _do(do: Callable[[], object], key: str) -> None:
    try:
        found = do()
    except (ValueError, OSError) as error:
        st.session_state["said"] = "error", as_text(error), key
    else:
        st.session_state["said"] = ("success", found, key) if isinstance(found, str) else ()


def as_text(words: object) -> str:
    """Return words that somebody else chose, e.g. the name of a file, as Markdown that shows just them.

    For all that shows Markdown: sentences, labels, captions, help. No picture is fetched, no address becomes
    a link, nothing is formatted, coloured or made an icon. Where a sign keeps its meaning though it is
    escaped, since Streamlit looks once more at the text that came of it, a word joiner parts it.
    """
    text = SECOND_LOOK.sub(r"\g<0>" + JOINER, plain(words, 800))
    return MARKED.sub(r"\\\g<0>", text)


def as_code(words: object) -> str:
    """Return words that somebody else chose, e.g. part of a command, as Markdown that shows them as code."""
    text = plain(words, 800).replace(":material/", f":{JOINER}material/")  # an icon even there
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text else f"`{text}`"
