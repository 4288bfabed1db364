"""Where a form lies on a photo: the homography from its template, or in a sentence why there is none.

Features of the print are matched (SIFT; Lowe, "Distinctive Image Features from Scale-Invariant Keypoints",
2004), the view that most agree on is taken (MAGSAC++; Barath et al., 2020), and the photo, seen that way, is
held against the template piece by piece: forms of one house have the same head.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache, partial

import cv2
import numpy as np

from digits.forms.marks import LEAST_MARKS, find_marks, view_by_marks
from digits.forms.template import Form

SIDES = 1600, 2600
"""Longer side in pixels of the photo as it is looked at; the later ones where the first do not do."""

FEATURES = 3000, 6000
"""Most of a template, and of a photo, the strongest."""

RATIOS = 0.7, 0.8, 0.9
"""A match counts if it is so much nearer than the next best; the later ones where the first do not do."""

WITHIN = 3.0
"""Pixels of the reference by which a match may miss the view that is taken."""

LEAST_MATCHES = 10
"""Matches that must agree on a view for it to be tried."""

CORNERS, APART, REACHES, SAME = 400, 12, (41, 25), 1.0
"""Corners of the print that are followed, how far apart, in windows of which widths, all in pixels of the
reference; and how near one must come out that is followed there and back."""

STEEPEST = 5.0
"""So much larger one part of the form may be seen than another, in length."""

SMALLEST = 12.0
"""Pixels of the photo that a box must be high and wide at least."""

SOFT, AROUND = 2.0, 25
"""Print is compared smoothed by so many pixels of the reference, and evened by surroundings so wide."""

TILE, PRINTED, ALIKE = 60, 0.012, 0.35
"""Sides of the pieces that are compared, how much print one must have, and how alike they must be."""

AGREED, LEAST_TILES = 0.7, 6
"""Share of the pieces that must be alike, and how many there must be to tell."""

FAINT = 0.3
"""A photo that has less of a template's number of features is blurred, dark or small."""


def find_form(grey: np.ndarray, form: Form) -> np.ndarray:
    """Find a form on a photo.

    Args:
        grey: (H, W) float32 in [0, 1].
        form: the form.

    Returns:
        (3, 3) float64: from pixels of the template's picture to those of the photo.

    Raises:
        ValueError: it is not on the photo, or cannot be read there; one sentence that says why.
    """
    marks = _marks_of(form.reference)
    if len(marks) >= LEAST_MARKS:
        return _by_marks(marks, grey, form)
    known = _features_of(form.reference)
    seen = 0
    for side in SIDES:
        factor = min(1.0, side / max(grey.shape))
        small = _levels(grey, factor)
        found = _features(small, FEATURES[1])
        seen = max(seen, len(found[0]))
        for rough in _views(known, found):
            view = _settled(rough, small, form)
            if _is_possible(view, form) and _alike(view, small, form) >= AGREED:
                shift = (1 / factor - 1) / 2
                to_whole = np.array([[1 / factor, 0, shift], [0, 1 / factor, shift], [0, 0, 1]])
                matrix = to_whole @ view @ form.scale
                _check_boxes(matrix, grey.shape, form)
                return matrix / matrix[2, 2]
        if factor == 1.0:
            break
    if seen < FAINT * len(known[0]):
        raise ValueError(
            "The form was not found: hardly any print can be seen; expected a photo that is sharp, light and "
            "large enough to read the print."
        )
    raise ValueError("This is another form, or too little of it is seen; expected a photo of the whole form.")


def _by_marks(marks: Mapping[int, np.ndarray], grey: np.ndarray, form: Form) -> np.ndarray:
    """Return the same by the marks in a form's corners."""
    found = {number: seen[0] for number, seen in find_marks(_levels(grey, 1.0)).items() if len(seen) == 1}
    seen = [number for number in marks if number in found]
    if len(seen) < LEAST_MARKS:
        raise ValueError(
            f"The form was not found: {len(seen)} of its {len(marks)} marks are seen; "
            f"expected {LEAST_MARKS}, each once. Photograph the whole form, flat and in even light."
        )
    view = view_by_marks(marks, found)
    if not _is_possible(view, form):
        raise ValueError(
            "The form was not found: its marks lie otherwise than on the form. Photograph it flat, not in "
            "a mirror."
        )
    matrix = view @ form.scale
    _check_boxes(matrix, grey.shape, form)
    return matrix / matrix[2, 2]


@lru_cache(maxsize=16)
def _marks_of(reference: bytes) -> dict[int, np.ndarray]:
    """Return the corners (4, 2) of the marks on a reference, by their numbers."""
    return {number: seen[0] for number, seen in find_marks(_opened(reference)).items() if len(seen) == 1}


def _opened(reference: bytes) -> np.ndarray:
    return np.asarray(cv2.imdecode(np.frombuffer(reference, np.uint8), cv2.IMREAD_GRAYSCALE))


def _levels(grey: np.ndarray, factor: float) -> np.ndarray:
    if factor < 1:
        grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return cv2.convertScaleAbs(grey, alpha=255)


Features = tuple[np.ndarray, np.ndarray]
"""Places (N, 2) and descriptors (N, 128)."""


@lru_cache(maxsize=16)
def _features_of(reference: bytes) -> Features:
    return _features(_opened(reference), FEATURES[0])


def _features(grey: np.ndarray, most: int) -> Features:
    points, descriptors = cv2.SIFT.create(most, contrastThreshold=0.02).detectAndCompute(grey, None)
    if descriptors is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32)
    places = np.array([point.pt for point in points], np.float32)
    roots = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-6))
    return places, roots.astype(
        np.float32
    )  # Arandjelovic and Zisserman, "Three things everyone should know", 2012


