"""A box of a form: its name, where it is, and what is known of the number in it."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digits.config import check
from digits.fields import LONGEST, Field
from digits.models.sandbox.container import plain
from digits.preprocessing.components import Box as Rectangle
from digits.preprocessing.decode import LARGEST

MOST_NAME, BRIEF = 60, 60
"""Letters of a name, and of what a refusal repeats."""

NARROWEST = 8
"""Pixels of the template's picture that a box, or the part of it for one digit, is wide and high at least."""

BESIDE = ("file", "doubtful", "error", "corrected")
"""What stands beside the boxes in a table of answers: no box is called so."""


@dataclass(frozen=True)
class Box:
    """A box of a form, in which something is to be read.

    Raises:
        ValueError: some of it is out of range, or contradicts the rest; the message names the box.
    """

    name: str
    box: Rectangle
    """x, y, width, height in pixels of the template's picture."""
    field: Field | None = None
    """What is known of the number in it."""
    digits: int | None = None
    """So many boxes for a digit each stand side by side in it; None: the number is written freely."""
    marks: bool = False
    """Whether decimal points, commas and minus signs are read too."""

    def __post_init__(self) -> None:
        check_name("The name of a box", self.name)
        check("The name of a box", repr(self.name), self.name.lower() not in BESIDE, "another name")
        words = "x, y, width, height in whole pixels"
        whole = isinstance(self.box, tuple | list) and len(self.box) == 4 and all(map(is_whole, self.box))
        self._check("box", self.box, whole, words)
        object.__setattr__(self, "box", tuple(self.box))
        x, y, width, height = self.box
        self._check("box", self.box, min(x, y) >= 0 and max(self.box) <= LARGEST, words)
        good = self.digits is None or (is_whole(self.digits) and 1 <= self.digits <= LONGEST)
        self._check("digits", self.digits, good, f"1 to {LONGEST}")
        narrow = min(width / (self.digits or 1), height) < NARROWEST
        self._check("box", self.box, not narrow, f"{NARROWEST} pixels or more in width and height, per digit")
        self._check("marks", self.marks, isinstance(self.marks, bool), "true or false")
        self._check("field", self.field, self.field is None or isinstance(self.field, Field), "a field")
        if self.marks and self.digits:
            raise ValueError(f"Box {self.name!r}: digits {self.digits} and marks; expected one of the two.")
        if self.field and self.digits and not _has_room(self.field, self.digits):
            raise ValueError(
                f"Box {self.name!r}: nothing that its field allows has {self.digits} digits or fewer; "
                "expected a field that fits into its boxes."
            )

    def _check(self, what: str, value: object, good: bool, expected: str) -> None:
        check(f"Box {self.name!r}: {what}", plain(value, BRIEF), good, expected)

    @property
    def corners(self) -> np.ndarray:
        """Its corners from the upper left with the clock, (4, 2) float32, in pixels of the template's
        picture, of which the middle of the first is 0, 0."""
        return rectangle_corners(self.box)

    @property
    def parts(self) -> list[np.ndarray]:
        """The corners of the boxes for a digit each, from the left; none where it has none."""
        x, y, width, height = self.box
        count = self.digits or 0
        return [rectangle_corners((x + i * width / count, y, width / count, height)) for i in range(count)]


def rectangle_corners(box: Sequence[float]) -> np.ndarray:
    """Return the corners of x, y, width, height from the upper left with the clock, (4, 2) float32; a pixel's
    middle is a whole number."""
    x, y, width, height = box
    corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
    return np.array(corners, np.float32) - np.float32(0.5)


def check_name(what: str, name: object, most: int = MOST_NAME) -> None:
    """Raise a ValueError unless a name can be shown and told from others."""
    good = isinstance(name, str) and name == name.strip() and name.isprintable() and 1 <= len(name) <= most
    check(what, repr(plain(name, BRIEF)), good, f"1 to {most} letters, none invisible, no space around them")


def is_whole(value: object) -> bool:
    """Tell whether a value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def _has_room(field: Field, digits: int) -> bool:
    """Tell whether something that a field allows has so many digits or fewer."""
    if field.length is not None:
        return field.length <= digits
    for length in range(1, digits + 1):
        try:
            dataclasses.replace(field, length=length)
        except ValueError:
            continue
        return True
    return False
