"""What pictures suffer: the fifteen kinds of MNIST-C, written anew, seeded, in five severities each.

Mu and Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision", 2019, arXiv:1906.02337. At the severity
that the paper uses, `KINDS[kind].paper`, amounts and quirks follow its generator; for kinds that it knows in
one strength only (stripe, dotted line, zigzag, canny edges) the other severities are ours. A model must never
be trained on these: they judge.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from digits.contract import SIDE
from digits.trust.shapes import line, plasma, zigzag_corners

MIDDLE = (SIDE - 1) / 2
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE].astype(float)


def shot_noise(images, photons, rng):
    """Count photons: noise that grows with brightness."""
    return rng.poisson(images * photons) / photons


def impulse_noise(images, share, rng):
    """Set a share of the pixels to black or white."""
    hit, white = rng.random(images.shape) <= share, rng.random(images.shape) <= 0.5
    return np.where(hit, white, images)


def glass_blur(images, level, rng):
    """Look through frosted glass: blur (as in the original, downwards only), swap neighbours, blur."""
    sigma, delta, rounds = level
    images = np.floor(ndimage.gaussian_filter1d(images, sigma, axis=1, mode="nearest") * 255)
    every = np.arange(len(images))
    for _ in range(rounds):
        for row in range(SIDE - delta, delta, -1):
            for column in range(SIDE - delta, delta, -1):
                chosen = every[rng.random(len(images)) < 0.5]
                down, right = rng.integers(-delta, delta, (2, len(chosen)))
                here, there = (chosen, row, column), (chosen, row + down, column + right)
                images[here], images[there] = images[there], images[here]
    return ndimage.gaussian_filter1d(images / 255, sigma, axis=1, mode="nearest")


def motion_blur(images, level, rng):
    """Move the camera: smear one way, at up to 45 degrees from level, fading as half a Gaussian."""
    radius, sigma = level
    steps = np.arange(2 * radius + 1)
    weights = np.exp(-(steps**2) / (2 * sigma**2))
    angles = np.radians(rng.uniform(-45, 45, len(images)))
    blurred = np.zeros_like(images)
    for step, weight in zip(steps, weights / weights.sum(), strict=True):
        right, down = np.ceil(step * np.cos(angles) - 0.5), np.ceil(step * np.sin(angles) - 0.5)
        rows = np.clip(ROWS + down[:, None, None], 0, SIDE - 1).astype(int)
        columns = np.clip(COLUMNS + right[:, None, None], 0, SIDE - 1).astype(int)
        blurred += weight * images[np.arange(len(images))[:, None, None], rows, columns]
    return blurred


def shear(images, angle, rng):
    """Slant to either side."""
    return _warp(images, rng, lambda sign: [[np.cos(angle), 0], [-np.sin(sign * angle), 1]])


def scale(images, factor, rng):
    """Shrink about the middle."""
    return _warp(images, rng, lambda sign: np.eye(2) / factor)


def rotate(images, angle, rng):
    """Turn either way about the middle."""
    cos, sin = np.cos(angle), np.sin(angle)
    return _warp(images, rng, lambda sign: [[cos, sign * sin], [-sign * sin, cos]])


def brightness(images, amount, rng):
    """Brighten all pixels alike."""
    return images + amount


def translate(images, pixels, rng):
    """Move along both axes, by so many pixels each, either way."""
    moved = np.zeros_like(images)
    for n, (down, right) in enumerate(pixels * rng.choice([-1, 1], (len(images), 2))):
        moved[n] = ndimage.shift(images[n], (down, right), order=0)
    return moved


def stripe(images, width, rng):
    """Turn the left and the right border inside out."""
    striped = images.copy()
    for side in (np.s_[:, :, :width], np.s_[:, :, SIDE - width :]):
        striped[side] = 1 - images[side]
    return striped


def fog(images, level, rng):
    """Lay a fractal cloud over the picture, which loses as much contrast."""
    amount, decay = level
    clouds = np.stack([plasma(decay, rng)[:SIDE, :SIDE] for _ in images])
    most = images.max(axis=(1, 2), keepdims=True)
    return (images + amount * clouds) * most / np.maximum(most + amount, 1e-9)


def spatter(images, level, rng):
    """Spatter dark mud on the picture."""
    mean, spread, blur, threshold, edge = level
    mud = rng.normal(mean, spread, images.shape)
    mud = ndimage.gaussian_filter(mud, (0, blur, blur), mode="nearest") > threshold
    mud = ndimage.gaussian_filter(mud.astype(float), (0, edge, edge), mode="nearest")
    mud[mud < 0.8] = 0
    return images * (1 - mud) + 63 / 255 * mud


def dotted_line(images, lines, rng):
    """Draw a dotted line from the left to the right border."""
    dots = COLUMNS // 2 % 2
    drawn = images.copy()
    for n, lines_of_one in enumerate(rng.integers(0, 27, (len(images), lines, 2))):
        for left, right in lines_of_one:
            drawn[n] = np.clip(drawn[n] + dots * line(0, left, 27, right), 0, 1)
    return drawn


def zigzag(images, lines, rng):
    """Draw a zigzag across the picture."""
    drawn = images.copy()
    for n in range(len(images)):
        for _ in range(lines):
            left = rng.integers(0, 27)
            corners = zigzag_corners(2.0, left, 25.0, left + rng.integers(-5, 5))
            for (x0, y0), (x1, y1) in zip(corners, corners[1:], strict=False):
                drawn[n] = np.clip(drawn[n] + line(x0, y0, x1, y1), 0, 1)
    return drawn


def canny_edges(images, sigma, rng):
    """Keep the edges only (Canny, 1986)."""
    from skimage.feature import canny  # late: reading digits must not wait for it

    return np.stack([canny(image, sigma) for image in images]).astype(float)


@dataclass(frozen=True)
class Kind:
    """A corruption: `apply(images, level, rng)` at one of five levels."""

    apply: Callable
    levels: tuple
    paper: int
    """The severity, 1 to 5, that MNIST-C uses."""


KINDS: dict[str, Kind] = {
    "shot_noise": Kind(shot_noise, (60, 25, 12, 5, 3), 5),
    "impulse_noise": Kind(impulse_noise, (0.03, 0.06, 0.09, 0.17, 0.27), 4),
    "glass_blur": Kind(glass_blur, ((0.7, 1, 2), (0.9, 2, 1), (1.0, 2, 3), (1.1, 3, 2), (1.5, 4, 2)), 1),
    "motion_blur": Kind(motion_blur, ((10, 3), (15, 5), (15, 8), (15, 12), (20, 15)), 1),
    "shear": Kind(shear, (0.2, 0.4, 0.6, 0.8, 1.0), 2),
    "scale": Kind(scale, (0.9, 0.8, 0.7, 0.6, 0.5), 3),
    "rotate": Kind(rotate, (0.2, 0.4, 0.6, 0.8, 1.0), 2),
    "brightness": Kind(brightness, (0.1, 0.2, 0.3, 0.4, 0.5), 5),
    "translate": Kind(translate, (1, 2, 3, 4, 5), 3),
    "stripe": Kind(stripe, (3, 5, 7, 8, 9), 3),
    "fog": Kind(fog, ((1.5, 2.0), (2.0, 2.0), (2.5, 1.7), (2.5, 1.5), (3.0, 1.4)), 5),
    "spatter": Kind(
        spatter,
        (
            (0.65, 0.3, 4, 0.69, 0.6),
            (0.65, 0.3, 3, 0.68, 0.6),
            (0.65, 0.3, 2, 0.68, 0.5),
            (0.65, 0.3, 1, 0.65, 1.5),
            (0.67, 0.4, 1, 0.65, 1.5),
        ),
        4,
    ),
    "dotted_line": Kind(dotted_line, (1, 2, 3, 4, 5), 1),
    "zigzag": Kind(zigzag, (1, 2, 3, 4, 5), 1),
    "canny_edges": Kind(canny_edges, (1.0, 1.2, 1.4, 1.7, 2.0), 1),
}


def corrupt(images: np.ndarray, kind: str, severity: int | None = None, seed: int = 0) -> np.ndarray:
    """Corrupt images; the same call gives the same pixels.

    Args:
        images: (N, 28, 28) uint8.
        kind: a name in `KINDS`.
        severity: 1 to 5 (None: the one of MNIST-C).
        seed: of all chance, for each kind its own.

    Returns:
        (N, 28, 28) uint8.

    Raises:
        ValueError: no such kind, or no such severity.
    """
    if kind not in KINDS:
        raise ValueError(f"Corruption {kind!r} is unknown; expected one of: {', '.join(KINDS)}.")
    severity = KINDS[kind].paper if severity is None else severity
    if severity not in range(1, 6):
        raise ValueError(f"Severity {severity} of {kind}; expected 1 to 5.")
    rng = np.random.default_rng([seed, severity, zlib.crc32(kind.encode())])
    changed = KINDS[kind].apply(images / 255, KINDS[kind].levels[severity - 1], rng)
    return (np.clip(changed, 0, 1) * 255).astype(np.uint8)


def _warp(images, rng, matrix_of):
    """Resample each image: its pixel at p comes from matrix p, rows before columns, about the middle."""
    warped = np.empty_like(images)
    for n, sign in enumerate(rng.choice([-1, 1], len(images))):
        matrix = np.asarray(matrix_of(sign))
        warped[n] = ndimage.affine_transform(images[n], matrix, MIDDLE - matrix @ [MIDDLE, MIDDLE], order=1)
    return warped
