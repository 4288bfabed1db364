"""A number as several readers read it, and what to believe: what rules cut out, what the finder sees, and
what the line reader, which cuts nothing, makes of the whole.

Each says how probable a text is; the text is taken for which they speak most together (Hinton, "Training
Products of Experts by Minimizing Contrastive Divergence", 2002), and a digit is as sure as it is among all
texts that were weighed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import combinations, compress, islice, product

import numpy as np

from digits.config import CLASSES, SIDE
from digits.fields import REFUTED, UNEXPECTED, Field, fitted
from digits.models import line as line_reader
from digits.models.alphabet import DIGITS
from digits.preprocessing import ctc
from digits.preprocessing.components import Box
from digits.preprocessing.finder import INKED, Seen
from digits.preprocessing.frame import frame
from digits.preprocessing.line import strip
from digits.reading import NumberReading, Reading, Tokens, decided, digits_of, doubted, respelled

RULES, FINDER, LINE = 1.0, 0.5, 1.0
"""So much the word of each counts. Chosen, as all below, on half of the real amounts, and on simulated
numbers by other writers than those that count."""

TOGETHER = 1.8
"""Readers that look at the same picture mistake the same things: together they are less sure of a text by
this temperature. Of several lines they are not: chosen as above, by the likelihood of what was right."""

SIZES = (1.0, 0.85, 1.18)
"""The line reader is shown a line so that its digits have these shares of the usual height."""

TEXTS, PREFIXES = 5, 8
"""So many of the likeliest texts of each size are weighed, of so many that are compared at a time."""

LEAST_CHANCE, NONE, UNSEEN = 1e-2, -2.0, -2.0
"""To a reader that cuts no digit is less sure than the first; that it is none is less probable by the second,
in nats, than that it is wrong; and one that it did not see is as probable as the third."""

WORST = -30.0
"""To the line reader no text is less probable, in nats."""

AGAINST = {"digit": 0.0, "unsure": 0.5, "not_a_digit": 3.0}
"""What the status of a digit says against it, in nats."""

PREFERRED, PER_DIGIT = 0.5, 1.0
"""Where the finder sees other lines than the rules, it is believed unless it is less sure by the first, in
nats; every digit counts for the second."""

FEW, MOST, LONGEST = 6, 40, 20
"""The line reader is shown lines at all sizes, at their own alone, or not at all, where there are more of
them than the first and the second; and none with more digits than the third."""

AROUND, LOWEST, WIDEST = 2.0, 5.0, 80.0
"""A strip reaches so far beyond a line's digits, in heights of them; lines that are lower, in points, and
wider, in heights, are not shown."""

SLOPED = 0.02
"""A line that rises or falls by less is level."""

EXPECTED, LIKELY = 60, 4
"""Of texts that fit what is expected so many are kept at each digit, and so many values are all tried; two
digits of a text are exchanged for so many likely ones each."""

ALIKE = 12
"""Of texts with as many digits so many are kept, however improbable: a field may ask for that length."""

TOLD = 50
"""So many alternatives are told, the most probable."""

TURNS = 3
"""So often a digit is exchanged at most, where that makes a text more probable."""


def agreed(
    rules: NumberReading,
    finder: NumberReading,
    seen: Seen,
    unsure_below: float,
    field: Field | None = None,
) -> NumberReading:
    """Return what to believe of a number.

    Args:
        rules, finder: as either read it.
        seen: what the finder saw of the picture.
        unsure_below: what the probability of a digit has to reach.
        field: what is known of it: of several lines, that which fits it best is the number.
    """
    both = [(RULES, rules), (FINDER, finder)]
    if not _alike_in_lines(rules, finder):
        ahead = PREFERRED + sureness(finder.digits) - sureness(rules.digits)
        both = both[1:] if finder.digits and ahead > 0 else both[:1]
    rows = list(zip(*(one.written for _, one in both), strict=True))
    sizes = SIZES if len(rows) <= FEW else SIZES[: len(rows) <= MOST]
    weights = [weight for weight, _ in both]
    if field is not None:
        rows = sorted(rows, key=lambda row: -max(sureness(digits_of(tokens)) for tokens in row))[:FEW]
    softer = TOGETHER if len(rows) == 1 else 1.0
    lines = [_Line(row, weights, seen, sizes, softer).believed(unsure_below, field) for row in rows]
    if field is None or not lines:
        alternatives = lines[0].alternatives if len(lines) == 1 else ()
        return NumberReading([line.tokens for line in lines], rules.marks, alternatives=alternatives)
    best = max(lines, key=lambda line: (line.fits, sureness(digits_of(line.tokens))))
    value = field.written(best.text) if best.fits else None
    unbound = best.unbound if best.unbound != best.text else None
    return NumberReading([best.tokens], rules.marks, value, unbound, best.alternatives)


def surest(readings: Sequence[NumberReading], unsure_below: float, field: Field | None) -> NumberReading:
    """Return what to believe of a text of letters: that which was cut best. The line reader, which knows
    digits alone, is not asked, nor are readings weighed against each other; see `agreed`."""
    if field is not None:
        readings = [fitted(reading, field, unsure_below) for reading in readings]
    return max(readings, key=lambda reading: (reading.value is not None, sureness(reading.digits)))


@dataclass(frozen=True)
class Believed:
    """A line as it is believed."""

    tokens: Tokens
    text: str
    fits: bool = False
    """Whether it is what was expected."""
    unbound: str = ""
    """What it would be if nothing was known of it."""
    alternatives: tuple[tuple[str, float], ...] = ()
    """As in `NumberReading`."""


class _Line:
    """A line of a number.

    Args:
        cut: as the readers that cut it read it.
        weights: what the word of each counts.
        seen: what the finder saw of the picture.
        sizes: at which the line reader is shown it.
        softer: the temperature of all that the readers say together.
    """

    def __init__(
        self,
        cut: Sequence[Tokens],
        weights: Sequence[float],
        seen: Seen,
        sizes: Sequence[float],
        softer: float,
    ):
        self.cut, self.weights, self.seen, self.softer = cut, weights, seen, softer
        self.texts = ["".join(digit.label or "?" for digit in digits_of(tokens)) for tokens in cut]
        self.plain = [text for text in self.texts if text and "?" not in text and len(text) <= LONGEST]
        self.heard = self._heard(sizes) if self.plain else []

    def believed(self, unsure_below: float, field: Field | None) -> Believed:
        """Return what to believe of it; see `agreed`."""
        if not self.plain:  # the line reader has not learnt what is no digit
            tokens = max(self.cut, key=lambda tokens: sureness(digits_of(tokens)))
            return Believed(tokens if field is None else doubted(tokens), "?", unbound="?")
        likeliest = (text for logits in self.heard for text in ctc.likeliest(logits, PREFIXES)[:TEXTS])
        texts = list(dict.fromkeys([*self.plain, *(spelled(text) for text in likeliest if text)]))
        unbound, alike = self._best(texts)
        texts += alike
        fitting = [] if field is None else self._fitting(field, texts)
        best, alike = self._best(fitting, field) if fitting else (unbound, alike)
        if np.subtract(*self.scores([best, unbound])) < REFUTED:  # the picture says plainly something else
            fitting, best, alike = [], *self._best([unbound])
        every = list(dict.fromkeys([*texts, *fitting, *alike]))
        good = [field is None or not fitting or field.fits(text) for text in every]
        scores = self.scores(every) / self.softer + np.where(good, 0.0, np.log(UNEXPECTED))
        said = dict(zip(every, scores.tolist(), strict=True))
        rows = np.array([said[text] for text in alike]).reshape(len(best), CLASSES)
        own, whole = (np.logaddexp.reduce([said[text] for text in some]) for some in ({*alike}, every))
        share = float(np.exp(min(own - whole, 0.0) / len(best)))
        sure = share * np.exp(rows - np.logaddexp.reduce(rows, axis=1, keepdims=True)) + (1 - share) / CLASSES
        answers = zip(best, sure, strict=True)
        tokens = [
            token if isinstance(token, str) else decided(token, *next(answers), unsure_below)
            for token in self._tokens(best)
        ]
        fits = bool(fitting)
        spell = field.written if field is not None and fits else self._written
        told = sorted(compress(every, good), key=lambda text: -said[text])
        alternatives = tuple((spell(text), float(np.exp(said[text] - whole))) for text in told[:TOLD])
        tokens = tokens if fits or field is None else doubted(tokens)
        return Believed(tokens, best, fits, unbound, alternatives)

    def _best(self, texts: list[str], field: Field | None = None) -> tuple[str, list[str]]:
        """Return the most probable text and those that differ from it in one digit or none, ten for each of
        its digits; one of these it is if it fits."""
        best = texts[int(self.scores(texts).argmax())]
        for _ in range(TURNS):
            others = _once_exchanged(best)
            scores = self.scores(others)
            most = float(scores[others.index(best)])
            if field is not None:
                others = [text for text in others if field.fits(text)]
                if field.check is not None:  # no two texts fit that differ in one digit
                    others += self._twice_exchanged(best, scores, field)
                scores = self.scores(others)
            if scores.max() <= most:
                break
            best = others[int(scores.argmax())]
        return best, _once_exchanged(best)

    def _twice_exchanged(self, text: str, scores: np.ndarray, field: Field) -> list[str]:
        """Return texts that fit and have two digits exchanged for likely ones, by the scores (10 N,) of those
        with one exchanged."""
        rows = scores.reshape(len(text), CLASSES)
        likely = np.argsort(-rows, axis=1)[:, :LIKELY].tolist()
        found = [
            (rows[i, one] + rows[k, other], f"{text[:i]}{one}{text[i + 1 : k]}{other}{text[k + 1 :]}")
            for (i, some), (k, others) in combinations(enumerate(likely), 2)
            for one, other in product(some, others)
        ]
        found.sort(key=lambda pair: -pair[0])
        return list(islice((new for _, new in found if field.fits(new)), EXPECTED))

    def _fitting(self, field: Field, texts: list[str]) -> list[str]:
        """Return texts that are expected, the most probable of them surely; none where none is read."""
        begins = cache(lambda text: field.begins(spelled(text)))
        heard = (ctc.likeliest(logits, EXPECTED, begins) for logits in self.heard[:1])
        found = [*field.known] if len(field.known) <= EXPECTED else []
        found += [*texts, *(spelled(text) for some in heard for text in some if text)]
        found += [text for tokens in self.cut for text in _exchanged(digits_of(tokens), field)]
        return [text for text in dict.fromkeys(found) if field.fits(text)]

    def scores(self, texts: Sequence[str]) -> np.ndarray:
        """Return how much speaks for texts of digits, (N,) in nats."""
        total = np.zeros(len(texts))
        for tokens, weight in zip(self.cut, self.weights, strict=True):
            total += weight * _said(digits_of(tokens), texts)
        if self.heard:
            numbers = [tuple(map(int, text)) for text in texts]
            heard = np.mean([ctc.likelihoods(logits, numbers) for logits in self.heard], axis=0)
            total += LINE * np.maximum(heard, WORST)
        return total

    def _heard(self, sizes: Sequence[float]) -> list[np.ndarray]:
        """Return what the line reader says at each size, logits (W, 11)."""
        boxes = np.array([one.box for tokens in self.cut for one in digits_of(tokens) if one.box], float)
        if not len(boxes):
            return []
        boxes /= self.seen.scale
        height, middles = float(np.median(boxes[:, 3])), boxes[:, :2] + boxes[:, 2:] / 2
        left, right = boxes[:, 0].min() - AROUND * height, (boxes[:, 0] + boxes[:, 2]).max() + AROUND * height
        if height < LOWEST or right - left > WIDEST * height:
            return []
        x, y = middles.T
        slope = float(np.polyfit(x, y, 1)[0]) if np.ptp(x) > 2 * height else 0.0
        slope *= abs(slope) > SLOPED
        middle = float(np.median(y - slope * x))
        shown = (strip(self.seen.grey, (left, right), middle, height * size, slope) for size in sizes)
        return [line_reader.read(one[None])[0].astype(np.float64) for one in shown]

    def _tokens(self, text: str) -> Tokens:
        """Return a text as tokens, in the places of the reading that is most like it."""
        some = [i for i, one in enumerate(self.texts) if one]
        best = max(
            some, key=lambda i: SequenceMatcher(None, self.texts[i], text, autojunk=False).ratio()
        )  # of both the rules': they know places and marks best
        height, width = self.seen.grey.shape
        return respelled(self.cut[best], text, (width, height), self._framed)

    def _written(self, text: str) -> str:
        """Return a text with the marks that were read."""
        if not any(isinstance(token, str) for tokens in self.cut for token in tokens):
            return text
        rest = iter(text)
        return "".join(token if isinstance(token, str) else next(rest) for token in self._tokens(text))

    def _framed(self, box: Box) -> np.ndarray:
        x, y, w, h = (round(side / self.seen.scale) for side in box)
        ink = self.seen.ink[y : y + max(1, h), x : x + max(1, w)]
        return frame(ink) if ink.size and ink.max() > INKED else np.zeros((SIDE, SIDE), np.float32)


def _once_exchanged(text: str) -> list[str]:
    """Return a text with each of its digits exchanged for each of the ten."""
    return [text[:place] + new + text[place + 1 :] for place in range(len(text)) for new in DIGITS]


def _exchanged(digits: list[Reading], field: Field) -> list[str]:
    """Return the likeliest texts of digits that were cut out, each exchanged or not, that may be expected."""
    if not digits:
        return [""]
    chances = np.maximum([digit.probabilities for digit in digits], LEAST_CHANCE)
    return list(map(spelled, likeliest(np.log(chances), field.begins)))


def likeliest(
    chances: np.ndarray, begins: Callable[[str], bool] = lambda text: True
) -> dict[tuple[int, ...], float]:
    """Return the likeliest signs and how probable they are in nats, by a beam.

    Args:
        chances: (N, S) in nats: of each sign at each place; those from 10 on stand for nothing.
        begins: tells whether digits may begin a text.
    """
    beam: dict[tuple[int, ...], float] = {(): 0.0}
    for row in chances.tolist():
        grown = {
            (*signs, new): score + chance
            for signs, score in beam.items()
            for new, chance in enumerate(row)
            if new >= CLASSES or begins(spelled((*signs, new)))
        }
        beam, many = {}, dict[int, int]()
        for signs, score in sorted(grown.items(), key=lambda item: -item[1]):
            length = sum(sign < CLASSES for sign in signs)
            many[length] = many.get(length, 0) + 1
            if len(beam) < EXPECTED or many[length] <= ALIKE:
                beam[signs] = score
    return beam


def spelled(signs: Sequence[int]) -> str:
    """Return the digits among signs."""
    return "".join(DIGITS[sign] for sign in signs if sign < CLASSES)


def _alike_in_lines(one: NumberReading, other: NumberReading) -> bool:
    """Tell whether two readings have the same lines, one beside the other."""
    if len(one.written) != len(other.written):
        return False
    for pair in zip(one.written, other.written, strict=True):
        spans = [np.array([digit.box for digit in digits_of(tokens) if digit.box]) for tokens in pair]
        if all(map(len, spans)):
            tops, feet = zip(
                *((np.median(s[:, 1]), np.median(s[:, 1] + s[:, 3])) for s in spans), strict=True
            )
            if max(tops) >= min(feet):
                return False
    return True


def _said(digits: list[Reading], texts: Sequence[str]) -> np.ndarray:
    """Return how probable texts are to a reader that cut out digits, (N,) in nats: each digit is right, or
    another one, or none, or was not seen, whichever is the likeliest together."""
    total = np.zeros(len(texts))
    for length in {*map(len, texts)}:
        rows = [row for row, text in enumerate(texts) if len(text) == length]
        labels = np.array([[int(one) for one in texts[row]] for row in rows]).reshape(len(rows), length)
        best = np.broadcast_to(UNSEEN * np.arange(length + 1)[:, None], (length + 1, len(rows)))
        for digit in digits:
            sure = max(digit.confidence, LEAST_CHANCE) * np.exp(-AGAINST[digit.status])
            named = np.log(np.maximum(digit.probabilities, LEAST_CHANCE))
            if digit.index is not None:
                named[digit.index] = np.log(sure)
            grown = best + (np.log(max(1 - sure, LEAST_CHANCE)) + NONE)
            for place in range(length):
                now = np.maximum(best[place] + named[labels[:, place]], grown[place] + UNSEEN)
                grown[place + 1] = np.maximum(grown[place + 1], now)
            best = grown
        total[rows] = best[-1]
    return total


def sureness(digits: list[Reading]) -> float:
    """Return how surely digits are read, in nats: what is read as more, as surely each, is rather right."""
    chances = np.log([max(digit.confidence, LEAST_CHANCE) for digit in digits] or [LEAST_CHANCE])
    return float(chances.sum()) - sum(AGAINST[digit.status] for digit in digits) + PER_DIGIT * len(digits)
