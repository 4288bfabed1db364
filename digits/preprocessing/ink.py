"""Any picture -> ink map: where a pen has been, bright on black, whatever the paper and the pen.

The paper is the larger and the outer part of a picture; ink is what differs from it. All sizes are relative
to the picture or to the writing, so that a thumbnail and a scan are treated alike.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from digits.preprocessing.background import contrast, otsu
from digits.preprocessing.components import Components, find_components
from digits.preprocessing.decode import Picture, to_grey, to_working_size
from digits.preprocessing.finder import CERTAIN, see
from digits.preprocessing.rulings import Ruled, remove_boxes, remove_rulings

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

FEW = 2
"""So few rulings may be strokes of a large digit after all."""

RULED = 0.92
"""A component of which more than this share lies on rulings is a rest of them, if it is not so many times as
strong."""

STRONGER = 1.5

RIM = 0.04
"""What lies this near to an edge of a photo, as a share of its longer side, is not written there."""

ROWS = 100
"""So many rows of a picture, at least, tell its noise."""

FAINT, FULL = 0.25, 0.8
"""Ink that the finder sees is stretched from the first to the second."""

SPECK = 0.012
"""Components smaller than this share of the largest one are dirt."""


@dataclass(frozen=True)
class Ink:
    """What was found on the paper."""

    components: Components
    """The ink map, all zero when nothing is written, and what hangs together in it."""
    grey: np.ndarray
    """(H, W) float32 in [0, 1], the picture as it was, at working size."""
    light_ink: bool
    """True for light ink on dark paper."""
    scale: float
    """How many pixels of the picture one pixel of the map spans, 1.0 or more."""
    doubtful: bool = False
    """Whether ink and paper could as well be the other way round."""
    rulings: int = 0
    """How many lines from edge to edge were taken out."""

    @property
    def map(self) -> np.ndarray:
        """(H, W) float32 in [0, 1], ink bright."""
        return self.components.ink

    @property
    def blank(self) -> bool:
        """True when nothing is written."""
        return not self.map.any()


def find_ink(image: Picture) -> Ink:
    """Find the writing on a picture; takes and refuses what `decode.to_grey` does. Where nothing stands out
    of light and grain, that of which the finder is certain is taken."""
    found = _find(*to_working_size(to_grey(image)))
    return _seen(found) if found.blank else found


def _seen(nothing: Ink) -> Ink:
    seen = see(nothing.grey, nothing.scale)
    if not any(centre.digit > CERTAIN for centre in seen.centres):
        return nothing
    ink = np.clip((seen.ink - FAINT) / (FULL - FAINT), 0, 1).astype(np.float32)
    sized = cv2.resize(ink, nothing.grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    found = _drop_specks(find_components(sized))
    return replace(nothing, components=found, doubtful=False, rulings=0)


def other_hypotheses(ink: Ink) -> list[Ink]:
    """Return what the writing may be as well: with ink and paper exchanged, with its few rulings left in."""
    others: list[Ink] = []
    if ink.blank:
        return others  # a lone line from edge to edge is the edge of a shadow rather than a one
    if ink.doubtful:
        others.append(_find(ink.grey, ink.scale, light_ink=not ink.light_ink))
    if 0 < ink.rulings <= FEW:
        others.append(_find(ink.grey, ink.scale, keep_rulings=True))
    return [other for other in others if not other.blank]


def _find(grey: np.ndarray, scale: float, light_ink: bool | None = None, keep_rulings: bool = False) -> Ink:
    raw = contrast(grey, light_ink)
    ruled = remove_rulings(raw.map)
    bright = 1 - grey if raw.light_ink else grey
    found = find_components(_stretch(raw.map if keep_rulings else ruled.contrast, bright, raw.even))
    found = _drop_rests(found, ruled, np.inf if keep_rulings else STRONGER)
    found = _drop_specks(remove_boxes(found if raw.even else _drop_rim(found)))
    return Ink(found, grey, raw.light_ink, scale, raw.doubtful, ruled.number)


def _stretch(contrast: np.ndarray, grey: np.ndarray, even: bool) -> np.ndarray:
    """Bring the pen's contrast to 1 and the paper's to 0; all zero where nothing stands out."""
    blank = np.zeros_like(contrast)
    if np.ptp(contrast) == 0:
        return blank
    noise = _noise(contrast)
    least = max(LEAST_CONTRAST, NOISE_FACTOR * noise)
    inked = contrast[contrast > least]
    if not len(inked):
        return blank
    full = float(np.median(inked[inked >= otsu(inked)]))
    if not _has_edges(contrast, grey, full) or not (even or _is_paper(contrast, full)):
        return blank
    floor = max(0.08 * full, 2 * noise)
    return np.clip((contrast - floor) / (0.95 * full - floor), 0, 1).astype(np.float32)


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


def _drop_rests(found: Components, ruled: Ruled, stronger: float) -> Components:
    """Remove components that lie on rulings and are not so many times as strong: what is left of them."""
    if not ruled.number:
        return found
    labels, areas = found.labels, found.areas
    strength = np.bincount(labels.ravel(), ruled.contrast.ravel(), len(areas)) / np.maximum(areas, 1)
    rests = np.bincount(labels[ruled.where], minlength=len(areas)) > RULED * areas
    return found.keep(~(rests & (strength < stronger * ruled.level)))


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
