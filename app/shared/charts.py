"""The likeliest answers as bars, and what every chart has for those who cannot see it: words, and a table.

The ten bars are drawn with every stroke of a pen, so they are a table with coloured cells: there as soon as
the words are, in the colours of the page, and read out row by row.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from digits.models.alphabet import DIGITS
from digits.plots.text import percent

if TYPE_CHECKING:
    import altair as alt

NAMED = 3
"""So many of the ten have their value beside them."""


def show_probabilities(probabilities: np.ndarray, labels: Sequence[str] = DIGITS) -> None:
    """Draw probabilities (K,), the best three with their values."""
    st.html(bars(probabilities, labels))


def bars(probabilities: np.ndarray, labels: Sequence[str] = DIGITS) -> str:
    """Return probabilities (K,) as an HTML table, the digits in their order, or the ten likeliest of other
    labels, the likeliest first; none claims certainty."""
    order = np.argsort(-probabilities, kind="stable").tolist()
    digits = tuple(labels) == DIGITS
    rows = []
    for index in range(len(labels)) if digits else order[: len(DIGITS)]:
        share, place = float(probabilities[index]), order.index(index)
        about = ' class="first"' if place == 0 else ""
        value = percent(share).replace("over ", "&gt; ").replace("under ", "&lt; ")
        shown = value if place < NAMED else f'<span class="unseen">{value}</span>'
        rows.append(
            f'<tr{about}><th scope="row">{labels[index]}</th><td><i style="width:{100 * share:.1f}%"></i>'
            f"<span>{shown}</span></td></tr>"
        )
    what = "each digit" if digits else "the likeliest characters are"
    caption = f'<caption class="unseen">How probable {what}{" is" * digits}</caption>'
    return f'<table class="bars">{caption}{"".join(rows)}</table>'


def show(
    chart: "alt.TopLevelMixin", words: str, rows: Iterable[Mapping[str, Any]] = (), **options: Any
) -> None:
    """Draw a chart that can be read without being seen.

    Args:
        chart: of Altair.
        words: what it shows, in a sentence.
        rows: the same as a table, each row by column; none where a table stands on the page anyway.
        options: of `st.altair_chart`.
    """
    st.altair_chart(chart, alt=words, **{"width": "stretch", **options})
    if rows := list(rows):
        with st.expander("As a table", type="compact"):
            st.html(table(words, rows))


def table(words: str, rows: list[Mapping[str, Any]]) -> str:
    """Return rows, each by column, as an HTML table whose first column names the row; `words` are said."""
    heads = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in rows[0])
    lines = []
    for row in rows:
        name, *values = (escape("" if value is None else str(value)) for value in row.values())
        cells = "".join(f"<td>{value}</td>" for value in values)
        lines.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    caption = f'<caption class="unseen">{escape(words)}</caption>'
    return f'<table class="figures">{caption}<tr>{heads}</tr>{"".join(lines)}</table>'


def words_colour() -> str:
    """Return the colour of words within a chart, which knows nothing of the page: at a contrast of 4.5."""
    return "#b4b8c5" if st.context.theme.type == "dark" else "#555a68"
