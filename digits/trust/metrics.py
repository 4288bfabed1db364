"""Figures of merit, in plain numpy: probabilities (N, 10) and labels (N,) in, numbers out."""

import math

import numpy as np

from digits.contract import CLASSES


def accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of rows whose largest probability is the label's, in [0, 1]."""
    return float(np.mean(probabilities.argmax(axis=1) == labels))


def wilson_interval(successes: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion (Wilson, 1927), 95 % at z = 1.96.

    It stays inside [0, 1] and is right near 100 %, where the usual plus-minus is not.

    >>> low, high = wilson_interval(9_955, 10_000)
    >>> round(low, 4), round(high, 4)
    (0.994, 0.9966)
    """
    if n == 0:
        return 0.0, 1.0
    share = successes / n
    centre = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def share_right(right: int, n: int) -> dict:
    """Return n, accuracy and its 95 % interval for `right` of `n` answers, rounded for a result file."""
    interval = [round(bound, 5) for bound in wilson_interval(right, n)]
    return {"n": n, "accuracy": round(right / n, 5), "interval_95": interval}


def confusion_matrix(predictions: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return counts (10, 10): row = label, column = prediction."""
    counts = np.zeros((CLASSES, CLASSES), dtype=np.int64)
    np.add.at(counts, (labels, predictions), 1)
    return counts


def f1_scores(confusion: np.ndarray) -> np.ndarray:
    """Return the F1 score of each class (10,) from a confusion matrix; 0 for an absent class."""
    hits = np.diag(confusion).astype(float)
    mentions = confusion.sum(axis=0) + confusion.sum(axis=1)
    return np.divide(2 * hits, mentions, out=np.zeros_like(hits), where=mentions > 0)


def weighted_f1(confusion: np.ndarray) -> float:
    """Return the mean F1 score, each class weighted by how often it occurs."""
    return float(np.average(f1_scores(confusion), weights=confusion.sum(axis=1)))


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> float:
    """Return the mean gap between confidence and accuracy over equal-width bins (Guo et al., 2017).

    0 means that answers given with 80 % confidence are right 80 % of the time.
    """
    confidence = probabilities.max(axis=1)
    hits = probabilities.argmax(axis=1) == labels
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(hits[bin_of == b].mean() - confidence[bin_of == b].mean()) * np.mean(bin_of == b)
        for b in np.unique(bin_of)
    ]
    return float(np.sum(gaps))


def most_confused(confusion: np.ndarray, top: int = 10) -> list[dict[str, int]]:
    """Return the commonest mistakes as `{"label", "read_as", "count"}`, most frequent first."""
    wrong = confusion * (1 - np.eye(CLASSES, dtype=confusion.dtype))
    order = np.argsort(-wrong, axis=None, kind="stable")[:top]
    pairs = zip(*np.unravel_index(order, wrong.shape), strict=True)
    return [
        {"label": int(row), "read_as": int(column), "count": int(wrong[row, column])}
        for row, column in pairs
        if wrong[row, column]
    ]
