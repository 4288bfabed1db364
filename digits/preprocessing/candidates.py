"""Ink -> candidates for digits, line by line, and the best way through them.

What stands between two cuts or gaps of a line, and could be one digit, is a candidate. How well each reads as
a digit is for a network to say; `best_path` then finds the way through the line that reads best (LeCun et
al., "Gradient-Based Learning Applied to Document Recognition", 1998, sections VI and VII). So broken digits
stay one, and touching ones are cut where both sides read well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import cv2
import numpy as np

from digits.preprocessing.components import Box, Components, hull
from digits.preprocessing.parts import Atom, Part, PartLine, find_parts

WIDEST = 1.45
"""Parts that are apart are no digit where they are wider together, in heights of the line."""

RUN, LOOKED_AT = 4, 24
"""So many parts make at most one digit, and it reaches at most over so many cuts and gaps."""

GAP = 0.3
"""Parts of a digit are at most so far apart, in heights of the line."""

JOIN, STOUT, LOW, SHORT = 0.5, 0.5, 6.0, 0.75
"""What speaks against a candidate, in nats: each joint of parts within it; every height by which it is wider
than its line is high; and every height by which it is lower than `SHORT` of its line."""

OUTSIDE, PLAIN = 0.1, 5.0
"""So much speaks against it for each nat by which its energy is less than a plain digit's."""

DROP, DROP_WITHIN, DROP_SMALL = 12.0, 4.0, 0.6
"""What it costs, in nats, to leave out a part, a small one within another, and a small one beside others."""

NEIGHBOUR, MIDDLE = 0.7, 6.0
"""What it costs in a crop, which cuts writing off at its left or right edge: more, the more of the middle
third of the picture is left out."""

RIM = 2
"""The ink of a candidate comes with its soft rim, so many pixels beyond its box."""


@dataclass(frozen=True)
class Candidate:
    """What stands from `first` to `last`, taken as one digit: cuts and gaps, counted from the left."""

    first: int
    last: int
    atoms: list[int]
    """The numbers of its atoms."""
    box: Box
    """In pixels of the ink map."""
    at_edge: bool
    """Whether the picture's left or right edge may cut it off."""
    whole: bool
    """Whether it is all of its line."""
    geometry: tuple[float, float, float]
    """The joints of parts in it, its width and its height, in heights of the line."""


@dataclass(frozen=True)
class Line:
    """One line of writing, not yet read."""

    candidates: list[Candidate]
    length: int
    """How far it is from its beginning to its end, in cuts and gaps."""
    droppable: list[tuple[int, int, float]]
    """What may be left out: from where to where, and what it costs in nats."""
    crop: bool
    """Whether the picture's edge cuts writing off."""
    one_piece: bool
    """Whether all of it hangs together and is no wider than a digit."""
    uncut: bool
    """Whether it was left in one piece though it may be several digits; see `find_candidates`."""
    height: float
    """Of its digits, in pixels."""
    slant: float
    """By how many pixels it leans to the right per pixel of height."""
    boxes: list[tuple[int, int, Box]]
    """Where the boxes of its parts stand: from, to and the box."""
    marks: list[Box]
    """Small components that stand apart: points, commas, dashes, dirt."""

    def left_over(self, path: list[int]) -> list[Box]:
        """Return what belongs to none of a path's candidates: its marks, and the parts left out."""
        taken = [(self.candidates[i].first, self.candidates[i].last) for i in path]
        out = [box for first, last, box in self.boxes if not any(a < last and b > first for a, b in taken)]
        return self.marks + out


@dataclass(frozen=True)
class Candidates:
    """All that could be digits in an ink map."""

    ink: np.ndarray
    """(H, W) float32 in [0, 1]."""
    atoms: np.ndarray
    """(H, W) int32: the number of each point's atom, 0 for none."""
    lines: list[Line]
    """From the top."""


