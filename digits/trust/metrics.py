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


def reliability(probabilities: np.ndarray, labels: np.ndarray, bins: int = 10) -> list[dict[str, float]]:
    """Return the bins of a reliability diagram that hold any answer: mean confidence, accuracy, n."""
    confidence = probabilities.max(axis=1)
    hits = probabilities.argmax(axis=1) == labels
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    return [
        {
            "confidence": round(float(confidence[bin_of == b].mean()), 5),
            "accuracy": round(float(hits[bin_of == b].mean()), 5),
            "n": int((bin_of == b).sum()),
        }
        for b in np.unique(bin_of)
    ]


def risk_coverage(confidence: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what answering only the surest costs (El-Yaniv & Wiener, 2010).

    Args:
        confidence: (N,) larger = surer.
        right: (N,) bool.

    Returns:
        The share answered and the share wrong among those, each (N,), the surest first. The mean of the
        second is the area under the curve. Among equal confidences, errors are spread evenly.
    """
    _, group = np.unique(-np.asarray(confidence), return_inverse=True)
    mean_error = np.bincount(group, ~np.asarray(right, bool)) / np.bincount(group)
    errors = np.cumsum(mean_error[np.sort(group)])
    answered = np.arange(1, len(errors) + 1)
    return answered / len(errors), errors / answered


def auroc(inside: np.ndarray, outside: np.ndarray) -> float:
    """Return how often a score (N,) from inside beats one (M,) from outside; a draw counts half.

    >>> auroc(np.array([2.0, 3.0]), np.array([1.0, 2.0]))
    0.875
    """
    ordered = np.sort(outside)
    beaten = np.searchsorted(ordered, inside, "left") + np.searchsorted(ordered, inside, "right")
    return float(beaten.mean() / 2 / len(ordered))


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
