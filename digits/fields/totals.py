"""Sums: numbers of which some are the total of others are read together.

Every number brings the texts that were weighed with their probabilities. The most probable combination in
which the totals hold is searched number by number (dynamic programming over partial sums), then all are added
up forwards and backwards: so of each text it is known how probable it is beside the others.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter

import numpy as np

from digits import config
from digits.config import CLASSES, SIDE
from digits.fields.field import BRIEF, REFUTED, UNEXPECTED
from digits.models.sandbox.container import plain
from digits.reading import NumberReading, Reading, decided, digits_of, doubted, respelled

MOST_PARTS = 1000
"""Of a total."""

MOST_TOGETHER = 24
"""Totals that share numbers, decoded together: seconds at most."""

BEAM = 1000
"""So many states are kept after each number, those with the most probable combinations."""

NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")
THOUSANDS = re.compile(r",[0-9]{3}$")
"""Behind a comma; whether it divides thousands cannot be told, and nothing is summed."""


@dataclass(frozen=True)
class Total:
    """A number that is the sum of others.

    Raises:
        ValueError: it contradicts itself; the message says how.
    """

    total: str
    """The name of the sum."""
    of: tuple[str, ...]
    """The names of its parts, one at least."""

    def __post_init__(self) -> None:
        listed = isinstance(self.of, Sequence) and not isinstance(self.of, str)
        good = isinstance(self.total, str) and listed and all(isinstance(name, str) for name in self.of)
        config.check("A total", plain((self.total, self.of), BRIEF), good, "a name and a list of names")
        object.__setattr__(self, "of", tuple(self.of))
        said = plain(self.total, BRIEF)
        words = f"1 to {MOST_PARTS}"
        config.check(f"The number of parts of {said}", len(self.of), 1 <= len(self.of) <= MOST_PARTS, words)
        config.check("A part of a total", f"{said} itself", self.total not in self.of, "other numbers")
        twice = next((name for name, many in Counter(self.of).items() if many > 1), None)
        config.check(f"A part of {said}", f"{plain(twice, BRIEF)} twice", twice is None, "each once")

    @property
    def names(self) -> tuple[str, ...]:
        """Its name and those of its parts."""
        return self.total, *self.of


def amount(text: str) -> Decimal | None:
    """Return the number that a text is, None where it is none, or where a comma may divide thousands.

    >>> amount("12,50"), amount("-3"), amount("1,250"), amount("")
    (Decimal('12.50'), Decimal('-3'), None, None)
    """
    if not NUMBER.fullmatch(text) or THOUSANDS.search(text):
        return None
    return Decimal(text.replace(",", "."))


def holds(total: Total, texts: Mapping[str, str]) -> bool | None:
    """Tell whether texts add up, "" counting as nothing; None where that says nothing, since the total or all
    its parts are blank, or one is no number."""
    written = [text for name in total.names if (text := texts[name])]
    amounts = [value for text in written if (value := amount(text)) is not None]
    if not texts[total.total] or len(written) < 2 or len(amounts) < len(written):
        return None
    return sum(amounts[1:]) == amounts[0]


def decode_totals(
    readings: Mapping[str, NumberReading], totals: Sequence[Total], unsure_below: float
) -> dict[str, NumberReading]:
    """Return numbers as they are read together, by the most probable combination in which the totals hold.

    Totals that share numbers are decoded together. Where no combination is probable enough, or they are too
    many, one after the other is, the surest first, and what was decided before stays. A total that cannot
    hold changes nothing, and none of its numbers is sure. Of a total that is blank, or unreadable in part, or
    over blank ones alone, nothing is said. Which hold, `holds` tells.

    Args:
        readings: by name, all that the totals name.
        unsure_below: what the probability of a digit has to reach.

    Raises:
        ValueError: a name is not among the readings, or a total is, over others, a part of itself.
    """
    check_totals(readings, totals)
    choices = {name: _choices(readings[name]) for total in totals for name in total.names}
    waiting = [total for total in dict.fromkeys(totals) if _says_something(total, readings, choices)]
    alone = {total: found for total in waiting if (found := _Search([total], choices).found())}
    broken = [total for total in waiting if total not in alone]
    chosen, chances = dict[str, str](), dict[str, dict[str, float]]()
    for some in _sharing(list(alone)):
        together = alone[some[0]] if len(some) == 1 else None
        if 1 < len(some) <= MOST_TOGETHER:
            together = _Search(some, choices).found()
        if together is not None:
            chosen |= together.texts
            chances |= together.chances
            continue
        for total in sorted(some, key=lambda one: -alone[one].chance):
            names = [name for name in total.names if name in chosen]
            fixed = {name: [one for one in choices[name] if one.text == chosen[name]] for name in names}
            found = _Search([total], choices | fixed).found() if fixed else alone[total]
            if found is None:
                broken.append(total)
            else:
                chosen |= found.texts
                chances = found.chances | chances
    result = dict(readings)
    for name, text in chosen.items():
        if readings[name].digits:
            result[name] = _read_as(readings[name], text, chances[name], unsure_below)
    for name in {name for total in broken for name in total.names}:
        result[name] = replace(result[name], written=[doubted(line) for line in result[name].written])
    return result


def check_totals(known: Container[str], totals: Iterable[Total]) -> None:
    """Insist on totals that name what is known, and are no parts of themselves.

    Raises:
        ValueError: they do not; the message names what.
    """
    totals = list(totals)
    names = (name for total in totals for name in total.names)
    unknown = next((name for name in names if name not in known), None)
    config.check("A name in a total", plain(unknown, BRIEF), unknown is None, "one that is read")
    parts = defaultdict[str, set[str]](set)
    for total in totals:
        parts[total.total] |= {*total.of}
    try:
        TopologicalSorter(parts).prepare()
    except CycleError as error:
        way = plain(" of ".join(map(str, error.args[1])), BRIEF)
        raise ValueError(f"The totals {way} are parts of themselves; expected other numbers.") from error


@dataclass(frozen=True)
class _Choice:
    """A text that a number may be."""

    text: str
    value: Decimal
    chance: float


def _choices(reading: NumberReading) -> list[_Choice]:
    """Return what a number may be, the most probable first; none where that is no number."""
    if not reading.digits:
        return [_Choice("", Decimal(0), 1.0)]
    weighed = reading.alternatives
    if not weighed and len(reading.digits) == 1 and (only := reading.digits[0]).digit is not None:
        weighed = tuple((str(digit), float(only.probabilities[digit])) for digit in only.ranking)
    if "?" in reading.text or len(reading.written) > 1:
        return []
    found = [
        _Choice(text, value, chance)
        for text, chance in weighed
        if chance > 0 and (value := amount(text)) is not None
    ]
    least = math.exp(REFUTED) * max((one.chance for one in found), default=0.0)
    return [one for one in found if one.chance >= least]


def _says_something(
    total: Total, readings: Mapping[str, NumberReading], choices: Mapping[str, list[_Choice]]
) -> bool:
    """Tell whether it can be seen if a total holds."""
    written = [bool(readings[name].digits) for name in total.names]
    return written[0] and any(written[1:]) and all(choices[name] for name in total.names)


def _sharing(totals: list[Total]) -> Iterator[list[Total]]:
    """Yield the totals that share numbers, over others too."""
    while totals:
        some, names, grown = list[Total](), {totals[0].total}, True
        while grown:
            near = [total for total in totals if names & {*total.names}]
            grown, some = len(near) > len(some), near
            names |= {name for total in near for name in total.names}
        yield some
        totals = [total for total in totals if total not in some]


@dataclass(frozen=True)
class _Found:
    """What was found."""

    texts: dict[str, str]
    """By name: the most probable combination."""
    chances: dict[str, dict[str, float]]
    """By name: each text of a number with its probability, among all combinations that were weighed and what
    does not add up."""
    chance: float
    """That all totals hold, before it was expected."""


@dataclass(frozen=True)
class _Layer:
    """What may be after so many numbers: S states."""

    exceeds: np.ndarray
    """(S, totals) uint64, in steps of the last decimal place, modulo 2**64; 0 where all parts were seen."""
    score: np.ndarray
    """(S,), the logarithm of the chance of the best combination that leads there, against that of the
    likeliest texts."""
    mass: np.ndarray
    """(S,), the chance of all that lead there, against the same."""
    best: np.ndarray
    """(S, 2), from which state before and by which text the best comes."""
    ways: np.ndarray
    """(S before, texts) int16, to which state each text leads; -1 to none that was kept."""


class _Search:
    """The search for the most probable combination in which totals hold.

    Args:
        totals: one at least.
        choices: for each name in them, one at least.
    """

    def __init__(self, totals: Sequence[Total], choices: Mapping[str, list[_Choice]]) -> None:
        self.totals, self.names = totals, _order(totals)
        self.choices = [choices[name] for name in self.names]
        self.tops = [max(one.chance for one in some) for some in self.choices]
        self.shares = [
            np.array([one.chance / top for one in some])
            for some, top in zip(self.choices, self.tops, strict=True)
        ]
        self.last = np.array([max(map(self.names.index, one.names)) for one in totals])
        places = max(-int(one.value.as_tuple().exponent) for some in self.choices for one in some)
        self.steps = [
            np.array([self._step(name, int(one.value.scaleb(places))) for one in some], np.uint64)
            for name, some in zip(self.names, self.choices, strict=True)
        ]
        self.mixed = np.random.default_rng(0).integers(0, 2**64, len(totals), np.uint64)

    def _step(self, name: str, value: int) -> list[int]:
        """Return what a number adds to each total."""
        return [value * ((name == one.total) - (name in one.of)) % 2**64 for one in self.totals]

    def found(self) -> _Found | None:
        """Return what is found; None where no combination is probable enough."""
        nothing = np.zeros((1, 0))
        layers = [
            _Layer(np.zeros((1, len(self.totals)), np.uint64), np.zeros(1), np.ones(1), nothing, nothing)
        ]
        for place in range(len(self.names)):
            layers.append(self._grown(layers[-1], place))
            if not len(layers[-1].score):
                return None
        state, texts = 0, dict[str, str]()
        for name, choices, layer in reversed([*zip(self.names, self.choices, layers[1:], strict=True)]):
            state, chosen = layer.best[state].tolist()
            texts[name] = choices[chosen].text
        return _Found(texts, *self._chances(layers))

    def _grown(self, layer: _Layer, place: int) -> _Layer:
        """Return the states after one more number."""
        shares, steps = self.shares[place], self.steps[place]
        exceeds = (layer.exceeds[:, None] + steps).reshape(-1, len(self.totals))
        score = (layer.score[:, None] + np.log(shares)).ravel()
        good = (score >= REFUTED * len(self.totals)) & (exceeds[:, self.last == place] == 0).all(axis=1)
        kept = np.flatnonzero(good)
        kept = kept[np.argsort(-score[kept], kind="stable")]
        # The states are told apart by a number made of what each total exceeds its parts by.
        _, first, same = np.unique(
            (exceeds[kept] * self.mixed).sum(axis=1), return_index=True, return_inverse=True
        )
        order = np.argsort(first)[:BEAM]  # as the scores are
        rank = np.full(len(first), -1, np.int16)
        rank[order] = np.arange(len(order))
        ways = np.full(len(score), -1, np.int16)
        ways[kept] = rank[same]
        masses = np.bincount(same, (layer.mass[:, None] * shares).ravel()[kept], len(first))[order]
        best = kept[first[order]]
        pairs = np.stack(np.divmod(best, len(shares)), axis=1)
        return _Layer(exceeds[best], score[best], masses, pairs, ways.reshape(-1, len(shares)))

    def _chances(self, layers: list[_Layer]) -> tuple[dict[str, dict[str, float]], float]:
        """Return `_Found.chances` and `_Found.chance`, by the chance of all that leads to each state after so
        many numbers, and of what leads from there to the end."""
        scale = math.prod(self.tops)
        whole = min(1.0, scale * float(layers[-1].mass.sum()))
        after, found = np.ones(len(layers[-1].mass)), dict[str, dict[str, float]]()
        for place, name in reversed([*enumerate(self.names)]):
            ways = layers[place + 1].ways
            rest = self.shares[place] * np.where(ways < 0, 0.0, after[ways])
            fitting, after = scale * layers[place].mass @ rest, rest.sum(axis=1)
            found[name] = {}
            for one, fits in zip(self.choices[place], fitting.tolist(), strict=True):
                fits = min(one.chance, fits)
                other = UNEXPECTED * (one.chance - fits)  # with it, what does not add up
                found[name][one.text] = (fits + other) / (whole + UNEXPECTED * (1 - whole))
        return found, whole


def _order(totals: Sequence[Total]) -> list[str]:
    """Return the names in totals so that few totals are incomplete at a time."""
    names, waiting = dict[str, None](), [(*total.of, total.total) for total in totals]
    while waiting:
        nearest = min(waiting, key=lambda some: sum(name not in names for name in some))
        names |= dict.fromkeys(nearest)
        waiting.remove(nearest)
    return list(names)


def _read_as(
    reading: NumberReading, text: str, chances: Mapping[str, float], unsure_below: float
) -> NumberReading:
    """Return a number as it is read together with others, by the chances of all of its texts."""
    bare = {one: "".join(filter(str.isdigit, one)) for one in chances}
    best = bare[text]
    rows = np.zeros((len(best), CLASSES))
    for one, labels in bare.items():
        if len(labels) == len(best):
            rows[range(len(best)), [*map(int, labels)]] += chances[one]
    own = float(rows[0].sum())
    share = min(1.0, own) ** (1 / len(best))
    sure = share * rows / own + (1 - share) / CLASSES
    blank = np.zeros((SIDE, SIDE), np.float32)
    places = respelled(reading.written[0], best, (1, 1), lambda box: blank)
    answers = zip(digits_of(places), best, sure, strict=True)
    digits = iter([decided(*answer, unsure_below) for answer in answers])
    if reading.value is None:
        before, after, line = reading.unbound or reading.text, text, list[Reading | str](text)
    else:
        before = reading.unbound or "".join(one.label or "?" for one in reading.digits)
        after, line = best, places
    return replace(
        reading,
        written=[[next(digits) if isinstance(one, Reading) or one.isdigit() else one for one in line]],
        value=None if reading.value is None else text,
        unbound=before if before != after else None,
        alternatives=tuple(sorted(chances.items(), key=lambda item: -item[1])),
    )
