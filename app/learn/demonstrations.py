"""What the steps show of one digit and one model: small numbers picked out of large arrays."""

from typing import NamedTuple

import cv2
import numpy as np

from digits.config import CLASSES
from digits.explain.trace import Convolution, Pooling
from digits.models import calibration
from digits.preprocessing.frame import to_uint8
from digits.recognizer import Recognizer

SIDE_OF_PATCH = 5
ENLARGED = 10


class Patch(NamedTuple):
    """Some points of a picture."""

    corner: tuple[int, int]
    """Row and column of the first one."""
    values: np.ndarray
    """(5, 5) float32."""

    @property
    def middle(self) -> tuple[int, int]:
        """Row and column of the middle one, among these."""
        return SIDE_OF_PATCH // 2, SIDE_OF_PATCH // 2

    @property
    def centre(self) -> float:
        """Its brightness."""
        return float(self.values[self.middle])


class Scores(NamedTuple):
    """What a network says before and after softmax."""

    scores: np.ndarray
    """(10,) logits over the temperature."""
    probabilities: np.ndarray
    """(10,) their softmax."""

    @property
    def best(self) -> int:
        """The likeliest digit."""
        return int(self.probabilities.argmax())

    @property
    def rest(self) -> float:
        """What the other nine have together."""
        return float(np.delete(self.probabilities.astype(np.float64), self.best).sum())


class MixUps(NamedTuple):
    """What one digit is mistaken for."""

    label: int
    counts: dict[int, int]
    """How often by the digit read, the commonest first; without the right answers."""
    n: int
    """Digits with this label."""
    examples: list[int]
    """Numbers of test digits that were read as the commonest one; perhaps none."""


def edge_patch(frame: np.ndarray) -> Patch:
    """Return points of a frame (28, 28) float32 of many a brightness, with a grey one in the middle."""
    windows = np.lib.stride_tricks.sliding_window_view(frame, (SIDE_OF_PATCH, SIDE_OF_PATCH))
    middle = windows[..., SIDE_OF_PATCH // 2, SIDE_OF_PATCH // 2]
    spread = windows.std(axis=(2, 3)) * (0.01 + middle * (1 - middle))  # 0.01: a digit may have no greys
    row, column = (int(at) for at in np.unravel_index(int(spread.argmax()), spread.shape))
    return Patch((row, column), windows[row, column])


def as_picture(frame: np.ndarray) -> np.ndarray:
    """Return a frame (28, 28) float32 in [0, 1] enlarged, as uint8: as a camera would have seen the digit."""
    return cv2.resize(to_uint8(frame), None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)


def small_in_corner(picture: np.ndarray) -> np.ndarray:
    """Return a picture (H, W) float32 in [0, 1] as uint8, half as large, in a corner of its paper."""
    grey = np.round(255 * picture).astype(np.uint8)
    paper = np.full_like(grey, np.median(grey))
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    paper[: half.shape[0], : half.shape[1]] = half
    return paper


def alike(first: np.ndarray, second: np.ndarray) -> float:
    """Return the correlation of two frames (28, 28), 1 for the same but for contrast; 0 where one is blank.

    Both may be blurred or shifted a little: by half a point each way, which framing may.
    """
    one, other = (cv2.GaussianBlur(np.asarray(frame, np.float32), (3, 3), 0) for frame in (first, second))
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def square(picture: np.ndarray) -> np.ndarray:
    """Return a picture (h, w) float32 in the middle of a black square."""
    side = max(picture.shape)
    rows, columns = ((side - length) // 2 for length in picture.shape)
    return np.pad(
        picture, [(rows, side - rows - picture.shape[0]), (columns, side - columns - picture.shape[1])]
    )


def largest_product(step: Convolution) -> tuple[tuple[int, int], float, float]:
    """Return row and column of the largest product in magnitude, and the two numbers it is made of."""
    row, column, channel = np.unravel_index(int(np.abs(step.products).argmax()), step.products.shape)
    at = row, column, channel
    return (int(row), int(column)), float(step.patch[at]), float(step.kernel.weights[at])


def kept_place(step: Pooling) -> tuple[int, int] | None:
    """Return row and column of the number that max pooling keeps; None for a mean."""
    if step.function != "max":
        return None
    row, column = np.unravel_index(int(step.window.argmax()), step.window.shape)
    return int(row), int(column)


def scores(reader: Recognizer, frame: np.ndarray) -> Scores:
    """Return what a reader says to a frame (28, 28) float32, without any framing before."""
    (logits,) = reader.logits(frame[None, ..., None])
    (probabilities,) = calibration.softmax(logits[None], reader.temperature)
    return Scores(logits / reader.temperature, probabilities)


def wrong_in_hundred(history: list[dict]) -> list[float]:
    """Return how many of 100 training digits were read wrong in each pass, from a card's history."""
    return [100 * (1 - row["accuracy"]) for row in history if "accuracy" in row]


def mix_ups(result: dict, digit: int) -> MixUps | None:
    """Return what a digit is mistaken for, or where it never is the digit that most often is.

    Args:
        result: of `evaluation/judges/accuracy.py`.
        digit: 0 to 9.

    Returns:
        None where the result has no counts, or nothing was mistaken.
    """
    confusion = np.array(result.get("confusion", np.zeros((CLASSES, CLASSES))), int)
    wrong = confusion * (1 - np.eye(CLASSES, dtype=int))
    label = digit if wrong[digit].any() else int(wrong.sum(axis=1).argmax())
    if not wrong[label].any():
        return None
    order = np.argsort(-wrong[label], kind="stable")
    counts = {int(read): int(wrong[label, read]) for read in order if wrong[label, read]}
    pairs = {(pair["label"], pair["read_as"]): pair for pair in result.get("most_confused", [])}
    examples = pairs.get((label, next(iter(counts))), {}).get("examples", [])
    return MixUps(label, counts, int(confusion[label].sum()), list(examples))
