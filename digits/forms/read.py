"""A form on a photo, read box by box."""

from collections.abc import Callable, Container, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import cv2
import numpy as np

from digits.config import CLASSES
from digits.fields import REFUTED, UNEXPECTED, Field, Total, decode_totals
from digits.forms.align import find_form
from digits.forms.border import contrast, cut_clean
from digits.forms.template import Form
from digits.numbers import likeliest, spelled
from digits.reading import (
    Cell,
    NumberReading,
    Reading,
    TableReading,
    decided,
    graver,
    gravest,
    no_idea,
    nothing,
)
from digits.tables.cells import Look, look_at_cells
from digits.tables.grid import Place
from digits.tables.read import Reader, Stopped, cell_of, several, singles

HARDLY, LEAST = 0.005, 1e-5
"""A box for a digit is blank, or written in, with this probability at least; and each digit is there with the
second."""

FAINTEST, FAINT, UNWRITTEN = 0.1, 0.35, 0.005
"""What is written is darker than its paper by the first share, and by the second of what is usual on the
form; else it is there with the third probability at most."""

UNFIT = 0.3
"""A number that does not fit its field is no surer than this."""

TOLD = 50
"""So many alternatives are told, the most probable."""

Signs = tuple[int, ...]
"""A digit for each box, 10 for a blank one."""

Quad = tuple[tuple[float, float], ...]
"""Four corners from the upper left with the clock, x and y in pixels of the upright picture."""


@dataclass(frozen=True)
class FormReading:
    """What was read from a form."""

    cells: dict[str, Cell]
    """What each box says, by its name, in the order of the form; all in row 0."""
    boxes: dict[str, Quad]
    """Where each of them is."""
    view: np.ndarray = field(default_factory=lambda: np.eye(3), repr=False, compare=False)
    """(3, 3) float64, from pixels of the template's picture to those of the upright picture."""

    @property
    def numbers(self) -> dict[str, NumberReading]:
        """The numbers by the names of their boxes; nothing is written in blank ones."""
        return {name: cell.number for name, cell in self.cells.items()}

    @property
    def texts(self) -> dict[str, str]:
        """What was read by the names of the boxes: as the field writes it, "" for a blank one."""
        return {name: cell.text for name, cell in self.cells.items()}

    @property
    def confidence(self) -> float:
        """That all of it is right, were its boxes independent, in [0, 1]."""
        return float(np.prod([cell.confidence for cell in self.cells.values()]))

    @property
    def status(self) -> str:
        """The status of the gravest box that is not blank; "blank" where all are."""
        return gravest(cell.status for cell in self.cells.values() if cell.status != "blank")

    @property
    def doubtful(self) -> list[str]:
        """The names of the boxes that deserve a look, the most doubtful first."""
        some = [name for name, cell in self.cells.items() if cell.is_doubtful]
        return sorted(some, key=lambda name: self.cells[name].confidence)

    @property
    def row(self) -> TableReading:
        """The boxes as a table of one row."""
        return TableReading((1, len(self.cells)), list(self.cells.values()))


def read(
    grey: np.ndarray, form: Form, reader: Reader, stop: Callable[[], bool] = lambda: False
) -> FormReading:
    """Read a form on a picture (H, W) float32 in [0, 1]; see `Recognizer.read_form`.

    Raises:
        ValueError: the form is not on it; see `find_form`.
        Stopped: `stop` said so, which is asked before each box.
    """
    return read_at(grey, form, find_form(grey, form), reader, stop)


def read_at(
    grey: np.ndarray,
    form: Form,
    view: np.ndarray,
    reader: Reader,
    stop: Callable[[], bool] = lambda: False,
) -> FormReading:
    """Read a form of which it is known where it is; see `read` and `FormReading.view`."""
    places = _Places(form, view)
    looks: dict[int, list[Look]] = {row: [] for row in range(len(form.boxes))}
    for look in _full(look_at_cells(grey, places, cut_clean)):
        looks[look.place[0].start].append(look)
    alone = {
        look: one
        for row, box in enumerate(form.boxes)
        if box.digits
        for look in looks[row]
        if look.full and (one := look.alone()) is not None
    }
    digits = singles(reader, alone)

    def read_box(row: int) -> tuple[NumberReading, float]:
        """Return what a box says, and how surely, before any total is asked."""
        if stop():
            raise Stopped
        box, own = form.boxes[row], looks[row]
        if box.digits:
            return _boxed(
                own, [digits.get(look) for look in own], box.field, reader.thresholds["unsure_below"]
            )
        number = (
            several(reader, grey, places.quads[row][0], box.marks, box.field, cut_clean)
            if own[0].full
            else None
        )
        cell = cell_of(own[0], number, box.marks)
        return cell.number, cell.confidence

    with ThreadPoolExecutor(cv2.getNumThreads()) as pool:  # OpenCV and NumPy let other threads run
        found = dict(zip((box.name for box in form.boxes), pool.map(read_box, looks), strict=True))
    found = _added_up(found, form.totals, reader.thresholds["unsure_below"])
    cells = {}
    for i, box in enumerate(form.boxes):
        number, confidence = found[box.name]
        if box.field is not None and number.digits and number.value is None:
            confidence = min(confidence, UNFIT)
        cells[box.name] = Cell(number, 0, i, places.around(i), confidence)
    return FormReading(cells, {box.name: places.quad(i) for i, box in enumerate(form.boxes)}, view)


