"""Does it matter how large, where and with which pen a digit is drawn on the canvas?

    python -m evaluation.judges.canvas --model mnist_cnn    # about five minutes on two cores

MNIST test digits are thinned to their centre line and painted onto 280 x 280 canvases with a round brush,
half of them dark on light, half light on dark. At 100 % the centre line's longer side is 180 pixels. Each
accuracy is compared with that of the same digits drawn at 100 % in the middle with brush 18.
Writes evaluation/results/<name>.canvas.json.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import tyro
from skimage.morphology import skeletonize
from tqdm import tqdm

from digits import Recognizer, config, experiment, metrics
from digits.config import DEFAULT_MODEL
from digits.data.mnist_test import load_test
from digits.models import checkpoints, leaderboard

CANVAS, FULL, BRUSH = 280, 180, 18  # pixels
SIZES = (0.3, 0.5, 0.7, 1.0, 1.3)
BRUSHES = (6, 12, 18, 26, 40)
TOO_THICK = 0.25
"""A pen wider than this share of the digit's height fills the loops of 6, 8 and 9: no reader could tell."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Measure how size, place and brush on the canvas change the accuracy."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    n: int = 2000
    """Test digits per condition."""
    seed: int = 1
    """Start of the random places."""

    def __post_init__(self):
        config.check("--n", self.n, self.n >= 1, "1 or more")
        config.check("--seed", self.seed, self.seed >= 0, "0 or more")


def centre_line(image: np.ndarray) -> np.ndarray:
    """Return the points (k, 2) of the centre line of a digit (28, 28) uint8, longer side 1, middle at 0."""
    fine = cv2.resize(image, (280, 280), interpolation=cv2.INTER_CUBIC)
    shape = cv2.GaussianBlur(fine, (0, 0), 5) > 110
    points = np.argwhere(skeletonize(shape if shape.any() else fine > 0))[:, ::-1].astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    return (points - (low + high) / 2) / max(1.0, (high - low).max())


def paint(line: np.ndarray, size: float, brush: float, centre: np.ndarray, dark: bool) -> np.ndarray:
    """Paint a centre line onto a canvas, (280, 280) uint8.

    Args:
        line: from `centre_line`.
        size: 1.0 for a longer side of 180 pixels.
        brush: diameter in pixels.
        centre: x, y of the digit's middle.
        dark: True for white on black.
    """
    points = line * size * FULL + centre
    fine = 2  # half-pixel grid: the line has no gaps at 130 %
    paper = np.ones((CANVAS * fine, CANVAS * fine), np.uint8)
    x, y = np.clip(np.round(points * fine), 0, CANVAS * fine - 1).astype(int).T
    paper[y, x] = 0
    paper = cv2.erode(paper, np.ones((3, 3), np.uint8))
    distance = cv2.distanceTransform(paper, cv2.DIST_L2, 5) / fine
    ink = np.clip(brush / 2 - distance + 0.5, 0, 1)
    ink = cv2.resize(ink, (CANVAS, CANVAS), interpolation=cv2.INTER_AREA)
    return np.round(255 * (ink if dark else 1 - ink)).astype(np.uint8)


def random_centre(line: np.ndarray, size: float, brush: float, rng: np.random.Generator) -> np.ndarray:
    """Return a place anywhere on the canvas at which the whole digit fits."""
    half = np.abs(line).max(axis=0) * size * FULL + brush / 2 + 1
    return rng.uniform(np.minimum(half, CANVAS / 2), np.maximum(CANVAS - half, CANVAS / 2))


def measure(recognizer, lines, labels, size, brush, rng) -> tuple[np.ndarray, float]:
    """Return which digits were read right (N,) bool, and the share called unsure; rng None draws centred."""
    middle = np.array([CANVAS / 2, CANVAS / 2])
    canvases = [
        paint(line, size, brush, random_centre(line, size, brush, rng) if rng else middle, dark=bool(i % 2))
        for i, line in enumerate(lines)
    ]
    readings = recognizer.read_digits(canvases)
    right = np.array([reading.digit == label for reading, label in zip(readings, labels, strict=True)])
    return right, float(np.mean([reading.status == "unsure" for reading in readings]))


def main(settings: Settings) -> None:
    """Measure every size with every brush, write JSON, print a table."""
    path = checkpoints.find(settings.model)
    recognizer = Recognizer.load(path)
    images, labels = load_test(settings.n)
    lines = [centre_line(image) for image in images]
    rng = np.random.default_rng(settings.seed)
    reference, unsure = measure(recognizer, lines, labels, 1.0, BRUSH, None)
    low, high = metrics.wilson_interval(int(reference.sum()), len(labels))
    conditions = [(size, brush) for size in SIZES for brush in BRUSHES]
    rows = []
    for size, brush in tqdm(conditions, unit="condition"):
        right, doubt = measure(recognizer, lines, labels, size, brush, rng)
        rows.append(
            {
                "size": size,
                "brush": brush,
                "accuracy": round(float(right.mean()), 5),
                "difference_points": round(100 * float(right.mean() - reference.mean()), 2),
                "unsure": round(doubt, 4),
                "readable": bool(brush <= TOO_THICK * size * FULL),
            }
        )
    readable = [row["difference_points"] for row in rows if row["readable"]]
    result = {
        "data": "MNIST test digits painted on canvases, whole road",
        "n": len(labels),
        "seed": settings.seed,
        "centred": {
            "accuracy": round(float(reference.mean()), 5),
            "interval_95": [low, high],
            "unsure": unsure,
        },
        "worst_difference_points": min(readable),
        "mean_difference_points": round(float(np.mean(readable)), 3),
        "rows": rows,
    }
    part = "" if settings == Settings(model=settings.model) else ".some"
    leaderboard.write(path, "canvas", result, part)
    print(f"centred: {reference.mean():.2%} of {len(labels):,}; points lost (-) or won (+) elsewhere:")
    print("size   " + "".join(f"brush {brush:<4}" for brush in BRUSHES))
    for size in SIZES:
        cells = [row for row in rows if row["size"] == size]
        print(
            f"{size:4.0%}   "
            + "".join(
                f"{row['difference_points']:+5.2f}{' ' if row['readable'] else '*'}    " for row in cells
            )
        )
    print(f"* the pen is wider than {TOO_THICK:.0%} of the digit's height")


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
