"""What stands in the cells of a table: nothing, one digit, or more than that."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from digits.config import CLASSES
from digits.models import glimpse as glimpse_reader
from digits.preprocessing import finder
from digits.preprocessing.components import Box
from digits.preprocessing.finder import INKED, SURE, Seen
from digits.preprocessing.layout import Candidate, find_layout
from digits.tables.columns import find_columns
from digits.tables.grid import Grid, Place, find_grids

SIDE, LARGE, LONGEST = 64, 192, 4096
"""Shorter side of a cell as it is looked at, in points; of a large one that seems blank, as it is looked at
again for small writing; and longer side at most."""

NO_TABLE = (
    "No table was found; expected ruled lines that cross, around two cells or more, or numbers in rows and "
    "columns with clear blank strips between."
)

MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 200, 100, 3000
"""Of a table, and of all on a picture: smaller ones beyond are left out."""

STANDS_OUT = 5.0
"""What is seen as writing at the closer look alone is by so many times darker than the paper's grain, which
is then as large as thin pens are."""

RIM = 0.1
"""Share of a cell's sides, at each end, in which ink does not make it full: the table's lines are there."""

WRITTEN, SOFT = 0.75, 0.04
"""A cell is as likely full as blank where the finder's ink is so strong at its strongest point, and how much
more of it makes that surer. Chosen on photos of tables."""

FULL = 0.5
"""A cell is full with this probability at least, or taken for blank."""

TRIED, ASKED = 81, 24
"""Of so many cells so many with digits tell how the table lies."""

TURN = 2.0
"""A table is taken to lie otherwise than the picture if it reads better by so much, in nats."""


Cut = Callable[[np.ndarray, np.ndarray, int], tuple[np.ndarray, np.ndarray]]
"""As `cut_out`."""


class Cells(Protocol):
    """What has cells on a picture: a `Grid`, or the boxes of a form."""

    def cells(self) -> list[Place]:
        """Return the rows and columns that each takes."""

    def corners(self, cell: Place) -> np.ndarray:
        """Return its corners from the upper left with the clock, (4, 2) float32, in pixels."""


@dataclass(frozen=True, eq=False)
class Look:
    """One cell, looked at."""

    place: Place
    """The rows and columns that it takes."""
    grey: np.ndarray
    """(h, w) float32 in [0, 1], as if seen from straight above."""
    back: np.ndarray
    """(3, 3), from its points to pixels of the picture."""
    seen: Seen
    written: float
    """Probability that it is not blank, in [0, 1]."""
    digits: int
    """How many the finder is sure of."""

    @property
    def full(self) -> bool:
        """Whether it is rather full than blank."""
        return self.written >= FULL

    def alone(self) -> Candidate | None:
        """Return what is most probably the digit, where one is seen."""
        found = find_layout(self.seen).candidates
        return max(found, key=lambda one: (one.last - one.first == 1, one.chance, one.prior), default=None)

    def box(self, box: Box | None = None) -> Box:
        """Return where a box of it (None: it all) stands, in pixels of the picture."""
        return placed(box or (0, 0, *self.grey.shape[::-1]), self.back)


def find_tables(grey: np.ndarray) -> list[tuple[Grid, list[Look]]]:
    """Return the tables on a picture (H, W) float32 in [0, 1] with all their cells, the largest first, turned
    as they are read.

    Raises:
        ValueError: there is none, or it has too many rows or columns.
    """
    low, high = np.quantile(grey[::8, ::8], [0.02, 0.98])
    board = np.median(grey[::8, ::8]) < (low + high) / 2  # dark, with light lines, if it is no dark desk
    found = find_grids(grey)
    if board or not found:
        found = max(found, find_grids(1 - grey), key=_covered)
    if not found:
        told = find_columns(grey)
        if told is None:
            raise ValueError(NO_TABLE)
        found = [told]
    cells = np.cumsum([np.prod(grid.shape) for grid in found])
    upright = [_upright(grey, grid) for grid, many in zip(found, cells, strict=True) if many <= MOST_CELLS]
    rows, columns = (upright[0][0] if upright else found[0]).shape
    if not upright or rows > MOST_ROWS or columns > MOST_COLUMNS:
        raise ValueError(
            f"The table has {rows} rows and {columns} columns; "
            f"expected at most {MOST_ROWS} and {MOST_COLUMNS}, and {MOST_CELLS:,} cells."
        )
    return upright


def _covered(grids: Sequence[Grid]) -> float:
    """Return how much of a picture tables cover whose lines are seen, in pixels."""
    return sum(grid.area * min(grid.across.mean(), grid.down.mean()) for grid in grids)


def look_at_cells(grey: np.ndarray, grid: Cells, cut: Cut | None = None) -> list[Look]:
    """Look at the cells of a table on a picture (H, W) float32 in [0, 1], cut out so (None: as they are)."""
    cut = cut or cut_out
    looks = _look(grey, grid, grid.cells(), SIDE, cut)
    small = [i for i, look in enumerate(looks) if not look.full and min(look.box()[2:]) >= 1.5 * SIDE]
    for i, closer in zip(small, _look(grey, grid, [looks[i].place for i in small], LARGE, cut), strict=True):
        if closer.digits and closer.full and _stands_out(closer):
            looks[i] = closer
    return looks


def _stands_out(look: Look) -> bool:
    """Tell whether the writing in a cell is more than the grain of its paper."""
    grey, ink = _inside(look.grey), _inside(look.seen.ink) > INKED
    paper = float(np.median(grey))
    grain = 1.4826 * float(np.median(np.abs(grey - paper)))  # as a standard deviation
    return bool(ink.any()) and paper - float(grey[ink].mean()) > STANDS_OUT * grain


def _look(grey: np.ndarray, grid: Cells, places: Sequence[Place], side: int, cut: Cut) -> list[Look]:
    """Look at cells of a table so that their shorter side has so many points."""
    parts = [cut(grey, grid.corners(place), side) for place in places]
    seen = finder.see_at([part for part, _ in parts], [1.0] * len(parts))
    looks = []
    for place, (part, back), one in zip(places, parts, seen, strict=True):
        written = 1 / (1 + math.exp((WRITTEN - float(_inside(one.ink).max())) / SOFT))
        digits = sum(centre.kind == "digit" and centre.chance > SURE for centre in one.centres)
        looks.append(Look(place, part, back, one, written, digits))
    return looks


def _inside(points: np.ndarray) -> np.ndarray:
    """Return those of a cell's points that are not near its rim."""
    rows, columns = (slice(round(RIM * long), round((1 - RIM) * long)) for long in points.shape)
    return points[rows, columns]


