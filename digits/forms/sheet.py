"""The sheet on which people write digits: its layout in millimetres, and how it is found on a photo.

Ten rows, a digit each, of ten boxes. In the corners stand marks that OpenCV's ArUco finder knows apart
(Garrido-Jurado et al., 2014): from their numbers follow the paper, the version of the sheet, and which way
up it lies on a photo; from their corners, the view from straight above.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from digits.config import CLASSES
from digits.forms.box import Box
from digits.forms.marks import LEAST_MARKS, find_marks, mark_bits, shortest_side, view_by_marks
from digits.forms.template import Form
from digits.preprocessing.decode import Picture, to_grey

MARK_NAMES = ("upper left", "upper right", "lower right", "lower left")
MARK = 14.0
"""Width and height of a mark."""

EDGE = 11.0
"""From the paper's edge to the marks; printers leave up to 6 blank."""

TOP, BOTTOM = 38.0, 29.0
"""From the paper's edges to the first and the last row."""

LEFT, RIGHT = 22.0, 13.0
"""From the paper's edges to the first and the last box of a row; on the left stand the rows' names."""

GAP = 2.8
"""Between two boxes."""

COLUMNS = 10
DOTS, TEMPLATE = 8, 4
"""Pixels of a straightened sheet per millimetre, four to a thin pen; and of the sheet as a form."""

FAINT_DOTS = 1.8
"""A photo must have more pixels per millimetre of the sheet than this."""

BLURRED = 1.1
"""The edges of the marks must rise within fewer millimetres than this."""

ADVICE = "Photograph the whole sheet with all four marks, flat and in even light."

Rectangle = tuple[float, float, float, float]
"""Left, top, width and height in millimetres, from the paper's upper left corner."""


@dataclass(frozen=True)
class SheetLayout:
    """A sheet on one kind of paper."""

    paper: str
    size: tuple[float, float]
    """Width and height of the paper in millimetres."""
    first_mark: int
    """Number of the mark on the upper left; the others follow clockwise."""

    @property
    def marks(self) -> dict[int, Rectangle]:
        """Where the four marks are, by number, clockwise from the upper left."""
        width, height = self.size
        right, low = width - EDGE - MARK, height - EDGE - MARK
        corners = [(EDGE, EDGE), (right, EDGE), (right, low), (EDGE, low)]
        return {self.first_mark + i: (x, y, MARK, MARK) for i, (x, y) in enumerate(corners)}

    @property
    def boxes(self) -> list[Rectangle]:
        """The boxes in reading order."""
        width, height = self.size
        across, down = (width - LEFT - RIGHT + GAP) / COLUMNS, (height - TOP - BOTTOM + GAP) / CLASSES
        return [
            (LEFT + column * across, TOP + row * down, across - GAP, down - GAP)
            for row in range(CLASSES)
            for column in range(COLUMNS)
        ]

    @property
    def labels(self) -> list[int]:
        """The digit that belongs into each box."""
        return [row for row in range(CLASSES) for _ in range(COLUMNS)]


LAYOUTS = {
    layout.paper: layout
    for layout in (SheetLayout("A4", (210.0, 297.0), 0), SheetLayout("Letter", (215.9, 279.4), 4))
}
"""By paper. A changed sheet gets new marks, so that sheets printed before are still read as they were."""


