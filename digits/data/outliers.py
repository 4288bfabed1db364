"""What is no digit, for a network to learn what it must not answer to.

Made ones: broken digits, pairs in one frame, digits one over the other, mirrored and turned ones, letters,
scribbles and textures. Only changes that leave no digit behind are made: half an 8 is a zero, a mirrored 2
nearly a 5. Real ones: letters of a strokes file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from digits.config import BOX, CLASSES, SIDE
from digits.data import doodles, handwriting
from digits.data.handwriting import framed
from digits.data.mnist import TrainVal
from digits.data.strokes import crop, draw, fit_box, rescan

MADE, HELD = 60_000, 1_500
"""How many outliers are made to learn from, and to judge on: fewer if MNIST is cut."""

SCANNED = 0.15  # share of the made outliers that come as small scans
HELD_SHARE = 0.2  # of every class, and of real outliers, where no source is named

CANVAS = 2 * SIDE
BAR = 0.21  # a bar's standard deviation across, as a share of that along it
STEEP = 0.35  # sine of the least angle with a level line at which a bar may be a one


HALVES = ((0, "top"), (0, "bottom"), (2, "bottom"), (3, "left"), (4, "left"), (5, "top"))
"""Which half of a digit is left when none other may remain."""

TURNS: dict[str, tuple[Callable, tuple[int, ...]]] = {
    "mirror": (np.fliplr, (3, 4, 6, 7, 9)),
    "upset": (np.flipud, (4, 6, 7, 9)),
    "quarter": (np.rot90, (1, 2, 3, 4)),
}
"""Changes of digits, each with those that are none afterwards."""

OVERLAYS = ((0, 4), (2, 4), (2, 5), (2, 6), (3, 4), (4, 5), (4, 6))
"""Digits that give none when one is written over the other: not 0 and 1, a slashed zero, nor an 8 and any."""

Pick = Callable[[int], np.ndarray]
"""Gives some digit of a class, (h, w) float32 in [0, 1], cut at its ink."""


@dataclass(frozen=True)
class Outliers:
    """What is no digit, framed."""

    learnt: np.ndarray
    """(N, 28, 28) uint8, to learn from."""
    held: np.ndarray
    """(M, 28, 28) uint8, which the model never sees: real ones of other hands, else made ones."""
    sources: list[str]
    """Where the real ones of either kind come from."""


def outliers(
    mnist: TrainVal,
    real: Path | None = None,
    *,
    hold_out: tuple[str, ...] = (),
    leave_out: tuple[str, ...] = (),
    renders: int = 1,
    seed: int = 0,
    most: int = MADE,
) -> Outliers:
    """Make outliers from MNIST's digits, and add real ones.

    Args:
        mnist: whose training digits give those to learn from, and whose validation digits those to judge on.
        real: a strokes file of letters (None: made ones must do).
        hold_out: its sources to judge on; none named: a fifth.
        leave_out: its sources to drop.
        renders: how often each real one is drawn to learn from, each time with another pen.
        seed: of all choices.
        most: how many are made to learn from.

    Raises:
        ValueError: nothing usable, or an unknown source; the message says what was expected.
    """
    rng = np.random.default_rng([seed, 2])
    made = _made(mnist.x_train, mnist.y_train, min(MADE, most, len(mnist.y_train)), rng)
    if real is None:
        held = _made(mnist.x_val, mnist.y_val, min(HELD, len(mnist.y_val)), rng)
        return Outliers(without_bars(made), held, [])
    found = handwriting.load_outliers(real, seed, renders)
    if leave_out:
        found = found.part(~handwriting.hold_out(found, leave_out, 0, seed))
    held = handwriting.hold_out(found, hold_out, HELD_SHARE, seed)
    learnt = without_bars(np.concatenate([made, found.part(~held).frames]))
    return Outliers(learnt, found.part(held).once().frames, sorted(set(found.sources.tolist())))


def make_outliers(
    frames: np.ndarray,
    labels: np.ndarray,
    number: int,
    rng: np.random.Generator,
    kinds: tuple[str, ...] | None = None,
) -> list[np.ndarray]:
    """Make pictures that show no digit.

    Args:
        frames: (N, 28, 28) uint8 digits in the form of MNIST.
        labels: (N,).
        number: how many to make.
        rng: where chance comes from.
        kinds: names in `KINDS` (None: those of `OF_DIGITS`).

    Returns:
        `number` ink maps (h, w) float32 in [0, 1], ink bright: to be framed like any other ink.
    """
    pick = picker(frames, labels, rng)
    kinds = kinds or OF_DIGITS
    shares = np.array([KINDS[name][1] for name in kinds])
    names = rng.choice(kinds, number, p=shares / shares.sum())
    return [KINDS[name][0](pick, rng) for name in names]


def without_bars(frames: np.ndarray) -> np.ndarray:
    """Leave out frames (N, 28, 28) that show one bar, upright or slanted: a one, whatever was meant."""
    ink = frames.reshape(len(frames), -1).astype(np.float32)
    y, x = (part.ravel().astype(np.float32) for part in np.mgrid[:SIDE, :SIDE])
    weight = ink / np.maximum(ink.sum(axis=1, keepdims=True), 1e-6)
    mean_x, mean_y = weight @ x, weight @ y
    xx, yy, xy = weight @ x**2 - mean_x**2, weight @ y**2 - mean_y**2, weight @ (x * y) - mean_x * mean_y
    spread = np.hypot((xx - yy) / 2, xy)
    along, across = (xx + yy) / 2 + spread, (xx + yy) / 2 - spread
    thin = np.maximum(across, 0) < BAR**2 * along
    steep = np.abs(np.sin(np.arctan2(2 * xy, xx - yy) / 2)) > STEEP
    return frames[~(thin & steep)]


def picker(frames: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Pick:
    """Return what gives random ones of frames (N, 28, 28) uint8; of any class where there is none of one."""
    found = [np.flatnonzero(labels == digit) for digit in range(CLASSES)]
    rows = [some if len(some) else np.arange(len(labels)) for some in found]
    return lambda digit: crop(frames[rng.choice(rows[digit])].astype(np.float32) / 255)


def half(pick: Pick, rng: np.random.Generator) -> np.ndarray:
    """Return about half of a digit."""
    digit, side = HALVES[rng.integers(len(HALVES))]
    ink = pick(digit)
    share = rng.uniform(0.4, 0.55)
    rows, columns = round(share * ink.shape[0]), round(share * ink.shape[1])
    parts = {"top": ink[:rows], "bottom": ink[-rows:], "left": ink[:, : max(columns, 3)]}
    return parts[side]


def pair(pick: Pick, rng: np.random.Generator) -> np.ndarray:
    """Return two digits beside each other, often touching, half of them squeezed into one digit's width."""
    first, second = rng.integers(0, 10, 2)
    # A one that touches its neighbour makes a 6, a 9 or an 8 of it.
    gap = rng.integers(3, 7) if 1 in (first, second) else rng.integers(-3, 5)
    left, right = pick(first), pick(second)
    width = max(left.shape[1] + right.shape[1] + gap, left.shape[1], right.shape[1])
    ink = np.zeros((SIDE, width), np.float32)
    for digit, x in ((left, 0), (right, width - right.shape[1])):
        y = int(np.clip((SIDE - digit.shape[0]) // 2 + rng.integers(-3, 4), 0, SIDE - digit.shape[0]))
        _write(ink, digit, y, x)
    if width > 16 and rng.random() < 0.5:
        narrow = max(14, round(width * rng.uniform(0.55, 1)))
        ink = cv2.resize(ink, (narrow, SIDE), interpolation=cv2.INTER_AREA)
    return ink


def overlay(pick: Pick, rng: np.random.Generator) -> np.ndarray:
    """Return one digit written over another."""
    first, second = OVERLAYS[rng.integers(len(OVERLAYS))]
    ink = np.zeros((CANVAS, CANVAS), np.float32)
    for digit in (pick(first), pick(second)):
        y, x = ((CANVAS - side) // 2 + rng.integers(-3, 4) for side in digit.shape)
        _write(ink, digit, y, x)
    return ink


def turned(pick: Pick, rng: np.random.Generator) -> np.ndarray:
    """Return a digit mirrored, upside down or on its side."""
    turn, digits = TURNS[rng.choice(list(TURNS))]
    return np.ascontiguousarray(turn(pick(rng.choice(digits))))


def doodle(
    write: Callable[[np.random.Generator], list[np.ndarray]], _pick: Pick, rng: np.random.Generator
) -> np.ndarray:
    """Return what is written, a letter, a sign or a scribble, drawn with some pen."""
    strokes, size = write(rng), 2 * BOX
    brush = rng.uniform(0.04, 0.18) * size
    return draw(fit_box(strokes, size, (CANVAS / 2, CANVAS / 2)), CANVAS, brush).astype(np.float32) / 255


def texture(_pick: Pick, rng: np.random.Generator) -> np.ndarray:
    """Return what a picture without writing leaves: grain, clouds, blots, edges."""
    kind = rng.integers(5)
    if kind == 0:  # grain
        return rng.random((SIDE, SIDE), np.float32) ** rng.uniform(0.5, 4)
    if kind == 1:
        return _edges(rng)
    if kind == 4:
        return _shapes(rng)
    field = cv2.GaussianBlur(rng.random((SIDE, SIDE), np.float32), (0, 0), rng.uniform(0.7, 4))
    field = (field - field.min()) / np.ptp(field)
    if kind == 2:  # clouds
        return field
    return (field > np.quantile(field, rng.uniform(0.4, 0.85))).astype(np.float32)  # blots


def _write(ink: np.ndarray, digit: np.ndarray, y: int, x: int) -> None:
    """Add a digit (h, w) to the ink, its upper left corner at (x, y)."""
    place = ink[y : y + digit.shape[0], x : x + digit.shape[1]]
    np.maximum(place, digit, out=place)


def _shapes(rng: np.random.Generator) -> np.ndarray:
    """Return one or two filled triangles or quadrangles, sharp or soft, as of things on a desk."""
    planes = np.zeros((CANVAS, CANVAS), np.float32)
    for _ in range(rng.integers(1, 3)):
        corners = rng.uniform(4, CANVAS - 4, (rng.integers(3, 5), 2)).astype(np.int32)
        cv2.fillConvexPoly(planes, cv2.convexHull(corners), rng.uniform(0.6, 1), cv2.LINE_AA)
    soft = cv2.GaussianBlur(planes, (0, 0), rng.uniform(0.3, 2))
    return soft / soft.max()


def _edges(rng: np.random.Generator) -> np.ndarray:
    """Return one to three half planes over each other, sharp or soft."""
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    planes, softness = np.zeros((SIDE, SIDE)), rng.uniform(0.3, 6)
    for _ in range(rng.integers(1, 4)):
        angle = rng.uniform(0, 2 * np.pi)
        beyond = x * np.cos(angle) + y * np.sin(angle) - rng.uniform(-8, 8)
        planes += rng.uniform(-1, 1) * np.clip(beyond / softness + 0.5, 0, 1)
    planes -= planes.min()
    return (planes / max(planes.max(), 1e-6) + 1e-3).clip(0, 1).astype(np.float32)


KINDS: dict[str, tuple[Callable[[Pick, np.random.Generator], np.ndarray], float]] = {
    "half": (half, 0.1),
    "pair": (pair, 0.14),
    "overlay": (overlay, 0.06),
    "turned": (turned, 0.12),
    "letter": (partial(doodle, doodles.letter), 0.18),
    "scribble": (partial(doodle, doodles.scribble), 0.32),
    "texture": (texture, 0.08),
    "mark": (partial(doodle, doodles.mark), 0.18),
}
"""Ways to make ink maps (h, w) float32 in [0, 1] that show no digit, each with its share of all."""

OF_DIGITS = ("half", "pair", "overlay", "turned", "letter", "scribble", "texture")
"""What is no digit, beside marks."""

OF_CHARACTERS = ("pair", "scribble", "texture", "mark")
"""What is neither digit nor letter."""


def no_characters(mnist: TrainVal, number: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Make what is neither digit nor letter: `number` frames (N, 28, 28) uint8 to learn from, and `HELD` to
    judge on; fewer if MNIST is cut."""
    rng, most = np.random.default_rng([seed, 3]), len(mnist.y_train)
    learnt = _made(mnist.x_train, mnist.y_train, min(number, most), rng, OF_CHARACTERS)
    held = _made(mnist.x_val, mnist.y_val, min(HELD, len(mnist.y_val)), rng, OF_CHARACTERS)
    return without_bars(learnt), without_bars(held)


def _made(
    frames: np.ndarray,
    labels: np.ndarray,
    number: int,
    rng: np.random.Generator,
    kinds: tuple[str, ...] = OF_DIGITS,
) -> np.ndarray:
    inks = make_outliers(frames, labels, number, rng, kinds)
    return framed(rescan(ink, rng) if rng.random() < SCANNED else ink for ink in inks)
