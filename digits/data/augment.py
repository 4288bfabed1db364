"""What MNIST's own digits are made into: the same digits in styles and scans that MNIST hardly has.

Style augmentation draws with the digit's own pen: slashed and barred zeros, flagged and footed ones, crossed
sevens, pens that skip. Labels stay. Plain numpy on whole batches, so that it keeps up with training.
"""

import numpy as np

from digits.config import SIDE
from digits.data.handwriting import framed
from digits.data.mnist import TrainVal
from digits.data.strokes import rescan

INK = 0.3  # a pixel this bright belongs to the digit

SCANS = 20_000
"""How many scans are made to learn from: fewer if MNIST is cut."""

ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE].astype(np.float32)


def add_styles(
    frames: np.ndarray, labels: np.ndarray, rng: np.random.Generator, strength: float = 1.0
) -> np.ndarray:
    """Redraw a share of the digits the way other people write them.

    Args:
        frames: (N, 28, 28) float32 in [0, 1], bright ink on black.
        labels: (N,), which say what style a digit can have.
        rng: where chance comes from.
        strength: times the usual shares; 0 leaves all digits as they are, 1 redraws about 35 in 100
            zeros, 60 ones and 35 sevens, and breaks the line of 6 in 100 of all digits.

    Returns:
        (N, 28, 28) float32 in [0, 1].
    """
    frames = frames.copy()
    for digit, style, share in (
        (0, slash_zero, 0.35),
        (1, flag_one, 0.45),
        (1, foot_one, 0.3),
        (7, cross_seven, 0.35),
    ):
        rows = np.flatnonzero((labels == digit) & (rng.random(len(labels)) < share * strength))
        if len(rows):
            frames[rows] = style(frames[rows], rng)
    rows = np.flatnonzero(rng.random(len(labels)) < 0.06 * strength)
    if len(rows):
        frames[rows] = break_line(frames[rows], rng)
    return frames


