"""The layout of a picture: every candidate for a digit with its frame, and which of them to believe.

This is all of the road up to the network, picture -> ink -> candidates -> frames, and what is done with the
network's answers: the best way through each line, and the points, commas, minus signs and spaces between.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, reduce

import cv2
import numpy as np

from digits.config import SIDE
from digits.preprocessing.candidates import (
    Candidate,
    Candidates,
    Line,
    best_path,
    cut_out,
    find_candidates,
    plausibility,
)
from digits.preprocessing.components import Box, gap, hull
from digits.preprocessing.decode import Picture
from digits.preprocessing.finder import VIEWS, glimpse
from digits.preprocessing.frame import frame, frame_stages, is_blob, upright
from digits.preprocessing.ink import Ink, find_inks

STEPS = ("Your picture", "Ink found", "Cut out", "Pen evened", "28 × 28")
"""Titles of the stages from a picture to a frame, in order; without a digit there are only the first two."""

CENTRAL = 0.25
"""Beside a digit that is cut off, one counts whose middle is at most so far from the picture's middle, as a
share of its width or height."""

WELL = -1.0
"""What scores more than this, in nats, reads well."""

PLAIN, DOUBTFUL = -0.1, -0.5
"""What reads better than the first, in nats, is plain, and what reads worse than the second doubtful."""

MANY = 64
"""So many candidates and more are framed on all cores: a page of scrawl has thousands."""

ALONE, CROP = 5.0, 0.5
"""What every further digit costs, in nats, where one is expected: less in a crop of a page."""

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


@dataclass(frozen=True)
class Layout:
    """All on a picture that could be a digit; small, for pictures are kept only where they are asked for, or
    may be cut."""

    lines: list[Line]
    frames: np.ndarray
    """(N, 28, 28) float32 in [0, 1], what the network would see of each candidate."""
    blobs: list[bool]
    """Whether each candidate is a dot or a block rather than something written."""
    shape: tuple[int, ...]
    """Height and width of the ink map."""
    scale: float
    """How many pixels of the picture one pixel of the map spans."""
    kept: tuple[Ink, Candidates] | None = None
    """What the layout was made from."""
    uncut: Ink | None = None
    """What was left in one piece though it may be several digits; see `cut`."""

    @property
    def candidates(self) -> list[Candidate]:
        """The candidates of all lines."""
        return [candidate for line in self.lines for candidate in line.candidates]

    @property
    def whole(self) -> list[int]:
        """The place in `candidates` of all that is written, taken as one; empty for several lines."""
        return [i for i, candidate in enumerate(self.candidates) if candidate.whole and len(self.lines) == 1]

    @property
    def crop(self) -> bool:
        """Whether the picture's edge cuts writing off."""
        return any(line.crop for line in self.lines)

    def cut(self) -> "Layout":
        """Return the layout with all cuts, where it was left uncut: it takes many times as long.

        Where what is uncut scores more than `DOUBTFUL`, no cut would be chosen for a single digit: each
        further one costs at least `CROP`, as much as there is to be gained, and leaving out a piece more.
        """
        return self if self.uncut is None else layout_of(self.uncut, alone=True, keep=self.kept is not None)

    def box(self, index: int) -> Box:
        """Return where a candidate stands, in pixels of the upright picture."""
        x, y, w, h = (round(side * self.scale) for side in self.candidates[index].box)
        return x, y, w, h

    def steps(self, index: int | None = None) -> dict[str, np.ndarray]:
        """Return pictures (h, w) float32 in [0, 1] of the stages, by title: up to a candidate's frame, or
        those before there is one; none where no pictures were kept."""
        if self.kept is None:
            return {}
        found, candidates = self.kept
        pictures = [found.grey, found.map]
        if index is not None:
            (line,) = (line for line, first, last in self._spans() if first <= index < last)
            ink = cut_out(candidates, self.candidates[index])
            pictures += frame_stages(upright(ink, line.slant))
        return dict(zip(STEPS, pictures, strict=False))

    def scores(self, log_max_prob: np.ndarray, energy: np.ndarray) -> np.ndarray:
        """Return how likely each candidate is one whole digit, (N,); see `candidates.plausibility`."""
        parts = [plausibility(line, log_max_prob[a:b], energy[a:b]) for line, a, b in self._spans()]
        return np.concatenate(parts) if parts else np.zeros(0)

    def best(self, scores: np.ndarray, alone: bool = False) -> list[list[int]]:
        """Choose among the candidates line by line, from the left, by what `scores` (N,) says; see
        `candidates.best_path`. Where one is expected `alone`, further ones cost more."""
        each = (CROP if self.crop else ALONE) if alone else 0.0
        return [
            [first + i for i in best_path(line, scores[first:last], each)]
            for line, first, last in self._spans()
        ]

    def alone(self, scores: np.ndarray) -> list[int]:
        """Choose where a single digit is expected: several only if that is in little doubt."""
        few, many = ([i for line in self.best(scores, alone) for i in line] for alone in (True, False))
        apart = len(many) > len(few) == 1 and scores[many].min() > PLAIN and scores[few[0]] < DOUBTFUL
        return self.main(many if apart else few, scores)

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

    def marks(self, chosen: list[list[int]]) -> list[list[tuple[int, str]]]:
        """Return per line the marks between the chosen candidates: how many digits stand before each, and
        what it is; see `name_mark`."""
        found = []
        for (line, first, _), path in zip(self._spans(), chosen, strict=True):
            digits = [line.candidates[i - first].box for i in path]
            small = line.left_over([i - first for i in path]) if digits else []
            named = [(box, name_mark(box, digits, line.height) or "") for box in small]
            found.append(place_marks(digits, [mark for mark in named if mark[1]], line.height))
        return found

    def central(self, chosen: list[int]) -> int:
        """Return which of some candidates is the nearest to the middle of the picture."""
        return min(chosen, key=lambda i: float(np.hypot(*self._off(i))))

    def _spans(self) -> Iterator[tuple[Line, int, int]]:
        """Yield each line with the places of its candidates among all: from, and up to."""
        first = 0
        for line in self.lines:
            yield line, first, first + len(line.candidates)
            first += len(line.candidates)

    def _central(self, index: int) -> bool:
        return max(map(abs, self._off(index))) < CENTRAL

    def _off(self, index: int) -> tuple[float, float]:
        """Return how far a candidate is from the middle of the picture, in widths and heights of it."""
        x, y, w, h = self.candidates[index].box
        height, width = self.shape
        return (x + w / 2) / width - 0.5, (y + h / 2) / height - 0.5


