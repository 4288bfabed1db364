"""The colours that all figures and charts share, and the blank figure that each plot begins with.

Matplotlib takes half a second to import, and pages want the colours at once: it comes with the first figure.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, SECOND = "#6366f1", "#ea580c"
PALE, GREY = "#a5b4fc", "#808495"  # both legible on light and on dark pages
FRIENDLY = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#000000")
"""Told apart by colour-blind people too (Okabe & Ito, 2008)."""

DIGIT_COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#c2569a",
    "#808495",
    "#b8860b",
    "#7c6cf0",
    "#00908f",
    "#a0644b",
    "#1a86d0",
)
"""Of 0 to 9: at least 3 to 1 against a white page and a dark one. No ten colours can be told apart by all
people, so a digit on the map is drawn as itself."""


def blank_figure(**options: Any) -> "Figure":
    """Return a figure to draw on, made without pyplot: safe in any thread; options as of `Figure`."""
    from matplotlib.figure import Figure

    return Figure(**options)
