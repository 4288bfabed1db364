"""Whether answers stay as they are where the same writing is cut, scaled or turned a hair otherwise."""

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from tqdm import tqdm

from digits import Recognizer, metrics
from evaluation.handwriting.sets import Example

HARDLY = ("pixel", "size", "turn")
"""The kinds of change that make up the figure; the others are reported beside it."""

Change = Callable[[np.ndarray], np.ndarray]


def changes() -> Iterator[tuple[str, Change]]:
    """Yield each change with its kind; it takes and returns a picture, uint8 (H, W) or (H, W, 3)."""
    for axis in (0, 1):
        for more in ((1, 0), (0, 1)):
            sides = [more if other == axis else (0, 0) for other in range(3)]
            yield "pixel", lambda picture, sides=sides: np.pad(picture, sides[: picture.ndim], "edge")
            cut = (slice(None),) * axis + (slice(more[0], -1 if more[1] else None),)
            yield "pixel", lambda picture, cut=cut: picture[cut]
    for factor in (0.98, 1.02):
        yield "size", lambda picture, factor=factor: _moved(picture, 0, factor)
    for degrees in (-1, 1):
        yield "turn", lambda picture, degrees=degrees: _moved(picture, degrees, 1)
    yield "grey", lambda picture: np.minimum(picture, 254) + np.uint8(1)
    yield "polarity", lambda picture: 255 - picture


def _moved(picture: np.ndarray, degrees: float, factor: float) -> np.ndarray:
    """Return a picture turned and scaled around its middle, its edges repeated."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, factor)
    return cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def steadiness(recognizer: Recognizer, examples: list[Example]) -> dict:
    """Return n, the share of answers with their status that stay as they are, its interval, and each kind's.

    Every kind of `HARDLY` counts the same, however many changes it has.
    """
    pictures = [np.asarray(example.make()) for example in examples]
    before = _answers(recognizer, pictures)
    same: dict[str, list[np.ndarray]] = {}
    for kind, change in tqdm(list(changes()), unit="change", desc="steadiness"):
        after = _answers(recognizer, [np.ascontiguousarray(change(picture)) for picture in pictures])
        same.setdefault(kind, []).append(np.array([a == b for a, b in zip(before, after, strict=True)]))
    shares = {kind: np.mean(found, axis=0) for kind, found in same.items()}
    mean, interval = metrics.mean_interval(np.mean([shares[kind] for kind in HARDLY], axis=0))
    kinds = {kind: round(float(share.mean()), 5) for kind, share in shares.items()}
    return {"n": len(pictures), "accuracy": mean, "interval_95": interval, "kinds": kinds}


def _answers(recognizer: Recognizer, pictures: list[np.ndarray]) -> list[tuple[int | None, str]]:
    return [(reading.digit, reading.status) for reading in recognizer.read_digits(pictures)]
