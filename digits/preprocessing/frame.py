"""Ink -> the 28 x 28 frame a network sees, in the manner of MNIST (LeCun et al., 1998).

The digit is cropped, its longer side brought to 20 pixels, and its centre of mass to the middle. Beyond
MNIST, pens far thinner or thicker than MNIST's are evened out, since a network has met hardly any.

The work is done on a *studio* of 8 x 8 points per frame pixel, so that every step is smooth: a digit moved
by half a pixel changes its frame by little.
"""

import cv2
import numpy as np

from digits.config import BOX, SIDE

STUDIO = 8
"""Studio points per frame pixel, on each axis."""

CENTRE = 14.5
"""Where the centre of mass goes, in pixels from the frame's edge: MNIST's mean, the middle of pixel 14."""

PEN = (1.8, 3.2)
"""Pens thinner or thicker than this, in frame pixels, are widened or narrowed to it. MNIST's 5th and 95th
percentiles are 1.7 and 3.9."""

LEAN = 0.2
"""Writing that leans farther, in pixels per pixel of height, is set up to this."""

BLOB = 0.42
"""Ink whose stroke width is a larger share of its longer side is a blob: a disc has 0.5, and the thickest of
MNIST's 6,000 validation digits 0.32."""


def frame(ink: np.ndarray) -> np.ndarray:
    """Bring an ink map into the form of MNIST.

    Args:
        ink: (H, W) float32 in [0, 1], ink bright, one digit.

    Returns:
        (28, 28) float32 in [0, 1], bright ink on black.

    Raises:
        ValueError: there is no ink.
    """
    return frame_stages(ink)[-1]


def frame_stages(ink: np.ndarray) -> list[np.ndarray]:
    """Return how a frame comes about: the ink cut out, with its pen evened, and the frame; see `frame`."""
    cut = _crop(ink)
    evened = _even_pen(_resize_to_box(cut))
    return [cut, evened, _place(_crop(evened)).astype(np.float32, copy=False)]


def as_batch(images: np.ndarray) -> np.ndarray:
    """Return images (N, 28, 28), uint8 or float32 in [0, 1], as (N, 28, 28, 1) float32."""
    images = images[..., None]
    return images.astype(np.float32) / 255 if images.dtype == np.uint8 else images


def to_uint8(image: np.ndarray) -> np.ndarray:
    """Return frames (..., 28, 28) float32 in [0, 1] as uint8, the form in which many are kept."""
    return np.round(image * 255).astype(np.uint8)


def upright(ink: np.ndarray, slant: float) -> np.ndarray:
    """Set ink (h, w) more upright if it leans more than MNIST's: by `slant` pixels to the right per pixel of
    height."""
    lean = slant - float(np.clip(slant, -LEAN, LEAN))
    if lean == 0:
        return ink
    height, width = ink.shape
    room = int(np.ceil(abs(lean) * height))
    move = np.array([[1, lean, 0 if lean > 0 else room], [0, 1, 0]])
    return cv2.warpAffine(ink, move, (width + room, height), flags=cv2.INTER_LINEAR)


def is_blob(ink: np.ndarray) -> bool:
    """Tell whether ink (H, W) is a dot or a block rather than something written: no digit is so compact."""
    ink = ink / max(float(ink.max()), 0.2)
    return stroke_width(ink) > BLOB * max(_crop(ink, above=0.5).shape)


def stroke_width(ink: np.ndarray) -> float:
    """Return the mean width of the strokes in pixels of `ink` (H, W): twice their area per outline.

    >>> line = np.zeros((40, 400), np.float32); line[10:20] = 1
    >>> round(stroke_width(line) * np.pi / 4)  # an upright line's outline counts 4 / pi of a slanted one's
    10
    """
    mask = cv2.copyMakeBorder((ink > 0.5).view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    outline = np.count_nonzero(mask[1:] != mask[:-1]) + np.count_nonzero(mask[:, 1:] != mask[:, :-1])
    # Steps along pixel edges overstate a slanted outline, by 4 / pi on average over directions.
    return 2 * np.count_nonzero(mask) / max(1.0, outline * np.pi / 4)


def _crop(ink: np.ndarray, above: float = 0.2) -> np.ndarray:
    x, y, w, h = cv2.boundingRect((ink > above).view(np.uint8))
    if not w:
        raise ValueError("There is no ink to frame; expected an ink map with values above 0.2.")
    return ink[y : y + h, x : x + w]


def _resize_to_box(ink: np.ndarray) -> np.ndarray:
    """Scale to a longer side of 20 frame pixels, 160 studio points."""
    factor = BOX * STUDIO / max(ink.shape)
    height, width = (max(1, round(side * factor)) for side in ink.shape)
    if factor < 1 and stroke_width(ink) * factor < PEN[0] * STUDIO:
        ink = cv2.dilate(ink, np.ones((round(1 / factor),) * 2))  # a thin pen would fade, not shrink
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    sized = np.clip(cv2.resize(ink, (width, height), interpolation=method), 0, 1)
    return sized / max(sized.max(), 0.2)  # faint ink is brought to full strength


def _even_pen(ink: np.ndarray) -> np.ndarray:
    """Widen a pen under, or narrow a pen over, the range `PEN`."""
    width = stroke_width(ink) / STUDIO
    change = round((float(np.clip(width, *PEN)) - width) * STUDIO)
    if change == 0:
        return ink
    diameter = abs(change) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter, diameter))
    if change > 0:
        return cv2.dilate(np.pad(ink, diameter), disc)
    thinner = cv2.erode(np.pad(ink, 1), disc)
    return thinner if thinner.max() > 0.5 else ink


def _place(ink: np.ndarray) -> np.ndarray:
    """Put ink (h, w), in studio points, into the frame: longer side 20 pixels, mass in the middle."""
    factor = BOX * STUDIO / max(ink.shape)
    half = (factor - 1) / 2  # OpenCV counts from the middle of a pixel, not from its edge
    right = _shift(ink.sum(axis=0), factor) + half
    down = _shift(ink.sum(axis=1), factor) + half
    warp = np.array([[factor, 0, right], [0, factor, down]])
    studio = cv2.warpAffine(ink, warp, (SIDE * STUDIO, SIDE * STUDIO), flags=cv2.INTER_LINEAR)
    return cv2.resize(studio, (SIDE, SIDE), interpolation=cv2.INTER_AREA)  # the mean of its studio points


def _shift(profile: np.ndarray, factor: float) -> float:
    """Return how far to move ink so that its mass is centred but none of it leaves the frame.

    `profile` (n,) is the ink per row or column, `factor` its scale; all in studio points.
    """
    centre = profile @ (np.arange(len(profile)) + 0.5) / profile.sum()
    return float(np.clip(CENTRE * STUDIO - factor * centre, 0, SIDE * STUDIO - factor * len(profile)))