def cut_out(grey: np.ndarray, corners: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what lies between four corners (4, 2), straight, with its shorter side so many points long; and
    the matrix (3, 3) that leads from its points back to those of the picture."""
    top, right, foot, left = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    wide, tall = max((top + foot) / 2, 1.0), max((left + right) / 2, 1.0)
    factor = side / min(wide, tall)
    width, height = (min(LONGEST, max(side, round(each * factor))) for each in (wide, tall))
    points = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - np.float32(0.5)
    back = cv2.getPerspectiveTransform(points, corners.astype(np.float32))
    if factor < 0.5:  # what is made much smaller is smoothed first, or it flickers
        low = np.maximum(0, np.floor(corners.min(axis=0)).astype(int) - 2)
        high = np.ceil(corners.max(axis=0)).astype(int) + 3
        near = cv2.GaussianBlur(
            np.ascontiguousarray(grey[low[1] : high[1], low[0] : high[0]]), (0, 0), 0.4 / factor
        )
        shifted = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1.0]]) @ back
    else:
        near, shifted = grey, back
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    part = cv2.warpPerspective(near, shifted, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return part, back


def placed(box: Box, back: np.ndarray) -> Box:
    """Return the box around where a box lies after a matrix (3, 3)."""
    x, y, w, h = box
    corners = np.array([[[x, y], [x + w, y], [x + w, y + h], [x, y + h]]], np.float32)
    there = cv2.perspectiveTransform(corners, back)[0]
    left, top = np.maximum(0, there.min(axis=0).round()).astype(int).tolist()
    right, foot = there.max(axis=0).round().astype(int).tolist()
    return left, top, max(1, right - left), max(1, foot - top)


def _upright(grey: np.ndarray, grid: Grid) -> tuple[Grid, list[Look]]:
    """Return a table as its digits are read best, and its cells."""
    looks = look_at_cells(grey, grid)
    shown = []
    for look in [look for look in looks[:: -(-len(looks) // TRIED)] if look.digits][:ASKED]:
        part, digit = look.grey, look.alone()
        x, y, w, h = digit.box if digit else (0, 0, *part.shape[::-1])
        for _ in range(4):
            shown.append(finder.glimpse(part, (x, y, w, h)))
            x, y, w, h = y, part.shape[1] - x - w, h, w
            part = np.rot90(part)
    if not shown:
        return grid, looks
    logits = glimpse_reader.read(np.stack(shown)).astype(np.float64)
    surest = logits[:, :CLASSES].max(axis=1) - np.logaddexp.reduce(logits, axis=1)
    scores = surest.reshape(-1, 4).sum(axis=0)
    best = int(scores.argmax())
    if scores[best] <= scores[0] + TURN:
        return grid, looks
    turned = grid.turned(best)
    return turned, look_at_cells(grey, turned)
