"""What is printed and not written: the lines of ruled and squared paper, and boxes around digits.

Lines from edge to edge are found with the Hough transform (Duda and Hart, 1972) and taken out of the
contrast: nothing written is so long and so straight. Where a stroke crosses a line it is closed over. Boxes,
as forms have them, are taken out of the ink where something stands in them.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from digits.preprocessing.components import INKED, Components, find_components

THICKEST = 0.012
"""No ruling is thicker than this share of the picture's longer side, or `LEAST` pixels where that is more."""

LEAST = 2

SMALLEST = 29
"""Smaller pictures are crops of one digit: a stroke may well run from edge to edge."""

FAINTEST = 0.02
"""No ruling stands out by less."""

STEEPEST = np.radians(8)
"""Rulings of a photo lean by no more."""

ALIKE = np.radians(1.5)
"""Rulings beside others lean by no more or less than they."""

LONG, SHORT = 0.6, 0.15
"""A ruling runs inside the picture on so much of its way from edge to edge, and one beside others on so much:
it may leave the picture at its top or foot."""

MOST = 400
"""Only the lines with the most points are followed."""

VOTES = 0.65
"""So much of its way inside the picture must be inked for a line to be followed."""

COVERED = 0.7
"""A ruling shows on at least this share of its way."""

FADES = 0.25
"""A ruling ends where less than this share of its contrast is left."""

DARKER = 1.6
"""Ink over a ruling stays where it is so many times as strong as the ruling is elsewhere."""

RIM = 0.14
"""The sides of a box lie within this share of its width or height of its edge."""

STRAIGHT = 0.9
"""Each side is inked on at least this share of its way."""

THIN = 0.06
"""No side is thicker than this share of the box."""

ROW = 1.5
"""What is so many times as wide as high, or as high as wide, may be several boxes that share their walls."""

INSIDE = 0.25, 0.97
"""What is written in a box is at least so high a share of it, and less than so wide or high a share:
otherwise the box is itself a digit, such as an angular zero or eight."""


@dataclass(frozen=True)
class Ruled:
    """Contrast without its rulings."""

    contrast: np.ndarray
    """(H, W) float32."""
    number: int
    """Of rulings."""
    where: np.ndarray
    """(H, W) bool, True where they were."""
    level: float
    """Their usual contrast."""


def remove_rulings(contrast: np.ndarray) -> Ruled:
    """Take straight lines that run from edge to edge out of (H, W) float32 in [0, 1]."""
    level, upright = find_rulings(contrast), find_rulings(np.ascontiguousarray(contrast.T))
    where = np.zeros(contrast.shape, bool)
    if not level and not upright:
        return Ruled(contrast, 0, where, 0.0)
    clean = contrast.copy()
    # Turned, upright lines are level: what is then written into a picture is written into it as it was.
    straight, turned = (contrast, clean, where), (contrast.T, clean.T, where.T)
    lines = [(straight, line) for line in level] + [(turned, line) for line in upright]
    # All of one paper are equally thick; lines wander from pixel to pixel.
    half = int(np.median([_half(before, line) for (before, _, _), line in lines])) + 1
    bands = [(view, *_band(line, half, len(view[0]))) for view, line in lines]
    levels = [_erase(*view, rows, columns) for view, rows, columns in bands]
    for (_, rest, _), rows, columns in bands:  # only now: a line must not be closed over by another
        rest[rows, columns] = np.maximum(rest[rows, columns], _across(rest, rows, columns))
    return Ruled(clean, len(levels), where, float(np.median(levels)))


