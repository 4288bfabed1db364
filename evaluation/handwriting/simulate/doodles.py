"""What is no digit: doodles, and pictures without any writing. A reader has to say so. See also pens.py.

Drawn by other code than the outliers that training may show a network (digits/data/), which have relatives
of all these kinds: what is measured is how well other drawings of the same things are told from digits.
"""

import cv2
import numpy as np

from evaluation.handwriting.simulate.paper import camera, photograph, slow
from evaluation.handwriting.simulate.pens import Strokes, canvas, dense

DOODLES = ("zigzag", "spiral", "hatching", "star", "face", "arrow", "house", "cloud", "fence", "tangle")
"""The kinds of `scribble`: none of them is a digit to any reader."""

SIGNS = ("plus", "times", "divided")
"""Signs of sums, to be drawn like doodles."""

NOTHING = ("blank", "dot", "noise", "paper", "ruled_paper", "scene")
"""The kinds of `nothing`."""


def scribble(rng: np.random.Generator, kind: str | None = None) -> np.ndarray:
    """Return a doodle that is no digit, one of `DOODLES`, on a canvas (280, 280) uint8."""
    kind = kind or str(rng.choice(DOODLES))
    return canvas(shaken(kind, rng), rng, 12 if kind in ("spiral", "hatching") else 24)


def shaken(kind: str, rng: np.random.Generator) -> Strokes:
    """Return the strokes of one of `DOODLES` or `SIGNS`, turned, stretched and drawn by an unsteady hand."""
    strokes = _doodle(kind, rng)
    turn = rng.normal(0, 0.12)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    matrix = matrix * rng.uniform(0.8, 1.2, 2)
    steady = [dense(np.asarray(stroke, float) @ matrix, 0.03) for stroke in strokes]
    return [stroke + rng.normal(0, 0.006, stroke.shape) for stroke in steady]


def _doodle(kind: str, rng: np.random.Generator) -> Strokes:
    """Return the strokes of a doodle, about 1 wide and high."""

    def arc(x, y, radius, begin=0.0, end=360.0):
        angles = np.radians(np.linspace(begin, end, 40))
        return np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], axis=1)

    n = int(rng.integers(5, 9))
    if kind == "zigzag":
        return [np.stack([np.linspace(0, 1, n), np.arange(n) % 2 * rng.uniform(0.4, 0.9)], axis=1)]
    if kind == "spiral":
        angles = np.linspace(0, 2 * np.pi * rng.uniform(2.6, 4), 160)
        return [angles[:, None] / angles[-1] / 2 * np.stack([np.cos(angles), np.sin(angles)], axis=1)]
    if kind == "hatching":
        lines = np.linspace(0, 1, n)
        down = [np.array([[x, 0], [x + 0.2, 1]]) for x in lines]
        return down + [np.array([[0, y], [1.2, y - 0.1]]) for y in lines]
    if kind == "star":
        angles = np.radians(np.arange(6) * 144 - 90)
        return [np.stack([np.cos(angles), np.sin(angles)], axis=1) / 2]
    if kind == "face":
        eyes = [arc(x, 0.35, 0.05) for x in (0.33, 0.67)]
        return [arc(0.5, 0.5, 0.5), *eyes, arc(0.5, 0.5, 0.28, 20, 160)]
    if kind == "arrow":
        return [np.array([[0, 0.5], [1, 0.5]]), np.array([[0.65, 0.2], [1, 0.5], [0.65, 0.8]])]
    if kind == "house":
        walls = np.array([[0.1, 0.4], [0.1, 1], [0.9, 1], [0.9, 0.4]])
        return [
            walls,
            np.array([[0, 0.45], [0.5, 0], [1, 0.45]]),
            np.array([[0.4, 1], [0.4, 0.7], [0.6, 0.7], [0.6, 1]]),
        ]
    if kind == "cloud":
        return [
            arc(x, y, 0.2, *ends)
            for x, y, *ends in (
                (0.2, 0.6, 60, 280),
                (0.45, 0.4, 180, 350),
                (0.7, 0.45, 200, 380),
                (0.75, 0.65, -50, 130),
                (0.45, 0.68, 20, 170),
            )
        ]
    if kind == "fence":
        posts = [np.array([[x, 0], [x, 1]]) for x in np.linspace(0.1, 0.9, n - 1)]
        return [*posts, np.array([[0, 0.3], [1, 0.3]]), np.array([[0, 0.7], [1, 0.7]])]
    if kind in SIGNS:
        across, x = np.array([[0, 0.5], [1, 0.5]]), rng.uniform(0.35, 0.65)
        if kind == "plus":
            return [across, np.array([[x, 0], [x, 1]])]
        if kind == "times":
            return [np.array([[0, 0], [1, 1]]), np.array([[1, 0], [0, 1]])]
        return [across, arc(x, 0.15, 0.02), arc(x, 0.85, 0.02)]
    walk = np.cumsum(rng.normal(0, 1, (14, 2)), axis=0) + rng.normal(0, 1.5, (14, 2))
    marks = np.linspace(0, 13, 160)
    smooth = np.stack([np.interp(marks, np.arange(14), axis) for axis in walk.T], axis=1)
    return [cv2.GaussianBlur(smooth, (1, 0), sigmaX=0.1, sigmaY=4) / 4]


def nothing(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Return a picture with nothing to read, uint8 (H, W) or (H, W, 3), of one of the kinds in `NOTHING`."""
    if kind in ("blank", "dot"):
        picture = np.full(rng.integers(28, 400, 2), rng.choice([0, 255, rng.integers(0, 256)]), np.uint8)
        if kind == "dot":
            spot, radius = (rng.uniform(0.2, 0.8, 2) * picture.shape).astype(int), int(rng.integers(1, 9))
            cv2.circle(picture, spot[::-1].tolist(), radius, 0 if picture[0, 0] > 127 else 255, cv2.FILLED)
        return picture
    shape = tuple(int(side) for side in rng.integers(120, 900, 2))
    if kind == "noise":
        side = int(rng.choice([28, 64, 280]))
        return rng.integers(0, 256, (side, side), np.uint8)
    if kind in ("paper", "ruled_paper"):
        return photograph([], shape, rng.uniform(60, 200), rng, ruled=kind == "ruled_paper")[0]
    if kind != "scene":
        raise ValueError(f"kind is {kind!r}; expected one of {', '.join(NOTHING)}.")
    shade = 0.5 + 0.3 * slow(shape, min(shape) / 2, rng)
    scene = np.stack([shade + 0.1 * slow(shape, min(shape) / 3, rng) for _ in range(3)], axis=-1)
    for _ in range(int(rng.integers(2, 6))):  # edges of things on a desk
        corners = (rng.uniform(-0.2, 1.2, (4, 2)) * shape[::-1]).astype(np.int32)
        cv2.fillConvexPoly(
            scene,
            cv2.convexHull(corners),
            (rng.uniform(0.1, 0.95) + rng.normal(0, 0.1, 3)).tolist(),
            cv2.LINE_AA,
        )
    return camera(cv2.GaussianBlur(scene, (0, 0), rng.uniform(1, 6)), 4.0, rng)
