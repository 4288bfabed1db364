"""Photos of forms filled in by hand, simulated: forms that we draw, what may stand in them, and pens.

Light, view and camera are those of sheet_photos.py. Every function is pure; all chance comes from the
generator that it is given.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from digits.data.strokes import StrokeSet
from digits.fields import Field, Total
from digits.forms import Box, Form
from evaluation.handwriting.simulate import sheet_photos
from evaluation.handwriting.simulate.paper import in_line
from evaluation.handwriting.simulate.pens import Strokes, extent, placed

Rectangle = tuple[float, float, float, float]

DOTS = 8
"""Pixels per millimetre in which forms are printed and written on."""

TEMPLATE = 6
"""Pixels per millimetre of the picture on which their boxes are marked."""

LINE, GREY = 0.35, 90
"""Millimetres of a printed line, and how dark it is, of 255."""

Values = dict[str, str]
"""What is written, by the name of the box; "" for nothing."""


@dataclass(frozen=True, eq=False)
class Printed:
    """A form as it is printed, all in millimetres."""

    name: str
    size: tuple[float, float]
    boxes: tuple[tuple[str, Rectangle, dict], ...]
    """Name, place, and what `Box` is told besides."""
    words: tuple[tuple[float, float, float, str], ...]
    """Left, top, height, text."""
    fill: Callable[[np.random.Generator], Values]
    totals: tuple[Total, ...] = ()
    lines: tuple[tuple[float, float, float, float], ...] = field(default=())
    """From where to where."""

    @cache  # noqa: B019 - there are four of them
    def sheet(self) -> np.ndarray:
        """Return it empty, (H, W) uint8; nobody may change it."""
        dots = DOTS
        paper = Image.new("L", [round(side * dots) for side in self.size], 255)
        pen = ImageDraw.Draw(paper)
        wide = max(1, round(LINE * dots))
        for x, y, height, text in self.words:
            pen.text((x * dots, y * dots), text, 30, _font(round(height * dots)))
        for line in self.lines:
            pen.line([value * dots for value in line], GREY, wide)
        for _, (x, y, width, height), about in self.boxes:
            parts = about.get("digits") or 1
            for part in range(parts):
                left, right = x + width * part / parts, x + width * (part + 1) / parts
                pen.rectangle(
                    [left * dots, y * dots, right * dots, (y + height) * dots], outline=GREY, width=wide
                )
        return np.asarray(paper)

    @cache  # noqa: B019
    def form(self) -> Form:
        """Return it as a template made of the empty sheet."""
        boxes = [
            Box(name, tuple(round(value * TEMPLATE) for value in place), **about)
            for name, place, about in self.boxes
        ]
        size = [round(side * TEMPLATE) for side in self.size]
        picture = cv2.resize(self.sheet(), size, interpolation=cv2.INTER_AREA)
        return Form.from_picture(picture, self.name, boxes, self.totals)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_manager.findfont("DejaVu Sans"), size)


@dataclass(frozen=True)
class Hand:
    """Pen digits of one site, in no order."""

    written: StrokeSet
    rows: dict[str, np.ndarray]

    @classmethod
    def of(cls, written: StrokeSet, site: str) -> "Hand":
        """Take those of a site."""
        sites = np.array([source.split("/")[0] for source in written.source])
        here = sites == site
        rows = {str(digit): np.flatnonzero(here & (written.labels == digit)) for digit in range(10)}
        return cls(written, rows)

    def write(self, text: str, rng: np.random.Generator) -> list[Strokes]:
        """Return strokes for each digit of a text."""
        return [self.written[int(rng.choice(self.rows[sign]))] for sign in text]


def filled(printed: Printed, values: Values, hand: Hand, rng: np.random.Generator) -> np.ndarray:
    """Return a form with something written in its boxes, (H, W, 3) float32 in [0, 1]."""
    strokes: dict[int, Strokes] = {}
    for name, place, about in printed.boxes:
        digits = hand.write("".join(sign for sign in values[name] if sign.isdigit()), rng)
        count = about.get("digits")
        if count:
            x, y, width, height = place
            first = rng.choice([0, count - len(digits)]) if "field" not in about else count - len(digits)
            spots = [(x + (first + i) * width / count, y, width / count, height) for i in range(len(digits))]
            for digit, spot in zip(digits, spots, strict=True):
                strokes[len(strokes)] = _in(spot, digit, spot[3] * rng.uniform(0.5, 0.75), rng)
        elif digits:
            number = [one for digit in in_line(digits, 10, rng) for one in digit]
            strokes[len(strokes)] = _in(place, number, place[3] * rng.uniform(0.5, 0.75), rng)
    paper = np.repeat(printed.sheet()[..., None].astype(np.float32) / 255, 3, axis=2)
    return sheet_photos.write(paper, strokes, DOTS, rng)


def _in(place: Rectangle, strokes: Strokes, tall: float, rng: np.random.Generator) -> Strokes:
    """Return strokes somewhere in a box, as large as people write."""
    x, y, width, height = place
    sized = placed(strokes, tall, 0, 0, widest=0.85 * width / tall)
    low, high = extent(sized)
    spare = np.array([width, height]) - (high - low)
    corner = np.array([x, y]) + spare / 2 + np.clip(rng.normal(0, 0.12, 2), -0.35, 0.35) * np.abs(spare)
    return [stroke - low + corner for stroke in sized]


@dataclass(frozen=True)
class Shot:
    """A photo of a filled form, and what is known of it."""

    photo: np.ndarray
    """(H, W, 3) uint8."""
    values: Values
    to_photo: np.ndarray
    """(3, 3), from pixels of the template's picture to those of the photo."""


