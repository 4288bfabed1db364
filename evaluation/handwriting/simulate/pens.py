"""Digits from pen strokes as programs and scanners see them: canvases, paint programs, 16 x 16 scans.

Strokes are lists of (k, 2) arrays, x right and y down, in any unit, as `digits.data.strokes` gives them.
Every function is pure: all chance comes from the generator that it is given. Photographed paper is in
paper.py, what is no digit in doodles.py.
"""

import cv2
import numpy as np

Strokes = list[np.ndarray]
SHIFT = 4  # OpenCV takes coordinates in sixteenths of a pixel


def extent(strokes: Strokes) -> tuple[np.ndarray, np.ndarray]:
    """Return the upper left and the lower right corner, x and y, of strokes."""
    points = np.concatenate(strokes)
    return points.min(axis=0), points.max(axis=0)


def coverage(strokes: Strokes, shape: tuple[int, int], width: float, wobble=0.0, rng=None) -> np.ndarray:
    """Return how much of each pixel a round pen covers, `shape` (H, W) float32 in [0, 1].

    Args:
        strokes: in pixels.
        shape: height and width of the picture; ink outside it is lost.
        width: of the pen in pixels; may be a fraction.
        wobble: how much the width changes along a stroke, as a share of it; needs `rng`.
        rng: where chance comes from.
    """
    picture = np.zeros(shape, np.float32)
    low, high = extent(strokes)
    left, top = np.maximum(0, np.floor(low - width * 2 - 2)).astype(int)
    right, bottom = np.minimum(shape[::-1], np.ceil(high + width * 2 + 2)).astype(int)
    if right <= left or bottom <= top:
        return picture
    fine = 4 if width < 12 else 2
    patch = np.zeros(((bottom - top) * fine, (right - left) * fine), np.uint8)
    for stroke in strokes:
        points = dense((stroke - (left, top) + 0.5) * fine - 0.5, 3 * fine)
        corners = np.round(points * 2**SHIFT).astype(np.int32)
        if len(points) == 1:
            cv2.circle(patch, corners[0].tolist(), round(width * fine * 8), 255, cv2.FILLED, shift=SHIFT)
        widths = (
            width * fine * (1 + (wobble * _wander(len(points), rng) if wobble else np.zeros(len(points))))
        )
        for first, last, size in zip(corners[:-1].tolist(), corners[1:].tolist(), widths, strict=False):
            cv2.line(patch, first, last, 255, max(1, round(float(size))), shift=SHIFT)
    size = (right - left, bottom - top)
    picture[top:bottom, left:right] = cv2.resize(patch, size, interpolation=cv2.INTER_AREA) / np.float32(255)
    return picture


def dense(stroke: np.ndarray, step: float) -> np.ndarray:
    """Return a stroke with points (k, 2) about `step` apart; a dot stays one point."""
    lengths = np.hypot(*np.diff(stroke, axis=0).T)
    stroke = stroke[np.concatenate([[True], lengths > 1e-6])]
    along = np.concatenate([[0], np.cumsum(lengths[lengths > 1e-6])])
    if along[-1] == 0:
        return stroke[:1]
    marks = np.linspace(0, along[-1], max(2, int(along[-1] / step) + 1))
    return np.stack([np.interp(marks, along, axis) for axis in stroke.T], axis=1)


