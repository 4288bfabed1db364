"""Photographs of written paper, simulated: uneven light, shadows, ruling, grain, blur, noise, JPEG.

For judging and for tuning, never for training a published model: see handwriting.py. Every function is pure;
all chance comes from the generator that it is given. Strokes are explained in pens.py.
"""

import cv2
import numpy as np

from evaluation.handwriting.simulate.pens import Strokes, coverage, extent, placed

INKS = {
    "blue": (35, 55, 150),
    "black": (30, 30, 36),
    "red": (185, 40, 50),
    "green": (25, 100, 70),
    "pencil": (88, 88, 92),
}
"""Colours of the pens, RGB at full pressure."""


def photo(digits: Strokes | list[Strokes], rng: np.random.Generator) -> np.ndarray:
    """Return a phone's photo, (H, W, 3) uint8 RGB, of one digit anywhere on a piece of paper.

    The shorter side has 120 to 1000 pixels, the digit is 60 to 250 pixels high, the pen mostly thin.

    Args:
        digits: the strokes of one digit, or a list with one such digit.
        rng: where chance comes from.
    """
    strokes = digits if isinstance(digits[0], np.ndarray) else digits[0]
    short = np.exp(rng.uniform(np.log(120), np.log(1000)))
    sides = np.array([short, min(1200, short * rng.uniform(1, 1.4))]).astype(int)
    width, height = sides if rng.random() < 0.5 else sides[::-1]
    tall = rng.uniform(60, min(250, 0.72 * short))
    low, high = extent(placed(strokes, tall, 0, 0))
    margin = 0.06 * short + 4
    left = rng.uniform(margin, max(margin, width - high[0] - margin))
    middle = rng.uniform(margin + tall / 2, max(margin + tall / 2, height - margin - tall / 2))
    written = placed(strokes, tall, left, middle)
    return photograph([written], (int(height), int(width)), tall, rng)[0]


def number_photo(
    digits: list[Strokes], rng: np.random.Generator, tall: float | None = None, shape=None
) -> tuple[np.ndarray, list[tuple[int, int, int, int]]]:
    """Return a photo of a number in one line, and the box of each digit: x, y, width, height in pixels.

    Args:
        digits: from the left, the strokes of each; written with one pen and a gap between all of them.
        rng: where chance comes from.
        tall: usual height of a digit in pixels (None: 35 to 130).
        shape: height and width of the picture, with the number in its middle (None: as the number needs).
    """
    return lines_photo([digits], rng, tall, shape)


def lines_photo(
    rows: list[list[Strokes]], rng: np.random.Generator, tall: float | None = None, shape=None
) -> tuple[np.ndarray, list[tuple[int, int, int, int]]]:
    """Return a photo of several lines (a column: one digit per row), and the boxes in reading order."""
    tall = tall or np.exp(rng.uniform(np.log(35), np.log(130)))
    pitch = tall * rng.uniform(1.7, 2.3)
    turn = _slope(rng)
    turned = []
    for number, row in enumerate(rows):
        start = (rng.uniform(-0.3, 0.3) * tall, number * pitch)
        turned += [[(stroke + start) @ turn for stroke in digit] for digit in in_line(row, tall, rng)]
    low, high = extent([stroke for digit in turned for stroke in digit])
    before, after = tall * rng.uniform(0.35, 1.5, (2, 2))
    if shape:
        before = (np.array(shape[::-1]) - (high - low)) / 2
    height, width = shape or np.ceil(high - low + before + after).astype(int)[::-1].tolist()
    moved = [[stroke - low + before for stroke in digit] for digit in turned]
    return photograph(moved, (height, width), tall, rng)


def table_photo(cells: list[list[list[Strokes]]], rng: np.random.Generator) -> np.ndarray:
    """Return a photo of numbers in rows and columns on blank paper, without any line; `cells` has the strokes
    of each digit, row by row."""
    tall = rng.uniform(24, 45)
    pitch, gap, aligned = (
        tall * rng.uniform(1.5, 2.6),
        tall * rng.uniform(1.2, 4),
        rng.choice([0.0, 0.5, 1.0]),
    )
    turn = _slope(rng)
    words = [[in_line(cell, tall, rng) if cell else [] for cell in row] for row in cells]
    long = [
        [max((extent(digit)[1][0] for digit in word), default=0.0) for word in column]
        for column in zip(*words, strict=True)
    ]
    starts = np.cumsum([0.0, *(max(column) + gap for column in long)])
    turned = []
    for number, row in enumerate(words):
        for word, start, column in zip(row, starts, long, strict=False):
            left = start + aligned * (max(column) - column[number])
            place = np.array([left, number * pitch]) + tall * rng.normal(0, 0.06, 2)
            turned += [[(stroke + place) @ turn for stroke in digit] for digit in word]
    low, high = extent([stroke for digit in turned for stroke in digit])
    before, after = tall * rng.uniform(0.5, 2, (2, 2))
    height, width = np.ceil(high - low + before + after).astype(int)[::-1].tolist()
    moved = [[stroke - low + before for stroke in digit] for digit in turned]
    return photograph(moved, (height, width), tall, rng, ruled=False)[0]


