"""Whose writing a scene shows: pen digits, letters, scans and print, and hands that write with them.

A hand has one pen, slant and size, and takes its digits from one writer where it can.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from digits.config import CLASSES
from digits.data import doodles
from digits.data.forms import COPPERPLATE, FORMS, School
from digits.data.mnist import load_train_val
from digits.data.printed import AMBIGUOUS, DIGITS, OTHERS, SIZE, typefaces
from digits.data.strokes import StrokeSet, bend, load_strokes, nib, restyle, slanted, trace

NEAR = 60
"""Samples so near in a file mostly come from one hand."""

FINE = 3
"""Ink is drawn at so many times the size."""

SCHOOLED, COPPERPLATES = 0.4, 0.12
"""Share of the hands that write the forms of a school, and of those that write with a pointed pen."""

THINNEST = 0.7
"""Pixels of a pen, at least."""

Strokes = list[np.ndarray]
"""Each (k, 2), x right and y down, in pixels, from 0."""


@dataclass(frozen=True)
class Writing:
    """Where scenes take their writing from; small, for other processes load it anew."""

    digits: Path
    letters: Path | None
    sites: tuple[str, ...]
    """Whose pen digits."""
    letter_sites: tuple[str, ...]
    """Whose letters; their writers' names begin with the site."""
    scans: bool = True
    """Whether MNIST's training digits are written too."""
    limit: int | None = None
    """The first so many of these alone."""
    printed: float = 0.0
    """Share of the hands that print."""

    def load(self) -> "Source":
        """Read it.

        Raises:
            ValueError: no strokes file, a site that is not in it, or a digit that nobody wrote.
        """
        letters = None if self.letters is None else _written_at(self.letters, self.letter_sites)
        mnist = load_train_val(self.limit) if self.scans else None
        scans = None if mnist is None else (mnist.x_train, mnist.y_train)
        return Source(_written_at(self.digits, self.sites), letters, scans, self.printed)


def _written_at(path: Path, sites: tuple[str, ...]) -> StrokeSet:
    """Return what a strokes file has of some sites."""
    strokes = load_strokes(path)
    known = np.array([name.split("/")[0] for name in strokes.source.tolist()])
    there = sorted(set(known.tolist()))
    if missing := sorted(set(sites).difference(there)):
        raise ValueError(f"{path} has nothing of {', '.join(missing)}; its sites are {', '.join(there)}.")
    return strokes.chosen(np.isin(known, sites))


class Source:
    """Whose writing scenes are made of.

    Args:
        digits: pen digits.
        letters: pen letters; those that look like digits are left out.
        scans: frames (N, 28, 28) uint8 and labels (N,) of scanned digits, or None.
        printed: share of the hands that print.

    Raises:
        ValueError: some digit is in one of them never.
    """

    def __init__(
        self,
        digits: StrokeSet,
        letters: StrokeSet | None,
        scans: tuple[np.ndarray, np.ndarray] | None,
        printed: float = 0.0,
    ):
        self.digits, self.printed = digits, printed
        self.rows = _by_label(np.asarray(digits.labels), "pen digits")
        self.letters = letters and letters.chosen(~np.isin(letters.labels, AMBIGUOUS))
        self.images, labels = scans or (np.zeros((0, 1, 1), np.uint8), None)
        self.scanned = None if labels is None else _by_label(labels, "scanned digits")

    def near(self, place: int, label: int, rng: np.random.Generator) -> Strokes:
        """Return some sample of a label, if there is one by the hand that wrote the sample at `place`."""
        rows = self.rows[label]
        first, last = np.searchsorted(rows, [place - NEAR, place + NEAR])
        return self.digits[int(rows[rng.integers(first, last) if last > first else rng.integers(len(rows))])]


