"""What pictures suffer: a registry of graded, seeded corruptions, severity 0 (none) to 5.

Nine of daily use, which stand here, and the fifteen of MNIST-C. Of each of those MNIST-C has one severity,
`Kind.paper`, which follows its generator but for the last step: brightness is cut down to whole steps of
1/255, not rounded. The other severities are near those of its generator's tables, and ours where it has none
or does not grade them. Some kinds resemble each other, e.g. rotation and rotate: a mean over all counts such
corruptions twice. A model must never be trained on these: they judge.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from digits.config import BOX, SIDE
from digits.robustness import mnist_c
from digits.robustness.mnist_c import COLUMNS, ROWS

SEVERITIES = (1, 2, 3, 4, 5)
FINER = 4  # pixels for one where pens are made thinner or thicker
OCCLUDER = 0.5  # brightness of what lies on the digit, between paper and ink


def noise(images: np.ndarray, spread: float, rng: np.random.Generator) -> np.ndarray:
    """Add Gaussian noise of a standard deviation, as of a camera in the dark."""
    return images + spread * rng.normal(size=images.shape)


def blur(images: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Blur by a Gaussian of `sigma` pixels, as of a lens out of focus."""
    return ndimage.gaussian_filter(images, (0, sigma, sigma))


def rotation(images: np.ndarray, degrees: float, rng: np.random.Generator) -> np.ndarray:
    """Turn either way about the middle."""
    return mnist_c.rotate(images, np.radians(degrees), rng)


def shift(images: np.ndarray, pixels: float, rng: np.random.Generator) -> np.ndarray:
    """Move so many pixels in any direction, also out of the picture."""
    angles = rng.uniform(0, 2 * np.pi, len(images))
    moves = pixels * np.stack([np.cos(angles), np.sin(angles)], 1)
    moved = np.empty_like(images)
    for n, (x, y) in enumerate(moves):
        moved[n] = cv2.warpAffine(images[n], np.array([[1, 0, x], [0, 1, y]], np.float32), (SIDE, SIDE))
    return moved


def size(images: np.ndarray, factor: float, rng: np.random.Generator) -> np.ndarray:
    """Enlarge by a factor, or shrink by it, about the middle."""
    return mnist_c.warp(images, rng, lambda sign: np.eye(2) * factor**sign)


def pen(images: np.ndarray, factor: float, rng: np.random.Generator) -> np.ndarray:
    """Draw with a pen `factor` times as wide: every edge moves by the same way."""
    return np.stack([_with_pen(image, factor) for image in images])