def shoot(
    printed: Printed, values: Values, hand: Hand, view: sheet_photos.View, rng: np.random.Generator
) -> Shot:
    """Fill a form in, and take a photo of it."""
    sheet = filled(printed, values, hand, rng)
    photo = sheet_photos.shoot(sheet, printed, view, rng)  # type: ignore[arg-type] # of a layout its size is asked
    shift = np.array([[1 / TEMPLATE, 0, 0.5 / TEMPLATE], [0, 1 / TEMPLATE, 0.5 / TEMPLATE], [0, 0, 1]])
    return Shot(photo, values, view.to_photo(printed) @ shift)  # type: ignore[arg-type]


def luhn(digits: str) -> str:
    """Return digits with the one that checks them behind."""
    known = Field(check="luhn")
    return next(digits + last for last in "0123456789" if known.fits(digits + last))


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(map(str, rng.integers(0, 10, count)))


def _date(rng: np.random.Generator) -> str:
    return f"{rng.integers(1, 29):02d}.{rng.integers(1, 13):02d}.{rng.integers(2019, 2027)}"


HEAD = (
    (18.0, 14.0, 7.0, "Northfield School"),
    (18.0, 24.0, 3.2, "12 Mill Lane, Northfield - office@northfield.example"),
)
RULE = (18.0, 31.0, 192.0, 31.0)
TASKS = 6


def _exam() -> Printed:
    boxes: list[tuple[str, Rectangle, dict]] = [
        ("Student", (60, 48, 72, 10), {"digits": 8, "field": Field(length=8, check="luhn")}),
        ("Date", (60, 64, 52, 11), {"field": Field(pattern="DD.MM.YYYY")}),
    ]
    words = [
        *HEAD,
        (18, 36, 5, "Marks sheet - mathematics, final examination"),
        (18, 50.5, 4, "Student number"),
        (18, 67, 4, "Date of examination"),
        (
            18,
            84,
            3.2,
            "To be filled in by the examiner. One number in each box; leave what was not handed in empty.",
        ),
    ]
    tasks = ("Fractions", "Equations", "Geometry", "Functions", "Probability", "Proof")
    for i, task in enumerate(tasks[:TASKS]):
        y = 94 + 15 * i
        boxes.append((f"Task {i + 1}", (120, y, 22, 11), {"field": Field(between=(0, 20))}))
        words.append((18, y + 3, 4, f"Task {i + 1}: {task}"))
        words.append((145, y + 3, 4, "of 20"))
    boxes.append(("Sum", (120, 190, 28, 12), {"field": Field(between=(0, 120))}))
    words += [
        (18, 193.5, 4.5, "Sum of all tasks"),
        (18, 214, 3.2, "I have looked through all pages, and added the marks up twice."),
        (18, 232, 3.2, "Signature of the examiner"),
        (18, 270, 2.8, "Form M-104, revised 2025. Keep for ten years."),
    ]
    lines = (RULE, (18, 230, 95, 230), (18, 265, 192, 265))

    def fill(rng: np.random.Generator) -> Values:
        marks = {f"Task {i + 1}": int(rng.integers(0, 21)) for i in range(TASKS)}
        values = {name: "" if rng.random() < 0.1 else str(mark) for name, mark in marks.items()}
        total = str(sum(int(value or 0) for value in values.values()))
        return {"Student": luhn(_digits(rng, 7)), "Date": _date(rng), **values, "Sum": total}

    totals = (Total("Sum", tuple(f"Task {i + 1}" for i in range(TASKS))),)
    return Printed("Marks sheet", (210, 297), tuple(boxes), tuple(words), fill, totals, lines)


