"""A form as somebody marks it, step by step: what is said of its boxes may still be wrong."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np

from digits.config import check
from digits.fields import Field, Total
from digits.forms import Box, Form
from digits.forms.box import BRIEF, check_name
from digits.forms.template import MOST_BOXES
from digits.models.sandbox.container import plain
from digits.preprocessing.components import Box as Rectangle
from digits.preprocessing.decode import Picture

WORDS = ("length", "pattern", "values", "between", "step", "check")
"""What may be known of a number, as `Field.parse` has it."""


@dataclass(frozen=True)
class Marked:
    """A box, and in words what is known of the number in it."""

    name: str
    box: Rectangle
    """In pixels of the template's picture."""
    digits: str = ""
    """How many boxes for a digit each it has."""
    field: Mapping[str, str] = field(default_factory=dict)
    """By `WORDS`."""
    marks: bool = False
    sums: tuple[tuple[str, ...], ...] = ()
    """The keys of the boxes whose sum it is, and of others whose sum it is too."""
    is_named: bool = False
    """Whether somebody gave it its name."""
    known: Field | None = None
    """Its field as it was loaded, which holds as long as the words are the same: they cannot say all."""

    def made(self) -> Box:
        """Return it as a box of a form.

        Raises:
            ValueError: something said of it is wrong; one sentence that names it.
        """
        start = f"Box {self.name!r}"
        digits, words = self.digits.strip(), [f"{name}={said}" for name, said in self.field.items() if said]
        good = not digits or (digits.isascii() and digits.isdigit() and len(digits) < BRIEF)
        check(f"{start}: digits", repr(plain(digits, BRIEF)), good, "a whole number")
        try:
            same = self.field == _words(self.known)
            known = self.known if same else Field.parse(words) if words else None
        except ValueError as error:
            raise ValueError(f"{start}: {error}") from None
        return Box(self.name, self.box, known, int(digits) if digits else None, self.marks)

    def __str__(self) -> str:
        """Return what is known of it, in few words."""
        said = [f"{self.digits} boxes for a digit each"] if self.digits else []
        said += [f"{name}={value}" for name, value in self.field.items() if value]
        said += ["with points and signs"] * self.marks + [f"sum of {len(one)} others" for one in self.sums]
        return plain(", ".join(said), BRIEF) or "Nothing is known of it"


@dataclass(frozen=True)
class Draft:
    """All boxes of a form."""

    name: str
    boxes: Mapping[str, Marked]
    """By keys that stay."""

    @classmethod
    def of(cls, name: str, boxes: Iterable[Box], totals: Iterable[Total] = (), named: bool = True) -> "Draft":
        """Return the draft of boxes that are known; `named`: whether a person gave them their names."""
        found = {
            str(number): Marked(
                box.name, box.box, str(box.digits or ""), _words(box.field), box.marks, (), named, box.field
            )
            for number, box in enumerate(boxes, start=1)
        }
        keys = {one.name: key for key, one in found.items()}
        for total in totals:
            key = keys[total.total]
            parts = tuple(keys[each] for each in total.of)
            found[key] = replace(found[key], sums=(*found[key].sums, parts))
        return cls(name, found)

    def change(self, key: str, **said: Any) -> "Draft":
        """Return it with something else said of a box."""
        return replace(self, boxes={**self.boxes, key: replace(self.boxes[key], **said)})

    def rename(self, key: str, name: str) -> "Draft":
        """Return it with another name for a box, as a person gives it.

        Raises:
            ValueError: that is no name, or the name of another.
        """
        check_name("The name of a box", name)
        others = (one.name for other, one in self.boxes.items() if other != key)
        check("Two boxes", repr(name), name not in others, "a name of its own for each")
        return self.change(key, name=name, is_named=True)

    def add(self, box: Rectangle) -> "Draft":
        """Return it with one more box.

        Raises:
            ValueError: there are too many.
        """
        check("The boxes of a form", len(self.boxes) + 1, len(self.boxes) < MOST_BOXES, f"1 to {MOST_BOXES}")
        key = str(1 + max(map(int, self.boxes), default=0))
        names, number = {one.name for one in self.boxes.values()}, int(key)
        while f"Box {number}" in names:
            number += 1
        return replace(self, boxes={**self.boxes, key: Marked(f"Box {number}", box)})

    def without(self, key: str) -> "Draft":
        """Return it without a box, in sums too."""
        kept = {
            other: replace(one, sums=summed(tuple(part for part in some if part != key) for some in one.sums))
            for other, one in self.boxes.items()
            if other != key
        }
        return replace(self, boxes=kept)

    def form(self, base: Form | Picture) -> Form:
        """Make the form.

        Args:
            base: the form whose boxes these were, or the picture on which they are marked.

        Raises:
            ValueError: something said is wrong; one sentence that says what.
        """
        boxes = [one.made() for one in self.boxes.values()]
        totals = [
            Total(one.name, tuple(self.boxes[key].name for key in parts))
            for one in self.boxes.values()
            for parts in one.sums
        ]
        if isinstance(base, Form):
            return replace(base, name=self.name, boxes=tuple(boxes), totals=tuple(totals))
        return Form.from_picture(base, self.name, boxes, totals)


def picture_of(base: Form | np.ndarray) -> np.ndarray:
    """Return the picture (H, W, 3) uint8 RGB, in whose pixels boxes are, of a form, or as it is."""
    if isinstance(base, Form):
        return cv2.cvtColor(cv2.resize(base.grey, base.size), cv2.COLOR_GRAY2RGB)
    return base


def summed(sums: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """Return sums without those of nothing."""
    return tuple(parts for some in sums if (parts := tuple(some)))


def _words(known: Field | None) -> dict[str, str]:
    said = {}
    for name in WORDS:
        value = getattr(known, name, None)
        if value is not None:
            said[name] = ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    return said


def tidied(name: str, text: str) -> str:
    """Return what somebody typed of a number as `Field.parse` has it: lists may be divided by spaces too.

    >>> tidied("between", "0 , 20"), tidied("pattern", " dd dd ")
    ('0,20', 'dd dd')
    """
    return text.strip() if name == "pattern" else ",".join(re.findall(r"[^\s,;]+", text))