def template(layout: SheetLayout) -> Form:
    """Return the sheet as a form, found by its marks: each box is called after its digit and its place in the
    row, e.g. "7.10"."""
    width, height = (round(side * TEMPLATE) for side in layout.size)
    paper = np.full((height, width), 255, np.uint8)
    for number, mark in layout.marks.items():
        x, y, side, _ = (round(value * TEMPLATE) for value in mark)
        black = np.kron(mark_bits(number), np.ones((side // 7 + 1,) * 2)).astype(np.uint8)
        paper[y : y + side, x : x + side] = 255 - 255 * cv2.resize(
            black, (side, side), interpolation=cv2.INTER_AREA
        )
    boxes = []
    for place, (box, label) in enumerate(zip(layout.boxes, layout.labels, strict=True)):
        x, y, w, h = (round(value * TEMPLATE) for value in box)
        boxes.append(Box(f"{label}.{place % COLUMNS + 1}", (x, y, w, h), digits=1))
    return Form.from_picture(paper, f"Sheet {layout.paper}", boxes)


@dataclass(frozen=True)
class Straight:
    """A sheet seen from above, the right way up."""

    layout: SheetLayout
    grey: np.ndarray
    """(H, W) uint8, `DOTS` pixels per millimetre; white where the photo ends."""


def straighten(photo: Picture) -> Straight:
    """Find the sheet on a photo, whichever way up, and bring it into the view from above.

    Args:
        photo: as for `decode.to_grey`.

    Raises:
        ValueError: not a picture; fewer than three marks of one sheet on it; too small or too blurred. One
            sentence that says what is missing, or two.
    """
    grey = cv2.convertScaleAbs(to_grey(photo), alpha=255)
    found = find_marks(grey)
    layout = _layout_of(found)
    corners = {number: found[number][0] for number in layout.marks if number in found}
    _check_size(corners)
    width, height = (round(side * DOTS) for side in layout.size)
    to_photo = view_by_marks({number: _corners(mark) for number, mark in layout.marks.items()}, corners)
    # From the middle of a pixel of the straight picture, in millimetres, to the photo's.
    to_sheet = np.array([[1 / DOTS, 0, 0.5 / DOTS], [0, 1 / DOTS, 0.5 / DOTS], [0, 0, 1]])
    method = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    flat = cv2.warpPerspective(grey, to_photo @ to_sheet, (width, height), flags=method, borderValue=255)
    _check_sharp(flat, [layout.marks[number] for number in corners])
    return Straight(layout, flat)


def _layout_of(found: dict[int, list[np.ndarray]]) -> SheetLayout:
    """Return the sheet to which the marks belong, or say what is missing."""
    if not found:
        raise ValueError(f"There is no sheet on this photo: none of its four marks was found. {ADVICE}")
    seen = {layout.paper: [n for n in layout.marks if n in found] for layout in LAYOUTS.values()}
    best = max(LAYOUTS.values(), key=lambda layout: len(seen[layout.paper]))
    known = seen[best.paper]
    if not known:
        raise ValueError(
            f"The marks on this photo (number {', '.join(map(str, sorted(found)))}) are those of another "
            "form; expected a sheet printed from this page."
        )
    others = [numbers for paper, numbers in seen.items() if paper != best.paper]
    if any(others) or any(len(found[number]) > 1 for number in known):
        raise ValueError("There is more than one sheet on this photo; photograph one at a time.")
    if len(known) < LEAST_MARKS:
        missing = [name for n, name in zip(best.marks, MARK_NAMES, strict=True) if n not in known]
        raise ValueError(
            f"{len(known)} of the sheet's four marks found; missing: {', '.join(missing)}. {ADVICE}"
        )
    return best


def _check_size(corners: dict[int, np.ndarray]) -> None:
    dots = float(min(map(shortest_side, corners.values()))) / MARK
    if dots < FAINT_DOTS:
        raise ValueError(
            f"The sheet is too small on this photo: {dots:.1f} pixels per millimetre; expected {FAINT_DOTS} "
            "or more. Go closer, or take a photo of more pixels."
        )


def _check_sharp(flat: np.ndarray, marks: list[tuple[float, float, float, float]]) -> None:
    rise = float(np.median([_rise(flat, mark) for mark in marks]))
    if rise > BLURRED:
        raise ValueError(
            f"The photo is too blurred: the edges of the marks are {rise:.1f} mm wide; expected {BLURRED} or "
            "less. Hold still, and let the camera focus."
        )


def _rise(flat: np.ndarray, mark: tuple[float, float, float, float]) -> float:
    """Return in millimetres within how much the outer edge of a mark rises from black to white."""
    left, top, side, _ = (round(value * DOTS) for value in mark)
    reach = 2 * DOTS
    rises = []
    for turned, x, y in ((flat, left, top), (flat.T, top, left)):
        middle = turned[y + reach : y + side - reach]
        for edge in (x, x + side):
            # A median along the edge: neither noise nor a bit beside the rim counts.
            profile = np.median(middle[:, max(0, edge - reach) : edge + reach], axis=0)
            steepest = float(np.abs(np.diff(profile)).max())
            rises.append(float(np.ptp(profile)) / max(steepest, 1.0) / DOTS)
    return float(np.median(rises))


def _corners(mark: tuple[float, float, float, float]) -> np.ndarray:
    x, y, w, h = mark
    return np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32)
