"""Drawings on the canvas, stroke by stroke: what the canvas reports, and where a mouse goes.

Digits of people on whom no model trained, drawn as large as people draw on the canvas and with its pen.
"""

import base64
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from digits.data.strokes import fit_box
from evaluation.handwriting import sets
from evaluation.simulate import pens

SIDE, BRUSH = 280, 18
"""Pixels of the canvas, and of the pen that the app offers at first."""

SIZES = (120.0, 220.0)
FEWEST = 0.2  # a stroke shorter than that share of the digit is left away: a slip of the pen


@dataclass(frozen=True)
class Step:
    """A canvas after one more stroke."""

    strokes: pens.Strokes
    """All so far, each (k, 2) in pixels, x right and y down."""
    picture: np.ndarray
    """(280, 280, 4) uint8 RGBA."""
    value: str
    """What the canvas component reports, in JSON: the strokes of Fabric.js, and a PNG."""
    headline: str | None = None
    """What the app shall answer, once that is known."""


Drawing = list[Step]
"""The canvas after each stroke of a digit."""


def drawings(material: sets.Material, n: int) -> list[Drawing]:
    """Return n digits of different people, the same ones each time.

    Raises:
        ValueError: there is no handwriting where the data is.
    """
    found = sets.single(_placed)(material, "load", n)
    return [_steps(example.make()) for example in found]


def answered(drawn: list[Drawing], headlines: Iterable[str | None]) -> list[Drawing]:
    """Return drawings with what the app shall answer to each step, without those that begin without ink."""
    told = iter(headlines)
    found = [[replace(step, headline=next(told)) for step in drawing] for drawing in drawn]
    return [drawing for drawing in found if all(step.headline for step in drawing)]


def _placed(strokes: pens.Strokes, rng: np.random.Generator) -> pens.Strokes:
    size = rng.uniform(*SIZES)
    middle = rng.uniform(size / 2 + BRUSH, SIDE - size / 2 - BRUSH, 2)
    return [pens.dense(stroke, 8.0) for stroke in fit_box(strokes, size, middle)]


def _steps(strokes: pens.Strokes) -> list[Step]:
    long = max(_length(stroke) for stroke in strokes)
    strokes = [stroke for stroke in strokes if _length(stroke) >= FEWEST * long]
    return [_step(strokes[:number]) for number in range(1, len(strokes) + 1)]


def _step(strokes: pens.Strokes) -> Step:
    ink = pens.coverage(strokes, (SIDE, SIDE), BRUSH)
    grey = np.round(255 * (1 - ink)).astype(np.uint8)
    picture = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    image = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    raw = {"version": "7.4.0", "objects": [_path(stroke) for stroke in strokes], "background": "#ffffff"}
    return Step(strokes, picture, json.dumps({"drawing": {"raw": raw, "data": image}}))


def _length(stroke: np.ndarray) -> float:
    return float(np.hypot(*np.diff(stroke, axis=0).T).sum())


def _path(stroke: np.ndarray) -> dict:
    """Return a stroke as Fabric.js says it."""
    first, *others = np.round(stroke, 3).tolist()
    low, high = stroke.min(axis=0), stroke.max(axis=0)
    (left, top), (width, height) = (low + high) / 2, high - low
    return {
        "type": "Path",
        "version": "7.4.0",
        "originX": "center",
        "originY": "center",
        "left": float(left),
        "top": float(top),
        "width": float(width),
        "height": float(height),
        "fill": None,
        "stroke": "#000000",
        "strokeWidth": BRUSH,
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
        "path": [["M", *first], *(["L", *point] for point in others)],
    }