def with_scans(mnist: TrainVal, seed: int) -> TrainVal:
    """Return MNIST with some of its training digits once more, as scans of 16 x 16 points show them."""
    rng = np.random.default_rng([seed, 1])
    rows = rng.permutation(len(mnist.y_train))[: min(SCANS, len(mnist.y_train) // 2)]
    scans = framed(rescan(ink.astype(np.float32) / 255, rng) for ink in mnist.x_train[rows])
    return mnist._replace(
        x_train=np.concatenate([mnist.x_train, scans]),
        y_train=np.concatenate([mnist.y_train, mnist.y_train[rows]]),
    )


def slash_zero(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a stroke through zeros (N, 28, 28): mostly "/", else "\\", a level or an upright bar."""
    top, bottom, left, right = _box(frames)
    height, width = bottom - top, right - left
    reach = rng.uniform(0.25, 0.65, len(frames)) * np.hypot(height, width)  # from the middle, either way
    kind = rng.choice(4, len(frames), p=[0.65, 0.1, 0.15, 0.1])
    usual = np.arctan2(height, width) * rng.uniform(0.6, 1.25, len(frames))
    angle = np.choose(kind, [-usual, usual, rng.normal(0, 0.1, len(frames)), np.full(len(frames), np.pi / 2)])
    x, y = (left + right) / 2 + rng.normal(0, 0.7, len(frames)), (top + bottom) / 2
    # A level bar as long as a slash would leave the zero far behind.
    reach = np.minimum(reach, np.where(kind == 2, 0.6 * width + 2, reach))
    dx, dy = reach * np.cos(angle), reach * np.sin(angle)
    return _draw(frames, x - dx, y - dy, x + dx, y + dy, rng)


def flag_one(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw the upstroke of ones (N, 28, 28), from their top down to the left, short or long."""
    top, bottom, _, _ = _box(frames)
    x = _ink_column(frames, top + 1)
    length = rng.uniform(0.2, 0.65, len(frames)) * (bottom - top)
    angle = np.radians(rng.uniform(32, 68, len(frames)))  # below level
    return _draw(frames, x, top + 0.5, x - length * np.cos(angle), top + 0.5 + length * np.sin(angle), rng)


def foot_one(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw the level foot of ones (N, 28, 28)."""
    top, bottom, _, _ = _box(frames)
    x = _ink_column(frames, bottom - 1)
    left, right = rng.uniform(0.12, 0.4, (2, len(frames))) * (bottom - top)
    tilt = rng.normal(0, 0.6, len(frames))
    return _draw(frames, x - left, bottom - 0.5 + tilt, x + right, bottom - 0.5 - tilt, rng)


def cross_seven(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw the short bar through the stem of sevens (N, 28, 28)."""
    top, bottom, left, right = _box(frames)
    y = top + rng.uniform(0.4, 0.65, len(frames)) * (bottom - top)
    x = _ink_column(frames, y)
    half = rng.uniform(0.18, 0.42, len(frames)) * np.maximum(right - left, 8)
    rise = half * rng.normal(0.1, 0.2, len(frames))
    return _draw(frames, x - half, y + rise, x + half, y - rise, rng)


def break_line(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Lift the pen for a moment: rub out a spot on the line of digits (N, 28, 28)."""
    ink = (frames > INK).reshape(len(frames), -1)
    spot = (ink * rng.random(ink.shape)).argmax(axis=1)  # any pixel of ink, each as likely
    y, x = (part[:, None, None] for part in np.divmod(spot, SIDE))
    radius = _pen_width(frames)[:, None, None] / 2 + rng.uniform(-0.4, 0.6, (len(frames), 1, 1))
    distance = np.hypot(COLUMNS - x, ROWS - y)
    return frames * np.clip(distance - radius + 0.5, 0, 1).astype(np.float32)


def _box(frames: np.ndarray) -> np.ndarray:
    """Return the first and last row and the first and last column with ink, (4, N) float32."""
    ink = frames > INK
    rows, columns = np.max(ink, axis=2), np.max(ink, axis=1)
    last = SIDE - 1
    top, bottom = rows.argmax(axis=1), last - rows[:, ::-1].argmax(axis=1)
    left, right = columns.argmax(axis=1), last - columns[:, ::-1].argmax(axis=1)
    return np.stack([top, bottom, left, right]).astype(np.float32)


def _ink_column(frames: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return the mean column (N,) of the ink near a row (N,) of each frame."""
    near = frames * (np.abs(ROWS - row[:, None, None]) <= 1)
    return (near * COLUMNS).sum(axis=(1, 2)) / np.maximum(near.sum(axis=(1, 2)), 1e-6)


def _pen_width(frames: np.ndarray) -> np.ndarray:
    """Return the width of the line (N,) in pixels: a line has two sides, so area / (outline / 2)."""
    down, across = np.gradient(frames, axis=(1, 2))
    outline = np.hypot(down, across).sum(axis=(1, 2))
    return np.clip(2 * frames.sum(axis=(1, 2)) / np.maximum(outline, 1e-6), 1.0, 5.0)


def _draw(
    frames: np.ndarray,
    x0: np.ndarray,
    y0: np.ndarray,
    x1: np.ndarray,
    y1: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Add a straight stroke with round ends from (x0, y0) to (x1, y1), each (N,), to frames (N, 28, 28)."""
    width = _pen_width(frames) * rng.uniform(0.75, 1.1, len(frames))
    low, high = width / 2, SIDE - 1 - width / 2  # so that the whole pen stays inside the frame
    ends = (np.clip(end, low, high)[:, None, None].astype(np.float32) for end in (x0, y0, x1, y1))
    x0, y0, x1, y1 = ends
    dx, dy = x1 - x0, y1 - y0
    along = ((COLUMNS - x0) * dx + (ROWS - y0) * dy) / np.maximum(dx**2 + dy**2, 1e-6)
    along = np.clip(along, 0, 1)
    distance = np.hypot(COLUMNS - x0 - along * dx, ROWS - y0 - along * dy)
    line = np.clip(width[:, None, None] / 2 - distance + 0.5, 0, 1)
    return np.maximum(frames, line * frames.max(axis=(1, 2), keepdims=True)).astype(np.float32)
