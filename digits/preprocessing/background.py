"""Brightness -> contrast: how far each point differs from the paper around it, whatever light and ink.

Two kinds of pictures are told apart. On even paper (a canvas, a scan, a tight crop) the paper has one
brightness, and writing may fill the picture. On uneven paper (a photo) light varies, but writing is thin
beside the picture.
"""

from dataclasses import dataclass

import cv2
import numpy as np

EVEN = 0.03
"""A paper whose brightness varies by less is even."""

EVEN_SHARE = 0.3
"""So is one whose brightness varies by less than this share of the ink's contrast."""

DRAWN, BLACK = 0.95, 0.8
"""Where the two commonest levels fill the first share of a picture, and differ by the second share of black
to white, it is drawn in these, and smooth at its rims alone: no shadow is as dark."""

SMALL = 64
"""Pictures no longer than this, in pixels, are even: they are crops, not photos of a sheet."""

WINDOW = 0.2
"""Uneven paper is judged in windows of this share of the picture's longer side."""


@dataclass(frozen=True)
class Contrast:
    """How a picture differs from its paper."""

    map: np.ndarray
    """(H, W) float32 up to 1, paper near 0, and below where it is lighter than that."""
    light_ink: bool
    """True for light ink on dark paper."""
    even: bool
    """Whether the paper has one brightness, as on a canvas, in a scan and in a crop."""
    drawn: bool
    """Whether the picture has but two levels, see `DRAWN`."""


def contrast(grey: np.ndarray) -> Contrast:
    """Find by how much each point (H, W) float32 in [0, 1] differs from its paper: the larger and outer part
    of the picture."""
    levels = cv2.convertScaleAbs(grey, alpha=255)
    counts = _counts(levels)
    common = np.argpartition(counts, -2)[-2:]
    drawn = bool(counts[common].sum() >= DRAWN * grey.size and np.ptp(common) >= 255 * BLACK)
    threshold, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    light_ink = _bright_share(levels > threshold) < 0.5
    if drawn or max(grey.shape) <= SMALL or _is_even(1 - grey if light_ink else grey):
        of_paper = (np.arange(256) > threshold) != light_ink
        paper = _quantile(np.where(of_paper, counts, 0), 0.5) if of_paper @ counts else grey.flat[0]
        return Contrast(grey - paper if light_ink else paper - grey, light_ink, True, drawn)
    return Contrast(*_local_contrast(grey), even=False, drawn=False)


def otsu(values: np.ndarray) -> float:
    """Return the threshold in [0, 1] that splits `values` into two classes (Otsu, 1979)."""
    threshold, _ = cv2.threshold(_levels(values), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return (threshold + 0.5) / 255


def _levels(values: np.ndarray) -> np.ndarray:
    """Return `values` float32 in [0, 1], or a little beyond, as uint8."""
    return cv2.convertScaleAbs(cv2.threshold(values, 0, 0, cv2.THRESH_TOZERO)[1], alpha=255)


def _counts(levels: np.ndarray) -> np.ndarray:
    """Return how many points there are of each level, (256,)."""
    return cv2.calcHist([levels], [0], None, [256], [0, 256]).ravel()


def _quantile(counts: np.ndarray, share: float) -> float:
    """Return what `share` of the values in [0, 1] are less than, to half a grey level, by their levels'
    `counts` (256,)."""
    total = counts.cumsum()
    return float(np.searchsorted(total, share * total[-1])) / 255


def _bright_share(bright: np.ndarray) -> float:
    """Return how much of a picture (H, W) bool and of its rim is bright, half each."""
    rim = max(1, min(bright.shape) // 16)
    inner = bright[rim:-rim, rim:-rim]
    every, within = np.count_nonzero(bright), np.count_nonzero(inner)
    return (every / bright.size + (every - within) / (bright.size - inner.size)) / 2


def _is_even(bright: np.ndarray) -> bool:
    """Tell whether bright paper has one brightness; strokes narrower than a third of it are closed over."""
    small_side = 64
    factor = min(1.0, small_side / min(bright.shape))
    small = cv2.resize(bright, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    reach = max(3, min(small.shape) // 3) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_REPLICATE)
    smooth = cv2.GaussianBlur(closed, (0, 0), reach / 4, borderType=cv2.BORDER_REPLICATE)
    low, high = np.percentile(smooth, (2, 98))
    ink = float(np.median(smooth) - _quantile(_counts(_levels(bright)), 0.005))
    return high - low <= max(EVEN, EVEN_SHARE * ink)


def _local_contrast(grey: np.ndarray) -> tuple[np.ndarray, bool]:
    """Compare each point with the paper around it: the median of a window mostly free of strokes.

    The median follows shadows up to their edge, and takes no notice of strokes and rulings, dark or light.
    Light falls on paper and ink alike, so shadows are divided away, not subtracted.
    """
    reach = max(5, round(WINDOW * max(grey.shape))) | 1
    smooth = cv2.GaussianBlur(grey, (0, 0), 0.7)
    # Beyond its edges the picture is continued so that light goes on rising or falling.
    wide = np.pad(smooth, reach // 2, mode="reflect", reflect_type="odd")
    inner = np.s_[reach // 2 : -(reach // 2), reach // 2 : -(reach // 2)]
    paper = cv2.GaussianBlur(cv2.medianBlur(_levels(wide), reach)[inner] / np.float32(255), (0, 0), 1.0)
    darker = paper - smooth
    strong = 0.5 * float(np.percentile(np.abs(darker), 99.9))
    light_ink = bool(np.count_nonzero(darker < -strong) > np.count_nonzero(darker > strong))
    return (-darker if light_ink else darker / np.maximum(paper, 0.05)), light_ink
