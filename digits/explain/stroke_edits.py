"""What an eraser and a pen could do to a digit: pieces of its strokes to rub out, short strokes to add.

Pieces are superpixels along the pen's line: the ink nearest, along the ink, to points evenly spaced on its
skeleton (Zhang and Suen, 1984). Strokes to add start on that line, and are as wide as the digit's own pen.
"""

from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from scipy import ndimage

from digits.config import SIDE

FINE = 4
"""Points per pixel, each way, at which strokes are looked at: a skeleton at 28 x 28 is all corners."""

PIECE = 2.0
"""Length of a piece along the line, in pixels."""

MOST_PIECES = 32
"""Larger blots are taken apart more coarsely."""

LONGEST_RUN = 5
"""Neighbouring pieces rubbed out in one edit, at most."""

INK = 0.25
"""A point this bright, as a share of the brightest, belongs to the line."""

LENGTHS = 4.0, 7.0
"""Of strokes that end on paper, in pixels."""

LONGEST_BRIDGE = 20.0
"""Of strokes from ink to ink, in pixels."""

BOWS = 0.0, 0.3, -0.3
"""How far strokes from a loose end to ink bend aside, as a share of their length."""

MOST_EDITS = 400
"""Of each kind, at most. A digit has about a hundred. Where a scribble has more, the longest runs are left
out, and of the strokes only every second, or third and so on, is kept."""

NEW = 0.55
"""Part of an added stroke that must fall on paper: less would only thicken what is there."""

ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE].astype(np.float32)


@dataclass(frozen=True)
class StrokeEdits:
    """All that may be done to a frame (28, 28), in atoms: first K pieces to erase, then strokes to add."""

    frame: np.ndarray
    pieces: np.ndarray
    """(K, 28, 28) float32 in [0, 1]: the share of each pixel that goes with a piece."""
    strokes: np.ndarray
    """(M, 28, 28) float32 in [0, 1]: the ink of each stroke, alone on black."""
    single: list[frozenset[int]]
    """The edits of one step, as atoms: runs of neighbouring pieces, and strokes."""

    def apply(self, atoms: frozenset[int]) -> np.ndarray:
        """Return the frame (28, 28) float32 after all these changes: first the eraser, then the pen."""
        erased = [atom for atom in atoms if atom < len(self.pieces)]
        drawn = [atom - len(self.pieces) for atom in atoms if atom >= len(self.pieces)]
        left = self.frame * (1 - np.clip(self.pieces[erased].sum(axis=0), 0, 1))
        return np.maximum(left, self.strokes[drawn].max(axis=0, initial=0.0))


def find_edits(frame: np.ndarray, ways: tuple[str, ...] = ("erase", "add")) -> StrokeEdits:
    """Look for everything that an eraser and a pen could do to a digit.

    Args:
        frame: (28, 28) float32 in [0, 1], bright ink on black, not blank.
        ways: "erase", "add", or both.
    """
    from skimage.morphology import skeletonize  # late: few readers ask what would change their mind

    fine = cv2.resize(frame, None, fx=FINE, fy=FINE, interpolation=cv2.INTER_CUBIC)
    inked = fine > INK * frame.max()
    line = skeletonize(inked)
    places, loose = _places(line if line.any() else inked)
    owner = _owners(inked, places)
    pieces, runs, strokes = np.zeros((0, SIDE, SIDE), np.float32), [], np.zeros((0, SIDE, SIDE), np.float32)
    if "erase" in ways:
        each = (owner == np.arange(len(places))[:, None, None]).astype(np.float32)
        pieces = each.reshape(-1, SIDE, FINE, SIDE, FINE).mean(axis=(2, 4))
        runs = _runs(owner, inked)
    if "add" in ways:
        strokes = _strokes(frame, (places + 0.5) / FINE - 0.5, loose)
    single = [frozenset(run) for run in runs[:MOST_EDITS]]
    single += [frozenset({len(pieces) + i}) for i in range(len(strokes))]
    return StrokeEdits(frame, pieces, strokes, single)


def pen_width(frame: np.ndarray) -> float:
    """Return the width of a frame's line in pixels: a line has two sides, so area / (outline / 2)."""
    down, across = np.gradient(frame / max(float(frame.max()), 1e-6))
    outline = float(np.hypot(down, across).sum())
    return float(np.clip(2 * frame.sum() / frame.max() / max(outline, 1e-6), 1.0, 5.0))


