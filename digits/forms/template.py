"""What a form is: a picture of one by which photos are brought into place, and its boxes, each with a name.

Kept as JSON that a person can read and change: the boxes first, the picture last. Whatever is written within
the boxes is not kept.
"""

import base64
import binascii
import dataclasses
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from digits.config import check
from digits.fields import Field, Total, check_totals
from digits.forms.box import BRIEF, Box, check_name, is_whole, rectangle_corners
from digits.models.sandbox.container import plain
from digits.preprocessing.components import Box as Rectangle
from digits.preprocessing.decode import LARGEST, SMALLEST, Picture, look_at, to_grey, unpack

VERSION = 1
"""Of the JSON."""

MOST_BYTES = 4 * 2**20
"""Of the JSON."""

MOST_BOXES = 500
"""Of a form."""

MOST_CELLS, MOST_ADDED = 3000, 3000
"""Boxes for a digit each or a number, and names in totals, of a form in all: each takes time to read."""

COVERED = 0.8
"""Share of a box that others may cover, each alone."""

SIDE, QUALITY = 1200, 70
"""Longer side of the picture that is kept, in pixels, at most, and its quality as a JPEG."""

LIGHT = 0.8
"""Of the pixels in and around a box this share is darker than its paper."""

OVER = 0.06
"""Writing may leave its box by this share of the box's shorter side: there, too, nothing is kept."""