def _full(looks: list[Look]) -> list[Look]:
    """Return what was looked at, blank where it is far paler than what is written elsewhere on the form:
    grain of the paper, or a trace."""
    dark = [contrast(look.grey) for look in looks]
    inked = [one for one, look in zip(dark, looks, strict=True) if look.full and one > FAINTEST]
    least = max(FAINTEST, FAINT * float(np.median(inked or [0])))
    return [
        look if one > least else replace(look, written=min(look.written, UNWRITTEN))
        for one, look in zip(dark, looks, strict=True)
    ]


class _Places:
    """Where the boxes of a form are on a photo: a row for each box, a column for each digit that has one of
    its own.

    Args:
        matrix: (3, 3), from pixels of the template's picture to those of the photo.
    """

    def __init__(self, form: Form, matrix: np.ndarray):
        self.whole = [_there(box.corners, matrix) for box in form.boxes]
        self.quads = [[_there(part, matrix) for part in box.parts or [box.corners]] for box in form.boxes]

    def cells(self) -> list[Place]:
        """Return all rows and columns."""
        return [
            (slice(row, row + 1), slice(column, column + 1))
            for row, parts in enumerate(self.quads)
            for column in range(len(parts))
        ]

    def corners(self, cell: Place) -> np.ndarray:
        """Return the corners of one, (4, 2) float32."""
        return self.quads[cell[0].start][cell[1].start]

    def quad(self, row: int) -> Quad:
        """Return the corners of a box."""
        return tuple((round(x, 1), round(y, 1)) for x, y in self.whole[row].tolist())

    def around(self, row: int) -> tuple[int, int, int, int]:
        """Return the upright rectangle around a box: x, y, width, height."""
        low, high = self.whole[row].min(axis=0), self.whole[row].max(axis=0)
        left, top = np.maximum(0, low.round()).astype(int).tolist()
        right, foot = high.round().astype(int).tolist()
        return left, top, max(1, right - left), max(1, foot - top)