def _places(line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return points (K, 2), row and column, evenly on a line, and which are loose ends of it, (K,) bool."""
    points = np.argwhere(line)
    around = ndimage.convolve(line.astype(int), np.ones((3, 3), int), mode="constant")[line]
    ends = np.flatnonzero(around <= 2)
    chosen: list[int] = []
    distance = np.full(len(points), np.inf)
    # The farthest point from all those chosen, again and again; loose ends first.
    while distance.max() > PIECE * FINE and len(chosen) < MOST_PIECES:
        left = [int(i) for i in ends if distance[i] > PIECE * FINE]
        chosen.append(left[0] if left else int(distance.argmax()))
        distance = np.minimum(distance, np.hypot(*(points - points[chosen[-1]]).T))
    return points[chosen], np.isin(np.array(chosen), ends)


def _owners(inked: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return for each fine point the place (from 0) that is nearest along the ink, of paper its ink's."""
    from skimage.segmentation import watershed

    seeds = np.zeros(inked.shape, np.int32)
    seeds[tuple(places.T)] = np.arange(1, len(places) + 1)
    owner = watershed(np.zeros(inked.shape, np.uint8), seeds, mask=inked)
    # Specks without a place of their own, and the faint rim of the ink, go with the nearest.
    nearest = ndimage.distance_transform_edt(owner == 0, return_distances=False, return_indices=True)
    return owner[tuple(nearest)] - 1


def _runs(owner: np.ndarray, inked: np.ndarray) -> list[tuple[int, ...]]:
    """Return all sets of up to `LONGEST_RUN` pieces that hang together in the ink."""
    touching = set()
    for a, b, ink in (
        (owner[1:], owner[:-1], inked[1:] & inked[:-1]),
        (owner[:, 1:], owner[:, :-1], inked[:, 1:] & inked[:, :-1]),
    ):
        met = ink & (a != b)
        touching |= set(zip(a[met].tolist(), b[met].tolist(), strict=True))
    touching |= {(b, a) for a, b in touching}
    size = {frozenset({piece}) for piece in np.unique(owner[inked]).tolist()}
    found = set(size)
    for _ in range(LONGEST_RUN - 1):
        size = {run | {b} for run in size for a, b in touching if a in run and b not in run}
        found |= size
    return sorted((tuple(sorted(run)) for run in found), key=lambda run: (len(run), run))


def _strokes(frame: np.ndarray, places: np.ndarray, loose: np.ndarray) -> np.ndarray:
    """Return strokes (M, 28, 28) that bridge gaps, close loops, or reach out from the line into the paper."""
    paths = []
    for a, b in combinations(range(len(places)), 2):
        length = np.hypot(*(places[a] - places[b]))
        if PIECE < length <= LONGEST_BRIDGE:
            bows = BOWS if loose[a] or loose[b] else BOWS[:1]
            paths += [_bowed(places[a], places[b], bow) for bow in bows]
    for place in places:
        for angle in np.arange(8) * np.pi / 4:
            step = np.array([np.sin(angle), np.cos(angle)])
            paths += [np.stack([place, place + length * step]) for length in LENGTHS]
    width = pen_width(frame)
    inside = [path for path in paths if path.min() >= width / 2 and path.max() <= SIDE - 1 - width / 2]
    if not inside:
        return np.zeros((0, SIDE, SIDE), np.float32)
    drawn = np.stack([_draw(path, width) for path in inside])
    peak = float(frame.max())
    new = np.clip(drawn - frame / peak, 0, None).sum(axis=(1, 2)) / drawn.sum(axis=(1, 2))
    drawn = drawn[new >= NEW] * peak
    return drawn[:: max(1, -(-len(drawn) // MOST_EDITS))]


def _bowed(start: np.ndarray, end: np.ndarray, bow: float) -> np.ndarray:
    """Return points (k, 2) of an arc between two points that strays from the straight by `bow` lengths."""
    if not bow:
        return np.stack([start, end])
    along = np.linspace(0, 1, 7)[:, None]
    aside = (end - start)[::-1] * [1, -1]
    return start + along * (end - start) + 4 * bow * along * (1 - along) * aside


def _draw(path: np.ndarray, width: float) -> np.ndarray:
    """Return a polyline (k, 2) drawn with a round pen, (28, 28) float32 in [0, 1]."""
    distance = np.full((SIDE, SIDE), np.inf, np.float32)
    for (y0, x0), (y1, x1) in zip(path[:-1], path[1:], strict=True):
        dx, dy = x1 - x0, y1 - y0
        along = ((COLUMNS - x0) * dx + (ROWS - y0) * dy) / max(dx**2 + dy**2, 1e-6)
        along = np.clip(along, 0, 1)
        distance = np.minimum(distance, np.hypot(COLUMNS - x0 - along * dx, ROWS - y0 - along * dy))
    return np.clip(width / 2 - distance + 0.5, 0, 1).astype(np.float32)
