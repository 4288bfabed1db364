"""Numbers and pictures that only this page shows: a frame around some points, scores, and simple charts."""

from html import escape

import altair as alt
import numpy as np
import streamlit as st

from app.shared import charts, widgets
from digits.plots.colours import INK

EDGE = 3
"""Pixels of the frame's line."""


def side_by_side(named: dict[str, np.ndarray], *tables: str) -> None:
    """Show pictures and tables in one row, or where that is too narrow in several."""
    beside = f'<div class="tables">{"".join(tables)}</div>'
    with st.container(key="learn_large"):
        st.html(f'<div class="pictures">{widgets.figures(named.items())}{beside}</div>')


def boxed(picture: np.ndarray, corner: tuple[int, int], size: tuple[int, ...], scale: int = 8) -> np.ndarray:
    """Return a picture enlarged, with an orange frame around some of its points.

    Args:
        picture: (h, w) float32 in [0, 1], or (h, w, 3) uint8 RGB.
        corner: row and column of the first point; parts outside are cut off.
        size: rows and columns.

    Returns:
        (h * scale, w * scale, 3) uint8 RGB.
    """
    if picture.ndim == 2:
        picture = np.round(255 * picture).astype(np.uint8)[..., None].repeat(3, axis=2)
    large = picture.repeat(scale, axis=0).repeat(scale, axis=1)
    (top, bottom), (left, right) = (
        (max(0, first * scale), min(side, (first + length) * scale))
        for first, length, side in zip(corner, size, large.shape, strict=False)
    )
    inside = large[top + EDGE : bottom - EDGE, left + EDGE : right - EDGE].copy()
    large[top:bottom, left:right] = (255, 140, 0)
    large[top + EDGE : bottom - EDGE, left + EDGE : right - EDGE] = inside
    return large


def score_table(scores: np.ndarray, shares: list[str], best: int) -> str:
    """Return ten scores (10,) and what softmax makes of them, in words, as an HTML table."""
    rows = []
    for digit, (score, share) in enumerate(zip(scores, shares, strict=True)):
        about = ' class="best"' if digit == best else ""
        rows.append(f"<tr{about}><th>{digit}</th><td>{score:.1f}</td><td>{escape(share)}</td></tr>")
    return f'<table class="scores"><tr><th>Digit</th><th>Score</th><th>Share</th></tr>{"".join(rows)}</table>'


def learning_chart(wrong: list[float]) -> alt.Chart:
    """Return how many of 100 digits were read wrong in each pass over them, the axis from 0."""
    rows = [{"run": run, "wrong": value} for run, value in enumerate(wrong, start=1)]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_line(color=INK, strokeWidth=2, point=alt.OverlayMarkDef(size=30, color=INK))
        .encode(
            x=alt.X("run:Q", title="pass over the training digits").axis(format="d", tickCount=6, grid=False),
            y=alt.Y("wrong:Q", title="read wrong, of 100").scale(zero=True),
            tooltip=[
                alt.Tooltip("run:Q", title="pass"),
                alt.Tooltip("wrong:Q", title="wrong of 100", format=".1f"),
            ],
        )
        .properties(height=240)
    )


def count_chart(counts: dict[int, int], title: str) -> alt.LayerChart:
    """Return how often each digit was read, as bars with their number."""
    rows = [{"digit": digit, "count": count} for digit, count in sorted(counts.items())]
    bars = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("digit:N", title=title, axis=alt.Axis(labelFontSize=15, ticks=False)),
        x=alt.X("count:Q", axis=None).scale(zero=True, domain=[0, 1.15 * max(counts.values())]),
    )
    names = bars.mark_text(dx=6, align="left", fontSize=13, color=charts.words_colour()).encode(
        text="count:Q"
    )
    return alt.layer(bars.mark_bar(cornerRadius=3, color=INK), names).properties(height=40 + 34 * len(rows))
