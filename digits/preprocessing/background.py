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

FLAT, THICKEST = 0.15, 0.33
"""Ink and paper are flat where both vary by less than the first share of what lies between them; no stroke is
thicker than the second share of the picture's shorter side."""

BLACK = 0.8
"""What is darker than the rest by this share of the range is no shadow: no light is gone altogether."""

DOUBT = 0.2
"""Where bright and dark points differ less from half and half, either may be the paper."""

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
    doubtful: bool
    """Whether ink and paper could as well be the other way round, as in a tight crop."""
    even: bool = True
    """Whether the paper has one brightness, as on a canvas, in a scan and in a crop."""


def contrast(grey: np.ndarray, light_ink: bool | None = None) -> Contrast:
    """Find by how much each point (H, W) float32 in [0, 1] differs from its paper: the larger and outer part
    of the picture, unless it is said whether the ink is light."""
    share = _bright_share(grey)
    doubtful = abs(share - 0.5) < DOUBT
    if light_ink is None:
        light_ink = share < 0.5
    bright = 1 - grey if light_ink else grey
    if max(grey.shape) <= SMALL or _is_even(bright) or _has_two_levels(bright):
        level = _quantile(bright[bright > otsu(bright)], 0.5) if np.ptp(bright) > 0 else bright.flat[0]
        return Contrast(level - bright, light_ink, doubtful)
    return Contrast(*_local_contrast(grey), doubtful=False, even=False)


def otsu(values: np.ndarray) -> float:
    """Return the threshold in [0, 1] that splits `values` into two classes (Otsu, 1979)."""
    threshold, _ = cv2.threshold(_levels(values), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return (threshold + 0.5) / 255


def _levels(values: np.ndarray) -> np.ndarray:
    """Return `values` float32 in [0, 1], or a little beyond, as uint8."""
    return cv2.convertScaleAbs(np.maximum(values, 0), alpha=255)


def _quantile(values: np.ndarray, share: float) -> float:
    """Return what `share` of the `values` in [0, 1] are less than, to half a grey level."""
    counts = cv2.calcHist([_levels(values)], [0], None, [256], [0, 256]).ravel().cumsum()
    return float(np.searchsorted(counts, share * counts[-1])) / 255


def _bright_share(grey: np.ndarray) -> float:
    """Return how much of the picture and its rim is bright, half each: paper is the larger and outer part."""
    bright = grey > otsu(grey)
    rim = max(1, min(grey.shape) // 16)
    inner = np.zeros_like(bright)
    inner[rim:-rim, rim:-rim] = True
    return float(bright.mean() + bright[~inner].mean()) / 2


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
    ink = float(np.median(smooth) - _quantile(bright, 0.005))
    return high - low <= max(EVEN, EVEN_SHARE * ink)


def _has_two_levels(bright: np.ndarray) -> bool:
    """Tell whether bright paper and ink have one brightness each, and the ink is strokes: a tight crop, which
    thick strokes may fill, but no shadow; what is drawn, black on white without noise, is none either."""
    paper = bright > otsu(bright)
    spreads, levels, drawn = [], [], True
    for part in (bright[paper], bright[~paper]):
        if not len(part):
            return False
        least, low, middle, high, most = (_quantile(part, share) for share in (0.1, 0.2, 0.5, 0.8, 0.9))
        spreads.append(high - low)
        levels.append(middle)
        drawn &= least == most
    if drawn and levels[0] - levels[1] >= BLACK:
        return True
    flat = max(spreads) <= FLAT * (levels[0] - levels[1])
    # Half the widest stroke; what lies beyond the picture's edge is taken as more of the same.
    deepest = cv2.distanceTransform((~paper).astype(np.uint8), cv2.DIST_L2, 3).max()
    return flat and 2 * deepest <= THICKEST * min(bright.shape)


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
