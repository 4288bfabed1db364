"""The layout of a number as the finder sees it: candidates with their frames, and the best way through.

Where the finder is in doubt whether ink is one digit or two, or any, each is a candidate; how well it reads
is for the reader to say, and the best way through the line is taken (LeCun et al., "Gradient-Based Learning
Applied to Document Recognition", 1998, sections VI and VII). What rules make of the same picture is
`lattice`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from digits.config import SIDE
from digits.preprocessing.candidates import best_way
from digits.preprocessing.components import Box
from digits.preprocessing.finder import SEEN, SURE, Centre, Seen
from digits.preprocessing.frame import frame
from digits.preprocessing.lattice import place_marks

MARKS = {"point": ".", "comma": ",", "dash": "-"}
"""What signs are written as."""

RUN, WIDEST = 3, 1.6
"""So many centres at most are taken for one digit, which is at most so wide, in heights of its line."""

DOUBT = 0.02
"""The finder is never surer than this of a centre, or of its absence."""

LEAST_INK = 0.45
"""Something has been written where the ink is as strong as this."""

OVER = 0.6
"""Other writing reaches so far from its centre, in widths and heights of it."""

LEVEL = 0.4
"""Two centres stand in one line if they share so much of the lower one's height."""


@dataclass(frozen=True)
class Candidate:
    """What may be one digit: the ink of some centres of a line, that stand side by side."""

    first: int
    last: int
    """The centres from the first up to, not with, the last; by their place in the line, from the left."""
    box: Box
    """Of its ink, in points."""
    prior: float
    """What the finder says for it, in nats, up to 0."""
    chance: float
    """Probability, to the finder, that it is a digit rather than other writing."""
    ink: np.ndarray
    """(h, w) float32 in [0, 1], in its box."""


@dataclass(frozen=True)
class Line:
    """Writing that stands side by side."""

    centres: list[Centre]
    """Those that may be digits, from the left."""
    marks: list[Centre]
    """Points, commas and dashes, from the left."""
    candidates: list[Candidate]
    height: float
    """Usual among its digits, in points."""


@dataclass(frozen=True)
class Layout:
    """All on a picture that could be a digit."""

    seen: Seen
    lines: list[Line]
    """From the top."""
    frames: np.ndarray
    """(N, 28, 28) float32 in [0, 1], what the reader would see of each candidate."""

    @property
    def candidates(self) -> list[Candidate]:
        """The candidates of all lines."""
        return [candidate for line in self.lines for candidate in line.candidates]

    def box(self, index: int) -> Box:
        """Return where a candidate stands, in pixels of the upright picture."""
        x, y, w, h = (round(side * self.seen.scale) for side in self.candidates[index].box)
        return x, y, max(1, w), max(1, h)

    def spans(self) -> Iterator[tuple[Line, int, int]]:
        """Yield each line with the places of its candidates among all: from, and up to."""
        first = 0
        for line in self.lines:
            yield line, first, first + len(line.candidates)
            first += len(line.candidates)

    def best(self, scores: np.ndarray, evidence: np.ndarray) -> list[list[int]]:
        """Choose among the candidates line by line, from the left.

        Args:
            scores: (N,) how well each reads, the logarithm of a probability.
            evidence: (N,) what speaks for its being a digit at all, in nats: so much more it costs to drop
                it.
        """
        return [
            [first + i for i in best_path(line, scores[first:last], evidence[first:last])]
            for line, first, last in self.spans()
        ]

    def marks(self, chosen: list[list[int]]) -> list[list[tuple[int, str]]]:
        """Return per line the marks between the chosen candidates: how many digits stand before each, and
        which it is: ".", ",", "-" or a space."""
        found = []
        for (line, first, _), path in zip(self.spans(), chosen, strict=True):
            read = [line.candidates[i - first] for i in path]
            taken = {id(centre) for one in read for centre in line.centres[one.first : one.last]}
            marks = [(mark.box, MARKS[mark.kind]) for mark in line.marks if id(mark) not in taken and read]
            found.append(place_marks([one.box for one in read], marks, line.height))
        return found


def find_layout(seen: Seen) -> Layout:
    """Return the lines of digits in what was seen."""
    lines = [line for members in gather(seen.centres) if (line := _line(seen, members)).candidates]
    frames = [frame(candidate.ink) for line in lines for candidate in line.candidates]
    return Layout(seen, lines, np.stack(frames) if frames else np.zeros((0, SIDE, SIDE), np.float32))


