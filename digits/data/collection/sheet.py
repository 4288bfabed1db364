"""Sheets of paper on which people write digits: printed, photographed, read and looked through.

What a box is for is the label; what the model reads only finds slips.
"""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from digits.forms.marks import mark_bits
from digits.forms.sheet import COLUMNS, DOTS, EDGE, LAYOUTS, LEFT, SheetLayout, straighten
from digits.forms.sheet_cells import Cell, cut
from digits.plots.colours import blank_figure
from digits.plots.pixels import Mark, boxed_svg
from digits.preprocessing.decode import Picture
from digits.preprocessing.frame import frame
from digits.reading import Reading
from digits.recognizer import Recognizer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "My digits"
WORDS = (
    "Write one digit into each box: ten times 0 in the first row, ten times 1 in the second, and so on,",
    "with a dark pen and the way you always write. A box you leave empty, or cross out, does no harm.",
    "Then photograph the whole sheet with all four corner marks, flat and in even light.",
)
LINE = 4.2
"""Millimetres from one line of words to the next."""

MILLIMETRES = 25.4  # in an inch
BOX: dict[str, Any] = {
    "edgecolor": "#bcc8d8",  # light: it must not be taken for writing
    "linewidth": 0.3 * 72 / MILLIMETRES,  # in points
    "joinstyle": "miter",
}
PALE_INK, DARK_INK = "#9aa7b8", "#333333"
OVERLAP = 0.03  # of a mark's squares: without it, viewers show hairlines between them


@dataclass(frozen=True)
class Written:
    """One box in which something is written."""

    cell: Cell
    framed: np.ndarray
    """(28, 28) float32 in [0, 1], what a network sees of it."""
    reading: Reading

    @property
    def doubts(self) -> list[str]:
        """Why a person should look at it, a few words each; mostly empty."""
        doubt = slip(self.cell.label, self.reading)
        return [doubt] * bool(doubt) + ["touches the box"] * self.cell.at_edge

    @property
    def is_digit(self) -> bool:
        """Whether it looks like a digit, be it another one: not crossed out, not two in a box."""
        return self.reading.status not in NO_DIGIT


NO_DIGIT = {"several": "several digits", "not_a_digit": "not like a digit", "blank": "hardly any ink"}


def slip(label: int, reading: Reading) -> str:
    """Return in a few words why what was written for a label may be no such digit; mostly empty."""
    if reading.status in NO_DIGIT:
        return NO_DIGIT[reading.status]
    if reading.digit != label:
        return f"reads like {reading.digit}"
    return "hard to read" if reading.status == "unsure" else ""


@dataclass(frozen=True)
class Filled:
    """What was found on a photo of a sheet."""

    paper: str
    boxes: int
    """How many boxes the sheet has."""
    written: list[Written]
    """The boxes that are not empty, in reading order."""
    straight: np.ndarray
    """(H, W) uint8, the sheet seen from above."""

    @property
    def doubtful(self) -> list[Written]:
        """Those that a person should look at."""
        return [one for one in self.written if one.doubts]


def marked_svg(filled: Filled) -> str:
    """Return the sheet seen from above as SVG, with the doubtful digits marked."""
    boxes = [LAYOUTS[filled.paper].boxes[one.cell.place] for one in filled.doubtful]
    scaled = ((round(side * DOTS) for side in box) for box in boxes)
    marks = [Mark((x, y, w, h), "", "", True) for x, y, w, h in scaled]
    return boxed_svg(np.dstack([filled.straight] * 3), marks)


def draw_sheet(layout: SheetLayout) -> "Figure":
    """Draw the empty sheet in its own size, in millimetres: saved as PDF it is printed so."""
    from matplotlib.patches import Rectangle

    width, height = layout.size
    figure = blank_figure(figsize=(width / MILLIMETRES, height / MILLIMETRES))
    axis = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axis.axis("off")
    for x, y, w, h in layout.boxes:
        axis.add_patch(Rectangle((x, y), w, h, fill=False, **BOX))
    for number, (x, y, side, _) in layout.marks.items():
        _draw_mark(axis, x, y, side, mark_bits(number))
    centred: dict[str, Any] = {"ha": "center", "va": "center"}
    for row, (_, y, _, h) in enumerate(layout.boxes[::COLUMNS]):
        axis.text(LEFT / 2 + EDGE / 2, y + h / 2, str(row), fontsize=11, color=PALE_INK, **centred)
    middle, first = width / 2, EDGE + 1.5
    axis.text(middle, first, TITLE, fontsize=13, weight="bold", color=DARK_INK, **centred)
    for i, text in enumerate(WORDS):
        axis.text(middle, first + 5.5 + LINE * i, text, fontsize=8, color=DARK_INK, **centred)
    return figure


def _draw_mark(axis: "Axes", left: float, top: float, side: float, black: np.ndarray) -> None:
    from matplotlib.patches import Rectangle

    axis.add_patch(Rectangle((left, top), side, side, color="black", linewidth=0))
    cell = side / len(black)
    for row, column in np.argwhere(~black):
        corner = left + column * cell - OVERLAP, top + row * cell - OVERLAP
        around = cell + 2 * OVERLAP
        axis.add_patch(Rectangle(corner, around, around, color="white", linewidth=0))


def sheet_pdf(layout: SheetLayout) -> bytes:
    """Return the empty sheet as a PDF file of one page in the paper's size."""
    file = io.BytesIO()
    draw_sheet(layout).savefig(file, format="pdf", metadata={"CreationDate": None, "Title": TITLE})
    return file.getvalue()


def read_sheet(photo: Picture, reader: Recognizer) -> Filled:
    """Find the sheet on a photo, and read what is written on it.

    Args:
        photo: as for `Recognizer.read_digit`; the sheet any way up.
        reader: whose answers stand beside the labels.

    Raises:
        ValueError: there is no whole sheet on the photo, or it cannot be read; see `straighten`.
    """
    sheet = straighten(photo)
    cells = cut(sheet)
    readings = reader.read_digits([cell.picture for cell in cells])
    written = [
        Written(cell, reading.framed if reading.framed.any() else frame(cell.ink), reading)
        for cell, reading in zip(cells, readings, strict=True)
    ]
    return Filled(sheet.layout.paper, len(sheet.layout.boxes), written, sheet.grey)