def _slope(rng: np.random.Generator) -> np.ndarray:
    """Return the matrix (2, 2) that turns points, behind them, by as much as people write aslant."""
    angle = np.radians(rng.uniform(-4, 4))
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def in_line(digits: list[Strokes], tall: float, rng: np.random.Generator) -> list[Strokes]:
    """Return digits in a level row, one pen's width or more apart."""
    usual = np.mean([np.ptp(extent(placed(strokes, tall, 0, 0)), axis=0)[0] for strokes in digits])
    gap, left, row = rng.uniform(0.15, 0.8) * max(usual, 0.3 * tall), 0.0, []
    for strokes in digits:
        height = tall * np.clip(rng.normal(1, 0.07), 0.8, 1.2)
        middle = (tall - height) / 2 + tall * rng.normal(0, 0.04)  # written on a line, more or less
        row.append(placed(strokes, height, left, middle))
        left = extent(row[-1])[1][0] + max(gap * rng.uniform(0.75, 1.25), 0.14 * tall)
    return row


def photograph(
    digits: list[Strokes], shape: tuple[int, int], tall: float, rng: np.random.Generator, ruled=None
) -> tuple[np.ndarray, list[tuple[int, int, int, int]]]:
    """Write digits on paper and take a photo of it.

    Args:
        digits: the strokes of each in pixels of the picture; none for a photo of empty paper.
        shape: height and width of the picture.
        tall: height of a digit in pixels; sizes of pen, ruling and blur follow from it.
        rng: where chance comes from.
        ruled: whether the paper is ruled or squared (None: every other sheet).

    Returns:
        The photo (H, W, 3) uint8 RGB, and the box of each digit: x, y, width, height.
    """
    pen = float(np.clip(tall * rng.uniform(0.016, 0.05), 1.2, 12))
    if rng.random() < 0.2:
        pen = tall * rng.uniform(0.05, 0.085)  # a felt pen
    warp = _view(shape, rng)
    seen = [
        [cv2.perspectiveTransform(s[None].astype(np.float32), warp)[0] for s in digit] for digit in digits
    ]
    kind = str(rng.choice(list(INKS), p=[0.4, 0.25, 0.1, 0.05, 0.2]))
    pressure = rng.uniform(0.75, 1.0) if kind != "pencil" else rng.uniform(0.65, 1.0)
    dark = pressure * (1 - np.mean(INKS[kind]) / 255)
    paper = _sheet(shape, rng)
    if rng.random() < 0.5 if ruled is None else ruled:
        paper *= 1 - dark * _ruling(shape, tall, pen, warp, rng)
    ink = np.zeros(shape, np.float32)
    for digit in seen:
        ink = np.maximum(ink, coverage(digit, shape, pen, rng.uniform(0, 0.3), rng))
    ink *= pressure * (1 - rng.uniform(0, 0.3) * (0.5 + 0.5 * slow(shape, tall / 3, rng)))
    if kind == "pencil":
        ink *= 1 - 0.35 * rng.random(shape, np.float32)
    colour = np.array(INKS[kind], np.float32) / 255 + rng.normal(0, 0.02, 3).astype(np.float32)
    paper += ink[..., None] * (np.minimum(colour, paper) - paper)
    picture = camera(paper * light(shape, rng)[..., None], pen, rng)
    return picture, [_box(digit, pen, shape) for digit in seen]


