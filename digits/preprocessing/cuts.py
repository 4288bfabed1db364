"""Touching digits: where ink could be cut apart.

Digits touch where lines meet or cross, and there ink is taken apart into strokes. A cut gives each stroke to
its left or to its right, so that none is torn; a straight one would take off whatever reaches over to the
other side. The strokes are divided by seams: the cheapest ways down through the ink near a column (Avidan and
Shamir, "Seam Carving for Content-Aware Image Resizing", 2007), along the slant of the writing or leaning to
either side of it. Which cuts part digits is not decided here: the network is asked about both sides of each.
"""

import cv2
import numpy as np

HEIGHT = 56
"""Cuts are sought on a copy of this height, in pixels."""

INKED = 0.4
"""Points of the copy with more ink than this belong to a stroke."""

REACH = 11
"""A seam strays at most so many of these pixels from its column, to either side."""

LEANS = (-0.35, 0.0, 0.35)
"""By how much seams lean beyond the writing's slant."""

DEEPEST = 0.6
"""A seam that crosses more ink than this share of the height is no cut: it runs along a stroke."""

CUTS = 10
"""So many cuts, those of the shallowest seams, are kept per height that ink is wide, and one more."""

MOST_CUTS = 40

MOST_SEAMS = 400
"""So many seams of one slant are sought at most."""

WIDEST, STEP = 0.9, 0.15
"""A stroke wider than the first share of the height is divided at every second one."""

SIDE, APART = 0.004, 0.004
"""On either side of a cut is at least so much ink, and two cuts differ by so much, in
squares of the height."""

BEND = 0.15
"""What a step sideways costs, in pixels of ink."""

STRAY = 0.02
"""What each pixel away from its column costs a seam, so that it keeps to it unless ink is in its way."""


def find_cuts(ink: np.ndarray, slant: float) -> tuple[np.ndarray, np.ndarray]:
    """Return where ink could be cut.

    Args:
        ink: (h, w) float32 in [0, 1], one component.
        slant: by how many pixels the writing leans to the right per pixel of height.

    Returns:
        The number of each point's stroke, (h, w) int32 from 1 on, paper included; and per cut, from the left,
        which strokes lie left of it: (cuts, strokes + 1) bool, the column of 0 false.
    """
    height, width = ink.shape
    size = max(1, round(width * HEIGHT / height)), HEIGHT
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    strokes = _divided(_strokes(small > INKED), small > INKED, slant)
    number = int(strokes.max())
    big = cv2.resize(strokes.astype(np.uint16), (width, height), interpolation=cv2.INTER_NEAREST)
    inked = strokes[small > INKED]
    weights = np.bincount(inked, minlength=number + 1) / HEIGHT**2
    if number < 2:
        return big.astype(np.int32), np.zeros((0, number + 1), bool)
    found = [_cuts(small, strokes, slant + lean) for lean in LEANS]
    lefts, depths = (np.concatenate(parts) for parts in zip(*found, strict=True))
    most = min(MOST_CUTS, 1 + round(CUTS * width / height))
    return big.astype(np.int32), _best(lefts, depths, weights, most)