def _wander(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return n values in [-1, 1] that change slowly."""
    knots = rng.uniform(-1, 1, max(2, n // 12 + 2))
    return np.interp(np.linspace(0, len(knots) - 1, n), np.arange(len(knots)), knots)


def placed(strokes: Strokes, height: float, left: float, middle: float, widest: float = 1.3) -> Strokes:
    """Scale strokes `height` high, or `widest` times that wide, from `left` on, around row `middle`."""
    low, high = extent(strokes)
    tall, wide = max(1e-6, float(high[1] - low[1])), float(high[0] - low[0])
    factor = height / max(tall, wide / widest)
    corner = np.array([left, middle - tall * factor / 2])
    return [(stroke - low) * factor + corner for stroke in strokes]


def canvas(strokes: Strokes, rng: np.random.Generator, thickest: float = 30) -> np.ndarray:
    """Return a drawing canvas (280, 280) uint8: any brush, size and place; half of them white on black."""
    side, brush = 280, rng.uniform(6, thickest)
    low, high = extent(strokes)
    factor = rng.uniform(max(90, 5 * brush), 230) / max(1e-6, float((high - low).max()))
    margin = (high - low) * factor / 2 + brush / 2 + 2
    centre = rng.uniform(np.minimum(margin, side / 2), np.maximum(side - margin, side / 2))
    ink = coverage([(stroke - (low + high) / 2) * factor + centre for stroke in strokes], (side, side), brush)
    return _grey(ink, rng.random() < 0.5)


def paint(strokes: Strokes, rng: np.random.Generator) -> np.ndarray:
    """Return (28, 28) uint8 as from a paint program: a hard brush of 1 to 3 pixels, either polarity."""
    side, brush = 28, int(rng.integers(1, 4))
    size = rng.uniform(13 + 2 * brush, 25 - brush)
    low, high = extent(strokes)
    factor = size / max(1e-6, float((high - low).max()))
    margin = (high - low) * factor / 2 + brush / 2 + 1
    centre = rng.uniform(margin, side - margin)
    picture = np.zeros((side, side), np.uint8)
    for stroke in strokes:
        points = dense((stroke - (low + high) / 2) * factor + centre, 1.0)
        for x, y in np.round(points - (brush - 1) / 2).astype(int):
            picture[max(0, y) : y + brush, max(0, x) : x + brush] = 255
    return picture if rng.random() < 0.5 else 255 - picture


def postal(strokes: Strokes, rng: np.random.Generator) -> np.ndarray:
    """Return a tight, soft grey crop (16, 16) uint8 as of the USPS zip codes, either polarity."""
    ink = _tight(strokes, rng.uniform(0.09, 0.18), rng)
    height, width = ink.shape
    stretch = rng.uniform(0.9, 1.2) if rng.random() < 0.5 else 16 / 9
    wide = int(np.clip(round(16 * width / height * stretch), 2, 16))
    picture = np.zeros((16, 16), np.float32)
    left = (16 - wide) // 2
    picture[:, left : left + wide] = cv2.resize(ink, (wide, 16), interpolation=cv2.INTER_AREA)
    picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.2, 0.5)) * rng.uniform(1.0, 1.3)
    return _grey(np.minimum(picture, 1), rng.random() < 0.5)


def binary_scan(strokes: Strokes, rng: np.random.Generator) -> np.ndarray:
    """Return a thick black-and-white crop (16, 16) uint8, 0 or 255, as of the Semeion set.

    It is stretched to all four borders, but at most twice: a plain bar stays a bar.
    """
    ink = _tight(strokes, rng.uniform(0.1, 0.18), rng)
    height, width = ink.shape
    wide, tall = (
        int(min(16, max(3, np.ceil(16 * 2 * own / other))))
        for own, other in ((width, height), (height, width))
    )
    small = cv2.resize(ink, (wide, tall), interpolation=cv2.INTER_AREA) > rng.uniform(0.3, 0.5)
    picture = np.zeros((16, 16), bool)
    top, left = (16 - tall) // 2, (16 - wide) // 2
    picture[top : top + tall, left : left + wide] = small
    return _grey(picture.astype(np.float32), rng.random() < 0.5)


def touching(digits: list[Strokes], rng: np.random.Generator) -> np.ndarray:
    """Return digits in a row, (H, W) uint8, each pushed into the one before it.

    A digit moves left until the ink just touches, then 0 to 8 % of its width more. Paper is clean or
    lightly noisy; either polarity.
    """
    height = rng.uniform(60, 150)
    pen = height * rng.uniform(0.04, 0.12)
    shape = (int(height * 2), int(height * (1.7 * len(digits) + 1)))
    row = np.zeros(shape, np.float32)
    for strokes in digits:
        start = shape[1] - 1.5 * height
        middle = height * (1 + rng.normal(0, 0.03))
        strokes = placed(strokes, height * rng.uniform(0.88, 1.08), start, middle)
        ink = coverage(strokes, shape, pen)
        used = np.flatnonzero((ink > 0.5).any(axis=0))
        gap = _gap(row, ink) if row.any() else used[0] - int(height / 3)
        deeper = round(rng.uniform(0, 0.08) * (used[-1] - used[0])) if row.any() else 0
        row = np.maximum(row, np.roll(ink, -(gap + deeper), axis=1))
    right = np.flatnonzero(row.any(axis=0))[-1] + int(height / 3)
    row = _grey(row[:, :right], rng.random() < 0.4)
    noise = rng.choice([0, rng.uniform(1, 6)])
    return np.clip(row + rng.normal(0, 1, row.shape) * noise, 0, 255).astype(np.uint8)


def _tight(strokes: Strokes, pen: float, rng: np.random.Generator) -> np.ndarray:
    """Return the ink of strokes cut at its borders, (H, W) float32; `pen` is a share of their height."""
    height = 160
    strokes = placed(strokes, height, height, height)
    ink = coverage(strokes, (2 * height, 4 * height), pen * height, 0.2, rng)
    rows, columns = (np.flatnonzero((ink > 0.5).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _gap(before: np.ndarray, after: np.ndarray) -> int:
    """Return how far `after` can move left until its ink is next to that of `before`, both (H, W)."""
    columns = np.arange(before.shape[1])
    near = cv2.dilate(before, np.ones((3, 1), np.uint8)) > 0.5  # touching at a corner is touching
    right = np.where(near, columns, -(10**6)).max(axis=1)
    left = np.where(after > 0.5, columns, 10**6).min(axis=1)
    return int((left - right).min()) - 1


def _grey(ink: np.ndarray, dark: bool) -> np.ndarray:
    """Return ink in [0, 1] as uint8, white on black where `dark`, else black on white."""
    return np.round(255 * (ink if dark else 1 - ink)).astype(np.uint8)
