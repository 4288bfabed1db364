"""Any picture -> ink map: where a pen has been, bright on black, whatever the paper and the pen.

The paper is the larger and the outer part of a picture; ink is what differs from it. On a screen that is all.
On paper rulings, print, shadows and neighbours differ too: there the finder says as well what is written, and
which of both reads better, the network tells. All sizes are relative to the picture or to the writing, so
that a thumbnail and a scan are treated alike.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from digits.models.networks import GLIMPSE
from digits.preprocessing.background import Contrast, contrast, otsu
from digits.preprocessing.components import Components, find_components
from digits.preprocessing.decode import Picture, to_grey, to_working_size
from digits.preprocessing.finder import CERTAIN, Seen, evenness, see

LEAST_CONTRAST = 0.04
"""Ink that differs from its paper by less, as a share of black to white, is not ink."""

NOISE_FACTOR = 6.0
"""Ink must differ from its paper by more than so many standard deviations of the pixel noise."""

EDGE_REACH, EDGE_RISE = 0.03, 0.5
"""Ink begins at an edge: within this share of the picture's longer side its contrast rises by this share of
the whole, and the brightness by half as much. Shadows and vignettes rise slowly, and are paper."""

LIGHTER, LIGHTER_THAN_INK = 0.02, 0.12
"""A photo shows things where more than the first share of it is lighter than its surroundings, and
more than the second share of what is darker."""

RIM = 0.04
"""What lies this near to an edge of a photo, as a share of its longer side, is not written there."""

ROWS = 100
"""So many rows of a picture, at least, tell its noise."""

FAINT, FULL = 0.25, 0.8
"""Ink that the finder sees is stretched from the first to the second."""

SIDES, STRAIGHT = 0.14, 0.9
"""The sides of a box lie within the first share of its width or height, and are inked on the second."""

SPECK = 0.012
"""Components smaller than this share of the largest one are dirt."""

SCREEN = 0.99
"""A picture at least as even, and larger than a glimpse, is drawn on a screen, where the ink is plain."""


@dataclass(frozen=True)
class Ink:
    """What was found on the paper."""

    components: Components
    """The ink map, all zero when nothing is written, and what hangs together in it."""
    grey: np.ndarray
    """(H, W) float32 in [0, 1], the picture as it was, at working size."""
    scale: float
    """How many pixels of the picture one pixel of the map spans, 1.0 or more."""
    screen: bool
    """Whether it was drawn on a screen, see `SCREEN`."""

    @property
    def map(self) -> np.ndarray:
        """(H, W) float32 in [0, 1], ink bright."""
        return self.components.ink

    @property
    def blank(self) -> bool:
        """True when nothing is written."""
        return not self.map.any()

    @property
    def cut(self) -> bool:
        """Whether the picture's edge may cut something off."""
        boxes = self.components.stats[1:, :4]
        within = (boxes[:, :2] > 1) & (boxes[:, :2] + boxes[:, 2:] < np.subtract(self.map.shape[::-1], 1))
        return not within.all()

    def inside(self) -> "Ink | None":
        """Return what stands in a printed box around it without that; None where there is none."""
        boxes = self.components.stats[1:, :4]
        if len(boxes) < 2:
            return None
        first, last = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
        around = boxes[:, 2:].prod(axis=1).argmax()
        within = ((first > first[around]) & (last < last[around])).all(axis=1)
        left, top, width, height = boxes[around]
        own = self.components.labels[top : top + height, left : left + width] == around + 1
        if not within.any() or not _is_box(own):
            return None
        return replace(self, components=self.components.keep(np.concatenate([[False], within])))


def find_ink(image: Picture) -> Ink:
    """Find what differs from its paper; takes and refuses what `decode.to_grey` does."""
    grey, scale = to_working_size(to_grey(image))
    raw = contrast(grey)
    found = find_components(_stretch(raw, 1 - grey if raw.light_ink else grey))
    found = _drop_specks(found if raw.even else _drop_rim(found))
    return Ink(found, grey, scale, max(grey.shape) > GLIMPSE and evenness(grey) >= SCREEN)


def find_inks(image: Picture) -> tuple[list[Ink], Seen | None]:
    """Find all that may be the writing on a picture, one at least: what differs from its paper, what the
    finder sees, and what stands in a box; and what it sees, None where it was not asked, for the ink is
    plain. Where nothing differs, that of which it is certain is taken; where it sees nothing at all, nothing.
    """
    ink = find_ink(image)
    inside = ink.inside()
    if ink.screen and not (ink.blank or ink.cut or inside):
        return [ink], None
    seen = see(ink.grey, ink.scale)
    written = _written(ink, seen)
    if not seen.centres or (ink.blank and any(centre.digit > CERTAIN for centre in seen.centres)):
        return [written], seen
    return [ink, *(other for other in (written, inside) if other and not (ink.blank or other.blank))], seen


