"""Which of a person's own digits are read otherwise than before, with their pictures."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from digits.school.course import DIGITS
from digits.school.states import Course

SIDE = 96
"""Longer side of a picture, in pixels."""


@dataclass(frozen=True)
class Change:
    """An own digit that was held out, and whose answer changed."""

    picture: np.ndarray
    """(h, w, 3) RGB uint8, at most `SIDE` pixels."""
    label: int
    before: int
    after: int

    @property
    def is_mended(self) -> bool:
        """Whether it is read right now."""
        return self.after == self.label

    @property
    def words(self) -> str:
        """What happened, in few words."""
        sign = "✅" if self.is_mended else "❌"
        wanted = "" if self.label in (self.before, self.after) else f", is {self.label}"
        return f"{sign} was read as {self.before}, now {self.after}{wanted}"


def changes(course: Course) -> list[Change]:
    """Return the changed answers of a course that has ended, those mended first; none without its picture."""
    found = []
    for one in (course.outcome or {}).get("changed", []):
        path = course.folder / DIGITS / str(one["label"]) / one["file"]
        if path.exists():
            found.append(Change(_thumbnail(path), one["label"], one["before"], one["after"]))
    return sorted(found, key=lambda change: not change.is_mended)


def _thumbnail(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        white = Image.new("RGBA", picture.size, "white")
        white.alpha_composite(picture.convert("RGBA"))
    white.thumbnail((SIDE, SIDE))
    return np.asarray(white.convert("RGB"))
