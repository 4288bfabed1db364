"""What all figures and charts share: their colours, and the blank figure that each plot begins with.

Matplotlib takes half a second to import, and pages want the colours at once: it comes with the first figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, SECOND = "#6366f1", "#ea580c"
PALE, GREY = "#a5b4fc", "#808495"  # both legible on light and on dark pages

FRIENDLY = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#000000")
"""Told apart by colour-blind people too (Okabe & Ito, 2008)."""

DIGIT_COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#c2569a", "#808495",
    "#b8860b", "#7c6cf0", "#00908f", "#a0644b", "#1a86d0",
)  # fmt: skip
"""Of 0 to 9: at least 3 to 1 against a white page and a dark one. No ten colours can be told apart by all
people, so a digit on the map is drawn as itself."""

WORST = 0.05
"""Share of a label's digits misread as one other, from which a confusion matrix shows no darker colour."""

ROOM = 0.06
"""Around the outermost digits of a map, as a share of it."""

NUMBERED, BRIGHT = 8, 0.6
"""Rows and columns up to which an array is drawn with its numbers, and the share of its largest magnitude
from which orange is too bright for white ones."""


def blank_figure(**options: Any) -> Figure:
    """Return a figure to draw on, made without pyplot: safe in any thread; options as of `Figure`."""
    from matplotlib.figure import Figure

    return Figure(**options)