def _line(seen: Seen, members: list[int]) -> Line:
    centres = seen.centres
    members = sorted(members, key=lambda i: centres[i].x)
    digits = [i for i in members if centres[i].digit > SEEN and seen.regions[i]]
    marks = [centres[i] for i in members if centres[i].kind in MARKS and centres[i].chance > SURE]
    plain = [centres[i].height for i in digits if centres[i].digit > SURE]
    height = float(np.median(plain or [centres[i].height for i in members])) if members else 0.0
    spans = [(a, b) for a in range(len(digits)) for b in range(a + 1, min(a + RUN, len(digits)) + 1)]
    candidates = [_candidate(seen, digits, a, b, height) for a, b in spans]
    return Line([centres[i] for i in digits], marks, [c for c in candidates if c], height)


def _candidate(seen: Seen, digits: list[int], first: int, last: int, height: float) -> Candidate | None:
    """Return what stands around some centres, or None where that is nothing, or too wide for a digit."""
    mine = digits[first:last]
    rows, columns = zip(*(region for i in mine if (region := seen.regions[i])), strict=True)
    top, bottom = min(part.start for part in rows), max(part.stop for part in rows)
    left, right = min(part.start for part in columns), max(part.stop for part in columns)
    if len(mine) > 1 and right - left > WIDEST * max(height, bottom - top):
        return None
    here = np.s_[top:bottom, left:right]
    ink = seen.ink[here] * np.isin(seen.owner[here], [i + 1 for i in mine])
    if ink.max() < LEAST_INK:
        return None
    box, centres = (left, top, right - left, bottom - top), [seen.centres[i] for i in mine]
    chance = _rather(seen, box, max(centre.digit for centre in centres))
    return Candidate(first, last, box, _prior(centres), chance, ink)


def _rather(seen: Seen, box: Box, digit: float) -> float:
    """Return how probable a digit is at a place, if it is that or a sign or other writing."""
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    other = [
        one.chance
        for one in seen.centres
        if one.kind != "digit" and abs(one.x - x) < OVER * one.width and abs(one.y - y) < OVER * one.height
    ]
    return digit / max(digit + max(other, default=0.0), 1e-6)


def _chance(centre: Centre) -> float:
    return float(np.clip(centre.digit, DOUBT, 1 - DOUBT))


def _prior(centres: Sequence[Centre]) -> float:
    """Return the logarithm of the probability that just one of some centres is there."""
    chances = np.array([_chance(centre) for centre in centres])
    absent = 1 - chances
    return float(np.log(np.sum(chances * np.prod(absent) / absent)))


def best_path(line: Line, scores: np.ndarray, evidence: np.ndarray) -> list[int]:
    """Choose candidates so that each centre is in one of them or dropped, and they read best.

    Args:
        line: whose candidates.
        scores, evidence: (candidates,), see `Layout.best`.

    Returns:
        Their places in `line.candidates`, from the left.
    """
    ways: list[list[tuple[int, float, int | None]]] = [[] for _ in range(len(line.centres) + 1)]
    for place, cost in enumerate(_dropped(line, evidence)):
        ways[place + 1].append((place, cost, None))
    for i, candidate in enumerate(line.candidates):
        ways[candidate.last].append((candidate.first, candidate.prior + scores[i], i))
    return best_way(ways)


def _dropped(line: Line, evidence: np.ndarray) -> np.ndarray:
    """Return what it costs to take each centre for no digit, (centres,) in nats, up to 0."""
    chances = np.array([_chance(centre) for centre in line.centres])
    speaks = np.zeros(len(chances))
    for candidate, more in zip(line.candidates, evidence, strict=True):
        if candidate.last - candidate.first == 1:
            speaks[candidate.first] = max(speaks[candidate.first], more)
    return np.log(1 - chances) - speaks


def gather(centres: list[Centre]) -> list[list[int]]:
    """Gather centres into lines, from the top: what is plainly a digit joins the line whose last one before
    it stands level, all else the line that is nearest."""
    lines: list[list[int]] = []
    plain = sorted((i for i, one in enumerate(centres) if one.digit > SURE), key=lambda i: centres[i].x)
    for i in plain or sorted(range(len(centres)), key=lambda i: centres[i].x):
        near = [line for line in lines if _level(centres[line[-1]], centres[i])]
        if near:
            min(near, key=lambda line: centres[i].x - centres[line[-1]].x).append(i)
        else:
            lines.append([i])
    known = {i for line in lines for i in line}
    for i in set(range(len(centres))) - known:
        x, y = centres[i].x, centres[i].y
        far = [
            min(abs(x - centres[k].x) + 2 * abs(y - centres[k].y) for k in line if k in known)
            for line in lines
        ]
        lines[int(np.argmin(far))].append(i)
    return sorted(lines, key=lambda line: np.median([centres[i].y for i in line]))


def _level(a: Centre, b: Centre) -> bool:
    shared = min(a.y + a.height / 2, b.y + b.height / 2) - max(a.y - a.height / 2, b.y - b.height / 2)
    return shared > LEVEL * min(a.height, b.height)