def _absence() -> Printed:
    """Of the same school, with the same head: not to be taken for its marks sheet."""
    boxes = (
        ("Student", (80, 60, 72, 10), {"digits": 8, "field": Field(length=8, check="luhn")}),
        ("First day", (80, 82, 52, 11), {"field": Field(pattern="DD.MM.YYYY")}),
        ("Last day", (80, 104, 52, 11), {"field": Field(pattern="DD.MM.YYYY")}),
        ("Lessons", (80, 126, 20, 11), {"field": Field(between=(1, 99))}),
    )
    words = (
        *HEAD,
        (18, 36, 5, "Absence from lessons"),
        (18, 62.5, 4, "Number of the student"),
        (18, 85, 4, "Absent from"),
        (18, 107, 4, "to, inclusive"),
        (18, 129, 4, "Lessons missed"),
        (18, 150, 3.2, "Reason, and who was told of it on the first day:"),
        (18, 215, 3.2, "Signature of a parent or guardian"),
        (18, 270, 2.8, "Form A-7. Hand in at the office within three days."),
    )
    lines = (
        RULE,
        *((18, 160 + 10 * i, 192, 160 + 10 * i) for i in range(4)),
        (18, 213, 95, 213),
        (18, 265, 192, 265),
    )

    def fill(rng: np.random.Generator) -> Values:
        return {
            "Student": luhn(_digits(rng, 7)),
            "First day": _date(rng),
            "Last day": _date(rng),
            "Lessons": str(rng.integers(1, 60)),
        }

    return Printed("Absence", (210, 297), boxes, words, fill, lines=lines)


def _meter() -> Printed:
    """A card with little print."""
    boxes = (
        ("Customer", (52, 24, 56, 9), {"digits": 7}),
        ("Old", (52, 42, 48, 9), {"digits": 6}),
        ("New", (52, 58, 48, 9), {"digits": 6}),
        ("Read on", (52, 76, 50, 11), {"field": Field(pattern="DD.MM.YYYY")}),
    )
    words = (
        (8, 8, 6, "Water meter"),
        (8, 26.5, 4, "Customer"),
        (8, 44.5, 4, "Old reading"),
        (8, 60.5, 4, "New reading"),
        (8, 79, 4, "Read on"),
        (103, 44.5, 4, "m3"),
        (103, 60.5, 4, "m3"),
        (8, 95, 2.8, "Please send this card within a week. Thank you!"),
    )

    def fill(rng: np.random.Generator) -> Values:
        old = int(rng.integers(100, 900_000))
        return {
            "Customer": _digits(rng, 7),
            "Old": str(old),
            "New": str(old + int(rng.integers(20, 900))),
            "Read on": _date(rng),
        }

    return Printed("Water meter", (148, 105), boxes, words, fill)


def _survey() -> Printed:
    """A dense page: questions with a box at the end of each, in two columns."""
    boxes: list[tuple[str, Rectangle, dict]] = [
        ("Postcode", (50, 30, 40, 9), {"digits": 5}),
        ("Year", (150, 30, 36, 9), {"digits": 4, "field": Field(between=(1920, 2012))}),
    ]
    words = [
        (14, 10, 6.5, "How do you get to work?"),
        (14, 20, 3, "A survey of the county council. It is anonymous, and takes two minutes."),
        (14, 32.5, 4, "Your postcode"),
        (112, 32.5, 4, "Year of birth"),
    ]
    asked = (
        "Minutes on foot",
        "Minutes by bicycle",
        "Minutes by bus",
        "Minutes by train",
        "Minutes by car",
        "Kilometres in all",
        "Days a week",
        "Cars at home",
        "Bicycles at home",
        "People at home",
        "Children under 12",
        "Changes of bus",
        "Cost in a week",
        "Parking fee",
        "Late last month",
        "Days at home",
    )
    for i, question in enumerate(asked):
        x, y = (14, 112)[i % 2], 50 + 14 * (i // 2)
        boxes.append((question, (x + 58, y, 20, 10), {"field": Field(between=(0, 999))}))
        words.append((x, y + 2.8, 3.6, question))
    words += [
        (14, 168, 3.2, "Leave a box empty where a question does not concern you. Write whole numbers only."),
        (
            14,
            176,
            3.2,
            "Thank you for your help. Results will be published in spring on the pages of the council.",
        ),
    ]

    def fill(rng: np.random.Generator) -> Values:
        values = {"Postcode": _digits(rng, 5), "Year": str(rng.integers(1930, 2010))}
        return values | {
            name: "" if rng.random() < 0.25 else str(int(10 ** rng.uniform(0, 2.2))) for name in asked
        }

    return Printed("Survey", (210, 190), tuple(boxes), tuple(words), fill)


FORMS = {printed.name: printed for printed in (_exam(), _absence(), _meter(), _survey())}
"""By their names."""
