"""Scenes to train the finder on: writing on paper, photographed, with the exact place of all ink.

Lines of numbers as cut out of a form; single digits of any size, crops that touch the borders or cut
neighbours off; lines, columns and cells; and what must not be read: letters, ticks, boxes, question marks,
scribbles, nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from digits.data.hands import Hand, Source
from digits.data.paper import photograph, scan, sheet, table
from digits.data.writing import COMMA, DIGIT, OTHER, POINT, Board, Thing, write_line, write_mark

COUNTS = {1: 0.04, 2: 0.08, 3: 0.13, 4: 0.23, 5: 0.23, 6: 0.16, 7: 0.07, 8: 0.05, 9: 0.01}
"""How often a line has so many digits: mostly as many as an amount."""

BOXED, COMBED = 0.15, 0.07
"""Share of the lines that stand in a printed box, and in one with a part for each digit."""

CELLS = 0.2
"""Share of the pictures of single digits that show the cell it stands in."""

SCANNED, SQUAREST = 0.12, 2.0
"""Share of the pictures of one thing that are small scans, cut at its borders, as of old data sets, and by
how much these are stretched towards a square at most."""

Grid = tuple[np.ndarray, np.ndarray]
"""Where the upright lines of a table are, across, and the level ones, down, in pixels."""


@dataclass
class Scene:
    """A picture and the truth about it."""

    grey: np.ndarray
    """(H, W) float32 in [0, 1], what the finder is shown."""
    ink: np.ndarray
    """(H, W) float32 in [0, 1], all that was written."""
    owner: np.ndarray
    """(H, W) int16: whose each inked point is, counted from 1, 0 for paper."""
    things: list[Thing]


def line_scene(source: Source, rng: np.random.Generator, shape: tuple[int, int]) -> Scene:
    """Return a picture of one line, at most of a shape, as cut out of a form."""
    height = rng.uniform(17, 40) if rng.random() < 0.3 else rng.uniform(24, 34)
    hand, kind = Hand(source, rng, height), rng.random()
    board, base = Board.blank(int(height * 3), shape[1] * 2), 2 * height
    count, combed = int(rng.choice(list(COUNTS), p=list(COUNTS.values()))), kind < COMBED
    apart = rng.uniform(0.2, 0.7) * height if combed else 0
    end = write_line(hand, board, 1.6 * height, base, count, marks=not combed, apart=apart)
    if kind > COMBED + BOXED and rng.random() < 0.15:
        _neighbour(hand, board, end, base)
    boxes = np.array([t.box for t in board.things if t.kind == DIGIT] or [(10, 10, 10, 10)])
    low, high = boxes[:, :2].min(axis=0), (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
    room = rng.normal(0.12, 0.12, 4) * height if rng.random() < 0.8 else rng.uniform(0, 0.9, 4) * height
    room = np.maximum(room, -0.06 * height)
    led = [thing.box[0] for thing in board.things[:1] if thing.kind == OTHER]
    start = led[0] - 2 if led and rng.random() < 0.7 else low[0] - room[0]
    left, top = int(start), int(low[1] - room[1])
    right = max(high[0] + room[2], end + 2 if rng.random() < 0.5 else 0)
    width, tall = min(shape[1], int(right - left)), min(shape[0], int(high[1] + room[3] - top))
    grid = _boxes(boxes - (left, top, 0, 0), rng, height, combed) if kind < COMBED + BOXED else None
    return _finish(board.cut(left, top, max(16, width), max(16, tall)), rng, height, grid=grid)


def _boxes(digits: np.ndarray, rng: np.random.Generator, height: float, each: bool) -> Grid:
    """Return the lines of a box around digits (N, 4) of a height, or of a box for each."""
    left, top, width, tall = digits[digits[:, 0].argsort()].T
    right, foot = left + width, top + tall
    room = rng.uniform(0.02, 0.5, 4) * height
    room[2] += 0 if each else rng.exponential(1.0) * height  # a short number in a wide box
    between = (right[:-1] + left[1:]) / 2 if each else []
    across = [left.min() - room[0], *between, right.max() + room[2]]
    return np.array(across), np.array([top.min() - room[1], foot.max() + room[3]])


def _neighbour(hand: Hand, board: Board, end: float, base: float) -> None:
    """Write what stands above, below or behind a line."""
    rng, h = hand.rng, hand.height
    if rng.random() < 0.5:
        x, y = rng.uniform(0, end), base + rng.choice([-1, 1]) * h * rng.uniform(1.0, 1.5)
        write_line(hand, board, x, y, 2, marks=False)
    else:
        board.put(hand.sign(0.6, 1.5), end + rng.uniform(0.1, 1) * h, base - h, OTHER)


def single_scene(source: Source, rng: np.random.Generator, shape: tuple[int, int]) -> Scene:
    """Return a picture of one digit, or of what is none, whose longer side is that of a square shape."""
    side, kind = shape[0], rng.random()
    if kind < 0.1:
        return _nothing(rng, side)
    height = side * rng.uniform(0.3, 0.95)
    hand = Hand(source, rng, height)
    if rng.random() < 0.15:
        hand.pen = height * rng.uniform(0.15, 0.3)
    board, corner = Board.blank(int(3 * height), int(5 * height)), 2 * height
    if kind < 0.4:
        ink, label = hand.letter() if rng.random() < 0.5 else hand.sign(0.5, 1), -1
    else:
        ink, label = hand.any_digit()
    board.put(ink, corner, corner - ink.shape[0], OTHER if label < 0 else DIGIT, label)
    me = board.things[0].box if board.things else (corner, corner - height, height, height)
    if rng.random() < SCANNED:
        return _scanned(board, me, rng, side)
    if company := rng.random() < (0.1 if label < 0 else 0.45):
        _company(hand, board, me, corner)
    room = _room(rng, company) * height
    left, top = round(me[0] - room[0]), round(me[1] - room[1])
    width, tall = round(me[2] + room[0] + room[2]), round(me[3] + room[1] + room[3])
    if rng.random() < 0.5:  # a square around the middle, as many data sets cut
        more = max(width, tall)
        left, top, width, tall = left - (more - width) // 2, top - (more - tall) // 2, more, more
    width, tall = max(6, width), max(6, tall)
    stretch = np.exp(rng.uniform(-0.1, 0.8)) if rng.random() < 0.12 else 1.0  # as some data sets do
    factor = side / max(tall, width * stretch)
    size = max(8, round(width * stretch * factor)), max(8, round(tall * factor))
    cell = _cell(rng, size) if rng.random() < CELLS else None
    return _finish(board.cut(left, top, width, tall).scaled(*size), rng, height, 0.25, cell, security=0.1)


def _scanned(
    board: Board, me: tuple[float, float, float, float], rng: np.random.Generator, side: int
) -> Scene:
    """Return a small scan of one thing that fills it, in grey or in black and white."""
    left, top, width, tall = (round(float(one)) for one in me)
    around = rng.integers(0, 3, 4) if rng.random() < 0.3 else np.zeros(4, int)
    width, tall = max(4, width + around[0] + around[2]), max(4, tall + around[1] + around[3])
    wider = np.clip(tall / width, 1 / SQUAREST, SQUAREST) ** rng.uniform(0, 1)
    factor = side / max(tall, width * wider)
    size = max(8, round(width * wider * factor)), max(8, round(tall * factor))
    part = board.cut(left - around[0], top - around[1], width, tall).scaled(*size)
    return Scene(scan(part.ink, rng), part.ink, part.owner, part.things)


def _company(hand: Hand, board: Board, me: tuple[float, float, float, float], base: float) -> None:
    """Write what stands around one thing: digits before and behind it, a mark, a digit above or below."""
    rng, h = hand.rng, hand.height

    def gap() -> float:
        return rng.uniform(-0.05, 0.35) * h

    for before in (True, False):
        if rng.random() < 0.6:
            ink, label = hand.any_digit()
            x = me[0] - gap() - ink.shape[1] if before else me[0] + me[2] + gap()
            board.put(ink, x, base - ink.shape[0] + rng.normal(0, 0.06) * h, DIGIT, label)
    if rng.random() < 0.4:
        write_mark(hand, board, me[0] + me[2], base, int(rng.choice([POINT, POINT, COMMA])))
    if rng.random() < 0.15:
        ink, label = hand.any_digit()
        above, x = rng.random() < 0.5, me[0] + rng.normal(0, 0.3) * h
        y = me[1] - ink.shape[0] - gap() if above else me[1] + me[3] + gap()
        board.put(ink, x, y, DIGIT, label)


def _room(rng: np.random.Generator, company: bool) -> np.ndarray:
    """Return how far around one thing a picture is cut: left, above, right, below (4,), in heights of it."""
    tight = rng.random()
    if tight < 0.3:
        return rng.uniform(-0.03, 0.06, 4)
    if company:
        return rng.uniform(-0.02, 0.4, 4)
    if tight < 0.6:
        return rng.uniform(0, 0.25, 4)
    return rng.dirichlet(np.ones(2), 2).T.ravel() * rng.uniform(0.2, 2)


def _nothing(rng: np.random.Generator, side: int) -> Scene:
    """Return a picture without writing."""
    shape = (side, max(12, round(side * rng.uniform(0.35, 1))))
    board = Board.blank(*(shape if rng.random() < 0.5 else shape[::-1]))
    cell = _cell(rng, board.ink.shape[::-1]) if rng.random() < 2 * CELLS else None
    return _finish(board, rng, side * rng.uniform(0.3, 0.8), 0.25, cell, security=0.3)


def _cell(rng: np.random.Generator, size: tuple[int, ...]) -> Grid:
    """Return the lines of a table of which a picture of a size, width and height, shows about one cell."""
    first = rng.uniform(-0.1, 0.15, 2) * size
    return _lines_of(first, (size[0] * rng.uniform(0.7, 1.1), size[1] * rng.uniform(0.7, 1.1)), size)


def _lines_of(first: np.ndarray, apart: tuple[float, float], size: tuple[int, ...]) -> Grid:
    """Return the lines of a table on a picture of a size, width and height, from the first on."""
    across, down = (np.arange(*each) for each in zip(first, size, apart, strict=True))
    return across, down


def block_scene(source: Source, rng: np.random.Generator, shape: tuple[int, int]) -> Scene:
    """Return a square picture of several lines, a column, a table's cells or loose digits and words."""
    side = shape[0]
    height = side * rng.uniform(0.09, 0.26)
    hand = Hand(source, rng, height)
    board = Board.blank(side, side)
    kind = rng.random()
    step = height * rng.uniform(1.3, 2.4), height * rng.uniform(1.3, 2.2)
    corner = rng.uniform(0, 1, 2) * step
    grid = None
    if kind < 0.2:
        _cells(hand, board, corner, step)
        grid = _lines_of(corner - step, step, (side, side)) if rng.random() < 0.8 else None
    elif kind < 0.55:
        _lines(hand, board, corner[1], step[1])
    else:
        _loose(hand, board)
    return _finish(board, rng, height, 0.6, grid, security=0.15)


