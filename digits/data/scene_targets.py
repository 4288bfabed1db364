"""What a finder learns from: batches of scenes, and what it is to answer to each."""

from functools import cache

import cv2
import numpy as np

from digits.config import CLASSES
from digits.data.hands import Source, Writing
from digits.data.scenes import MAKERS, Scene, line_scene, single_scene
from digits.data.writing import DIGIT, HIDDEN, VISIBLE, Thing
from digits.models.finder import KINDS, REACH, USUAL
from digits.models.line import COLUMN, ROWS
from digits.models.networks import GLIMPSE
from digits.preprocessing.finder import even
from digits.preprocessing.line import strip

CENTRAL, AROUND = 0.1, 0.25
"""A centre is hit within the first share of a thing's width and height, and missed beyond the second."""

PARTS = {"heat": len(KINDS), "sure": len(KINDS), "offset": 2, "inked": 1, "size": 2, "sized": 1}
"""Channels of the target of the maps, in order: what to answer, and where it counts."""

BORDERS = np.cumsum(list(PARTS.values()))[:-1].tolist()
"""Between these."""

STRIP, LINE = 232, (64, 256)
"""Points that a strip is wide at most; longer lines are written anew. The most a line scene has of them."""

UNEVEN = 0.13
"""Spread of how much higher and wider lines are on strips than usual, as a logarithm."""

SHAPES = (LINE, (160, 160), (64, 64), LINE, (64, 64))
"""Shapes of the batches, in turn: lines, blocks, single things, lines, single things. (Keras takes the
general shape from the first two.)"""

POINTS = SHAPES[0][0] * SHAPES[0][1]

ONE_LINE = 0.8
"""The middles of digits that stand in one line are no farther apart, down, in heights of the highest."""

LONGEST = 10
"""Digits of a line, at most."""

UNKNOWN = -1
"""In place of the length of a line that is none, or of which some digit is cut off."""

Targets = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]

Batch = tuple[np.ndarray, dict[str, np.ndarray]]
"""What the finder is shown (N, H, W, 2), and what it is to answer by its outputs, see `targets`."""

Lines = tuple[np.ndarray, np.ndarray]
"""What the line reader is shown (N, 48, `STRIP`, 2), and the text that it is to answer, see `targets`."""