def _by_label(labels: np.ndarray, what: str) -> list[np.ndarray]:
    """Return the rows of each digit."""
    rows = [np.flatnonzero(labels == label) for label in range(CLASSES)]
    if missing := [str(label) for label in range(CLASSES) if not len(rows[label])]:
        raise ValueError(f"Among the {what} is no {', '.join(missing)}; expected all ten.")
    return rows


class Hand:
    """Somebody's way of writing for one scene: whose digits, how slanted, with which pen.

    Args:
        source: whose writing it takes.
        rng: where chance comes from.
        height: of its digits, in pixels.
    """

    def __init__(self, source: Source, rng: np.random.Generator, height: float):
        self.source, self.rng, self.height = source, rng, height
        self.scans = source.scanned is not None and rng.random() < 0.3
        self.pen = height * float(np.exp(rng.uniform(np.log(0.03), np.log(0.2))))
        self.flat = rng.uniform(2, 5) if rng.random() < 0.15 else 1.0
        if self.flat > 1:
            self.pen = max(self.pen, 0.1 * height)
        self.angle = rng.uniform(-0.9, 0.4)
        slant = rng.normal(0.12, 0.25) if rng.random() < 0.9 else rng.uniform(0.3, 0.9)
        self.copperplate = rng.random() < COPPERPLATES
        if self.copperplate:  # it leans, swells on the way down and is a hair's width on the way up
            slant, self.scans = rng.uniform(0.25, 0.9), False
            self.flat, self.angle = rng.uniform(1.2, 4), rng.uniform(-0.6, 0.3)
            self.pen = height * rng.uniform(0.05, 0.15)
        self.matrix = slanted(rng.normal(0, 0.04), slant, np.exp(rng.uniform(-0.3, 0.3)))
        self.uneven = rng.uniform(0.0, 0.12)
        self.zeros = rng.uniform(0.5, 0.95) if rng.random() < 0.25 else 1.0  # how high, beside the others
        schooled = self.copperplate or rng.random() < SCHOOLED
        self.school = School(rng, COPPERPLATE if self.copperplate else FORMS) if schooled else None
        self.place = int(rng.integers(len(source.digits)))
        self.print = Print(rng, height) if source.printed and rng.random() < source.printed else None

    @property
    def room(self) -> float:
        """Pixels of blank around the strokes of a digit, where `draw` leaves room for the pen."""
        return _room(self.pen)

    def digit(self, label: int) -> Strokes | np.ndarray:
        """Return the strokes of a digit about as high as the hand's height, or scanned ink (h, w)."""
        if self.print is not None:
            return self.print.character(DIGITS[label])
        size = self.height * (1 + self.rng.normal(0, self.uneven))
        if label == 0:
            size *= self.zeros
        if self.scans and self.source.scanned is not None:
            return _scanned(self.source.images[self.rng.choice(self.source.scanned[label])], size)
        if self.school is not None and self.rng.random() < 0.8:
            strokes = self.school.write(label, self.rng)
        else:
            strokes = self.source.near(self.place, label, self.rng)
        if self.rng.random() < 0.3:
            strokes = restyle(strokes, label, self.rng)
        if self.rng.random() < 0.5:
            strokes = bend(strokes, self.rng, 0.012)
        return _sized([stroke @ self.matrix for stroke in strokes], size)

    def any_digit(self) -> tuple[np.ndarray, int]:
        """Return the ink (h, w) of a digit, and which it is."""
        label = int(self.rng.integers(CLASSES))
        return self.draw(self.digit(label)), label

    def letter(self) -> np.ndarray:
        """Return the ink (h, w) of a letter as high as the hand's digits, or lower; a sign if it has none."""
        if self.print is not None:
            return self.print.character(str(self.rng.choice([*OTHERS])))
        letters = self.source.letters
        if not letters:
            return self.sign(0.5, 1.1)
        strokes = letters[int(self.rng.integers(len(letters)))]
        size = self.height * self.rng.uniform(0.5, 1.1)
        return self.draw(_sized([stroke @ self.matrix for stroke in strokes], size))

    def sign(self, lowest: float, highest: float) -> np.ndarray:
        """Return the ink (h, w) of what is neither digit nor letter, at so many times the hand's height."""
        strokes = doodles.sign(self.rng)
        return self.draw(_sized(strokes, self.height * self.rng.uniform(lowest, highest)))

    def draw(self, shape: Strokes | np.ndarray, pen: float | None = None) -> np.ndarray:
        """Return the ink (h, w) float32 in [0, 1] of strokes, or scanned ink as it is; `pen` is their width
        (None: the hand's)."""
        if isinstance(shape, np.ndarray):
            return shape
        pen = max(THINNEST, self.pen if pen is None else pen)
        high, room = np.max([stroke.max(axis=0) for stroke in shape], axis=0), _room(pen)
        width, height = (int(side) for side in np.ceil(high + 2 * room))
        if self.flat > 1:
            middle = np.array([width, height]) / 2
            squeezed, back = nib(self.angle, self.flat, middle * FINE)
            narrow = [(stroke + room - middle) @ squeezed + middle for stroke in shape]
            ink = trace(narrow, (width, height), pen / self.flat, FINE)
            ink = cv2.warpAffine(ink, back, ink.shape[::-1], flags=cv2.INTER_LINEAR)
        else:
            ink = trace([stroke + room for stroke in shape], (width, height), pen, FINE)
        return cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