def _written(ink: Ink, seen: Seen) -> Ink:
    """Return what the finder sees of a picture as ink of its size, but what belongs to no centre."""
    stretched = np.clip((seen.ink - FAINT) / (FULL - FAINT), 0, 1).astype(np.float32) * (seen.owner > 0)
    sized = cv2.resize(stretched, ink.grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return replace(ink, components=_drop_specks(find_components(sized)))


def _is_box(own: np.ndarray) -> bool:
    """Tell whether a component (h, w) bool has four straight sides, as no slashed zero has."""
    deep, wide = (max(1, round(SIDES * side)) for side in own.shape)
    sides = own[:deep].any(0), own[-deep:].any(0), own[:, :wide].any(1), own[:, -wide:].any(1)
    return min(side.mean() for side in sides) >= STRAIGHT


def _stretch(raw: Contrast, bright: np.ndarray) -> np.ndarray:
    """Bring the pen's contrast to 1 and the paper's to 0; all zero where nothing stands out of bright paper
    (H, W)."""
    blank = np.zeros_like(raw.map)
    noise = 0.0 if raw.drawn else _noise(raw.map)
    inked = raw.map[raw.map > max(LEAST_CONTRAST, NOISE_FACTOR * noise)]
    if not len(inked):
        return blank
    full = float(np.median(inked[inked >= otsu(inked)]))
    if not (raw.drawn or _has_edges(raw.map, bright, full)) or not (raw.even or _is_paper(raw.map, full)):
        return blank
    floor = max(0.08 * full, 2 * noise)
    stretched = raw.map - np.float32(floor)
    stretched /= np.float32(0.95 * full - floor)
    return np.clip(stretched, 0, 1, out=stretched)


def _noise(contrast: np.ndarray) -> float:
    """Estimate the standard deviation of pixel noise on the paper from neighbouring pixels."""
    contrast = contrast[:: max(1, len(contrast) // ROWS)]
    paper = contrast <= otsu(contrast)
    steps = np.abs(np.diff(contrast, axis=1))[paper[:, 1:] & paper[:, :-1]]
    # The threshold cuts one side of the noise off, which then seems a quarter smaller.
    return 1.25 * float(np.median(steps)) / (0.6745 * np.sqrt(2)) if len(steps) else 0.0


def _is_paper(contrast: np.ndarray, full: float) -> bool:
    """Tell whether little is lighter than its surroundings, unlike on a photo of things."""
    strong = 0.4 * full
    lighter, ink = np.count_nonzero(contrast < -strong), np.count_nonzero(contrast > strong)
    return bool(lighter <= max(LIGHTER * contrast.size, LIGHTER_THAN_INK * ink))


def _has_edges(contrast: np.ndarray, grey: np.ndarray, full: float) -> bool:
    reach = 2 * max(1, round(EDGE_REACH * max(contrast.shape))) + 1
    x, y, w, h = cv2.boundingRect((contrast > 0.5 * EDGE_RISE * full).view(np.uint8))
    near = np.s_[max(0, y - reach) : y + h + reach, max(0, x - reach) : x + w + reach]
    window = np.ones((reach, reach), np.uint8)
    # Contrast alone would do, were it not blown up where the paper is nearly black; brightness alone, were
    # it not small where ink lies in a shadow.
    rise, step = (
        cv2.dilate(picture, window) - cv2.erode(picture, window) for picture in (contrast[near], grey[near])
    )
    return bool(np.any((rise >= EDGE_RISE * full) & (step >= 0.5 * EDGE_RISE * full)))


def _drop_rim(found: Components) -> Components:
    """Remove thin components along the edges: the edge of the paper, of a shadow, of the next ruling."""
    height, width = found.ink.shape
    rim = max(2, round(RIM * max(height, width)))
    left, top, wide, high, _ = found.stats.T
    within = (left + wide <= rim) | (left >= width - rim) | (top + high <= rim) | (top >= height - rim)
    return found.keep(~within)


def _drop_specks(found: Components) -> Components:
    """Remove components that are tiny beside the largest one."""
    if len(found.areas) <= 2:
        return found
    return found.keep(found.areas >= SPECK * found.areas[1:].max(initial=0))