def batch(writing: Writing, chance: list[int], lines: int) -> Batch:
    """Make a batch of scenes; the writing is loaded once in a process.

    Args:
        writing: what is written.
        chance: seed of all choices; the last number is that of the batch, after which comes its shape.
        lines: scenes in a batch of lines; batches of other shapes have as many points.

    Raises:
        ValueError: see `Writing.load`.
    """
    rng, shape = np.random.default_rng(chance), SHAPES[chance[-1] % len(SHAPES)]
    source, make = _source(writing), MAKERS[shape]
    number = max(1, lines * POINTS // (shape[0] * shape[1]))
    made = [targets(make(source, rng, shape), shape) for _ in range(number)]
    shown, ink, maps, labels, text = (np.stack(part) for part in zip(*made, strict=True))
    return shown, {"ink": ink, "maps": maps, "labels": labels, "text": text}


def strips(writing: Writing, chance: list[int], number: int) -> Lines:
    """Make a batch of lines as the line reader is shown them.

    Args:
        writing, chance: as for `batch`.
        number: of lines.

    Raises:
        ValueError: see `Writing.load`.
    """
    rng, source = np.random.default_rng(chance), _source(writing)
    shown = np.zeros((number, ROWS, STRIP, 2), np.float32)
    texts = np.zeros((number, 2 + LONGEST), np.int32)
    for row, text in zip(shown, texts, strict=True):
        while (made := _strip(line_scene(source, rng, LINE), rng)) is None:
            pass
        row[:, : made[0].shape[1]], text[:] = made
    return shown, texts


def glimpses(writing: Writing, chance: list[int], lines: int) -> Lines:
    """Make a batch of glimpses of single things; see `strips`. `lines` is how many lines have as many points.

    Returns:
        What is shown (N, 64, 64, 2), and which digit stands there, or `CLASSES` for none (N, 1) int32.
    """
    rng, source = np.random.default_rng(chance), _source(writing)
    number = max(1, lines * POINTS // GLIMPSE**2)
    shown, labels = np.zeros((number, GLIMPSE, GLIMPSE, 2), np.float32), np.zeros((number, 1), np.int32)
    for place in range(number):
        while (label := _alone(scene := single_scene(source, rng, (GLIMPSE, GLIMPSE)))) is None:
            pass
        height, width = scene.grey.shape
        shown[place, :height, :width, 0], shown[place, :height, :width, 1] = even(scene.grey), 1
        labels[place] = label
    return shown, labels


def _alone(scene: Scene) -> int | None:
    """Return the digit that a scene was made for, `CLASSES` where that is none, None where it is cut off."""
    if not scene.things or scene.things[0].kind != DIGIT:
        return CLASSES
    return scene.things[0].label if scene.things[0].visible >= VISIBLE else None


def _strip(scene: Scene, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray] | None:
    """Return a line and its text as `strips` does; None where it is too long or its text not certain."""
    digits = [thing.box for thing in scene.things if thing.kind == DIGIT and thing.visible > 0]
    boxes = np.array(digits or [(0, 0, *scene.grey.shape[::-1])])
    height = float(np.median(boxes[:, 3]) * np.exp(rng.normal(0, UNEVEN)))
    middle = float(np.median(boxes[:, 1] + boxes[:, 3] / 2) + rng.normal(0, UNEVEN / 2) * height)
    wide = max(8, round(scene.grey.shape[1] * np.exp(rng.normal(0, UNEVEN))))
    grey = cv2.resize(scene.grey, (wide, scene.grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    shown = strip(grey, (0, wide), middle, height)
    text = _text(scene.things, 0)
    if shown.shape[1] > STRIP or text[0] == UNKNOWN:
        return None
    text[1] = shown.shape[1] // COLUMN
    return shown, text


@cache
def _source(writing: Writing) -> Source:
    return writing.load()


def targets(scene: Scene, shape: tuple[int, int]) -> Targets:
    """Return what the finder is shown of a scene and what it is to answer, laid into the corner of `shape`.

    Returns:
        shown (H, W, 2); ink (H, W, 2), how much there is and where that counts; maps (H / 2, W / 2, 16), see
        `PARTS`; labels (H / 4, W / 4, 1) int32, the digit centred there or -1; text (2 + `LONGEST`,) int32:
        how many digits the line has or `UNKNOWN`, how many columns of labels it has, the digits.
    """
    (height, width), (tall, wide) = shape, scene.grey.shape
    shown, ink = np.zeros((height, width, 2), np.float32), np.zeros((height, width, 2), np.float32)
    shown[:tall, :wide, 0], shown[:tall, :wide, 1] = even(scene.grey), 1
    ink[:tall, :wide, 0], ink[:tall, :wide, 1] = scene.ink, 1
    maps = np.zeros((height // 2, width // 2, sum(PARTS.values())), np.float32)
    heat, sure, offset, inked, size, sized = np.split(maps, BORDERS, axis=2)  # views of it
    labels = np.full((height // 4, width // 4, 1), -1, np.int32)
    sure[: (tall + 1) // 2, : (wide + 1) // 2] = 1
    middles = np.zeros((len(scene.things) + 1, 2), np.float32)
    # The smallest last: a point between two digits stays a point.
    for number, thing in sorted(enumerate(scene.things, 1), key=lambda one: -one[1].box[2] * one[1].box[3]):
        x, y = thing.box[0] + thing.box[2] / 2, thing.box[1] + thing.box[3] / 2
        middles[number] = x, y
        if thing.visible < HIDDEN or not (0 <= x < wide and 0 <= y < tall):
            continue
        here, hit = _aim(thing, x, y, heat[..., thing.kind], sure[..., thing.kind])
        size[here][hit], sized[here][hit] = np.log(np.maximum(thing.box[2:], 2) / np.float32(USUAL)), 1
        if thing.kind == DIGIT and thing.visible >= VISIBLE:
            row, column = int(y / 4), int(x / 4)
            labels[max(0, row - 1) : row + 2, column] = thing.label
    owner = np.zeros((height, width), np.int16)
    owner[:tall, :wide] = scene.owner
    mine = owner.reshape(height // 2, 2, width // 2, 2).max(axis=(1, 3))
    inked[..., 0] = mine > 0
    place = np.stack(np.meshgrid(np.arange(width // 2), np.arange(height // 2)), axis=-1) * 2 + 1
    offset[:] = (middles[mine] - place) / REACH * inked
    return shown, ink, maps, labels, _text(scene.things, wide)


def _text(things: list[Thing], wide: int) -> np.ndarray:
    """Return what is to be read from left to right, and where, as in `targets`."""
    text = np.zeros(2 + LONGEST, np.int32)
    text[:2] = UNKNOWN, -(-wide // 4)
    digits = [thing for thing in things if thing.kind == DIGIT and thing.visible > 0]
    there = sorted((t for t in digits if t.visible >= VISIBLE), key=lambda t: t.box[0] + t.box[2] / 2)
    cut = any(HIDDEN <= thing.visible < VISIBLE for thing in digits)
    if cut or len(there) > LONGEST:
        return text
    if there:
        middles = np.array([thing.box[1] + thing.box[3] / 2 for thing in there])
        height = max(thing.box[3] for thing in there)
        if np.ptp(middles) > ONE_LINE * height:
            return text
    text[0], text[2 : 2 + len(there)] = len(there), [thing.label for thing in there]
    return text


def _aim(
    thing: Thing, x: float, y: float, heat: np.ndarray, sure: np.ndarray
) -> tuple[tuple[slice, slice], np.ndarray]:
    """Mark where a thing's centre is hit, and around it where neither hit nor miss counts, on the maps of its
    kind (h, w).

    Returns:
        A part of the maps, and where in it the centre is hit, bool: nowhere if too little is visible.
    """
    across, down = thing.box[2:]
    near = max(3.0, AROUND * down), max(3.0, AROUND * across)
    top, left = (max(0, int(at - far) // 2) for at, far in zip((y, x), near, strict=True))
    here = np.s_[top : int(y + near[0]) // 2 + 1, left : int(x + near[1]) // 2 + 1]
    heat, sure = heat[here], sure[here]
    rows = (np.arange(heat.shape[0])[:, None] + top) * 2 + 1 - y
    columns = (np.arange(heat.shape[1]) + left) * 2 + 1 - x
    around = (rows / near[0]) ** 2 + (columns / near[1]) ** 2 <= 1
    sure[around & (heat == 0)] = 0
    hit = (rows / max(1.5, CENTRAL * down)) ** 2 + (columns / max(1.5, CENTRAL * across)) ** 2 <= 1
    hit &= thing.visible >= VISIBLE
    heat[hit], sure[hit] = 1, 1
    return here, hit
