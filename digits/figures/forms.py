"""Forms to print, true to the millimetre."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

MILLIMETRES = 25.4  # in an inch
POINTS = 72 / MILLIMETRES  # in a millimetre
LINE, LINE_COLOUR = 0.3, "#bcc8d8"  # light: it must not be taken for writing
PALE_INK, WORDS = "#9aa7b8", "#333333"
OVERLAP = 0.03  # of a mark's squares: without it, viewers show hairlines between them


@dataclass(frozen=True)
class Form:
    """A page with boxes to write into; all places in millimetres from the paper's upper left corner."""

    size: tuple[float, float]
    """Width and height of the paper."""
    boxes: list[tuple[float, float, float, float]]
    """Left, top, width, height."""
    names: list[tuple[float, float, str]]
    """Small pale words, by their middle."""
    marks: list[tuple[float, float, float, np.ndarray]]
    """Squares of black and white cells: left, top, side, and (n, n) bool, True for black."""
    title: tuple[float, float, str]
    """The words on top, by the middle of their first line."""
    words: list[tuple[float, float, str]]
    """Other lines, each by its middle."""


def form(page: Form) -> Figure:
    """Draw a form in its own size: saved as PDF it is printed so."""
    width, height = page.size
    figure = Figure(figsize=(width / MILLIMETRES, height / MILLIMETRES))
    axis = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axis.axis("off")
    for x, y, w, h in page.boxes:
        axis.add_patch(
            Rectangle(
                (x, y), w, h, fill=False, edgecolor=LINE_COLOUR, linewidth=LINE * POINTS, joinstyle="miter"
            )
        )
    for mark in page.marks:
        _mark(axis, *mark)
    centred: dict[str, Any] = {"ha": "center", "va": "center"}
    for x, y, text in page.names:
        axis.text(x, y, text, fontsize=11, color=PALE_INK, **centred)
    x, y, text = page.title
    axis.text(x, y, text, fontsize=13, weight="bold", color=WORDS, **centred)
    for x, y, text in page.words:
        axis.text(x, y, text, fontsize=8, color=WORDS, **centred)
    return figure


def _mark(axis: Axes, left: float, top: float, side: float, black: np.ndarray) -> None:
    axis.add_patch(Rectangle((left, top), side, side, color="black", linewidth=0))
    cell = side / len(black)
    for row, column in np.argwhere(~black):
        corner = left + column * cell - OVERLAP, top + row * cell - OVERLAP
        around = cell + 2 * OVERLAP
        axis.add_patch(Rectangle(corner, around, around, color="white", linewidth=0))
