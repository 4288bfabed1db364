"""The fifteen corruptions of MNIST-C, written anew: images (N, 28, 28) float in [0, 1], a level and chance
in, the same shape out, not yet clipped.

Mu and Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision", 2019, arXiv:1906.02337. Amounts and
quirks follow its generator.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from digits.config import SIDE

ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE].astype(float)
MIDDLE = (SIDE - 1) / 2
LINE_REACH = 2.3  # rows above and below a drawn line that it still brightens
PLASMA_SIDE = 256
FIELDS = 16  # of clouds, made at once: they fit into the cache


def shot_noise(images: np.ndarray, photons: float, rng: np.random.Generator) -> np.ndarray:
    """Count photons: noise that grows with brightness."""
    return rng.poisson(images * photons) / photons


def impulse_noise(images: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Set a share of the pixels to black or white."""
    hit, white = rng.random(images.shape) <= share, rng.random(images.shape) <= 0.5
    return np.where(hit, white, images)


def glass_blur(images: np.ndarray, level: tuple, rng: np.random.Generator) -> np.ndarray:
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


def motion_blur(images: np.ndarray, level: tuple, rng: np.random.Generator) -> np.ndarray:
    """Move the camera: smear one way, at up to 45 degrees from level, fading as half a Gaussian."""
    radius, sigma = level
    steps = np.arange(2 * radius + 1)
    weights = np.exp(-(steps**2) / (2 * sigma**2))
    blurred = np.empty_like(images)
    for n, angle in enumerate(np.radians(rng.uniform(-45, 45, len(images)))):
        kernel = np.zeros((4 * radius + 1, 4 * radius + 1))
        right, down = (np.ceil(steps * f(angle) - 0.5).astype(int) for f in (np.cos, np.sin))
        np.add.at(kernel, (2 * radius + down, 2 * radius + right), weights / weights.sum())
        blurred[n] = cv2.filter2D(images[n], -1, kernel, borderType=cv2.BORDER_REPLICATE)
    return blurred


def shear(images: np.ndarray, angle: float, rng: np.random.Generator) -> np.ndarray:
    """Slant to either side."""
    return warp(images, rng, lambda sign: [[np.cos(angle), 0], [-np.sin(sign * angle), 1]])


def scale(images: np.ndarray, factor: float, rng: np.random.Generator) -> np.ndarray:
    """Shrink about the middle."""
    return warp(images, rng, lambda sign: np.eye(2) / factor)


def rotate(images: np.ndarray, angle: float, rng: np.random.Generator) -> np.ndarray:
    """Turn either way about the middle."""
    cos, sin = np.cos(angle), np.sin(angle)
    return warp(images, rng, lambda sign: [[cos, sign * sin], [-sign * sin, cos]])


def brightness(images: np.ndarray, amount: float, rng: np.random.Generator) -> np.ndarray:
    """Brighten all pixels alike."""
    return images + amount


def translate(images: np.ndarray, pixels: int, rng: np.random.Generator) -> np.ndarray:
    """Move along both axes, by so many pixels each, either way."""
    moved = np.zeros_like(images)
    for n, (down, right) in enumerate(pixels * rng.choice([-1, 1], (len(images), 2))):
        moved[n] = ndimage.shift(images[n], (down, right), order=0)
    return moved


def stripe(images: np.ndarray, width: int, rng: np.random.Generator) -> np.ndarray:
    """Turn the left and the right border inside out."""
    striped = images.copy()
    for side in (np.s_[:, :, :width], np.s_[:, :, SIDE - width :]):
        striped[side] = 1 - images[side]
    return striped


def fog(images: np.ndarray, level: tuple, rng: np.random.Generator) -> np.ndarray:
    """Lay a fractal cloud over the picture, which loses as much contrast."""
    amount, decay = level
    clouds = np.concatenate([_clouds(decay, rng) for _ in range(0, len(images), 4 * FIELDS)])[: len(images)]
    most = images.max(axis=(1, 2), keepdims=True)
    return (images + amount * clouds) * most / np.maximum(most + amount, 1e-9)


def spatter(images: np.ndarray, level: tuple, rng: np.random.Generator) -> np.ndarray:
    """Spatter dark mud on the picture."""
    mean, spread, blur, threshold, edge = level
    mud = rng.normal(mean, spread, images.shape)
    mud = ndimage.gaussian_filter(mud, (0, blur, blur), mode="nearest") > threshold
    mud = ndimage.gaussian_filter(mud.astype(float), (0, edge, edge), mode="nearest")
    mud[mud < 0.8] = 0
    return images * (1 - mud) + 63 / 255 * mud


