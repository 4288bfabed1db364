"""Ink -> candidates for digits, line by line, among which a reader chooses.

Every run of neighbouring atoms that could be one digit is a candidate. How well each reads as a digit is for
a network to say; `best_path` then finds the way through the line that reads best (LeCun et al.,
"Gradient-Based Learning Applied to Document Recognition", 1998, sections VI and VII). So broken digits stay
one, and touching ones are cut where both sides read well.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from digits.picture.atoms import Atom, AtomLine, find_atoms
from digits.picture.boxes import Box

WIDEST = 1.45
"""Pieces that are apart are no digit where they are wider together, in heights of the line."""

RUN, LOOKED_AT = 4, 16
"""So many pieces make at most one digit, and so many atoms."""

GAP = 0.3
"""Parts of a digit are at most so far apart, in heights of the line."""

JOIN, STOUT, LOW, SHORT = 0.5, 0.5, 6.0, 0.75
"""What speaks against a candidate, in nats: each joint of pieces within it; every height by which it is wider
than its line is high; and every height by which it is lower than `SHORT` of its line."""

OUTSIDE, PLAIN = 0.1, 5.0
"""So much speaks against it for each nat by which the network's evidence is less than a plain digit's."""

DROP, DROP_SMALL = 12.0, 0.6
"""What it costs, in nats, to leave out an atom, and a small one."""

EDGE_LINE, THIN = 2.0, 0.25
"""A thin upright at the picture's edge is rather the edge of the paper than a one: what that costs, in nats,
and how wide it is, in heights of the line."""

NEIGHBOUR, MIDDLE = 0.7, 6.0
"""What it costs in a crop, which cuts writing off at its left or right edge: more, the more of the middle
third of the picture the atom takes."""


@dataclass(frozen=True)
class Piece:
    """Ink of one digit: its `ink` (h, w), all else blank, and its `box` in pixels of the whole map."""

    ink: np.ndarray
    box: Box


@dataclass(frozen=True)
class Candidate:
    """Neighbouring atoms of a line, from `first` up to `last`, not included, taken as one digit."""

    first: int
    last: int
    piece: Piece
    price: float
    """What further speaks against it, in nats."""
    at_edge: bool
    """Whether the picture's left or right edge may cut it off."""
    whole: bool
    """Whether it is all atoms of its line."""
    geometry: np.ndarray
    """(3,) float: the joints of pieces in it, its width and its height, in heights of the line."""


@dataclass(frozen=True)
class Line:
    """One line of writing, not yet read."""

    candidates: list[Candidate]
    drops: list[float]
    """What leaving out each atom costs, in nats."""
    crop: bool
    """Whether the picture's edge cuts writing off."""
    one_piece: bool
    """Whether all of it hangs together and is no wider than a digit."""
    height: float
    """Of its digits, in pixels."""
    slant: float
    """By how many pixels it leans to the right per pixel of height."""
    boxes: list[Box]
    """Of the atoms."""
    marks: list[Box]
    """Small pieces that stand apart: points, commas, dashes, dirt."""

    def left_over(self, path: list[int]) -> list[Box]:
        """Return what belongs to none of a path's candidates: its marks, and the atoms left out."""
        taken = {
            i for index in path for i in range(self.candidates[index].first, self.candidates[index].last)
        }
        return self.marks + [box for i, box in enumerate(self.boxes) if i not in taken]


def find_lines(ink: np.ndarray, alone: bool = False) -> list[Line]:
    """Find all that could be digits in an ink map (H, W) float32 in [0, 1]: lines from the top.

    With `alone`, where a single digit is expected, nothing is cut that may well be one.
    """
    numbers, lines = find_atoms(ink, alone)
    return [_candidates(ink, numbers, line) for line in lines]


def plausibility(line: Line, readability: np.ndarray, evidence: np.ndarray) -> np.ndarray:
    """Return how likely each candidate is one digit, cut out whole, (n,): up to 0, in nats.

    The weights were chosen on made rows of digits by the writers that the network learnt from.

    Args:
        line: from `find_lines`.
        readability: (n,) the logarithm of the probability of the digit that each looks most like.
        evidence: (n,) the network's, that each is a digit at all.
    """
    joints, wide, tall = np.array([candidate.geometry for candidate in line.candidates]).T
    against = JOIN * joints + STOUT * np.maximum(0, wide - 1) + LOW * np.maximum(0, SHORT - tall)
    return readability - against + OUTSIDE * np.minimum(evidence - PLAIN, 0)