def _strokes(inked: np.ndarray) -> np.ndarray:
    """Take ink (h, w) bool apart where the lines of its skeleton (Zhang and Suen, 1984) meet.

    Returns:
        (h, w) int32, the number of the stroke that each point is nearest to, from 1 to as many as there are,
        paper included; all 0 without ink.
    """
    from skimage.morphology import skeletonize  # late: most pictures need no cuts

    skeleton = skeletonize(inked).astype(np.uint8)
    if not skeleton.any():
        return np.zeros(inked.shape, np.int32)
    window = np.ones((3, 3), np.uint8)
    around = cv2.filter2D(skeleton, -1, window.astype(np.float32), borderType=cv2.BORDER_CONSTANT)
    meeting = (skeleton & (around > 3)).astype(np.uint8)  # itself and three neighbours or more
    lines = skeleton & (cv2.dilate(meeting, window) == 0)
    if not lines.any():
        lines = skeleton
    _, numbers = cv2.connectedComponents(lines, connectivity=8)
    _, nearest = cv2.distanceTransformWithLabels(
        1 - lines, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    names = np.zeros(nearest.max() + 1, np.int32)
    names[nearest[lines > 0]] = numbers[lines > 0]
    return names[nearest]


def _divided(strokes: np.ndarray, inked: np.ndarray, slant: float) -> np.ndarray:
    """Divide strokes too wide for a digit, such as the bars of a 5 and a 7 that meet; (HEIGHT, w) int32."""
    rows, columns = np.indices(strokes.shape)
    place = np.asarray(columns + slant * rows)
    begins, ends = np.full(strokes.max() + 1, np.inf), np.full(strokes.max() + 1, -np.inf)
    np.minimum.at(begins, strokes[inked], place[inked])
    np.maximum.at(ends, strokes[inked], place[inked])
    wide = ends - begins > WIDEST * HEIGHT
    if not wide.any():
        return strokes
    last = (ends - begins)[strokes] / (STEP * HEIGHT)
    steps = np.clip((place - begins[strokes]) / (STEP * HEIGHT), 0, last)
    step = np.where(wide[strokes], steps, 0).astype(int)
    pairs = strokes * (int(step.max()) + 1) + step
    return 1 + np.unique(pairs, return_inverse=True)[1].reshape(strokes.shape).astype(np.int32)


def _cuts(small: np.ndarray, strokes: np.ndarray, slant: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the cuts along all seams of one slant, (n, strokes + 1) bool, and the seams' depths (n,)."""
    lean = slant * (np.arange(HEIGHT) - HEIGHT / 2)
    upright = _shear(small, lean)
    columns = np.arange(REACH + 1, upright.shape[1] - REACH - 1)
    columns = columns[:: 1 + len(columns) // MOST_SEAMS]
    if not len(columns):
        return np.zeros((0, strokes.max() + 1), bool), np.zeros(0)
    depths, paths = _ways_down(upright, columns)
    shallow = depths <= DEEPEST * HEIGHT
    at = paths[shallow] + 0.5 - _pad(lean) - lean
    rows, across = np.nonzero(small > INKED)
    left = (across + 0.5 < at[:, rows]).astype(np.float32)  # (n, points)
    whose = np.eye(strokes.max() + 1, dtype=np.float32)[strokes[rows, across]]  # (points, strokes + 1)
    share = left @ whose / np.maximum(whose.sum(axis=0), 1)
    return share > 0.5, depths[shallow]


def _best(lefts: np.ndarray, depths: np.ndarray, weights: np.ndarray, most: int) -> np.ndarray:
    """Return the shallowest cuts, of which none takes off too little and no two are alike, from the left."""
    kept: list[np.ndarray] = []
    total = weights.sum()
    for i in np.argsort(depths, kind="stable"):
        side = lefts[i] @ weights
        if len(kept) == most:
            break
        if SIDE <= side <= total - SIDE and all((lefts[i] ^ other) @ weights >= APART for other in kept):
            kept.append(lefts[i])
    kept.sort(key=lambda left: float(left @ weights))
    return np.array(kept, bool).reshape(len(kept), len(weights))


def _pad(lean: np.ndarray) -> int:
    return int(np.ceil(np.abs(lean).max()))


def _shear(small: np.ndarray, lean: np.ndarray) -> np.ndarray:
    """Move each row of (HEIGHT, w) sideways by `lean` (HEIGHT,), with room on both sides."""
    rows, columns = np.mgrid[: small.shape[0], : small.shape[1] + 2 * _pad(lean)].astype(np.float32)
    return cv2.remap(small, columns - _pad(lean) - lean[:, None].astype(np.float32), rows, cv2.INTER_LINEAR)


def _ways_down(ink: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each column the ink on the cheapest way down near it (n,), and the way (n, HEIGHT)."""
    offsets = np.arange(-REACH, REACH + 1)
    band, stray = columns[:, None] + offsets, STRAY * np.abs(offsets)
    cost = ink[:, band]  # (HEIGHT, n, 2 * REACH + 1)
    walled = np.full((len(columns), len(offsets) + 2), np.inf)  # no way leads from beyond the band
    total = walled[:, 1:-1]
    total[:] = cost[0] + stray
    came = np.zeros(cost.shape, np.int8)
    for row in range(1, len(cost)):
        left, right = walled[:, :-2] + BEND, walled[:, 2:] + BEND
        least = np.minimum(np.minimum(left, total), right)
        came[row] = np.where(least == left, -1, least < total)
        total[:] = least + cost[row] + stray
    ends = total.argmin(axis=1)
    paths = np.zeros((len(columns), len(cost)), np.int64)
    at, everyone = ends, np.arange(len(columns))
    for row in range(len(cost) - 1, -1, -1):
        paths[:, row] = band[everyone, at]
        at = at + came[row, everyone, at]
    depths = ink[np.arange(len(cost)), paths].sum(axis=1)
    return depths, paths