def _cells(hand: Hand, board: Board, corner: np.ndarray, step: tuple[float, float]) -> None:
    """Write a digit into most cells of a table."""
    rng, h, side = hand.rng, hand.height, len(board.ink)
    for y in np.arange(corner[1] - step[1], side, step[1]):
        for x in np.arange(corner[0] - step[0], side, step[0]):
            if rng.random() < 0.6:
                left, base = x + rng.uniform(0.1, 0.4) * h, y + step[1] - rng.uniform(0.1, 0.3) * h
                write_line(hand, board, left, base, 1, marks=False)


def _lines(hand: Hand, board: Board, first: float, step: float) -> None:
    """Write numbers under each other, rarely with a word before one."""
    rng, h, side = hand.rng, hand.height, len(board.ink)
    left = rng.uniform(-0.3, 0.5) * side
    for y in np.arange(first, side + h, step):
        x = left + rng.normal(0, 0.3) * h
        if rng.random() < 0.15:
            for _ in range(rng.integers(1, 6)):
                ink = hand.letter()
                board.put(ink, x, y - ink.shape[0], OTHER)
                x += ink.shape[1] + rng.uniform(-0.05, 0.2) * h
        write_line(hand, board, x, y, int(rng.integers(1, 6)))


def _loose(hand: Hand, board: Board) -> None:
    """Write signs, letters and numbers anywhere."""
    rng = hand.rng
    for _ in range(rng.integers(0, 4) if rng.random() < 0.6 else rng.integers(3, 8)):
        x, y = rng.uniform(0, len(board.ink), 2)
        if rng.random() < 0.3:
            board.put(hand.sign(0.5, 1.6), x, y, OTHER)
        elif rng.random() < 0.3:
            board.put(hand.letter(), x, y, OTHER)
        else:
            write_line(hand, board, x, y, int(rng.integers(1, 4)))