def best_path(line: Line, scores: np.ndarray, each: float = 0.0) -> list[int]:
    """Choose candidates so that each atom of the line is in one of them or left out, and they read best.

    Args:
        line: from `find_lines`.
        scores: (candidates,) how well each reads: the logarithm of a probability.
        each: what every digit costs, in nats: more than 0 where few are expected.

    Returns:
        The chosen candidates' places in `line.candidates`, from the left.
    """
    best, came = [0.0], [None]
    for end in range(1, len(line.drops) + 1):
        options = [(best[end - 1] - line.drops[end - 1], None)]
        options += [
            (best[candidate.first] + scores[i] - candidate.price - each, i)
            for i, candidate in enumerate(line.candidates)
            if candidate.last == end
        ]
        value, choice = max(options, key=lambda option: option[0])
        best.append(value)
        came.append(choice)
    path, end = [], len(line.drops)
    while end:
        choice = came[end]
        if choice is not None:
            path.append(choice)
        end = end - 1 if choice is None else line.candidates[choice].first
    return path[::-1]


def _candidates(ink: np.ndarray, numbers: np.ndarray, line: AtomLine) -> Line:
    atoms = line.atoms
    found = []
    for first in range(len(atoms)):
        for last in range(first + 1, min(first + LOOKED_AT, len(atoms)) + 1):
            run = atoms[first:last]
            if not _may_be_one(run, line):
                continue
            price = EDGE_LINE * any(atom.at_edge and _width([atom]) < THIN * line.height for atom in run)
            piece = _take_out(ink, numbers, run)
            at_edge, whole = any(atom.at_edge for atom in run), len(run) == len(atoms)
            geometry = _geometry(run, line.height)
            found.append(Candidate(first, last, piece, price, at_edge, whole, geometry))
    whole = {atom.origin for atom in atoms if atom.depth == 0} - {atom.origin for atom in atoms if atom.depth}
    drops = [
        _drop_price(atom, ink.shape[1]) if line.crop and (atom.at_edge or atom.origin in whole) else DROP
        for atom in atoms
    ]
    drops = [DROP_SMALL if atom.small else price for atom, price in zip(atoms, drops, strict=True)]
    one_piece = len({atom.origin for atom in atoms}) == 1 and _width(atoms) < WIDEST * line.height
    boxes = [atom.box for atom in atoms]
    return Line(found, drops, line.crop, one_piece, line.height, line.slant, boxes, line.marks)


def _may_be_one(run: list[Atom], line: AtomLine) -> bool:
    origins = {atom.origin for atom in run}
    if len(origins) == 1 and len(run) == sum(atom.origin in origins for atom in line.atoms):
        return True  # a piece as it is, however wide
    apart = max((b.left - a.right for a, b in zip(run, run[1:], strict=False)), default=0.0)
    return len(origins) <= RUN and _width(run) <= WIDEST * line.height and apart <= GAP * line.height


def _geometry(run: list[Atom], height: float) -> np.ndarray:
    joints = sum(a.origin != b.origin for a, b in zip(run, run[1:], strict=False))
    tall = max(a.box[1] + a.box[3] for a in run) - min(a.box[1] for a in run)
    return np.array([joints, _width(run) / height, tall / height])


def _width(run: list[Atom]) -> float:
    return max(atom.right for atom in run) - min(atom.left for atom in run)


def _drop_price(atom: Atom, width: int) -> float:
    begin, end = atom.box[0] / width, (atom.box[0] + atom.box[2]) / width
    return NEIGHBOUR + 3 * MIDDLE * max(0.0, min(end, 2 / 3) - max(begin, 1 / 3))


def _take_out(ink: np.ndarray, numbers: np.ndarray, run: list[Atom]) -> Piece:
    left, top = min(a.box[0] for a in run), min(a.box[1] for a in run)
    right, bottom = max(a.box[0] + a.box[2] for a in run), max(a.box[1] + a.box[3] for a in run)
    region = np.s_[max(0, top - 2) : bottom + 2, max(0, left - 2) : right + 2]  # with its soft rim
    here = numbers[region]
    own = np.isin(here, [atom.number for atom in run])
    near = cv2.dilate(own.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    mine = own | (near & (here == 0))  # the rim, but nothing of the neighbours
    return Piece(ink[region] * mine, (left, top, right - left, bottom - top))
