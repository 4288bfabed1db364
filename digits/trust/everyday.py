"""Damage as it comes in daily use, each kind in one plain amount: images (N, 28, 28) float in [0, 1], a level
and chance in, the same shape out, not yet clipped.
"""

import cv2
import numpy as np
from scipy import ndimage

from digits.contract import BOX, SIDE
from digits.trust.mnist_c import COLUMNS, ROWS, warp

FINER = 4  # pixels for one where pens are made thinner or thicker
OCCLUDER = 0.5  # brightness of what lies on the digit, between paper and ink


def noise(images, spread, rng):
    """Add Gaussian noise of a standard deviation, as of a camera in the dark."""
    return images + spread * rng.normal(size=images.shape)


def blur(images, sigma, rng):
    """Blur by a Gaussian of `sigma` pixels, as of a lens out of focus."""
    return ndimage.gaussian_filter(images, (0, sigma, sigma))


def rotation(images, degrees, rng):
    """Turn either way about the middle."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return warp(images, rng, lambda sign: [[cos, sign * sin], [-sign * sin, cos]])


def shift(images, pixels, rng):
    """Move so many pixels in any direction, also out of the picture."""
    angles = rng.uniform(0, 2 * np.pi, len(images))
    moves = [
        np.array([[1, 0, x], [0, 1, y]], np.float32)
        for x, y in pixels * np.stack([np.cos(angles), np.sin(angles)], 1)
    ]
    return np.stack(
        [cv2.warpAffine(image, move, (SIDE, SIDE)) for image, move in zip(images, moves, strict=True)]
    )


def size(images, factor, rng):
    """Enlarge by a factor, or shrink by it, about the middle."""
    return warp(images, rng, lambda sign: np.eye(2) * factor**sign)


def pen(images, factor, rng):
    """Draw with a pen `factor` times as wide: every edge moves by the same way."""
    return np.stack([_with_pen(image, factor) for image in images])


def occlusion(images, side, rng):
    """Lay a grey square of so many pixels on the digit."""
    least = (SIDE - BOX) // 2
    top, left = rng.integers(least, SIDE - least - side + 1, (2, len(images), 1, 1))
    covered = (top <= ROWS) & (top + side > ROWS) & (left <= COLUMNS) & (left + side > COLUMNS)
    return np.where(covered, OCCLUDER, images)


def contrast(images, share, rng):
    """Keep a share of the contrast: ink and paper draw near to the same grey."""
    return OCCLUDER + share * (images - OCCLUDER)


def _with_pen(image, factor):
    """Return one image (28, 28), the edge of its ink moved by the share `factor` - 1 of the pen's half width.

    The mean distance of a stroke's points to its edge is half of its half width.
    """
    finer = cv2.resize(image, None, fx=FINER, fy=FINER, interpolation=cv2.INTER_CUBIC) > 0.5
    if not finer.any():
        return image
    inside, outside = (
        cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5) for mask in (finer, ~finer)
    )
    depth = np.where(finer, inside - 0.5, 0.5 - outside)  # of a pixel's middle under the edge
    grown = (factor - 1) * 2 * depth[finer].mean()
    return cv2.resize(np.clip(depth + grown + 0.5, 0, 1), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
