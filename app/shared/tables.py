"""What lessons show: tables of numbers in colours, and simple charts with axes from 0."""

from html import escape

import altair as alt
import numpy as np

from digits.plots.colours import GREY, INK
from digits.plots.pixels import signed_colours
from digits.plots.text import two_digits

LIGHT = 140
"""Brightness, of 255, from which letters on a colour are black."""


def number_table(
    title: str,
    values: np.ndarray,
    signed: bool = False,
    marked: tuple[int, int] | None = None,
    hidden: bool = False,
) -> str:
    """Return a small array as an HTML table, each number on its colour.

    Args:
        title: stands above.
        values: (h, w); in [0, 1] unless signed.
        signed: True for black at 0, orange above and blue below; False for black to white.
        marked: row and column of a number with a frame around it.
        hidden: show a question mark in its place; where signed its colour is hidden too.
    """
    values = np.asarray(values, np.float64)
    grey = np.round(255 * np.clip(values, 0, 1)).astype(np.uint8)[..., None].repeat(3, axis=2)
    colours = signed_colours(values) if signed else grey
    rows = []
    for row in range(values.shape[0]):
        cells = []
        for column in range(values.shape[1]):
            is_marked = (row, column) == marked
            colour, text = colours[row, column], two_digits(values[row, column])
            if is_marked and hidden:
                text, colour = "?", np.array([110] * 3) if signed else colour
            letters = "#000" if colour @ (0.299, 0.587, 0.114) > LIGHT else "#fff"
            about = ' class="marked"' if is_marked else ""
            style = f"background:#{bytes(colour.astype(np.uint8)).hex()};color:{letters}"
            cells.append(f'<td{about} style="{style}">{text}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f'<table class="numbers"><caption>{escape(title)}</caption>{"".join(rows)}</table>'


def score_table(scores: np.ndarray, shares: list[str], best: int) -> str:
    """Return ten scores (10,) and what softmax makes of them, in words, as an HTML table."""
    rows = []
    for digit, (score, share) in enumerate(zip(scores, shares, strict=True)):
        about = ' class="best"' if digit == best else ""
        rows.append(f"<tr{about}><th>{digit}</th><td>{score:.1f}</td><td>{escape(share)}</td></tr>")
    return f'<table class="scores"><tr><th>Digit</th><th>Score</th><th>Share</th></tr>{"".join(rows)}</table>'


def boxed(picture: np.ndarray, corner: tuple[int, int], size: tuple[int, int], scale: int = 8) -> np.ndarray:
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
    inside = large[top + 3 : bottom - 3, left + 3 : right - 3].copy()
    large[top:bottom, left:right] = (255, 140, 0)
    large[top + 3 : bottom - 3, left + 3 : right - 3] = inside
    return large


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
    names = bars.mark_text(dx=6, align="left", fontSize=13, color=GREY).encode(text="count:Q")
    return alt.layer(bars.mark_bar(cornerRadius=3, color=INK), names).properties(height=40 + 34 * len(rows))