def _erase(
    contrast: np.ndarray, clean: np.ndarray, where: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> float:
    """Set a band of points (2 k + 1, n) of `clean` to paper, but for ink over it; note it in `where`.

    Returns:
        How strong the ruling is along its middle.
    """
    along = contrast[rows, columns]
    level = float(np.median(along[len(along) // 2]))
    where[rows, columns] = True
    clean[rows, columns] = np.where(along > DARKER * level + 0.02, clean[rows, columns], 0)
    return level


def find_rulings(contrast: np.ndarray) -> list[np.ndarray]:
    """Return the nearly level lines from edge to edge, each (n, 2): column and row, which may lie a little
    above or below the picture."""
    edges = contrast[:, : LEAST + 1], contrast[:, -LEAST - 1 :]
    if min(contrast.shape) < SMALLEST or min(map(np.ptp, edges)) <= FAINTEST:
        return []
    noise = _noise(contrast)
    rim = _thickness(contrast) + 4  # with paper above and below, lines at the very edge have two sides too
    framed = np.pad(contrast, ((rim, rim), (0, 0)))
    strong = (_ridge(framed) > max(FAINTEST, 2 * noise)).astype(np.uint8)
    if not (strong[:, : LEAST + 1].any() and strong[:, -LEAST - 1 :].any()):
        return []
    level = np.pi / 2
    found = _follow(framed, strong, noise, [], (level - STEEPEST, level + STEEPEST), LONG, 2 * rim - 1)
    if found:
        lean = level + np.arctan(np.median([slope for slope, _ in found]))
        found = _follow(framed, strong, noise, found, (lean - ALIKE, lean + ALIKE), SHORT, rim)
    columns = np.arange(contrast.shape[1])
    lines = [np.stack([columns, np.round(at + slope * columns).astype(int) - rim], 1) for slope, at in found]
    return [line[(line[:, 1] > -rim) & (line[:, 1] < len(contrast) + rim)] for line in lines]


def _follow(
    framed: np.ndarray,
    strong: np.ndarray,
    noise: float,
    known: list[np.ndarray],
    leans: tuple[float, float],
    least: float,
    rim: int,
) -> list[np.ndarray]:
    """Return the known lines and further ones, each (2,): their slope, and the row where they begin.

    Those lean between `leans`, and are `rim` pixels inside the picture for at least so much of their way.
    """
    height, width = framed.shape
    votes = max(8, round(VOTES * least * width))
    found = cv2.HoughLines(strong, 1, np.radians(0.5), votes, min_theta=leans[0], max_theta=leans[1])
    columns, apart, kept = np.arange(width), _thickness(framed) + 1, list(known)
    ends = np.array([0, width - 1])

    def is_known(line: np.ndarray) -> bool:
        return any((np.abs((line[0] - a) * ends + line[1] - b) < apart).all() for a, b in kept)

    for rho, theta in found[:MOST, 0] if found is not None else ():
        line = np.array([-np.cos(theta), rho]) / np.sin(theta)
        if is_known(line):
            continue
        rows = np.round(line[0] * columns + line[1]).astype(int)
        inside = (rows >= rim) & (rows < height - rim)
        if inside.mean() <= least or not _shows(framed, rows[inside], columns[inside], apart, noise):
            continue
        line = _fitted(framed, line, rows[inside], columns[inside], apart)
        if not is_known(line):
            kept.append(line)
    return kept


def _fitted(
    framed: np.ndarray, line: np.ndarray, rows: np.ndarray, columns: np.ndarray, reach: int
) -> np.ndarray:
    """Return a line (2,) moved onto the points near it that are as strong as it usually is, if they lie on
    one: strokes that it crosses must not turn it."""
    near = framed[rows + np.arange(-reach, reach + 1)[:, None], columns]
    rise = near.max(axis=0) - np.median(near, axis=0)
    peaks = rows + near.argmax(axis=0) - reach
    own = (rise > 0.5 * np.median(rise)) & (rise < DARKER * np.median(rise))
    for _ in range(2):
        if own.sum() < 0.3 * len(rows):
            return line
        fitted = np.polyfit(columns[own], peaks[own], 1)
        own &= np.abs(np.polyval(fitted, columns) - peaks) <= LEAST
    moved = np.abs(np.polyval(fitted - line, columns[[0, -1]]))
    return fitted if moved.max() <= reach else line


def _shows(contrast: np.ndarray, rows: np.ndarray, columns: np.ndarray, aside: int, noise: float) -> bool:
    """Tell whether a line stands out from both its sides on most of its way."""

    def along(offset: int) -> np.ndarray:
        return np.max([contrast[rows + offset + shift, columns] for shift in (-1, 0, 1)], axis=0)

    line, beside = along(0), np.maximum(np.median(along(-aside)), np.median(along(aside)))
    rise = np.median(line) - beside
    return rise > max(0.015, 0.5 * noise) and (line > beside + rise / 2).mean() >= COVERED


def _noise(contrast: np.ndarray) -> float:
    """Estimate the standard deviation of pixel noise from neighbours down the picture."""
    return float(np.median(np.abs(np.diff(contrast[:, ::3], axis=0)))) / (0.6745 * np.sqrt(2))


def _thickness(contrast: np.ndarray) -> int:
    return max(LEAST, round(THICKEST * max(contrast.shape)))


def _ridge(contrast: np.ndarray) -> np.ndarray:
    """Keep only what is thin from top to bottom."""
    window = np.ones((2 * _thickness(contrast) + 1, 1), np.uint8)
    return contrast - cv2.morphologyEx(contrast, cv2.MORPH_OPEN, window)


def _half(contrast: np.ndarray, line: np.ndarray) -> int:
    """Return how many pixels a nearly level line (n, 2) reaches to either side of its middle."""
    reach = _thickness(contrast) + 2
    offsets = np.arange(-reach, reach + 1)
    rows = np.clip(line[:, 1] + offsets[:, None], 0, len(contrast) - 1)
    profile = np.median(contrast[rows, line[:, 0]], axis=1)
    profile -= profile.min()
    return int(np.abs(offsets[profile > FADES * profile[reach - 1 : reach + 2].max()]).max(initial=1))


def _band(line: np.ndarray, half: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the points around a nearly level line (n, 2): rows and columns, both (2 half + 1, n)."""
    rows = np.clip(line[:, 1] + np.arange(-half, half + 1)[:, None], 0, height - 1)
    return rows, np.broadcast_to(line[:, 0], rows.shape)


def _across(rest: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the ink that crosses a band of points (2 k + 1, n), going by what is left on both its sides:
    strokes go straight on, upright or leaning."""
    above, below = np.maximum(rows[0] - 1, 0), np.minimum(rows[-1] + 1, len(rest) - 1)
    thick = len(rows)
    ink = np.zeros(rows.shape, np.float32)
    for lean in (-1.0, -0.5, 0.0, 0.5, 1.0):
        to_top, to_foot = np.arange(1, thick + 1)[:, None], np.arange(thick, 0, -1)[:, None]
        before, after = (
            np.clip(np.round(columns + shift).astype(int), 0, rest.shape[1] - 1)
            for shift in (-lean * to_top, lean * to_foot)
        )
        ink = np.maximum(ink, np.minimum(rest[above, before], rest[below, after]))
    return ink


def remove_boxes(found: Components) -> Components:
    """Take boxes that have something in them out of an ink map."""
    ink, labels = found.ink, found.labels
    clean = ink
    for i, (x, y, w, h, area) in enumerate(found.stats[1:], start=1):
        if min(w, h) < 0.2 * min(ink.shape) or area > 0.5 * w * h or min(w, h) < 16:
            continue
        region = np.s_[y : y + h, x : x + w]
        own = labels[region] == i
        inner = _inside(own)
        inner &= ~_walls(inner & own)
        if _is_written(inner & (ink[region] > INKED)):
            clean = ink.copy() if clean is ink else clean
            clean[region] = np.where(inner | ((labels[region] != i) & (labels[region] > 0)), ink[region], 0)
    return found if clean is ink else find_components(clean)


def _inside(own: np.ndarray) -> np.ndarray:
    """Return what lies within the four sides of a component (h, w) bool: nothing where it is no box."""
    top, bottom, left, right = map(_side, (own, own[::-1], own.T, own.T[::-1]))
    if top is None or bottom is None or left is None or right is None:
        return np.zeros_like(own)
    rows, columns = np.indices(own.shape)
    height, width = own.shape
    within = (rows > top[columns]) & (height - 1 - rows > bottom[columns])
    return within & (columns > left[rows]) & (width - 1 - columns > right[rows])


def _walls(own: np.ndarray) -> np.ndarray:
    """Return the thin lines from side to side among what hangs on a row of boxes, (h, w) bool."""
    if max(own.shape) < ROW * min(own.shape):
        return np.zeros_like(own)
    parts = find_components(own.astype(np.float32))
    wide, high = parts.stats[:, cv2.CC_STAT_WIDTH], parts.stats[:, cv2.CC_STAT_HEIGHT]
    short = min(own.shape)
    walls = (np.minimum(wide, high) <= THIN * short) & (np.maximum(wide, high) >= STRAIGHT * short)
    return walls[parts.labels] & own


def _side(own: np.ndarray) -> np.ndarray | None:
    """Return how deep the upper side of a box reaches in each column (w,), or None where there is none."""
    depth, width = own.shape
    begins = np.where(own.any(axis=0), own.argmax(axis=0), depth)
    near = begins <= RIM * depth
    if near.mean() < STRAIGHT:
        return None
    blank = ~np.pad(own, ((0, 1), (0, 0)))
    below = np.arange(depth + 1)[:, None] >= begins
    thick = (blank & below).argmax(axis=0) - begins
    usual = float(np.median(thick[near]))
    if usual > max(2.0, THIN * min(own.shape)):
        return None
    # Where a stroke meets the side, the side is as thick as usual.
    ends = begins + np.minimum(thick, usual + 1)
    return np.where(near, ends, np.median(ends[near])) + 1


def _is_written(inside: np.ndarray) -> bool:
    _, _, width, height = cv2.boundingRect(inside.astype(np.uint8))
    high, wide = height / inside.shape[0], width / inside.shape[1]
    return INSIDE[0] <= high < INSIDE[1] and wide < INSIDE[1]