def _finish(
    board: Board,
    rng: np.random.Generator,
    height: float,
    coarsest: float = 0.45,
    grid: Grid | None = None,
    security: float = 0.45,
) -> Scene:
    """Lay the writing, so many pixels high, on paper, and photograph it; see `sheet` and `photograph`."""
    shape = board.ink.shape
    plain = rng.random() < 0.2
    paper = np.full(shape, rng.uniform(0.9, 1), np.float32) if plain else sheet(shape, rng, height, security)
    if grid is not None:
        table(paper, rng, *grid)
    strength = 1.0 if plain else rng.uniform(0.35, 1.0) if rng.random() < 0.93 else rng.uniform(0.2, 0.35)
    lay = board.ink
    if rng.random() < 0.25:  # an uneven pen: pencil, a dry ball, bleeding ink
        coarse = max(2, shape[0] // 3), max(2, shape[1] // 3)
        texture = cv2.resize(rng.standard_normal(coarse, np.float32), shape[::-1])
        lay = lay * np.clip(1 - rng.uniform(0, 0.35) * np.abs(texture), 0, 1)
    ink = strength * lay
    grey = photograph(paper * (1 - ink) + rng.uniform(0, 0.3) * ink, rng, coarsest)
    return Scene(grey, board.ink, board.owner, board.things)


MAKERS: dict[tuple[int, int], Callable[[Source, np.random.Generator, tuple[int, int]], Scene]] = {
    (64, 256): line_scene,
    (160, 160): block_scene,
    (64, 64): single_scene,
}
"""What makes scenes for batches of a shape."""