@dataclass(frozen=True)
class Single:
    """A picture taken as one digit, before any network was asked."""

    status: str
    """"digit" where one may be, else "blank", "several" or "not_a_digit"."""
    framed: np.ndarray
    """(28, 28) float32 in [0, 1], what the network would see; blank where nothing or several things are."""
    box: Box | None = None
    """Where it stands, in pixels of the upright picture."""


def find_hypotheses(image: Picture, keep: bool = False) -> tuple[list[Layout], bool, np.ndarray]:
    """Return the layouts that a picture of one digit may have, one at least; whether it was drawn on a
    screen; and glimpses of all that is written, (views, 64, 64, 2), see `finder.glimpse`: of a drawing as ink
    on paper.

    Args:
        image: see `Recognizer.read_digit`.
        keep: the pictures of the stages, for `Layout.steps`.
    """
    inks, _ = find_inks(image)
    found = [layout_of(ink, alone=True, lazy=True, keep=keep) for ink in inks]
    grey, screen = inks[0].grey, inks[0].screen
    best = next((one for one in reversed(found) if one.candidates), found[0])  # it holds the fewest rulings
    written = reduce(hull, [one.box for one in best.candidates] or [(0, 0, *grey.shape[::-1])])
    if screen:  # light ink, evened, is dark ink turned round
        return found, True, glimpse(inks[0].map, written)[None] * np.array([-1, 1], np.float32)
    return found, False, np.stack([glimpse(grey, written, around) for around in VIEWS])


def layout_of(ink: Ink, alone: bool = False, lazy: bool = False, keep: bool = False) -> Layout:
    """Return the layout of what was found; see `find_candidates` and `find_hypotheses`."""
    found = find_candidates(ink.components, alone, lazy)
    inks = [(cut_out(found, candidate), line.slant) for line in found.lines for candidate in line.candidates]
    framed = list((map if len(inks) < MANY else _framers().map)(_frame, inks))
    frames = np.stack([image for image, _ in framed]) if framed else np.zeros((0, SIDE, SIDE), np.float32)
    blobs = [blob for _, blob in framed]
    kept = (ink, found) if keep else None
    uncut = ink if any(line.uncut for line in found.lines) else None
    return Layout(found.lines, frames, blobs, ink.map.shape, ink.scale, kept, uncut)


def frame_single(image: Picture) -> Single:
    """Take a picture as one digit, whatever it is, and cut nothing that may be one: as the finder sees it
    rather than with what is printed."""
    inks, _ = find_inks(image)
    layouts = (layout_of(ink, alone=True, lazy=True) for ink in reversed(inks))
    layout = next((one for one in layouts if one.whole), None)
    if layout is None:
        return Single("blank" if inks[0].blank else "several", np.zeros((SIDE, SIDE), np.float32))
    (whole,) = layout.whole
    status = "not_a_digit" if layout.blobs[whole] else "digit"
    return Single(status, layout.frames[whole], layout.box(whole))


@cache
def _framers() -> ThreadPoolExecutor:
    """Return the threads that all layouts share; OpenCV lets others run meanwhile."""
    return ThreadPoolExecutor(max(1, cv2.getNumThreads()), "frame")


def _frame(one: tuple[np.ndarray, float]) -> tuple[np.ndarray, bool]:
    """Return the frame of ink that leans by a slant, and whether it is a blob."""
    ink, slant = one
    return frame(upright(ink, slant)), is_blob(ink)


def name_mark(box: Box, digits: list[Box], height: float) -> str | None:
    """Return what a small component in a line of digits is: ".", ",", "-", or None for dirt; `height` is
    usual among the digits, of which there is one at least."""
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


def place_marks(digits: list[Box], marks: list[tuple[Box, str]], height: float) -> list[tuple[int, str]]:
    """Return the marks of a line and the spaces between all that stands in it: how many digits stand before
    each, and what it is; `height` is usual among the digits."""
    tokens = sorted([(box, "") for box in digits] + marks, key=lambda token: token[0][0] + token[0][2] / 2)
    gaps, before, placed = spaces([box for box, _ in tokens], height), 0, list[tuple[int, str]]()
    for place, (_, name) in enumerate(tokens):
        placed += [(before, " ")] * (place in gaps) + [(before, name)] * bool(name)
        before += not name
    return placed


def spaces(boxes: list[Box], height: float) -> list[int]:
    """Return before which boxes of digits and marks, from the left, a space stands; see `name_mark`."""
    gaps = [max(0, gap(a, b, 0)) for a, b in zip(boxes, boxes[1:], strict=False)]
    usual = sorted(gaps)[(len(gaps) - 1) // 2] if len(gaps) > 1 else LONE * height  # the lower median
    return [i + 1 for i, wide in enumerate(gaps) if wide > SPACE * height and wide > WIDER * usual]
