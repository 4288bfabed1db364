"""Numbers as people write them on a line, with the exact place and owner of all ink.

A line overlaps or is wide, links its digits, drifts, and has points, commas and dashes in it and behind it.
"""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from digits.config import CLASSES
from digits.data.hands import Hand
from digits.models.finder import KINDS

DIGIT, POINT, COMMA, DASH, OTHER = range(len(KINDS))

INKED = 0.25
"""More ink than this at a point is some thing's."""

VISIBLE, HIDDEN = 0.8, 0.45
"""A thing is there if the first share of its ink is in the picture, and not if less than the second."""

DATED, LED = 0.1, 0.08
"""Share of the lines of more than three digits that are parted in twos, as dates are, and of those that begin
with a sign or letters."""

Place = tuple[slice, slice]


@dataclass
class Thing:
    """Something written: where its box stands, in pixels of the picture, and what it is."""

    kind: int
    """One of `DIGIT`, `POINT`, `COMMA`, `DASH`, `OTHER`."""
    label: int
    """The digit, or -1."""
    box: tuple[float, float, float, float]
    """Left, top, width, height; of all of it, even where the picture's edge cuts it off."""
    visible: float = 1.0
    """Share of its ink that is on the picture."""


@dataclass
class Board:
    """What is written on, piece by piece."""

    ink: np.ndarray
    """(H, W) float32 in [0, 1], all that was written."""
    owner: np.ndarray
    """(H, W) int16: whose each inked point is, counted from 1, 0 for paper."""
    things: list[Thing] = field(default_factory=list)

    @classmethod
    def blank(cls, height: int, width: int) -> "Board":
        """Return one with nothing on it."""
        return cls(np.zeros((height, width), np.float32), np.zeros((height, width), np.int16))

    def put(self, ink: np.ndarray, left: float, top: float, kind: int, label: int = -1) -> bool:
        """Write ink (h, w) with its corner at a place, and tell whether any of it is on the board."""
        here, there = _overlap(self.ink.shape, ink.shape, left, top)
        inked, part = ink > INKED, ink[there]
        seen = np.count_nonzero(inked[there])
        if not seen:
            return False
        rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
        x, y = round(left) + columns[0], round(top) + rows[0]
        box = float(x), float(y), float(np.ptp(columns) + 1), float(np.ptp(rows) + 1)
        self.things.append(Thing(kind, label, box, seen / np.count_nonzero(inked)))
        self.owner[here][inked[there] & (part >= self.ink[here])] = len(self.things)
        np.maximum(self.ink[here], part, out=self.ink[here])
        return True

    def join(self, ink: np.ndarray, left: float, top: float, number: int) -> None:
        """Write more ink (h, w) of a thing, counted from 1; what is written already stays whose it is."""
        here, there = _overlap(self.ink.shape, ink.shape, left, top)
        self.owner[here][(ink[there] > INKED) & (self.owner[here] == 0)] = number
        np.maximum(self.ink[here], ink[there], out=self.ink[here])

    def cut(self, left: int, top: int, width: int, height: int) -> "Board":
        """Return a part of it, which may reach beyond."""
        part = Board.blank(height, width)
        here, there = _overlap((height, width), self.ink.shape, -left, -top)
        part.ink[here], part.owner[here] = self.ink[there], self.owner[there]
        before, after = (
            np.bincount(board.owner.ravel(), minlength=len(self.things) + 1)[1:] for board in (self, part)
        )
        for thing, share in zip(self.things, after / np.maximum(before, 1), strict=True):
            x, y, w, h = thing.box
            part.things.append(
                replace(thing, box=(x - left, y - top, w, h), visible=thing.visible * float(share))
            )
        return part

    def scaled(self, width: int, height: int) -> "Board":
        """Return it at another size."""
        across, down = width / self.ink.shape[1], height / self.ink.shape[0]
        method = cv2.INTER_AREA if down < 1 else cv2.INTER_LINEAR
        ink = np.clip(cv2.resize(self.ink, (width, height), interpolation=method), 0, 1)
        owner = cv2.resize(self.owner, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
        things = []
        for thing in self.things:
            x, y, w, h = thing.box
            things.append(replace(thing, box=(x * across, y * down, w * across, h * down)))
        return Board(ink, owner, things)


def _overlap(shape: tuple[int, ...], size: tuple[int, ...], left: float, top: float) -> tuple[Place, Place]:
    """Return which part of a picture of a shape a piece with its corner at a place covers, and the piece's
    part that is on the picture."""
    x, y = round(left), round(top)
    y0, y1 = (min(max(0, at), shape[0]) for at in (y, y + size[0]))
    x0, x1 = (min(max(0, at), shape[1]) for at in (x, x + size[1]))
    return np.s_[y0:y1, x0:x1], np.s_[y0 - y : y1 - y, x0 - x : x1 - x]


def write_line(
    hand: Hand,
    board: Board,
    left: float,
    base: float,
    count: int,
    marks: bool = True,
    apart: float = 0.0,
) -> float:
    """Write a number from `left` on a base line `base`, and return where it ends.

    Args:
        hand: who writes.
        board: on what.
        left, base: where, in pixels.
        count: digits.
        marks: whether there may be points or commas between thousands or marks as in dates, and something
            before the first digit and behind the last.
        apart: how much farther apart digits stand than usual, in pixels.
    """
    rng, h = hand.rng, hand.height
    usual = 0.1 if rng.random() < 0.75 else -0.05  # some write one digit over the other
    gap, slope = rng.normal(usual, 0.13) * h + apart, rng.normal(0, 0.035)
    close, uneven = rng.random() < 0.5, rng.uniform(0, 0.08) * h
    linked = rng.random() < 0.2
    grouped, mark, group = marks and rng.random() < 0.6, rng.choice([POINT, POINT, POINT, COMMA]), 3
    if count > 3 and rng.random() < DATED:
        mark, group = rng.choice([POINT, DASH, OTHER]), 2
    zeros = rng.random() < 0.35  # a round number
    if marks and rng.random() < LED:
        left = _beginning(hand, board, left, base)
    x, last = left, None
    before: tuple[np.ndarray, float, float] | None = None  # the digit before: its ink, where it stands
    pen_up: np.ndarray | None = None  # where its last stroke ends
    for rest in range(count, 0, -1):
        label = 0 if zeros and rest <= 3 and count > 3 else int(rng.integers(CLASSES))
        shape = hand.digit(label)
        ink = hand.draw(shape)
        top = base + slope * (x - left) - h + rng.normal(0, 0.03) * h + (h - ink.shape[0]) * 0.9
        if before is not None:
            x = (_close(*before, ink, top) if close else x) + gap + rng.normal(0, 1) * uneven
        half = ink.shape[1] / 2
        x = left if last is None else max(x, last + 0.25 * hand.pen + 2 - half)
        there = board.put(ink, x, top, DIGIT, label)
        corner = np.array([x, top]) + hand.room
        if pen_up is not None and there and linked and isinstance(shape, list) and rng.random() < 0.7:
            _link(hand, board, pen_up, shape[0][0] + corner)
        before, last = (ink, x, top), x + half
        pen_up = shape[-1][-1] + corner if there and isinstance(shape, list) else None
        x += ink.shape[1]
        if grouped and rest > 1 and (rest - 1) % group == 0:
            x = write_mark(hand, board, x, base + slope * (x - left), int(mark))
            before, pen_up = None, None
    if marks and rng.random() < 0.42:
        x = _ending(hand, board, x, base + slope * (x - left))
    return x


def _close(old: np.ndarray, x: float, y: float, ink: np.ndarray, top: float) -> float:
    """Return where ink must begin, with its top at a height, so that it nearly touches the old at (x, y)."""
    shift = round(top) - round(y)
    first, last = max(0, shift), min(old.shape[0], shift + ink.shape[0])
    a, b = old[first : max(first, last)] > INKED, ink[first - shift : max(first, last) - shift] > INKED
    rows = a.any(axis=1) & b.any(axis=1)
    if not rows.any():
        return x + old.shape[1]
    reach = a.shape[1] - np.argmax(a[:, ::-1], axis=1)
    return x + float((reach - np.argmax(b, axis=1))[rows].max())


def _link(hand: Hand, board: Board, start: np.ndarray, end: np.ndarray) -> None:
    """Draw the stroke that joins the last two digits, half of it the first's and half the second's."""
    if not 1 <= np.hypot(*(end - start)) <= 1.2 * hand.height:
        return
    bow = np.array([0, hand.rng.uniform(-0.15, 0.25) * hand.height])
    t = np.linspace(0, 1, 9)[:, None]
    way = (start * (1 - t) + end * t + 4 * t * (1 - t) * bow).astype(np.float32)
    for half, number in ((way[:5], len(board.things) - 1), (way[4:], len(board.things))):
        low = half.min(axis=0)
        left, top = low - hand.room
        board.join(hand.draw([half - low]), left, top, number)


def write_mark(hand: Hand, board: Board, x: float, base: float, kind: int) -> float:
    """Write a point or a comma at the foot of the line, or what stands in dates, a dash or a slash (`OTHER`),
    and return where it ends."""
    rng, h = hand.rng, hand.height
    x += rng.normal(0.08, 0.1) * h
    pen = hand.pen * (rng.uniform(0.9, 1.6) if kind in (POINT, COMMA) else 1)
    if kind == POINT:
        way = rng.normal(0, 0.04, (2, 2)) * h * rng.integers(0, 2)
        y = base - rng.uniform(-0.02, 0.12) * h
    elif kind == DASH:
        way = np.array([[0, 0], [rng.uniform(0.15, 0.5), rng.normal(0, 0.04)]]) * h
        y = base - rng.uniform(0.3, 0.6) * h
    elif kind == OTHER:
        tall = rng.uniform(1.1, 1.5)
        way = np.array([[rng.uniform(0.3, 0.6) * tall, 0], [0, tall]]) * h
        y = base - rng.uniform(0.95, 1.1) * tall * h
    else:
        down = rng.uniform(0.1, 0.28) * h
        way = np.array([[0.06 * h, 0], [0.05 * h, down / 2], [-rng.uniform(0, 0.12) * h, down]])
        y = base - rng.uniform(0, 0.15) * h
    ink = hand.draw([way - way.min(axis=0)], pen)
    board.put(ink, x, y, kind)
    return x + ink.shape[1] + max(0.0, rng.normal(0.1, 0.12)) * h


def _beginning(hand: Hand, board: Board, x: float, base: float) -> float:
    """Write what stands before an amount, a sign or a few letters, and return where the amount begins."""
    rng, h = hand.rng, hand.height
    signs = rng.random() < 0.5
    for _ in range(1 if signs else rng.integers(1, 4)):
        ink = hand.sign(0.5, 1.2) if signs else hand.letter()
        board.put(ink, x, base - ink.shape[0] * rng.uniform(0.9, 1.05), OTHER)
        x += ink.shape[1] + rng.uniform(-0.05, 0.15) * h
    return x + rng.uniform(0.1, 0.5) * h


def _ending(hand: Hand, board: Board, x: float, base: float) -> float:
    """Write what ends an amount: a point or a comma, one dash or two, both, or a sign."""
    rng, h = hand.rng, hand.height
    kind = rng.random()
    if kind < 0.45:
        x = write_mark(hand, board, x, base, POINT if rng.random() < 0.8 else COMMA)
    if kind < 0.2 or 0.45 < kind < 0.85:
        x += rng.uniform(0.05, 0.4) * h
        long, y = np.exp(rng.uniform(np.log(0.2), np.log(1.4))) * h, base - rng.uniform(0.15, 0.8) * h
        for _ in range(rng.integers(1, 3)):
            way = np.array([[0, 0], [long / 2, rng.normal(0, 0.03) * h], [long, rng.normal(-0.05, 0.08) * h]])
            board.put(hand.draw([way - way.min(axis=0)]), x + rng.normal(0, 0.05) * h, y, DASH)
            y += rng.uniform(0.12, 0.25) * h
        x += long
    elif kind >= 0.85:
        x += rng.uniform(0.1, 0.4) * h
        ink = hand.sign(0.5, 1.3)
        board.put(ink, x, base - h * rng.uniform(0.8, 1.1), OTHER)
        x += ink.shape[1]
    return x