def occlusion(images: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """Lay a grey square of so many pixels on the digit."""
    least = (SIDE - BOX) // 2
    top, left = rng.integers(least, SIDE - least - side + 1, (2, len(images), 1, 1))
    inside = (top <= ROWS) & (top + side > ROWS) & (left <= COLUMNS) & (left + side > COLUMNS)
    return np.where(inside, OCCLUDER, images)


def contrast(images: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Keep a share of the contrast: ink and paper draw near to the same grey."""
    return OCCLUDER + share * (images - OCCLUDER)


def _with_pen(image: np.ndarray, factor: float) -> np.ndarray:
    """Return one image (28, 28), the edge of its ink moved by the share `factor` - 1 of the pen's half width.

    The mean distance of a stroke's points to its edge is half of its half width.
    """
    finer = cv2.resize(image, None, fx=FINER, fy=FINER, interpolation=cv2.INTER_CUBIC) > 0.5
    if not finer.any():
        return image
    masks = finer.astype(np.uint8), (~finer).astype(np.uint8)
    inside, outside = (cv2.distanceTransform(mask, cv2.DIST_L2, 5) for mask in masks)
    depth = np.where(finer, inside - 0.5, 0.5 - outside)  # of a pixel's middle under the edge
    grown = (factor - 1) * 2 * depth[finer].mean()
    return cv2.resize(np.clip(depth + grown + 0.5, 0, 1), (SIDE, SIDE), interpolation=cv2.INTER_AREA)


@dataclass(frozen=True)
class Kind:
    """A kind of corruption: `apply(images, level, rng)` at one of five levels."""

    apply: Callable
    levels: tuple
    words: str
    """What happens, for people."""
    amount: str = ""
    """How to say a level, e.g. "{} pixels"; empty where a level is more than a number."""
    paper: int | None = None
    """The severity that MNIST-C uses; None for what is not of it."""

    def say(self, severity: int) -> str:
        """Return the amount at a severity in words, e.g. "18 degrees", or nothing.

        >>> KINDS["rotation"].say(2), KINDS["fog"].say(2)
        ('18 degrees', '')
        """
        return self.amount.format(self.levels[severity - 1]) if severity and self.amount else ""


_SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)
_SPATTER = tuple((0.65, 0.3, 1, threshold, 1.5) for threshold in (0.69, 0.675, 0.66, 0.65, 0.635))
_IMPULSES = (0.03, 0.06, 0.09, 0.17, 0.27)
_GLASS = ((0.7, 1, 2), (0.9, 2, 1), (1.0, 2, 3), (1.1, 3, 2), (1.5, 4, 2))
_MOTION = ((10, 3), (12, 4), (15, 5), (15, 6.5), (15, 8))
_FOG = ((1.5, 2.0), (2.0, 2.0), (2.5, 1.7), (2.7, 1.5), (3.0, 1.4))

KINDS: dict[str, Kind] = {
    "noise": Kind(noise, (0.1, 0.2, 0.3, 0.45, 0.6), "camera noise", "{:.0%} of the range"),
    "blur": Kind(blur, (0.5, 1.0, 1.5, 2.0, 2.5), "out of focus", "{} pixels"),
    "rotation": Kind(rotation, (9, 18, 27, 36, 45), "tilted either way", "{} degrees"),
    "shift": Kind(shift, (1.5, 3.0, 4.5, 6.0, 7.5), "moved off the middle", "{} pixels"),
    "size": Kind(size, (1.1, 1.2, 1.3, 1.45, 1.6), "larger or smaller", "{} times"),
    "thin": Kind(pen, (0.85, 0.7, 0.55, 0.42, 0.3), "a thinner pen", "{:.0%} of its width"),
    "thick": Kind(pen, (1.3, 1.6, 1.9, 2.2, 2.5), "a thicker pen", "{:.0%} of its width"),
    "occlusion": Kind(occlusion, (4, 6, 8, 10, 12), "partly covered", "{} pixels wide"),
    "contrast": Kind(contrast, (0.7, 0.5, 0.3, 0.2, 0.1), "pale", "{:.0%} left"),
    "shot_noise": Kind(mnist_c.shot_noise, (60, 25, 12, 5, 3), "grain of a dark photo", paper=5),
    "impulse_noise": Kind(mnist_c.impulse_noise, _IMPULSES, "salt and pepper", "{:.0%} of the pixels", 4),
    "glass_blur": Kind(mnist_c.glass_blur, _GLASS, "behind frosted glass", paper=1),
    "motion_blur": Kind(mnist_c.motion_blur, _MOTION, "a shaken camera", paper=1),
    "shear": Kind(mnist_c.shear, (0.2, 0.4, 0.55, 0.7, 0.8), "slanted either way", "{} radians", 2),
    "scale": Kind(mnist_c.scale, (0.9, 0.8, 0.7, 0.6, 0.5), "smaller", "{:.0%} of its size", 3),
    "rotate": Kind(mnist_c.rotate, _SHARES, "turned either way", "{} radians", 2),
    "brightness": Kind(mnist_c.brightness, (0.1, 0.2, 0.3, 0.4, 0.5), "overexposed", "{:.0%} brighter", 5),
    "translate": Kind(mnist_c.translate, (1, 2, 3, 4, 5), "moved along both axes", "{} pixels", 3),
    "stripe": Kind(mnist_c.stripe, (3, 5, 7, 8, 9), "borders turned inside out", "{} pixels wide", 3),
    "fog": Kind(mnist_c.fog, _FOG, "fog", paper=5),
    "spatter": Kind(mnist_c.spatter, _SPATTER, "mud on the paper", paper=4),
    "dotted_line": Kind(mnist_c.dotted_line, (1, 2, 3, 4, 5), "dotted lines across it", "{} of them", 1),
    "zigzag": Kind(mnist_c.zigzag, (1, 2, 3, 4, 5), "zigzags across it", "{} of them", 1),
    "canny_edges": Kind(mnist_c.canny_edges, _SHARES, "only its outline", "{:.0%} of the way", 5),
}

MNIST_C = tuple(name for name, kind in KINDS.items() if kind.paper)
"""The kinds of MNIST-C."""


def corrupt(images: np.ndarray, kind: str, severity: int | None = None, seed: int = 0) -> np.ndarray:
    """Corrupt images; the same call gives the same pixels.

    Args:
        images: (N, 28, 28) uint8.
        kind: a name in `KINDS`.
        severity: 0 to 5, 0 for none (None: the one of MNIST-C).
        seed: of all chance, for each kind its own. Another severity meets with the same chance, so that a
            digit is turned further, not the other way.

    Returns:
        (N, 28, 28) uint8.

    Raises:
        ValueError: no such kind, or no such severity.
    """
    if kind not in KINDS:
        raise ValueError(f"Corruption {kind!r} is unknown; expected one of: {', '.join(KINDS)}.")
    severity = KINDS[kind].paper if severity is None else severity
    if severity not in (0, *SEVERITIES):
        raise ValueError(f"Severity {severity} of {kind}; expected 0 to 5.")
    if severity == 0 or not len(images):
        return images.copy()
    rng = np.random.default_rng([seed, zlib.crc32(kind.encode())])
    changed = KINDS[kind].apply(images / 255, KINDS[kind].levels[severity - 1], rng)
    return (np.clip(changed, 0, 1) * 255).astype(np.uint8)