def dotted_line(images: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Draw dotted lines from the left to the right border."""
    dots = COLUMNS // 2 % 2
    drawn = images
    for left, right in rng.integers(0, 27, (number, 2, len(images))):
        drawn = np.clip(drawn + dots * _lines(0, left, 27, right), 0, 1)
    return drawn


def zigzag(images: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Draw zigzags across the picture."""
    drawn = images.copy()
    for _ in range(number):
        left = rng.integers(0, 27, len(images))
        ends = zip(left, left + rng.integers(-5, 5, len(images)), strict=True)
        corners = [_zigzag_corners(2.0, y0, 25.0, y1) for y0, y1 in ends]
        for step in range(max(map(len, corners)) - 1):
            some = [n for n, path in enumerate(corners) if len(path) > step + 1]
            (x0, y0), (x1, y1) = (np.array([corners[n][step + end] for n in some]).T for end in (0, 1))
            drawn[some] = np.clip(drawn[some] + _lines(x0, y0, x1, y1), 0, 1)
    return drawn


def canny_edges(images: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Fade to the edges alone (Canny, 1986, with sigma 1)."""
    from skimage.feature import canny  # late: reading digits must not wait for it

    return (1 - share) * images + share * np.stack([canny(image, 1.0) for image in images])


def warp(images: np.ndarray, rng: np.random.Generator, matrix_of: Callable[[int], ArrayLike]) -> np.ndarray:
    """Resample each image: its pixel at p comes from matrix p, rows before columns, about the middle."""
    warped = np.empty_like(images)
    for n, sign in enumerate(rng.choice([-1, 1], len(images))):
        matrix = np.asarray(matrix_of(sign))
        warped[n] = ndimage.affine_transform(images[n], matrix, MIDDLE - matrix @ [MIDDLE, MIDDLE], order=1)
    return warped


def _clouds(decay: float, rng: np.random.Generator) -> np.ndarray:
    """Return clouds (4 x FIELDS, 28, 28): each field, a torus, is as likely to be any mirror image of it."""
    field = _plasma(FIELDS, decay, rng)
    mirrored = [field, field[:, ::-1], field[:, :, ::-1], field[:, ::-1, ::-1]]
    shifts = [(0, 0), (1, 0), (0, 1), (1, 1)]  # so that row and column 0 stay what they are
    cut = [np.roll(m, s, (1, 2))[:, :SIDE, :SIDE] for m, s in zip(mirrored, shifts, strict=True)]
    return np.concatenate(cut)


def _plasma(number: int, decay: float, rng: np.random.Generator) -> np.ndarray:
    """Return fractal height fields (number, 256, 256) float32 in [0, 1], by diamond-square on a torus."""
    field = np.zeros((number, PLASMA_SIDE, PLASMA_SIDE), np.float32)
    step, wobble = PLASMA_SIDE, 100.0
    while step >= 2:
        half = step // 2
        grid, between = np.s_[::step], np.s_[half::step]
        corners = field[:, grid, grid]
        pairs = corners + np.roll(corners, -1, 1)
        field[:, between, between] = centres = _wobbled(pairs + np.roll(pairs, -1, 2), wobble, rng)
        beside = centres + np.roll(centres, 1, 1) + corners + np.roll(corners, -1, 2)
        field[:, grid, between] = _wobbled(beside, wobble, rng)
        below = centres + np.roll(centres, 1, 2) + corners + np.roll(corners, -1, 1)
        field[:, between, grid] = _wobbled(below, wobble, rng)
        step, wobble = half, wobble / decay
    field -= field.min(axis=(1, 2), keepdims=True)
    return field / field.max(axis=(1, 2), keepdims=True)


def _wobbled(four: np.ndarray, wobble: float, rng: np.random.Generator) -> np.ndarray:
    """Return the means of the sums of four points, moved by chance up to the square of `wobble`."""
    return four / 4 + np.float32(wobble * wobble) * (2 * rng.random(four.shape, dtype=np.float32) - 1)


def _lines(x0: ArrayLike, y0: ArrayLike, x1: ArrayLike, y1: ArrayLike) -> np.ndarray:
    """Return soft lines (N, 28, 28) in [0, 1] from column x0 to x1, brightness falling above and below.

    Each end is a number or (N,), in pixels.
    """
    x0, y0, x1, y1 = (
        np.reshape(end, (-1, 1, 1)).astype(float) for end in np.broadcast_arrays(x0, y0, x1, y1)
    )
    slope = np.divide(y1 - y0, x1 - x0, out=np.zeros_like(x0), where=x1 != x0)
    distance = np.abs(ROWS - y0 - slope * (COLUMNS - x0))
    soft = np.log(1 - np.clip(distance, 0, LINE_REACH - 1e-10) / LINE_REACH) + 1
    return np.clip(soft, 0, 1) * ((np.floor(x0) <= COLUMNS) & (np.ceil(x1) > COLUMNS) & (x0 != x1))


def _zigzag_corners(x0: float, y0: float, x1: float, y1: float, size: float = 2.0) -> np.ndarray:
    """Return the corners (K, 2), x and y, of a zigzag along the line between two points."""
    angle = np.arctan((y1 - y0) / (x1 - x0))
    length = (x1 - x0) / np.cos(angle)
    number = int((length - size) // (2 * size)) + 1
    along = [0.0, *((2 * i + 1) * size for i in range(number))]
    beside = [0.0, *((-1) ** i * size for i in range(number))]
    rest = length - 2 * size * (length // (2 * size))
    if rest:
        along.append(length)
        beside.append(beside[-1] / (2 * rest))
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, sin], [-sin, cos]])
    return np.stack([along, beside], axis=1) @ turn + [x0, y0]