def _view(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return the homography (3, 3) of a camera held a little askew."""
    height, width = shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    angle = np.radians(np.clip(rng.normal(0, 1.2), -3, 3))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = corners.mean(axis=0)
    seen = (corners - middle) @ turn * 0.95 + middle + rng.uniform(-0.02, 0.02, (4, 2)) * min(shape)
    return cv2.getPerspectiveTransform(corners, seen.astype(np.float32))


def _sheet(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return empty paper, (H, W, 3) float32 in [0, 1]: tint and grain."""
    tint = np.full(3, rng.uniform(0.86, 1.0)) - rng.uniform(0, 0.06, 3)
    if rng.random() < 0.25:
        tint -= rng.choice([[0, 0.04, 0.25], [0.02, 0.12, 0.1], [0.15, 0.05, 0], [0.15, 0.16, 0.22]])
    paper = np.tile(tint.astype(np.float32), (*shape, 1))
    grain = rng.normal(0, rng.uniform(0.002, 0.012), shape).astype(np.float32)
    paper += (cv2.GaussianBlur(grain, (0, 0), 0.8) + rng.uniform(0, 0.01) * slow(shape, 8, rng))[..., None]
    return paper


def _ruling(shape, tall: float, pen: float, warp: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return printed lines or squares, (H, W, 3) float32: darkness, at most half of the ink's."""
    squared = rng.random() < 0.45
    pitch = max(14.0, tall * (rng.uniform(0.3, 0.8) if squared else rng.uniform(0.75, 1.8)))
    reach = int(max(shape) * 1.3)
    offset = rng.uniform(0, pitch, 2)
    level = [np.array([[-reach, y], [reach, y]]) for y in np.arange(offset[0] - reach * 0.1, reach, pitch)]
    upright = [np.array([[x, -reach], [x, reach]]) for x in np.arange(offset[1] - reach * 0.1, reach, pitch)]
    if not squared:
        upright = upright[:1] if rng.random() < 0.2 else []  # a margin line
    lines = [cv2.perspectiveTransform(line[None].astype(np.float32), warp)[0] for line in level + upright]
    lines = [line for line in (_clip(line, shape) for line in lines) if line is not None]
    if not lines:
        return np.zeros((*shape, 3), np.float32)
    ink = coverage(lines, shape, min(0.8 * pen, rng.uniform(1, 1.7) * max(1, tall / 110)))
    taken = rng.choice([[1, 0.7, 0.3], [0.9, 0.9, 0.9], [0.3, 1, 0.8], [1, 0.5, 0.7]])
    return ink[..., None] * (taken * rng.uniform(0.15, 0.5)).astype(np.float32)


def _clip(line: np.ndarray, shape) -> np.ndarray | None:
    inside, first, last = cv2.clipLine(
        (-4, -4, shape[1] + 8, shape[0] + 8), *np.round(line).astype(int).tolist()
    )
    return np.array([first, last], np.float64) if inside else None


def light(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return the light on the paper, (H, W) float32, 1 at its brightest: gradient, lamp, shadow of a hand."""
    height, width = shape
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / max(shape)
    angle, fall = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.45)
    slope = np.cos(angle) * x + np.sin(angle) * y
    light = 1 - fall * (slope - slope.min()) / max(1e-6, float(np.ptp(slope)))
    lamp = rng.uniform(0, 1, 2)
    light *= 1 - rng.uniform(0, 0.3) * np.minimum(1, np.hypot(x - lamp[0], y - lamp[1]))
    if rng.random() < 0.4:
        away = np.cos(angle + 1) * (x - rng.uniform(0.2, 0.8)) + np.sin(angle + 1) * (y - 0.4)
        along = np.cos(angle + 1) * y - np.sin(angle + 1) * x
        wave = rng.uniform(0, 0.05) * np.sin(2 * np.pi * along * rng.uniform(0.5, 2.5))  # knuckles
        side = (away + wave) * max(shape)
        soft = max(shape) * rng.uniform(0.012, 0.08)
        light *= 1 - rng.uniform(0.15, 0.5) / (1 + np.exp(-np.clip(side / soft, -30, 30)))
    return light.astype(np.float32)


def camera(scene: np.ndarray, pen: float, rng: np.random.Generator) -> np.ndarray:
    """Return what a phone makes of a scene (H, W, 3) float32: glare, white balance, blur, noise, JPEG."""
    shape = scene.shape[:2]
    if rng.random() < 0.2:
        y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
        centre, size = rng.uniform(0, 1, 2) * shape, rng.uniform(0.08, 0.25) * max(shape)
        spot = np.exp(-((y - centre[0]) ** 2 + (x - centre[1]) ** 2) / (2 * size**2))
        scene = scene + (rng.uniform(0.1, 0.35) * spot)[..., None] * (1 - scene)
    scene = scene * (rng.uniform(0.75, 1.05) * rng.uniform(0.95, 1.05, 3)).astype(np.float32)
    # Out of focus at most as far as a person can still read the pen.
    scene = cv2.GaussianBlur(scene, (0, 0), rng.uniform(0.3, min(0.35 + 0.28 * pen, 2.5)))
    noise = rng.normal(0, 1, scene.shape).astype(np.float32) * rng.uniform(0.003, 0.028)
    if rng.random() < 0.5:
        noise = cv2.GaussianBlur(noise, (0, 0), 0.7) * 1.5
    picture = np.round(np.clip(scene + noise, 0, 1) * 255).astype(np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 91))]
    code = cv2.imencode(".jpg", picture[..., ::-1], quality)[1]
    return np.ascontiguousarray(cv2.imdecode(code, cv2.IMREAD_COLOR)[..., ::-1])


def slow(shape: tuple[int, int], pitch: float, rng: np.random.Generator) -> np.ndarray:
    """Return values in about [-1, 1] that change over some `pitch` pixels, (H, W) float32."""
    coarse = rng.uniform(-1, 1, [max(2, round(side / max(1.0, pitch))) + 1 for side in shape])
    return cv2.resize(coarse.astype(np.float32), shape[::-1], interpolation=cv2.INTER_CUBIC)


def _box(digit: Strokes, pen: float, shape) -> tuple[int, int, int, int]:
    low, high = extent(digit)
    left, top = np.maximum(0, np.floor(low - pen / 2)).astype(int).tolist()
    right, bottom = np.minimum(shape[::-1], np.ceil(high + pen / 2)).astype(int).tolist()
    return left, top, right - left, bottom - top
