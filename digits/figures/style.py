"""What all figures share: colours, words, files."""

from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure

from digits.files import atomic_path

INK, SECOND = "#6366f1", "#ea580c"
PALE, GREY = "#a5b4fc", "#808495"  # both legible on light and on dark pages
FRIENDLY = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#000000")
"""Told apart by colour-blind people too (Okabe & Ito, 2008)."""

STABLE = {"svg.hashsalt": "digits", "svg.fonttype": "none"}
"""The same figure gives the same file."""


def save(figure: Figure, path: Path, dpi: int = 110) -> None:
    """Write `figure` as PNG, whole or not at all, and beside it as SVG unless it is made of pictures."""
    made_of_pictures = any(axis.images for axis in figure.axes)
    for suffix in (".png",) if made_of_pictures else (".png", ".svg"):
        about = {"Date": None} if suffix == ".svg" else None
        with atomic_path(path.with_suffix(suffix)) as temporary, rc_context(STABLE):
            figure.savefig(temporary, dpi=dpi, bbox_inches="tight", metadata=about)
