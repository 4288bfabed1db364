"""Any picture -> ink map: where a pen has been, bright on black, whatever the paper and the pen.

The paper is the larger and the outer part of a picture; ink is what differs from it. All sizes are relative
to the picture or to the writing, so that a thumbnail and a scan are treated alike.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from digits.picture.decode import Picture, to_grey, to_working_size

LEAST_CONTRAST = 0.04
"""Ink that differs from its paper by less, as a share of black to white, is not ink."""

NOISE_FACTOR = 6.0
"""Ink must differ from its paper by more than so many standard deviations of the pixel noise."""

EDGE_REACH, EDGE_RISE = 0.03, 0.5
"""Ink begins at an edge: within this share of the picture's longer side its contrast rises by this share of
the whole, and the brightness by half as much. Shadows and vignettes rise slowly, and are paper."""

UNEVEN = 0.08
"""A paper whose brightness varies by more than this is evened out first."""

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
    light_ink = _paper_is_dark(grey)
    on_bright_paper = 1 - grey if light_ink else grey
    return Ink(_drop_specks(_stretch(_contrast(on_bright_paper), on_bright_paper)), grey, light_ink, scale)


def _paper_is_dark(grey: np.ndarray) -> bool:
    """Vote with all pixels and with the rim, half each: paper is the larger and the outer part."""
    bright = grey > _otsu(grey)
    rim = max(1, min(grey.shape) // 16)
    inner = np.zeros_like(bright)
    inner[rim:-rim, rim:-rim] = True
    return bool(bright.mean() + bright[~inner].mean() < 1.0)


def _contrast(grey: np.ndarray) -> np.ndarray:
    """Return how much darker than its paper each pixel is, (H, W) in [0, 1]; `grey` has bright paper."""
    paper = _paper(grey)
    low, high = np.percentile(paper, (2, 98))
    if high - low <= UNEVEN:
        level = np.median(grey[grey > _otsu(grey)]) if np.ptp(grey) > 0 else grey.flat[0]
        return np.clip(level - grey, 0, 1)
    # Light falls on paper and ink alike, so shadows are divided away, not subtracted.
    return np.clip(1 - grey / np.maximum(paper, 0.05), 0, 1)


def _paper(grey: np.ndarray) -> np.ndarray:
    """Estimate the paper under the ink: strokes narrower than a third of the picture are closed over."""
    small_side = 96
    factor = min(1.0, small_side / min(grey.shape))
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    reach = max(3, min(small.shape) // 3) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_REPLICATE)
    smooth = cv2.GaussianBlur(closed, (0, 0), reach / 4, borderType=cv2.BORDER_REPLICATE)
    return cv2.resize(smooth, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _stretch(contrast: np.ndarray, grey: np.ndarray) -> np.ndarray:
    """Bring the pen's contrast to 1 and the paper's to 0; all zero where nothing stands out."""
    blank = np.zeros_like(contrast)
    if np.ptp(contrast) == 0:
        return blank
    inked = contrast > _otsu(contrast)
    full = float(np.median(contrast[inked]))
    noise = _noise(contrast, ~inked)
    if full < max(LEAST_CONTRAST, NOISE_FACTOR * noise) or not _has_edges(contrast, grey, full):
        return blank
    floor = max(0.08 * full, 2 * noise)
    return np.clip((contrast - floor) / (0.95 * full - floor), 0, 1).astype(np.float32)


def _noise(contrast: np.ndarray, paper: np.ndarray) -> float:
    """Estimate the standard deviation of pixel noise from neighbouring pixels that are both paper."""
    steps = np.abs(np.diff(contrast, axis=1))[paper[:, 1:] & paper[:, :-1]]
    return float(np.median(steps)) / (0.6745 * np.sqrt(2)) if len(steps) else 0.0


def _has_edges(contrast: np.ndarray, grey: np.ndarray, full: float) -> bool:
    reach = 2 * max(1, round(EDGE_REACH * max(contrast.shape))) + 1
    window = np.ones((reach, reach), np.uint8)
    # Contrast alone would do, were it not blown up where the paper is nearly black; brightness alone, were
    # it not small where ink lies in a shadow.
    rise, step = (cv2.dilate(picture, window) - cv2.erode(picture, window) for picture in (contrast, grey))
    return bool(np.any((rise >= EDGE_RISE * full) & (step >= 0.5 * EDGE_RISE * full)))


def find_pieces(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find what hangs together in an ink map (H, W), corners included.

    Returns:
        The number of each pixel's piece (H, W), 0 for none; and OpenCV's statistics (pieces + 1, 5).
    """
    _, pieces, stats, _ = cv2.connectedComponentsWithStats((ink > 0.35).astype(np.uint8), connectivity=8)
    return pieces, stats


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


def _otsu(values: np.ndarray) -> float:
    """Return the threshold in [0, 1] that splits `values` into two classes (Otsu, 1979)."""
    levels = np.round(values * 255).astype(np.uint8)
    threshold, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return (threshold + 0.5) / 255
