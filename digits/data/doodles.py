"""What people write that is no digit, as pen strokes: letters, scribbles, signs.

Letters and signs come from hand-made outlines that are bent, slanted and stretched at random; scribbles
from chance alone. Shapes that a hurried digit could have (C, O, S, Z, l, T, a triangle...) are left out on
purpose.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from digits.data.strokes import slanted

# Strokes apart by "|", each point two figures from 0 to 9: across from the left, down from the top.
OUTLINES = {
    "A": ("09 40 89|26 66", "09 40 89|16 76 26"),
    "E": ("90 00 09 99|05 75", "90 50 12 34 64 34 06 28 59 98", "00 09|00 80|05 65|09 89"),
    "F": ("90 00 09|05 75", "00 09|00 80|04 64"),
    "H": ("00 09|80 89|05 85",),
    "K": ("00 09|80 05 89", "00 09|80 05|25 89"),
    "M": ("09 10 57 90 99", "09 00|00 47 80|80 89"),
    "N": ("09 00 99 90", "09 00|00 89|89 80"),
    "P": ("09 00 60 73 65 05",),
    "R": ("09 00 50 73 45 05 89", "00 09|00 50 73 45 05|35 89"),
    "W": ("00 29 53 79 90", "00 19 40|40 59 80"),
    "X": ("00 99|90 09", "09 45 90|00 45 99"),
    "e": ("05 85 82 50 12 05 18 59 97", "06 64 62 40 12 07 29 69 96"),
    "h": ("00 09|06 34 64 76 79", "00 09 09 24 54 66 69"),
    "k": ("00 09|73 06 79", "00 09 06 44 55 06 69"),
    "m": ("03 09|05 23 45 49|45 63 85 89", "03 09 05 23 45 49 45 63 85 89"),
    "n": ("03 09|05 34 64 76 79", "03 09 06 34 64 76 79"),
    "w": ("03 19 45 69 83", "03 07 29 47 43 47 69 87 83"),
    "x": ("03 89|83 09", "03 33 46 59 89|83 09"),
    "+": ("40 49|04 94",),
    "=": ("03 93|06 96",),
    "#": ("30 29|70 69|03 93|06 96",),
    "*": ("40 49|02 87|82 07",),
    "%": ("90 09|10 01 12 21 10|87 78 89 98 87",),
    "arrow": ("05 95|62 95 68", "90 09|06 09 39"),
    "tick": ("06 39 90",),
}

THINGS = {
    "house": "09 04 50 94 99 09|39 36 66 69",
    "roof": "04 40 84|14 19 79 74",
    "heart": "45 20 02 05 49 85 82 60 45",
    "fish": "05 32 62 97 93 67 37 05|23 24",
    "boat": "06 96 78 28 06|46 40 75 45",
    "tree": "49 46|25 40 65 25 06 40 86 65",
    "cup": "02 09 69 62 02|63 93 97 67",
    "envelope": "02 92 98 08 02|02 55 92",
    "crossed box": "00 90 99 09 00|00 99|90 09",
    "man": "30 21 32 41 30|32 36|04 64|36 09|36 69",
    "bottle": "30 33 15 19 69 65 53 50 30|16 66",
}


MARKS = ("=", "#", "*", "%", "arrow")
"""Outlines that no letter looks like."""


def mark(rng: np.random.Generator) -> list[np.ndarray]:
    """Return a sign that neither a digit nor a letter looks like, or a question mark or ÷."""
    name = rng.choice([*MARKS, "?", "÷"])
    if name == "?":
        return _bend(_question(rng), rng, width=(0.8, 1.2))
    if name == "÷":
        across = np.array([(0, 0.5), (1, 0.5)]) + rng.normal(0, 0.05, (2, 2))
        dots = [np.array([(0.5, y), (0.51, y + 0.01)]) + rng.normal(0, 0.05, 2) for y in (0.1, 0.9)]
        return _bend([across, *dots], rng, width=(0.8, 1.2))
    variants = OUTLINES[name]
    return _bend(_traced(variants[rng.integers(len(variants))], rng), rng, width=(0.6, 1.3))


def letter(rng: np.random.Generator) -> list[np.ndarray]:
    """Return a letter or a sign that no digit looks like."""
    variants = OUTLINES[rng.choice(list(OUTLINES))]
    return _bend(_traced(variants[rng.integers(len(variants))], rng), rng, width=(0.5, 1.3))


def scribble(rng: np.random.Generator) -> list[np.ndarray]:
    """Return what a bored or a hurried hand leaves: too tangled, too regular or too torn to be a digit."""
    kinds = [_tangle, _spiral, _zigzag, _loops, _star, _grid, _dashes, _ring, _thing]
    kind = rng.choice(len(kinds), p=[0.18, 0.08, 0.12, 0.07, 0.06, 0.06, 0.06, 0.25, 0.12])
    return _bend(kinds[kind](rng), rng, width=(0.6, 1.6))


def sign(rng: np.random.Generator) -> list[np.ndarray]:
    """Return what stands in a digit's place: tick, box, question mark, slash, + - × ÷ =, letter, scribble."""

    def shaken(*points: tuple[float, float]) -> np.ndarray:
        return _shaken(points, rng)

    kind = rng.random()
    if kind < 0.25:
        dip = rng.uniform(0.1, 0.45)
        tick = shaken((0, rng.uniform(0.2, 0.9)), (dip, 1), (1, rng.uniform(-0.3, 0.5)))
        return [_bowed(tick) if rng.random() < 0.4 else tick]
    if kind < 0.38:
        wide, corners = rng.uniform(0.8, 1.9), [(0, 0), (1, 0), (1, 1), (0, 1)]
        first = rng.integers(4)
        box = shaken(*corners[first:], *corners[: first + 1])
        return [(box * (wide, 1)).astype(np.float32)]
    if kind < 0.6:
        return _question(rng)
    if kind < 0.68:
        if rng.random() < 0.3:
            return [_bowed(shaken((0.5, 0), (0.2 + rng.uniform(-0.3, 0.1), 0.5), (0.1, 1)))]
        return [shaken((0.6, -0.1), (0, 1.1))]
    if kind < 0.82:
        across, upright = shaken((0, 0.5), (1, 0.5)), shaken((0.5, 0), (0.5, 1))
        dots = [shaken((0.5, y), (0.51, y + 0.01)) for y in (0.1, 0.9)]
        double = [shaken((0, 0.3), (1, 0.3)), shaken((0, 0.7), (1, 0.7))]
        crossed = [shaken((0, 0), (1, 1)), shaken((1, 0), (0, 1))]
        signs = [across, *dots], [across, upright], crossed, [across], double
        return signs[rng.choice(len(signs), p=[0.25, 0.25, 0.25, 0.1, 0.15])]
    return letter(rng) if kind < 0.9 else scribble(rng)