def _views(known: Features, found: Features) -> Iterator[np.ndarray]:
    """Yield homographies (3, 3) from the reference to the photo on which most matches agree: of the surest
    matches first, then of more."""
    (places, descriptors), (seen, others) = known, found
    if min(len(descriptors), len(others)) < 2:
        return
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(descriptors, others, k=2)
    for ratio in RATIOS:
        good = [first for first, second in pairs if first.distance < ratio * second.distance]
        if len(good) < LEAST_MATCHES:
            continue
        here, there = places[[one.queryIdx for one in good]], seen[[one.trainIdx for one in good]]
        matrix, inside = cv2.findHomography(
            here, there, cv2.USAC_MAGSAC, WITHIN, maxIters=10_000, confidence=0.9999
        )
        if matrix is not None and len(np.unique(here[inside.ravel() > 0].round(), axis=0)) >= LEAST_MATCHES:
            yield matrix


def _settled(view: np.ndarray, photo: np.ndarray, form: Form) -> np.ndarray:
    """Return a homography made exact: print is followed from where it should be to where it is (Lucas and
    Kanade, "An Iterative Image Registration Technique", 1981)."""
    known = _shown(form.grey)
    clear = cv2.erode((~form.hidden).astype(np.uint8), np.ones((REACHES[-1],) * 2))  # of what is written
    points = cv2.goodFeaturesToTrack(known, CORNERS, 0.02, APART, mask=clear, blockSize=15)
    if points is None:
        return view
    for reach in REACHES:
        straight = _shown(_straight(view, photo, form))
        follow = partial(cv2.calcOpticalFlowPyrLK, winSize=(reach, reach), maxLevel=2)
        moved, there, _ = follow(known, straight, points, np.empty(0))
        back, again, _ = follow(straight, known, moved, np.empty(0))
        same = np.linalg.norm(back - points, axis=-1).ravel() < SAME
        good = same & (there.ravel() > 0) & (again.ravel() > 0)
        if np.count_nonzero(good) < LEAST_MATCHES:
            return view
        nudge, inside = cv2.findHomography(points[good], moved[good], cv2.RANSAC, reach / 10)
        if nudge is None or np.count_nonzero(inside) < LEAST_MATCHES:
            return view
        view = view @ nudge
    return view


def _straight(view: np.ndarray, photo: np.ndarray, form: Form) -> np.ndarray:
    """Return a photo (h, w) uint8 as the reference shows the form."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = form.grey.shape[::-1]
    return cv2.warpPerspective(photo, view, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _shown(levels: np.ndarray) -> np.ndarray:
    """Return a picture (h, w) uint8 without its light, (h, w) uint8."""
    return cv2.convertScaleAbs(np.clip(_evened(levels, 0.8) + 0.7, 0, 1), alpha=255)


def _is_possible(view: np.ndarray, form: Form) -> bool:
    """Tell whether a camera can see a form so: not mirrored, not folded, not far steeper than anybody holds
    it."""
    height, width = form.grey.shape
    x, y = np.meshgrid(np.linspace(0, width, 9), np.linspace(0, height, 9))
    depth = view[2] @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    if not ((depth > 0).all() or (depth < 0).all()):
        return False
    stretched = np.linalg.det(view) / depth**3  # of areas
    return bool(stretched.min() > 0 and stretched.max() <= STEEPEST**2 * stretched.min())


def _alike(view: np.ndarray, photo: np.ndarray, form: Form) -> float:
    """Return the share of the printed pieces of a reference that look alike on a photo (h, w) uint8."""
    known, straight = form.grey, _straight(view, photo, form)
    shown = ~form.hidden
    one, other = (_evened(picture) * shown for picture in (known, straight))
    across, down = (max(1, round(side / TILE)) for side in known.shape[::-1])

    def summed(values: np.ndarray) -> np.ndarray:
        return cv2.resize(values, (across, down), interpolation=cv2.INTER_AREA)

    square, others, both = summed(one * one), summed(other * other), summed(one * other)
    printed = square > PRINTED**2
    if np.count_nonzero(printed) < LEAST_TILES:
        return 0.0
    alike = both / np.sqrt(np.maximum(square * others, 1e-12))
    return float((alike[printed] > ALIKE).mean())


def _evened(levels: np.ndarray, soft: float = SOFT) -> np.ndarray:
    """Return how much each point of a picture (h, w) uint8 is lighter than those around, as a share."""
    smooth = cv2.GaussianBlur(levels.astype(np.float32), (0, 0), soft)
    around = cv2.blur(smooth, (AROUND, AROUND))
    return (smooth - around) / (around + 10)


def _check_boxes(matrix: np.ndarray, shape: tuple[int, ...], form: Form) -> None:
    """Raise a ValueError unless every box is whole on a photo, and large enough."""
    height, width = shape
    for box in form.boxes:
        there = cv2.perspectiveTransform(box.corners[None].astype(np.float64), matrix)[0]
        x, y = there.T
        spare = 0.25 * np.linalg.norm(there[3] - there[0])
        if min(x.min(), y.min()) < -spare or x.max() > width + spare or y.max() > height + spare:
            raise ValueError(
                f"The form is cut off: box {box.name!r} is not on the photo; expected all of it."
            )
        sides = np.linalg.norm(np.roll(there, -1, axis=0) - there, axis=1)
        short = min(sides[1], sides[3], min(sides[0], sides[2]) / (box.digits or 1))
        if short < SMALLEST:
            raise ValueError(
                f"The form is too small on this photo: box {box.name!r} is {short:.0f} pixels high or wide; "
                f"expected {SMALLEST:.0f} or more."
            )
