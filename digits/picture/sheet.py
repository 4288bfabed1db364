"""The sheet on which people write digits: where its marks and boxes are, in millimetres.

Ten rows, a digit each, of ten boxes. In the corners stand marks that OpenCV's ArUco finder knows apart
(Garrido-Jurado et al., 2014): from their numbers follow the paper, the version of the sheet, and which way
up it lies on a photo.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from digits.contract import CLASSES

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
DICTIONARY = cv2.aruco.DICT_5X5_50
"""Fifty marks of 5 x 5 bits, of which no two are alike in fewer than eight bits."""

Rectangle = tuple[float, float, float, float]
"""Left, top, width and height in millimetres, from the paper's upper left corner."""


@dataclass(frozen=True)
class Layout:
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
    layout.paper: layout for layout in (Layout("A4", (210.0, 297.0), 0), Layout("Letter", (215.9, 279.4), 4))
}
"""By paper. A changed sheet gets new marks, so that sheets printed before are still read as they were."""


def layout_for(paper: str) -> Layout:
    """Return the sheet for a kind of paper.

    Raises:
        ValueError: there is none.
    """
    if paper not in LAYOUTS:
        raise ValueError(f"Paper {paper!r}; expected one of {', '.join(LAYOUTS)}.")
    return LAYOUTS[paper]


def mark_bits(number: int) -> np.ndarray:
    """Return what a mark looks like, (7, 7) bool, True where it is black: five bits and a black rim."""
    dictionary = cv2.aruco.getPredefinedDictionary(DICTIONARY)
    return cv2.aruco.generateImageMarker(dictionary, number, dictionary.markerSize + 2) == 0
