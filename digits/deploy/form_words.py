"""A form made from words, without the page: boxes, what is known of them, and a picture that shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from digits.fields import Field, Total
from digits.forms import Box, Form
from digits.forms.find import find_boxes
from digits.plots.colours import INK
from digits.plots.pixels import png
from digits.preprocessing.decode import Picture, to_grey, to_rgb


@dataclass(frozen=True)
class Words:
    """What is said of a form, each a list of words."""

    box: Sequence[str] = ()
    """NAME=x,y,width,height."""
    name: Sequence[str] = ()
    """FOUND=NAME: what a box that was found is called."""
    field: Sequence[str] = ()
    """NAME:KEY=VALUE, as `Field.parse`."""
    digits: Sequence[str] = ()
    """NAME=how many boxes for a digit each."""
    marks: Sequence[str] = ()
    """NAME."""
    total: Sequence[str] = ()
    """NAME=NAME,NAME: a box and what it adds up."""


def make(picture: Picture, title: str, words: Words, find: bool = False) -> Form:
    """Make a form.

    Args:
        picture: see `Form.from_picture`.
        title: its name.
        words: what is said of it.
        find: whether to take the boxes that are found on the picture too.

    Raises:
        ValueError: a word is not understood, or see `Form`; one sentence.
    """
    found = {box.name: box for box in find_boxes(to_grey(picture))} if find else {}
    for word in words.name:
        old, new = _pair(word, "--name", 'e.g. "Box 1=Age"')
        found[old] = replace(_of(found, old, "--name"), name=new)
    boxes: dict[str, Box] = {}
    for box in found.values():
        _add(boxes, box)
    for word in words.box:
        name, place = _pair(word, "--box", "e.g. Age=120,80,200,60")
        _add(boxes, Box(name, _whole(place, 4, word)))  # type: ignore[arg-type]
    for word in words.digits:
        name, count = _pair(word, "--digits", "e.g. Id=8")
        boxes[name] = replace(_of(boxes, name, "--digits"), digits=_whole(count, 1, word)[0])
    for name in words.marks:
        boxes[name] = replace(_of(boxes, name, "--marks"), marks=True)
    for name, known in _fields(words.field, boxes).items():
        boxes[name] = replace(boxes[name], field=Field.parse(known))
    if not boxes:
        raise ValueError(
            "No box is marked; expected --box, or --find on a form with boxes that are closed lines."
        )
    totals = []
    for word in words.total:
        name, parts = _pair(word, "--total", 'e.g. "Sum=Task 1,Task 2"')
        totals.append(Total(name, tuple(part.strip() for part in parts.split(","))))
    return Form.from_picture(picture, title, list(boxes.values()), totals)


def _pair(word: str, flag: str, expected: str) -> tuple[str, str]:
    name, equals, value = word.rpartition("=")
    if not equals or not name:
        raise ValueError(f"{flag} is {word!r}; expected {expected}.")
    return name.strip(), value.strip()


def _add(boxes: dict[str, Box], box: Box) -> None:
    if box.name in boxes:
        raise ValueError(f"Two boxes are called {box.name!r}; expected a name of its own for each.")
    boxes[box.name] = box


def _of(boxes: Mapping[str, Box], name: str, flag: str) -> Box:
    if name not in boxes:
        known = ", ".join(map(repr, list(boxes)[:10])) or "none"
        raise ValueError(f"{flag} names the box {name!r}, which is not marked; marked are {known}.")
    return boxes[name]


def _whole(text: str, count: int, word: str) -> tuple[int, ...]:
    try:
        values = tuple(int(one) for one in text.split(","))
    except ValueError:
        values = ()
    if len(values) != count:
        raise ValueError(f"{word!r} is not understood; expected {count} whole numbers behind the =.")
    return values


def _fields(words: Sequence[str], boxes: Mapping[str, Box]) -> dict[str, list[str]]:
    """Return what is known of each box, by its name."""
    known: dict[str, list[str]] = {}
    for word in words:
        name = max((name for name in boxes if word.startswith(f"{name}:")), key=len, default=None)
        if name is None:
            raise ValueError(
                f"--field is {word!r}; expected the name of a box, a colon, and what is known of it, e.g. "
                "Age:between=0,120."
            )
        known.setdefault(name, []).append(word.removeprefix(f"{name}:"))
    return known


def listed(form: Form) -> str:
    """Return its boxes as words, a line each."""
    lines = [
        f"{box.name}={','.join(map(str, box.box))}" + (f"  ({box.digits} digits)" if box.digits else "")
        for box in form.boxes
    ]
    return "".join(f"{line}\n" for line in lines)


def drawn(form: Form, picture: Picture) -> bytes:
    """Return a PNG of a template's picture with its boxes and their names."""
    from PIL import Image, ImageDraw, ImageFont

    shown = Image.fromarray(to_rgb(picture))
    side = max(shown.size)
    pen, wide = ImageDraw.Draw(shown), max(2, side // 600)
    font = ImageFont.load_default(max(10, side // 80))
    for box in form.boxes:
        for corners in box.parts or [box.corners]:
            (left, top), (right, foot) = corners[0].tolist(), corners[2].tolist()
            pen.rectangle((left, top, right, foot), outline=INK, width=wide)
        x, y = box.corners[0].tolist()
        pen.text((x, y - wide), box.name, INK, font, anchor="lb", stroke_width=2, stroke_fill="white")
    return png(np.asarray(shown))