def _shaken(points: Sequence[tuple[float, float]], rng: np.random.Generator) -> np.ndarray:
    return (np.array(points, np.float32) + rng.normal(0, 0.05, (len(points), 2))).astype(np.float32)


def _question(rng: np.random.Generator) -> list[np.ndarray]:
    """Return a hook and a dot, which is thick or nearly touches."""
    low, foot = rng.uniform(0.62, 0.88), rng.uniform(0.2, 0.45)
    bow = (0.4, 0), (0.65, 0.15), (0.62, 0.35), (foot + 0.08, rng.uniform(0.45, 0.6))
    hook = _shaken(((0, rng.uniform(0.1, 0.35)), (0.1, 0.05), *bow, (foot, low)), rng)
    turn = np.linspace(0, 2 * np.pi * rng.integers(0, 2), 7)
    dot = np.column_stack([np.cos(turn), np.sin(turn)]) * rng.uniform(0, 0.06) + (foot, 1)
    dot += rng.normal(0, 0.03, 2)
    return [_bowed(hook * (rng.uniform(0.6, 1.3), 1)), dot.astype(np.float32)]


def _bowed(points: np.ndarray) -> np.ndarray:
    """Return a line (k, 2) with its corners smoothed away, (20, 2)."""
    along = np.linspace(0, len(points) - 1, 20)
    dense = np.stack([np.interp(along, np.arange(len(points)), points[:, i]) for i in (0, 1)], axis=1)
    return cv2.blur(np.pad(dense, ((2, 2), (0, 0)), mode="edge").astype(np.float32), (1, 5))[2:-2]