@dataclass(frozen=True)
class Form:
    """A form.

    Raises:
        ValueError: some of it is out of range, or contradicts the rest; one sentence.
    """

    name: str
    size: tuple[int, int]
    """Width and height of the template's picture in pixels."""
    boxes: tuple[Box, ...]
    totals: tuple[Total, ...] = ()
    reference: bytes = dataclasses.field(default=b"", repr=False)
    """The template's picture as PNG or JPEG, grey, no larger than needed, nothing in the boxes."""

    def __post_init__(self) -> None:
        check_name("The name of a form", self.name)
        good = isinstance(self.size, tuple | list) and len(self.size) == 2 and all(map(is_whole, self.size))
        words = f"width and height, {SMALLEST} to {LARGEST} pixels each"
        good = good and min(self.size) >= SMALLEST and max(self.size) <= LARGEST
        check("The size of a form", plain(self.size, BRIEF), good, words)
        for name in ("size", "boxes", "totals"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        check(
            "The boxes of a form", len(self.boxes), 1 <= len(self.boxes) <= MOST_BOXES, f"1 to {MOST_BOXES}"
        )
        cells = sum(box.digits or 1 for box in self.boxes)
        check("The boxes of a form for a digit each", cells, cells <= MOST_CELLS, f"{MOST_CELLS:,} at most")
        names = [box.name for box in self.boxes]
        twice = next((name for name, many in Counter(names).items() if many > 1), None)
        check("Two boxes", repr(twice), twice is None, "a name of its own for each")
        self._check_places()
        added = sum(len(total.names) for total in self.totals)
        check("The names in the totals of a form", added, added <= MOST_ADDED, f"{MOST_ADDED:,} at most")
        check_totals({*names}, self.totals)
        self._check_reference()

    def _check_places(self) -> None:
        """Raise a ValueError where a box is outside the picture, or hides another."""
        width, height = self.size
        places = np.array([box.box for box in self.boxes], float)
        low, high = places[:, :2], places[:, :2] + places[:, 2:]
        for box, (right, foot) in zip(self.boxes, high.tolist(), strict=True):
            good = right <= width and foot <= height
            check(f"Box {box.name!r}", box.box, good, f"a place within the {width} x {height} pixels")
        shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
        shared = np.clip(shared, 0, None).prod(axis=-1) / places[:, 2:].prod(axis=-1)
        np.fill_diagonal(shared, 0)
        over, under = np.unravel_index(shared.argmax(), shared.shape)
        if shared[over, under] > COVERED:
            names = f"{self.boxes[over].name!r} and {self.boxes[under].name!r}"
            raise ValueError(f"The boxes {names} lie over each other; expected each at a place of its own.")

    def _check_reference(self) -> None:
        file = io.BytesIO(self.reference)
        file.name = "The picture of the form"
        picture = look_at(file)
        good = picture.format in ("PNG", "JPEG") and max(picture.size) <= SIDE
        words = f"{picture.format} of {picture.width} x {picture.height} pixels"
        check("The picture of the form", words, good, f"PNG or JPEG, {SIDE} pixels at most on each side")
        wide, tall = (own / side for own, side in zip(picture.size, self.size, strict=True))
        near = abs(wide - tall) * max(self.size) <= 2
        check("The picture of the form", words, near, f"one in the shape of the form's size, {self.size}")
        unpack(picture, file.name)
        object.__setattr__(self, "_grey", np.asarray(picture.convert("L")))

    @property
    def grey(self) -> np.ndarray:
        """The reference, (h, w) uint8."""
        return self.__dict__["_grey"]

    @property
    def scale(self) -> np.ndarray:
        """The matrix (3, 3) from pixels of the template's picture to those of the reference."""
        across, down = (own / side for own, side in zip(self.grey.shape[::-1], self.size, strict=True))
        return np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]])

    @cached_property
    def hidden(self) -> np.ndarray:
        """Which points of the reference are within a box, or so near that writing may be there; (h, w)
        bool."""
        mask = np.zeros(self.grey.shape, np.uint8)
        for box in self.boxes:
            corners = cv2.perspectiveTransform(_widened(box.box)[None].astype(np.float64), self.scale)[0]
            cv2.fillConvexPoly(mask, np.round(corners).astype(np.int32), 1)
        return mask > 0

    @classmethod
    def from_picture(
        cls, picture: Picture, name: str, boxes: Sequence[Box], totals: Sequence[Total] = ()
    ) -> "Form":
        """Make a form of a picture of one, empty or filled in.

        Args:
            picture: see `Recognizer.read_digit`.
            name: of the form.
            boxes: in the pixels of the picture, upright as its EXIF data says.
            totals: what adds up.

        Raises:
            ValueError: not a picture, or see `Form`.
        """
        grey = to_grey(picture)
        width, height = grey.shape[::-1]
        factor = min(1.0, SIDE / max(grey.shape))
        size = max(1, round(width * factor)), max(1, round(height * factor))
        small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        for box in boxes:
            _empty(small, _widened(box.box) * factor)
        levels = np.round(255 * small).astype(np.uint8)
        reference = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
        return cls(name, (width, height), tuple(boxes), tuple(totals), reference)

    @classmethod
    def load(cls, source: str | Path | bytes) -> "Form":
        """Read a form from a JSON file, or from its bytes.

        Raises:
            ValueError: it is no such file, or something in it is wrong; one sentence.
        """
        name = "The form" if isinstance(source, bytes) else str(source)
        data = source if isinstance(source, bytes) else _read(Path(source))
        if len(data) > MOST_BYTES:
            raise ValueError(f"{name} has more than {MOST_BYTES:,} bytes, too many for a form.")
        try:
            return cls._of_json(_parsed(data))
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None

    @classmethod
    def _of_json(cls, said: dict[str, Any]) -> "Form":
        version = said.pop("digits_form", None)
        check("digits_form", plain(version, BRIEF), version == VERSION and is_whole(version), str(VERSION))
        _check_keys("the form", said, ("name", "size", "boxes", "reference"), ("totals",))
        _check_list("boxes", said["boxes"])
        _check_list("totals", said.get("totals", []))
        boxes = [_box(each) for each in said["boxes"]]
        totals = [_total(each) for each in said.get("totals", [])]
        check("reference", "something else", isinstance(said["reference"], str), "text in base64")
        try:
            reference = base64.b64decode(said["reference"], validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError(f"The reference is not in base64 ({error}).") from error
        return cls(said["name"], said["size"], tuple(boxes), tuple(totals), reference)

    def to_json(self) -> str:
        """Return it as JSON, the boxes a line each.

        Raises:
            ValueError: the field of a box is checked by a function, which no file can hold.
        """
        lines = {
            "digits_form": VERSION,
            "name": self.name,
            "size": self.size,
            "boxes": [_said(box) for box in self.boxes],
            "totals": [{"total": each.total, "of": each.of} for each in self.totals],
            "reference": base64.b64encode(self.reference).decode(),
        }
        return (
            "{\n" + ",\n".join(f"  {_json(key)}: {_listed(value)}" for key, value in lines.items()) + "\n}\n"
        )


def _widened(box: Rectangle) -> np.ndarray:
    """Return the corners of a box and of what may stick out of it, (4, 2)."""
    x, y, width, height = box
    by = max(1.0, OVER * min(width, height))
    return rectangle_corners((x - by, y - by, width + 2 * by, height + 2 * by))


def _empty(grey: np.ndarray, corners: np.ndarray) -> None:
    """Fill what is within corners (4, 2) of a picture (h, w) with the paper around."""
    low = np.maximum(0, np.floor(corners.min(axis=0))).astype(int)
    high = np.ceil(corners.max(axis=0)).astype(int) + 1
    inside = grey[low[1] : high[1], low[0] : high[0]]
    if inside.size:
        inside[:] = np.quantile(inside, LIGHT)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ValueError(f"{path}: the form cannot be read ({error.strerror}).") from error


def _parsed(data: bytes) -> dict[str, Any]:
    """Return what JSON says, an object, in which every key stands once and every number is one."""

    def refuse(word: str) -> None:
        raise ValueError(f"it says {word}; expected numbers")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        said = dict(pairs)
        if len(said) < len(pairs):
            raise ValueError("a key stands twice")
        return said

    try:
        said = json.loads(data.decode("utf-8-sig"), parse_constant=refuse, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise ValueError(f"It is not the JSON of a form ({plain(reason, 2 * BRIEF)}).") from error
    check("The JSON", type(said).__name__, isinstance(said, dict), "an object")
    return said


def _check_keys(
    what: str, said: Mapping[str, Any], needed: Sequence[str], possible: Sequence[str] = ()
) -> None:
    wrong = [key for key in said if key not in (*needed, *possible)]
    missing = [key for key in needed if key not in said]
    if wrong or missing:
        found = f"has the key {plain(wrong[0], BRIEF)!r}" if wrong else f"has no {missing[0]!r}"
        words = f"expected {', '.join(needed)}" + (f", perhaps {', '.join(possible)}" if possible else "")
        raise ValueError(f"{what[0].upper()}{what[1:]} {found}; {words}.")


def _check_list(what: str, said: object) -> None:
    good = isinstance(said, list) and len(said) <= MOST_BOXES and all(isinstance(each, dict) for each in said)
    check(what, plain(said, BRIEF), good, f"a list of at most {MOST_BOXES} objects")


def _box(said: dict[str, Any]) -> Box:
    _check_keys("a box", said, ("name", "box"), ("field", "digits", "marks"))
    if said.get("field") is None:
        return Box(**said)
    known, field = {each.name for each in dataclasses.fields(Field)}, said["field"]
    name = plain(said["name"], BRIEF)
    check(f"Box {name!r}: field", type(field).__name__, isinstance(field, dict), "an object")
    _check_keys(f"the field of box {name!r}", field, (), sorted(known))
    try:
        given: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in field.items()
        }
        return Box(**said | {"field": Field(**given)})
    except ValueError as error:
        text = str(error)
        raise ValueError(text if text.startswith("Box ") else f"Box {name!r}: {text}") from None


def _total(said: dict[str, Any]) -> Total:
    _check_keys("a total", said, ("total", "of"))
    return Total(said["total"], said["of"])


def _said(box: Box) -> dict[str, Any]:
    """Return a box as JSON has it: what is as usual is left out."""
    said: dict[str, Any] = {"name": box.name, "box": box.box}
    if box.field is not None:
        field = {each.name: getattr(box.field, each.name) for each in dataclasses.fields(box.field)}
        if callable(field.get("check")):
            raise ValueError(
                f"Box {box.name!r}: its field is checked by a function, which no file can hold; "
                "expected the name of a check."
            )
        said["field"] = {key: value for key, value in field.items() if value is not None}
    if box.digits is not None:
        said["digits"] = box.digits
    return said | ({"marks": True} if box.marks else {})


def _listed(value: Any) -> str:
    """Return a list of objects as JSON, one on each line, and anything else on one."""
    if not (isinstance(value, list) and value):
        return _json(value)
    return "[\n" + ",\n".join(f"    {_json(each)}" for each in value) + "\n  ]"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