class Print:
    """One typeface at one size, bolder or paler, wider or narrower than it was drawn.

    Args:
        rng: where chance comes from.
        height: of its digits, in pixels.
    """

    def __init__(self, rng: np.random.Generator, height: float):
        faces = typefaces()
        self.face = faces[rng.integers(len(faces))]
        self.factor = height / len(self.face["0"])
        self.wide, self.bold = np.exp(rng.normal(0, 0.15)), int(rng.integers(-2, 4))
        self.slant = rng.normal(0, 0.06)

    def character(self, character: str) -> np.ndarray:
        """Return the ink (h, w) of a character."""
        around = abs(self.bold) + round(abs(self.slant) * SIZE)
        ink = np.pad(self.face[character], around)
        tip = np.ones((abs(self.bold) + 1,) * 2, np.uint8)
        ink = cv2.dilate(ink, tip) if self.bold > 0 else cv2.erode(ink, tip) if self.bold < 0 else ink
        leaning = np.array([[1, -self.slant, self.slant * len(ink) / 2], [0, 1, 0]])
        ink = cv2.warpAffine(ink, leaning, ink.shape[::-1])
        across = max(2, round(ink.shape[1] * self.factor * self.wide))
        return cv2.resize(ink, (across, max(2, round(len(ink) * self.factor))), interpolation=cv2.INTER_AREA)


def _room(pen: float) -> float:
    return float(np.ceil(max(THINNEST, pen) / 2)) + 1


def _sized(strokes: Strokes, size: float) -> Strokes:
    """Return strokes so many pixels high, from 0; flat ones lower."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    wide, tall = np.maximum(high - low, 1e-6)
    factor = min(size / tall, 1.6 * size / wide)
    return [(stroke - low) * factor for stroke in strokes]


def _scanned(image: np.ndarray, size: float) -> np.ndarray:
    """Return a scanned digit (28, 28) uint8 as ink so many pixels high."""
    inked = image > 60
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    part = image[max(0, rows[0] - 1) : rows[-1] + 2, max(0, columns[0] - 1) : columns[-1] + 2]
    factor = size / len(rows)
    shape = max(2, round(part.shape[1] * factor)), max(2, round(part.shape[0] * factor))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    sized = np.clip(cv2.resize(part.astype(np.float32) / 255, shape, interpolation=method) * 1.1, 0, 1)
    return np.clip((sized - 0.5) * factor + 0.5, 0, 1) if factor > 1 else sized
