"""The road from a picture up to the network: picture -> ink -> candidates for digits -> frames.

Points, commas, minus signs and spaces between the digits of a line.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from digits.config import SIDE
from digits.preprocessing.candidates import Candidate, Line, best_path, find_lines, plausibility
from digits.preprocessing.components import Box, gap
from digits.preprocessing.decode import Picture
from digits.preprocessing.frame import Framed, frame, is_blob, upright
from digits.preprocessing.ink import Ink, find_ink, other_hypotheses
from digits.reading import Reading, no_idea, nothing

DOT = 0.3
"""A point is at most so high and so wide, in heights of the line."""

DASH, DASH_WIDE = 1.6, 0.18
"""A minus sign is so many times as wide as high, and so wide a share of the line's height."""

MIDDLE = 0.2, 0.8
"""Where a minus sign stands, from the top of its neighbour to its foot."""

LOW = 0.55
"""A point or a comma begins below this share of its neighbour."""

TAIL = 1.35
"""A comma is so many times as high as wide, or hangs below its neighbour's foot by `HANG` of its height."""

HANG = 0.1

SPACE, WIDER = 0.55, 1.8
"""Paper between digits is a space where it is so wide a share of the line's height, and so many times as wide
as usual in this line."""

LONE = 0.4
"""The usual paper between digits where there is one gap alone, in heights of the line."""

STRAY = 0.8
"""Marks farther than so many heights from any digit are dirt."""


def name_mark(box: Box, digits: list[Box], height: float) -> str | None:
    """Return what a small piece is: ".", ",", "-", or None for dirt.

    Args:
        box: of the piece.
        digits: boxes of the digits of its line, one at least.
        height: of the line's digits, in pixels.
    """
    near = min(digits, key=lambda digit: gap(box, digit, 0))
    if gap(box, near, 0) > STRAY * height:
        return None
    _, top, wide, high = box
    begins, middle = ((y - near[1]) / near[3] for y in (top, top + high / 2))
    if wide >= DASH * high and wide >= DASH_WIDE * height and MIDDLE[0] <= middle <= MIDDLE[1]:
        return "-"
    if begins < LOW or wide > DOT * height:
        return None
    hangs = top + high - near[1] - near[3] > HANG * height
    if high >= TAIL * wide or (hangs and high > wide):
        return "," if high <= 2 * DOT * height else None
    return "." if high <= DOT * height else None