def _there(corners: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return cv2.perspectiveTransform(corners[None].astype(np.float64), matrix)[0].astype(np.float32)


def _boxed(
    looks: Sequence[Look], read: Sequence[Reading | None], field: Field | None, unsure_below: float
) -> tuple[NumberReading, float]:
    """Return the number in boxes for a digit each, and how probable it is that all of it is right.

    Args:
        looks: the boxes from the left.
        read: what stands in them; None where nothing, or nothing like a digit, was seen.
        field: what is known of the number.
        unsure_below: what the probability of a digit has to reach.
    """
    if not any(look.full for look in looks):
        return NumberReading([]), float(np.prod([1 - look.written for look in looks]))
    chances = np.stack([_chances(look, digit) for look, digit in zip(looks, read, strict=True)])
    plain = likeliest(np.log(chances))
    best = unbound = max(plain, key=plain.__getitem__)
    fitting: dict[Signs, float] = {}
    if field is not None:
        found = likeliest(np.log(chances), field.begins)
        fitting = {signs: score for signs, score in found.items() if field.fits(spelled(signs))}
        if fitting and max(fitting.values()) - plain[unbound] < REFUTED:  # the picture says plainly another
            fitting = {}
    if fitting:
        best = max(fitting, key=fitting.__getitem__)
    weighed = _weighed(plain | fitting, fitting, chances)
    tokens = [
        _token(look, digit, sign, row, unsure_below, field is not None)
        for look, digit, sign, row in zip(looks, read, best, _shares(weighed, chances), strict=True)
    ]
    if field is not None and not fitting:
        tokens = [None if one is None else replace(one, status=graver(one.status)) for one in tokens]
    inked = [i for i, one in enumerate(tokens) if one is not None]
    written = [
        tokens[i] or replace(nothing("not_a_digit"), box=looks[i].box())  # a hole in a number
        for i in range(inked[0], inked[-1] + 1)
    ]
    if field is None or not fitting:
        whole = all(one.digit is not None for one in written)
        told = _told({signs: own for signs, own in weighed.items() if whole and _is_closed(signs)}, spelled)
        return NumberReading([[*written]], alternatives=told), weighed[best]
    spell = partial(_written_as, field)
    other = spelled(unbound) if spelled(unbound) != spelled(best) else None
    told = _told({signs: weighed[signs] for signs in fitting}, spell)
    return NumberReading([[*written]], False, spell(best), other, told), weighed[best]


def _written_as(field: Field, signs: Signs) -> str:
    return field.written(spelled(signs))


def _told(weighed: Mapping[Signs, float], spell: Callable[[Signs], str]) -> tuple[tuple[str, float], ...]:
    """Return the most probable texts, whichever boxes they stand in."""
    texts: dict[str, float] = {}
    for signs, own in weighed.items():
        text = spell(signs)
        texts[text] = texts.get(text, 0.0) + own
    return tuple(sorted(texts.items(), key=lambda item: -item[1])[:TOLD])


def _is_closed(signs: Signs) -> bool:
    """Tell whether no box between two digits is blank."""
    inked = [i for i, sign in enumerate(signs) if sign < CLASSES]
    return not inked or inked[-1] - inked[0] + 1 == len(inked)


def _chances(look: Look, digit: Reading | None) -> np.ndarray:
    """Return how probable each digit is in a box, and last that it is blank; (11,), above 0."""
    written = float(np.clip(look.written, HARDLY, 1 - HARDLY))
    known = no_idea() if digit is None else digit.probabilities
    if digit is None or digit.digit is None:
        known = (known + no_idea()) / 2
    return np.maximum(np.append(written * known, 1 - written), LEAST)


def _weighed(
    scores: Mapping[Signs, float], fitting: Container[Signs], chances: np.ndarray
) -> dict[Signs, float]:
    """Return how probable texts are, by their scores in nats; where any fit, others are hardly expected."""
    known = {signs: float(np.exp(score)) for signs, score in scores.items()}
    rest = max(0.0, float(chances.sum(axis=1).prod()) - sum(known.values()))
    if fitting:
        known = {signs: own * (1.0 if signs in fitting else UNEXPECTED) for signs, own in known.items()}
        rest *= UNEXPECTED
    return {signs: own / (rest + sum(known.values())) for signs, own in known.items()}


def _shares(weighed: Mapping[Signs, float], chances: np.ndarray) -> np.ndarray:
    """Return how probable each sign is in each box by texts that were weighed, and by its own chances where
    these are not all; (N, 11)."""
    shares = (1 - sum(weighed.values())) * chances / chances.sum(axis=1, keepdims=True)
    for signs, own in weighed.items():
        shares[np.arange(len(signs)), signs] += own
    return shares


def _token(
    look: Look, digit: Reading | None, sign: int, shares: np.ndarray, unsure_below: float, expected: bool
) -> Reading | None:
    """Return the answer to a box for a digit, None where it is blank.

    Args:
        look: the box.
        digit: what was read in it alone.
        sign: what stands there in the best text; 10 for nothing.
        shares: (11,), how probable each is there.
        unsure_below: what the probability of a digit has to reach.
        expected: whether a field says what may stand there.
    """
    if sign == CLASSES:
        return None
    if digit is None or (digit.digit is None and not expected):
        return digit or replace(nothing("not_a_digit"), box=look.box())
    found = decided(digit, str(sign), shares[:CLASSES], unsure_below)
    doubtful = digit.digit is None or look.digits > 1
    return replace(found, status=graver(found.status)) if doubtful else found


def _added_up(
    found: dict[str, tuple[NumberReading, float]], totals: Sequence[Total], unsure_below: float
) -> dict[str, tuple[NumberReading, float]]:
    """Return the numbers of a form, its totals and what they are of read together; those of a total that does
    not hold are no surer for that."""
    numbers = {name: number for name, (number, _) in found.items()}
    together = decode_totals(numbers, totals, unsure_below)
    for name, (before, confidence) in found.items():
        number = together[name]
        if number.alternatives != before.alternatives:  # weighed anew
            confidence = float(np.prod([digit.confidence for digit in number.digits]))
        found[name] = number, confidence
    return found
