"""Any picture -> ink map: where a pen has been, bright on black, whatever the paper and the pen.

The paper is the larger and the outer part of a picture; ink is what differs from it. All sizes are relative
to the picture or to the writing, so that a thumbnail and a scan are treated alike.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from digits.picture.decode import Picture, to_grey, to_working_size
from digits.picture.paper import contrast, otsu
from digits.picture.pieces import find_pieces
from digits.picture.printed import remove_boxes
from digits.picture.rulings import remove_rulings

LEAST_CONTRAST = 0.04
"""Ink that differs from its paper by less, as a share of black to white, is not ink."""

NOISE_FACTOR = 6.0
"""Ink must differ from its paper by more than so many standard deviations of the pixel noise."""

EDGE_REACH, EDGE_RISE = 0.03, 0.5
"""Ink begins at an edge: within this share of the picture's longer side its contrast rises by this share of
the whole, and the brightness by half as much. Shadows and vignettes rise slowly, and are paper."""

SPECK = 0.012
"""Pieces smaller than this share of the largest piece are dirt."""


@dataclass(frozen=True)
class Ink:
    """What was found on the paper."""

    map: np.ndarray
    """(H, W) float32 in [0, 1], ink bright; all zero when nothing is written."""
    grey: np.ndarray
    """(H, W) float32 in [0, 1], the picture as it was, at working size."""
    light_ink: bool
    """True for light ink on dark paper."""
    scale: float
    """How many pixels of the picture one pixel of the map spans, 1.0 or more."""

    @property
    def blank(self) -> bool:
        """True when nothing is written."""
        return not self.map.any()


def find_ink(image: Picture) -> Ink:
    """Find the writing on a picture.

    Args:
        image: as for `decode.to_grey`.

    Raises:
        ValueError: not a picture of an accepted type or size.
    """
    grey, scale = to_working_size(to_grey(image))
    raw, light_ink = contrast(grey)
    clean, rulings = remove_rulings(raw)
    ink = remove_boxes(_stretch(clean, 1 - grey if light_ink else grey))
    return Ink(_drop_specks(ink), grey, light_ink, scale)


def _stretch(contrast: np.ndarray, grey: np.ndarray) -> np.ndarray:
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
    if not _has_edges(contrast, grey, full):
        return blank
    floor = max(0.08 * full, 2 * noise)
    return np.clip((contrast - floor) / (0.95 * full - floor), 0, 1).astype(np.float32)


def _noise(contrast: np.ndarray) -> float:
    """Estimate the standard deviation of pixel noise on the paper from neighbouring pixels."""
    paper = contrast <= otsu(contrast)
    steps = np.abs(np.diff(contrast, axis=1))[paper[:, 1:] & paper[:, :-1]]
    # The threshold cuts one side of the noise off, which then seems a quarter smaller.
    return 1.25 * float(np.median(steps)) / (0.6745 * np.sqrt(2)) if len(steps) else 0.0


def _has_edges(contrast: np.ndarray, grey: np.ndarray, full: float) -> bool:
    reach = 2 * max(1, round(EDGE_REACH * max(contrast.shape))) + 1
    window = np.ones((reach, reach), np.uint8)
    # Contrast alone would do, were it not blown up where the paper is nearly black; brightness alone, were
    # it not small where ink lies in a shadow.
    rise, step = (cv2.dilate(picture, window) - cv2.erode(picture, window) for picture in (contrast, grey))
    return bool(np.any((rise >= EDGE_RISE * full) & (step >= 0.5 * EDGE_RISE * full)))


def _drop_specks(ink: np.ndarray) -> np.ndarray:
    """Remove pieces that are tiny beside the largest one, with their soft rims."""
    pieces, stats = find_pieces(ink)
    areas = stats[1:, cv2.CC_STAT_AREA]
    if not len(areas):
        return np.zeros_like(ink)
    dirt = np.concatenate([[False], areas < SPECK * areas.max()])
    if not dirt.any():
        return ink
    kept = np.concatenate([[False], ~dirt[1:]])[pieces].astype(np.uint8)
    reach = 2 * max(1, min(ink.shape) // 200) + 1
    near = cv2.dilate(kept, np.ones((reach, reach), np.uint8))
    return ink * near