def spaces(boxes: list[Box], height: float) -> list[int]:
    """Return before which of the boxes of a line, from the left, a space stands.

    Args:
        boxes: of digits and marks.
        height: of the line's digits, in pixels.
    """
    gaps = [max(0, gap(a, b, 0)) for a, b in zip(boxes, boxes[1:], strict=False)]
    usual = sorted(gaps)[(len(gaps) - 1) // 2] if len(gaps) > 1 else LONE * height  # the lower median
    return [i + 1 for i, wide in enumerate(gaps) if wide > SPACE * height and wide > WIDER * usual]


CENTRAL = 0.25
"""Beside a digit that is cut off, one counts whose middle is at most so far from the picture's middle, as a
share of its width or height."""

WELL = -1.0
"""What scores more than this, in nats, reads well."""

PLAIN, DOUBTFUL = -0.1, -0.5
"""What reads better than the first, in nats, is plain, and what reads worse than the second doubtful."""

MANY = 64
"""So many candidates are framed on all cores: a page of scrawl has thousands."""

ALONE, CROP = 5.0, 0.5
"""What every further digit costs, in nats, where one is expected: less in a crop of a page."""


@dataclass(frozen=True)
class Layout:
    """A picture, and all on it that could be a digit."""

    ink: Ink
    lines: list[Line]

    @property
    def candidates(self) -> list[Candidate]:
        """The candidates of all lines."""
        return [candidate for line in self.lines for candidate in line.candidates]

    @cached_property
    def framed(self) -> list[Framed]:
        """What the network would see of each candidate."""
        found = [(candidate.piece.ink, line.slant) for line in self.lines for candidate in line.candidates]
        if len(found) < MANY:
            return [_frame(*one) for one in found]
        return list(_framers().map(_frame, *zip(*found, strict=True)))

    @property
    def whole(self) -> list[int]:
        """The place in `candidates` of all that is written, taken as one; empty for several lines."""
        return [i for i, candidate in enumerate(self.candidates) if candidate.whole and len(self.lines) == 1]

    @property
    def frames(self) -> np.ndarray:
        """The same as (N, 28, 28) float32 in [0, 1]."""
        return (
            np.stack([framed.image for framed in self.framed])
            if self.lines
            else np.zeros((0, SIDE, SIDE), np.float32)
        )

    def steps(self) -> dict[str, np.ndarray]:
        """Return the first stages for display."""
        return {"Your picture": self.ink.grey, "Ink found": self.ink.map}

    def reading(self, index: int) -> Reading:
        """Return the reading of a candidate that waits for its answer, or that is a blot."""
        piece, framed = self.candidates[index].piece, self.framed[index]
        status = "not_a_digit" if is_blob(piece.ink) else "digit"
        x, y, w, h = (round(side * self.ink.scale) for side in piece.box)
        return Reading(
            None, no_idea(), status, framed.image, self.steps() | framed.steps, (x, y, w, h), asked=False
        )

    def scores(self, readability: np.ndarray, evidence: np.ndarray) -> np.ndarray:
        """Return how likely each candidate is one whole digit, (N,); see `segment.plausibility`."""
        parts = [plausibility(line, readability[a:b], evidence[a:b]) for line, a, b in self._spans()]
        return np.concatenate(parts) if parts else np.zeros(0)

    def best(self, scores: np.ndarray, alone: bool = False) -> list[list[int]]:
        """Choose among the candidates line by line; see `segment.best_path`.

        Args:
            scores: (N,) from `scores`.
            alone: whether a single digit is expected.

        Returns:
            Per line, the places of the chosen ones in `candidates`, from the left.
        """
        return [
            [first + i for i in best_path(line, scores[first:last], self._each(line) if alone else 0.0)]
            for line, first, last in self._spans()
        ]

    def alone(self, scores: np.ndarray) -> list[int]:
        """Choose where a single digit is expected: several only if that is in little doubt.

        Returns:
            The places of the chosen ones in `candidates`.
        """
        few, many = ([i for line in self.best(scores, alone) for i in line] for alone in (True, False))
        apart = len(many) > len(few) == 1 and scores[many].min() > PLAIN and scores[few[0]] < DOUBTFUL
        return self.main(many if apart else few, scores)

    def marks(self, chosen: list[list[int]]) -> list[list[tuple[int, str]]]:
        """Return per line the marks between the chosen candidates: how many digits stand before each, and
        what it is. See `picture.marks`."""
        found = []
        for (line, first, _), path in zip(self._spans(), chosen, strict=True):
            digits = [line.candidates[i - first].piece.box for i in path]
            small = line.left_over([i - first for i in path]) if digits else []
            named = [(box, name_mark(box, digits, line.height) or "") for box in small]
            tokens = sorted([(box, "") for box in digits] + [mark for mark in named if mark[1]], key=_middle)
            gaps = spaces([box for box, _ in tokens], line.height)
            before, marks = 0, []
            for place, (_, name) in enumerate(tokens):
                marks += [(before, " ")] * (place in gaps) + [(before, name)] * bool(name)
                before += not name
            found.append(marks)
        return found

    def _each(self, line: Line) -> float:
        return CROP if line.crop else ALONE

    def _spans(self) -> Iterator[tuple[Line, int, int]]:
        """Yield each line with the places of its candidates among all: from, and up to."""
        first = 0
        for line in self.lines:
            yield line, first, first + len(line.candidates)
            first += len(line.candidates)

    def main(self, chosen: list[int], scores: np.ndarray) -> list[int]:
        """Leave out of the chosen candidates what is only a neighbour, where the picture is cut from a page.

        What hangs together and is no wider than a digit is taken apart only where the picture's edge cuts it
        off and it does not read well.
        """
        if self.whole and self.lines[0].one_piece:
            (whole,) = self.whole
            if not self.candidates[whole].at_edge or scores[whole] > WELL:
                return self.whole
        if len(chosen) < 2 or not self.crop:
            return chosen
        inside = [i for i in chosen if not self.candidates[i].at_edge]
        if len(inside) == len(chosen):
            return chosen
        central = [i for i in inside or chosen if self._central(i)]
        return central if len(central) == 1 else inside or chosen

    @property
    def crop(self) -> bool:
        """Whether the picture's edge cuts writing off."""
        return any(line.crop for line in self.lines)

    def _central(self, index: int) -> bool:
        x, y, w, h = self.candidates[index].piece.box
        height, width = self.ink.map.shape
        return abs(x + w / 2 - width / 2) < CENTRAL * width and abs(y + h / 2 - height / 2) < CENTRAL * height


def _middle(token: tuple) -> float:
    x, _, width, _ = token[0]
    return x + width / 2


def find_layout(image: Picture) -> Layout:
    """Find all that could be digits on a picture; see `Recognizer.read_digit` for what a picture may be."""
    return _page(find_ink(image))


def find_hypotheses(image: Picture) -> list[Layout]:
    """Return the page of a picture of one digit, and what else it may be where that is in doubt."""
    ink = find_ink(image)
    return [_page(look, alone=True) for look in (ink, *other_hypotheses(ink))]


def _page(ink: Ink, alone: bool = False) -> Layout:
    return Layout(ink, [] if ink.blank else find_lines(ink.map, alone))


def frame_single(image: Picture) -> Reading:
    """Take a picture as one digit, whatever it is: a reading without answer, status "digit" where one is due.

    `framed` is what the network would see.
    """
    page = find_layout(image)
    if page.ink.blank:
        return nothing("blank", page.steps())
    return page.reading(page.whole[0]) if page.whole else nothing("several", page.steps())


@cache
def _framers() -> ThreadPoolExecutor:
    """Return the threads that all pages share; OpenCV lets others run meanwhile."""
    return ThreadPoolExecutor(os.cpu_count(), "frame")


def _frame(ink: np.ndarray, slant: float) -> Framed:
    return frame(upright(ink, slant))
