"""A form that was read, as its template shows it: straight, with its boxes; what is in those that a person
moved is read anew."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from digits.forms import Box, Form, FormReading
from digits.forms.read import read_at
from digits.preprocessing.components import Box as Rectangle
from digits.preprocessing.decode import SMALLEST, Picture, to_grey
from digits.reading import Cell, Reading
from digits.recognizer import Recognizer
from digits.tables.cells import placed

LARGEST = 3000
"""Pixels of the longer side of a straight picture, at most."""


LINE = 0.12
"""Share of a box's shorter side that a printed line at its ends may take: paper is never quite flat."""


@dataclass(frozen=True)
class Straight:
    """A photo of a form, seen as the template's picture."""

    picture: np.ndarray
    """(h, w, 3) uint8 RGB."""
    back: np.ndarray
    """(3, 3), from its pixels to those of the photo."""
    factor: float
    """So many times larger than the template's picture."""

    @classmethod
    def of(cls, photo: np.ndarray, view: np.ndarray, size: tuple[int, int]) -> "Straight":
        """Bring a photo into place, about as large as it is seen there.

        Args:
            photo: (H, W, 3) uint8 RGB.
            view: see `FormReading.view`.
            size: width and height of the template's picture.
        """
        ends = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float64)
        there = cv2.perspectiveTransform(ends[None], view)[0].astype(np.float32)
        seen = float(np.sqrt(cv2.contourArea(there) / (size[0] * size[1])))
        factor = float(np.clip(seen, SMALLEST / min(size), LARGEST / max(size)))
        shift = (1 / factor - 1) / 2
        back = view @ np.array([[1 / factor, 0, shift], [0, 1 / factor, shift], [0, 0, 1]])
        width, height = (max(SMALLEST, round(factor * side)) for side in size)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        picture = cv2.warpPerspective(
            photo, back, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return cls(picture, back, factor)

    def box(self, box: Rectangle) -> Rectangle:
        """Return where a box of the template's picture is on it."""
        x, y, w, h = (round(side * self.factor) for side in box)
        return x, y, w, h

    def of_template(self, box: Rectangle) -> Rectangle:
        """Return where a box of it is on the template's picture."""
        x, y, w, h = (round(side / self.factor) for side in box)
        return x, y, w, h

    def digits(self, cell: Cell, box: Rectangle) -> list[Reading]:
        """Return the digits of a box, each where it is on it; no farther out than the lines of the box."""
        there, (left, top, wide, high) = np.linalg.inv(self.back), box
        line = round(LINE * min(wide, high))
        left, top, wide, high = left + line, top + line, wide - 2 * line, high - 2 * line
        found = []
        for digit in cell.number.digits:
            x, y, w, h = placed(digit.box or cell.box, there)
            x, right = np.clip([x, x + w], left, left + wide).tolist()
            y, foot = np.clip([y, y + h], top, top + high).tolist()
            found.append(replace(digit, box=(x, y, max(1, right - x), max(1, foot - y))))
        return found


def read_moved(reader: Recognizer, photo: Picture, form: Form, view: np.ndarray, box: Box) -> FormReading:
    """Read a box of a form at another place of the template's picture, alone.

    Raises:
        ValueError: it is not whole on that picture.
    """
    return read_at(to_grey(photo), replace(form, boxes=(box,), totals=()), view, reader)


def edited_form(
    reading: FormReading, moved: Mapping[str, Rectangle], read: Callable[[str, Rectangle], FormReading]
) -> FormReading:
    """Return a form with the boxes that a person moved.

    Args:
        reading: as it was read.
        moved: where they are now, by their names; of others nothing is taken.
        read: reads one, by its name, at its new place.
    """
    cells, boxes = dict(reading.cells), dict(reading.boxes)
    for name in moved.keys() & cells.keys():
        found = read(name, moved[name])
        cells[name] = replace(found.cells[name], column=cells[name].column)
        boxes[name] = found.boxes[name]
    return replace(reading, cells=cells, boxes=boxes)


def fits(box: Box, text: str) -> bool | None:
    """Tell whether what a box says fits its field; None where it has none, or says nothing."""
    if box.field is None or not text:
        return None
    return "?" not in text and box.field.fits("".join(letter for letter in text if letter.isdigit()))