def _tangle(rng: np.random.Generator) -> list[np.ndarray]:
    """Return a line through 7 to 20 random places, or two or three shorter ones, straight or rounded."""
    rounds = rng.choice([0, 3])
    lengths = [rng.integers(7, 21)] if rng.random() < 0.6 else rng.integers(4, 9, rng.integers(2, 4))
    return [_rounded(rng.uniform(0, 9, (n, 2)), rounds) for n in lengths]


def _spiral(rng: np.random.Generator) -> list[np.ndarray]:
    turns = rng.uniform(2.2, 5)
    angle = np.linspace(0, 2 * np.pi * turns, 120) * rng.choice([-1, 1]) + rng.uniform(0, 2 * np.pi)
    radius = np.linspace(rng.uniform(0, 1), 4.5, 120)
    return [np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])]


def _zigzag(rng: np.random.Generator) -> list[np.ndarray]:
    """Return a saw or a wave of five corners or more, in any direction."""
    n = rng.integers(6, 14)
    high = rng.uniform(1, 7) * np.where(np.arange(n) % 2, 1, -1) / 2 + rng.normal(0, 0.5, n)
    points = np.column_stack([np.linspace(0, 9, n) + rng.normal(0, 0.2, n), high])
    return [_rounded(points[:, ::-1] if rng.random() < 0.4 else points, rng.choice([0, 3]))]


def _loops(rng: np.random.Generator) -> list[np.ndarray]:
    """Return a row of three to six loops, as in "eeee"."""
    turns = rng.integers(3, 7)
    angle = np.linspace(0, 2 * np.pi * turns, 40 * turns) * rng.choice([-1, 1])
    across = np.linspace(0, 9, len(angle)) + rng.uniform(0.8, 2) * np.cos(angle)
    points = np.column_stack([across, rng.uniform(1, 4) * np.sin(angle)])
    return [points[:, ::-1] if rng.random() < 0.3 else points]


def _star(rng: np.random.Generator) -> list[np.ndarray]:
    """Return three to five lines through one place, or a star of five points in one line."""
    n = rng.integers(3, 6)
    if rng.random() < 0.5:
        angle = np.arange(n) * np.pi / n + rng.normal(0, 0.12, n) + rng.uniform(0, np.pi)
        ends = np.column_stack([np.cos(angle), np.sin(angle)]) * rng.uniform(3, 5, (n, 1))
        return [np.stack([end, -end]) + rng.normal(0, 0.4, (1, 2)) for end in ends]
    angle = np.arange(6) * 4 * np.pi / 5 - np.pi / 2
    return [np.column_stack([np.cos(angle), np.sin(angle)]) * 4.5 + rng.normal(0, 0.3, (6, 2))]


def _grid(rng: np.random.Generator) -> list[np.ndarray]:
    """Return two to four lines down crossed by two to four level ones."""
    down, level = (np.linspace(1, 8, rng.integers(2, 5)) for _ in range(2))
    lines = [[[x, 0], [x, 9]] for x in down] + [[[0, y], [9, y]] for y in level]
    return [np.array(line) + rng.normal(0, 0.3, (2, 2)) for line in lines]


