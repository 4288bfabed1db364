"""The most probable text of letters and digits that fits what is known of it.

The pattern decides what only its surroundings tell: what is read as O is a zero where a digit stands, and a c
a capital where a capital does (`alphabet.alike`). What was read of the rest of the text does not help.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from digits.fields.field import REFUTED, Field
from digits.models import alphabet
from digits.reading import NumberReading, Reading, Tokens, decided, digits_of, doubted

KEPT, TOLD = 60, 50
"""So many beginnings are kept at each sign, and so many alternatives told, the most probable."""

LEAST_CHANCE = 1e-12
"""No sign is less probable at its place."""


def fitted(reading: NumberReading, field: Field, unsure_below: float) -> NumberReading:
    """Return the line of a reading that fits a field best, as it is read so; where none does, the first one,
    of which nothing is sure.

    Args:
        reading: as a model of letters read it without the field.
        field: whose pattern has letters.
        unsure_below: what the probability of a sign has to reach.
    """
    found = [(_likeliest(digits_of(tokens), field), tokens) for tokens in reading.written]
    found = [(texts, tokens) for texts, tokens in found if texts and next(iter(texts.values())) >= REFUTED]
    if not found:
        return NumberReading([doubted(tokens) for tokens in reading.written[:1]], reading.marks)
    texts, tokens = max(found, key=lambda one: next(iter(one[0].values())))
    text, before = next(iter(texts)), "".join(one.label or "?" for one in digits_of(tokens))
    told = tuple((field.written(one), float(np.exp(score))) for one, score in [*texts.items()][:TOLD])
    unbound = before if before != text else None
    line = _spelled(tokens, zip(text, field.signs, strict=False), unsure_below)
    return NumberReading([line], reading.marks, field.written(text), unbound, told)


def at(reading: Reading, signs: str) -> Reading:
    """Return a reading where only some signs may stand: cases that are one label take the one that may, and
    what cannot stand there counts for what is written alike and can."""
    labels, chances = list(reading.labels), reading.probabilities.astype(np.float64)
    for place, label in enumerate(reading.labels):
        if label in signs:
            continue
        if (other := label.swapcase()) in signs and other not in reading.labels:
            labels[place] = other
    for place, label in enumerate(labels):
        if label in signs:
            continue
        may = [labels.index(one) for one in alphabet.alike(label) if one in signs and one in labels]
        chances[may] += chances[place] / max(1, len(may))
        chances[place] *= not may
    chances /= chances.sum()
    return replace(reading, labels=tuple(labels), probabilities=chances.astype(np.float32))


def _likeliest(digits: list[Reading], field: Field) -> dict[str, float]:
    """Return the likeliest texts that fit and how probable they are in nats, the likeliest first."""
    beam = {"": 0.0}
    for digit, signs in zip(digits, field.signs, strict=False):
        here = at(digit, signs)
        said = {label: chance for label, chance in here.ranked(len(here.labels)) if label in signs}
        grown = {
            text + label: score + float(np.log(max(chance, LEAST_CHANCE)))
            for text, score in beam.items()
            for label, chance in said.items()
            if field.begins(text + label)
        }
        beam = dict(sorted(grown.items(), key=lambda item: -item[1])[:KEPT])
    return {text: score for text, score in beam.items() if len(text) == len(digits) and field.fits(text)}


def _spelled(tokens: Tokens, text: Iterable[tuple[str, str]], unsure_below: float) -> Tokens:
    """Return a line as a text: signs, each with those that may stand in its place."""
    rest = iter(text)
    line: Tokens = []
    for token in tokens:
        if isinstance(token, Reading):
            sign, signs = next(rest)
            here = at(token, signs)
            token = decided(here, sign, here.probabilities, unsure_below)
        line.append(token)
    return line