def find_candidates(found: Components, alone: bool = False, lazy: bool = False) -> Candidates:
    """Find all that could be digits in an ink map.

    With `alone`, where a single digit is expected, nothing is cut that may well be one, and with `lazy` no
    picture's only component.
    """
    atoms, lines = find_parts(found, alone, lazy)
    width = found.ink.shape[1]
    return Candidates(found.ink, atoms, [_line(line, width) for line in lines])


def cut_out(found: Candidates, candidate: Candidate) -> np.ndarray:
    """Return the ink of a candidate (h, w) with its rim, all else blank."""
    x, y, w, h = candidate.box
    region = np.s_[max(0, y - RIM) : y + h + RIM, max(0, x - RIM) : x + w + RIM]
    here = found.atoms[region]
    mine = np.zeros(max(int(here.max()), *candidate.atoms) + 1, bool)
    mine[candidate.atoms] = True
    own = mine[here]
    near = cv2.dilate(own.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    own |= near & (here == 0)  # the rim, but nothing of the neighbours
    return found.ink[region] * own


def plausibility(line: Line, log_max_prob: np.ndarray, energy: np.ndarray) -> np.ndarray:
    """Return how likely each candidate is one digit, cut out whole, (n,): up to 0, in nats.

    The weights were chosen on made rows of digits by the writers that the network learnt from.

    Args:
        line: of `Candidates`.
        log_max_prob: (n,) the logarithm of the probability of the digit that each looks most like.
        energy: (n,) of its logits: how much speaks for any digit at all.
    """
    joints, wide, tall = np.array([candidate.geometry for candidate in line.candidates]).T
    against = JOIN * joints + STOUT * np.maximum(0, wide - 1) + LOW * np.maximum(0, SHORT - tall)
    return log_max_prob - against + OUTSIDE * np.minimum(energy - PLAIN, 0)


def best_path(line: Line, scores: np.ndarray, each: float = 0.0) -> list[int]:
    """Choose candidates so that all of the line is in one of them or left out, and they read best.

    Args:
        line: of `Candidates`.
        scores: (candidates,) how well each reads: the logarithm of a probability.
        each: what every digit costs, in nats: more than 0 where few are expected.

    Returns:
        The chosen candidates' places in `line.candidates`, from the left.
    """
    ways: list[list[tuple[int, float, int | None]]] = [[] for _ in range(line.length + 1)]
    for first, last, price in line.droppable:
        ways[last].append((first, -price, None))
    for i, candidate in enumerate(line.candidates):
        ways[candidate.last].append((candidate.first, scores[i] - each, i))
    return best_way(ways)


def best_way(ways: Sequence[Sequence[tuple[int, float, int | None]]]) -> list[int]:
    """Return what is chosen on the best way from a line's beginning to its end.

    Args:
        ways: by where they lead, from 0: from where, what speaks for it in nats, and what is chosen if
            anything.
    """
    best: list[float] = [0.0]
    came: list[tuple[int, int | None]] = [(0, None)]
    for steps in ways[1:]:
        options = [(best[first] + value, first, i) for first, value, i in steps]
        value, first, chosen = max(options, key=lambda option: option[0], default=(-np.inf, 0, None))
        best.append(value)
        came.append((first, chosen))
    path, end = [], len(came) - 1
    while end:
        end, chosen = came[end]
        if chosen is not None:
            path.append(chosen)
    return path[::-1]


def _line(line: PartLine, width: int) -> Line:
    """Return a line with its candidates, in a picture so many pixels wide."""
    starts = np.cumsum([0] + [len(part.cuts) - 1 for part in line.parts]).tolist()
    spans = list(zip(line.parts, starts, starts[1:], strict=False))
    found = [_candidate(line, starts, first, last) for first, last in _spans(starts)]
    boxes = [(first, last, _hull(part.atoms)) for part, first, last in spans]
    one_piece = len(line.parts) == 1 and _width(line.parts[0].atoms) < WIDEST * line.height
    return Line(
        candidates=[candidate for candidate in found if candidate],
        length=starts[-1],
        droppable=[way for span in spans for way in _droppable(line, *span, width)],
        crop=line.crop,
        one_piece=one_piece,
        uncut=any(part.uncut for part in line.parts),
        height=line.height,
        slant=line.slant,
        boxes=boxes,
        marks=line.marks,
    )


def _spans(starts: list[int]) -> Iterator[tuple[int, int]]:
    """Yield from where to where a digit may reach, if parts begin at `starts`: not far, or over one part."""
    length, whole = starts[-1], dict(zip(starts, starts[1:], strict=False))
    for first in range(length):
        near = range(first + 1, min(first + LOOKED_AT, length) + 1)
        yield from ((first, last) for last in sorted({*near, whole.get(first, first + 1)}))


def _candidate(line: PartLine, starts: list[int], first: int, last: int) -> Candidate | None:
    """Return what stands from `first` to `last`, or None where it cannot be one digit."""
    groups = _between(line, starts, first, last)
    atoms = [atom for group in groups for atom in group]
    if not groups or not _may_be_one(groups, atoms, line):
        return None
    box = _hull(atoms)
    return Candidate(
        first,
        last,
        atoms=[atom.number for atom in atoms],
        box=box,
        at_edge=any(atom.at_edge for atom in atoms),
        whole=last - first == starts[-1],
        geometry=(len(groups) - 1, _width(atoms) / line.height, box[3] / line.height),
    )


def _between(line: PartLine, starts: list[int], first: int, last: int) -> list[list[Atom]]:
    """Return the atoms from `first` to `last`, those of each part together; none if these are no ends of one
    thing."""
    groups = []
    for part, begins, ends in zip(line.parts, starts, starts[1:], strict=False):
        if ends <= first or begins >= last:
            continue
        before, after = part.cuts[max(0, first - begins)], part.cuts[min(last, ends) - begins]
        if (before & ~after).any():
            return []
        groups.append([atom for atom, mine in zip(part.atoms, after & ~before, strict=True) if mine])
    return groups if all(groups) else []


def _droppable(line: PartLine, part: Part, first: int, last: int, width: int) -> list[tuple[int, int, float]]:
    """Return what may be left out of a part that stands from `first` to `last`: all of it, and in a crop what
    the picture's edge cuts off."""
    if part.small:
        others = [_hull(other.atoms) for other in line.parts if other is not part]
        within = any(hull(part.atoms[0].box, other) == other for other in others)
        return [(first, last, DROP_WITHIN if within else DROP_SMALL)]
    if not line.crop:
        return [(first, last, DROP)]
    if len(part.atoms) == 1:
        return [(first, last, _drop_price(part.atoms, width))]
    ways = [(first, last, DROP)]
    for place in range(first + 1, last):
        left = part.cuts[place - first]
        for a, b, side in ((first, place, left), (place, last, ~left)):
            atoms = [atom for atom, mine in zip(part.atoms, side, strict=True) if mine]
            if any(atom.at_edge for atom in atoms):
                ways.append((a, b, _drop_price(atoms, width)))
    return ways


def _may_be_one(groups: list[list[Atom]], atoms: list[Atom], line: PartLine) -> bool:
    if len(groups) == 1 and any(groups[0] == part.atoms for part in line.parts):
        return True  # a part as it is, however wide
    pairs = zip(groups, groups[1:], strict=False)
    apart = max((min(x.left for x in b) - max(x.right for x in a) for a, b in pairs), default=0.0)
    return len(groups) <= RUN and _width(atoms) <= WIDEST * line.height and apart <= GAP * line.height


def _width(atoms: list[Atom]) -> float:
    return max(atom.right for atom in atoms) - min(atom.left for atom in atoms)


def _hull(atoms: list[Atom]) -> Box:
    return reduce(hull, [atom.box for atom in atoms])


def _drop_price(atoms: list[Atom], width: int) -> float:
    x, _, w, _ = _hull(atoms)
    begin, end = x / width, (x + w) / width
    return NEIGHBOUR + 3 * MIDDLE * max(0.0, min(end, 2 / 3) - max(begin, 1 / 3))