def _dashes(rng: np.random.Generator) -> list[np.ndarray]:
    """Return three to nine short strokes that touch nowhere in particular."""
    starts = rng.uniform(0, 9, (rng.integers(3, 10), 1, 2))
    return list(np.concatenate([starts, starts + rng.uniform(-2.5, 2.5, starts.shape)], axis=1))


def _ring(rng: np.random.Generator) -> list[np.ndarray]:
    """Return an outline with bumps all around, or a round one with marks, a level line or a cross in it:
    not a zero, which has at most a slash or a dot."""
    angle = np.linspace(0, 2 * np.pi * rng.uniform(0.97, 1.05), 120) + rng.uniform(0, 2 * np.pi)
    bumps = rng.integers(5, 10) * (rng.random() < 0.5)
    radius = 4.5 * (1 - rng.uniform(0.15, 0.45) * (1 - np.abs(np.sin(angle * bumps / 2))) * (bumps > 0))
    radius *= 1 + 0.05 * np.sin(2 * angle + rng.uniform(0, 6))
    ring = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    if bumps and rng.random() < 0.6:
        return [ring]
    if rng.random() < 0.25:
        turn = rng.uniform(0, np.pi)
        ends = 4 * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        return [ring, *(np.stack([end, -end]) for end in ends)]
    mouth = np.column_stack(
        [np.linspace(-2, 2, 15), rng.uniform(-1, 1.5) * np.cos(np.linspace(-1.5, 1.5, 15))]
    )
    if rng.random() < 0.3:
        return [ring, mouth + [0, rng.uniform(0, 2)]]
    places = np.array([[-1.6, -1.3], [1.6, -1.3], [0, 1.7], [0, 0.3]])[: rng.integers(2, 5)]
    marks = [place + rng.normal(0, 0.2, 2) + _mark(rng) for place in places]
    return [ring, *marks, *([mouth + [0, 1.5]] if rng.random() < 0.5 else [])]


def _mark(rng: np.random.Generator) -> np.ndarray:
    """Return a small arc, bar or dot around the origin."""
    angle = np.linspace(0, rng.uniform(0.5, 2 * np.pi), 20) + rng.uniform(0, 2 * np.pi)
    arc = np.column_stack([np.cos(angle), np.sin(angle)])
    return (arc - arc.mean(axis=0)) * rng.uniform(0.1, 1.6, 2)


def _thing(rng: np.random.Generator) -> list[np.ndarray]:
    """Return a house, a fish and the like, as children draw them."""
    return _traced(THINGS[rng.choice(list(THINGS))], rng, roundest=1)


def _traced(outline: str, rng: np.random.Generator, roundest: int = 2) -> list[np.ndarray]:
    """Return the strokes of an outline, shaken, their corners cut up to so many times."""
    strokes = [
        np.array([list(map(int, corner)) for corner in stroke.split()], np.float32)
        for stroke in outline.split("|")
    ]
    corners = int(rng.integers(0, roundest + 1))
    return [_rounded(stroke + rng.normal(0, 0.45, stroke.shape), corners) for stroke in strokes]


def _rounded(points: np.ndarray, rounds: int) -> np.ndarray:
    """Cut the corners of a line (k, 2) so many times (Chaikin, "An algorithm for high-speed curve
    generation", 1974)."""
    for _ in range(rounds):
        near, far = 0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]
        inner = np.stack([near, far], axis=1).reshape(-1, 2)
        points = np.concatenate([points[:1], inner, points[-1:]])
    return points


def _bend(
    strokes: list[np.ndarray], rng: np.random.Generator, width: tuple[float, float]
) -> list[np.ndarray]:
    """Stretch, slant and turn strokes a little."""
    matrix = slanted(rng.normal(0, 0.1), rng.normal(0, 0.15), rng.uniform(*width))
    return [(stroke @ matrix).astype(np.float32) for stroke in strokes]
