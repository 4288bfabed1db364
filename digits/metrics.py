"""Figures of merit and how far chance can have moved them, in plain numpy: probabilities (N, 10) and labels
(N,) in, numbers out.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from digits.config import CLASSES

DRAWS = 1000
"""How often chance is played anew for an interval."""


def accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of rows whose largest probability is the label's, in [0, 1]."""
    return float(np.mean(probabilities.argmax(axis=1) == labels))


def confusion_matrix(predictions: np.ndarray, labels: np.ndarray, classes: int = CLASSES) -> np.ndarray:
    """Return counts (K, K): row = label, column = prediction."""
    counts = np.zeros((classes, classes), dtype=np.int64)
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


def most_confused(confusion: np.ndarray, top: int = 10) -> list[dict[str, int]]:
    """Return the commonest mistakes as `{"label", "read_as", "count"}`, most frequent first."""
    wrong = confusion * (1 - np.eye(len(confusion), dtype=confusion.dtype))
    order = np.argsort(-wrong, axis=None, kind="stable")[:top]
    pairs = zip(*np.unravel_index(order, wrong.shape), strict=True)
    return [
        {"label": int(row), "read_as": int(column), "count": int(wrong[row, column])}
        for row, column in pairs
        if wrong[row, column]
    ]


def with_examples(
    pairs: list[dict], probabilities: np.ndarray, labels: np.ndarray, most: int = 8
) -> list[dict]:
    """Return the pairs of `most_confused` with the rows of their surest mistakes as `examples`.

    Args:
        pairs: of the same answers.
        probabilities: (N, 10).
        labels: (N,).
        most: how many examples of each pair.
    """
    surest = np.argsort(-probabilities.max(axis=1), kind="stable")
    mistakes = np.stack([labels, probabilities.argmax(axis=1)], axis=1)[surest]
    rows = [(mistakes == (pair["label"], pair["read_as"])).all(axis=1) for pair in pairs]
    return [pair | {"examples": surest[row][:most].tolist()} for pair, row in zip(pairs, rows, strict=True)]


def wilson_interval(successes: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion (Wilson, 1927), 95 % at z = 1.96.

    It stays inside [0, 1] and is right near 100 %, where the usual plus-minus is not. Successes need
    not be whole: answers that are equally sure share their errors evenly.

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


def share_right_by(right: np.ndarray, writers: Sequence[str], seed: int = 0) -> dict:
    """Return the same as `share_right` for answers of which some are to one hand, sheet or source.

    Those share their errors, and say less than as many of different ones: whole writers are drawn anew
    (cluster bootstrap; Davison and Hinkley, 1997, 3.8). Few writers, or answers that are all right, show too
    little spread, so the interval holds at least Wilson's for as many independent answers.

    Args:
        right: (N,) bool.
        writers: (N,) of each answer; "" for one that stands alone.
        seed: of the draws.
    """
    alone = (f"\0{place}" for place in range(len(right)))
    named = np.array([writer or next(alone) for writer in writers], dtype=object)
    _, place = np.unique(named.astype(str), return_inverse=True)
    many, hits = np.bincount(place), np.bincount(place, weights=right)
    found = share_right(int(right.sum()), len(right))
    if 1 < len(many) < len(right):
        drawn = bootstrap(
            lambda rows: float(hits[rows].sum() / many[rows].sum()), len(many), np.random.default_rng(seed)
        )
        low, high = found["interval_95"]
        found["interval_95"] = [round(min(low, drawn[0]), 5), round(max(high, drawn[1]), 5)]
    return found | ({"writers": len(many)} if len(many) < len(right) else {})


def share_in_words(right: Sequence[bool]) -> str:
    """Return the share of what is right, with its 95 % interval, as a table has it.

    >>> share_in_words([True] * 9 + [False])
    '90.0% (59.6% to 98.2%)'
    """
    found = share_right(sum(right), len(right))
    low, high = found["interval_95"]
    return f"{found['accuracy']:.1%} ({low:.1%} to {high:.1%})"


def mean_interval(shares: np.ndarray) -> tuple[float, list[float]]:
    """Return the mean of shares (N,) in [0, 1], one per digit, and its normal 95 % interval, rounded.

    For a mean over several questions about the same digits, which no count of successes describes.

    >>> mean_interval(np.array([0.5, 1.0, 0.5, 1.0]))
    (0.75, [0.46709, 1.0])
    """
    mean = float(np.mean(shares))
    spread = 1.96 * float(np.std(shares, ddof=1)) / math.sqrt(len(shares)) if len(shares) > 1 else 1.0
    return round(mean, 5), [round(max(0.0, mean - spread), 5), round(min(1.0, mean + spread), 5)]


def bootstrap(
    statistic: Callable[[np.ndarray], float], n: int, rng: np.random.Generator, draws: int = DRAWS
) -> list[float]:
    """Return the 95 % percentile interval of a statistic (Efron, 1979).

    Args:
        statistic: takes rows (n,), drawn from 0 to n - 1 with repetition, and returns a number.
        n: how many samples there are.
        rng: where chance comes from.
        draws: how many samples of n are drawn.

    Returns:
        The two bounds, rounded to six digits. What cannot fall below zero and is near it, like a calibration
        error, comes out a little too large: compare it with `calibration_error_by_chance`.
    """
    return _middle([statistic(rng.integers(0, n, n)) for _ in range(draws)])


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> float:
    """Return the mean gap between confidence and accuracy over equal-width bins (Guo et al., 2017).

    0 means that answers given with 80 % confidence are right 80 % of the time.
    """
    _, confidence, right = _in_bins(probabilities, labels, bins)
    return float(np.abs(right - confidence).sum() / len(labels))


def calibration_error_by_chance(
    probabilities: np.ndarray, rng: np.random.Generator, draws: int = DRAWS, bins: int = 15
) -> list[float]:
    """Return between which calibration errors a reader lies 95 times in 100 whose confidences are all true.

    An error inside shows no fault: with so many answers, none smaller could be told from 0. See Broecker and
    Smith, "Increasing the Reliability of Reliability Diagrams", 2007.

    Args:
        probabilities: (N, 10), of which only the largest counts.
        rng: decides by each confidence which answers are right.
        draws: how often.
        bins: of the calibration error.
    """
    answers, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    errors = []
    for _ in range(draws):
        labels = np.where(rng.random(len(sure)) < sure, answers, -1)
        errors.append(expected_calibration_error(probabilities, labels, bins))
    return _middle(errors)


def _middle(values: list[float]) -> list[float]:
    return [round(float(bound), 6) for bound in np.quantile(values, (0.025, 0.975))]


def reliability(probabilities: np.ndarray, labels: np.ndarray, bins: int = 10) -> list[dict]:
    """Return the bins of a reliability diagram that hold any answer: confidence, accuracy, interval, n."""
    rows = zip(*(column.tolist() for column in _in_bins(probabilities, labels, bins)), strict=True)
    return [
        {"confidence": round(confidence / n, 5), **share_right(round(right), n)}
        for n, confidence, right in rows
        if n
    ]


def _in_bins(probabilities: np.ndarray, labels: np.ndarray, bins: int) -> list[np.ndarray]:
    """Return for equal-width bins of confidence how many answers each holds, the sum of their confidences,
    and how many are right, each (bins,)."""
    confidence = probabilities.max(axis=1)
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    hits = probabilities.argmax(axis=1) == labels
    return [np.bincount(bin_of, weights, minlength=bins) for weights in (None, confidence, hits)]


def brier_score(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean squared distance from probabilities (N, 10) to the truth (Brier, 1950), 0 to 2."""
    return float(np.mean(((probabilities - np.eye(CLASSES)[labels]) ** 2).sum(axis=1)))


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


def risk_at(coverage: float, risk: np.ndarray) -> dict:
    """Return n, the share wrong and its 95 % interval where the surest `coverage` of answers are given.

    Args:
        coverage: above 0, up to 1; rounded up to whole answers.
        risk: (N,) from `risk_coverage`.
    """
    n = max(1, math.ceil(coverage * len(risk) - 1e-9))
    wrong = float(risk[n - 1])
    interval = [round(bound, 5) for bound in wilson_interval(wrong * n, n)]
    return {"coverage": coverage, "n": n, "risk": round(wrong, 5), "interval_95": interval}


def thinned(coverage: np.ndarray, risk: np.ndarray, points: int = 50) -> list[list[float]]:
    """Return at most so many points of a risk-coverage curve as pairs, rounded for a result file."""
    places = np.unique(np.linspace(0, len(risk) - 1, points).round().astype(int))
    return [[round(float(coverage[i]), 4), round(float(risk[i]), 5)] for i in places]


def auroc(inside: np.ndarray, outside: np.ndarray) -> float:
    """Return how often a score (N,) from inside beats one (M,) from outside; a draw counts half.

    >>> auroc(np.array([2.0, 3.0]), np.array([1.0, 2.0]))
    0.875
    """
    return float(_beaten(inside, outside).mean())


def auroc_interval(inside: np.ndarray, outside: np.ndarray) -> list[float]:
    """Return the 95 % interval of `auroc` (DeLong, DeLong & Clarke-Pearson, 1988), inside [0, 1].

    It has no width where every score from inside beats every one from outside.

    Raises:
        ValueError: fewer than two scores on a side.
    """
    if min(len(inside), len(outside)) < 2:
        raise ValueError(
            f"{len(inside)} scores inside and {len(outside)} outside; expected 2 or more of both."
        )
    area = auroc(inside, outside)
    shares = _beaten(inside, outside), _beaten(-outside, -inside)
    spread = 1.96 * sum(share.var(ddof=1) / len(share) for share in shares) ** 0.5
    return [round(max(0.0, area - spread), 6), round(min(1.0, area + spread), 6)]


def _beaten(scores: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return for each score (N,) the share of others (M,) that it beats; a draw counts half."""
    ordered = np.sort(others)
    below, up_to = (np.searchsorted(ordered, scores, side) for side in ("left", "right"))
    return (below + up_to) / 2 / len(ordered)


def false_positive_rate(inside: np.ndarray, outside: np.ndarray, kept: float = 0.95) -> float:
    """Return the share of scores (M,) from outside that pass where `kept` of those (N,) inside pass."""
    may_fail = int((1 - kept) * len(inside) + 1e-9)
    return float(np.mean(outside >= np.sort(inside)[may_fail]))


def together(probabilities: np.ndarray) -> np.ndarray:
    """Return the mean over readers, (..., 10): what they say together.

    Args:
        probabilities: (M, ..., 10) of M readers on the same digits, as for the two measures below, which are
            after Lakshminarayanan, Pritzel & Blundell, "Simple and Scalable Predictive Uncertainty Estimation
            using Deep Ensembles", 2017, arXiv:1612.01474.
    """
    return np.mean(probabilities, axis=0)


def doubt(probabilities: np.ndarray) -> np.ndarray:
    """Return what the mean over readers leaves for all digits but its first, (...) in [0, 0.9].

    >>> doubt(np.eye(10)[[7, 7, 7, 1]]).item()  # three say 7, one says 1, all quite sure
    0.25
    """
    return 1 - together(probabilities).max(axis=-1)


def disagreement(probabilities: np.ndarray) -> np.ndarray:
    """Return the mean divergence of the readers from what they say together, (...) in bits.

    0 where all say the same, sure or not, so that it tells quarrel from common doubt; at most log2(M). It is
    the mutual information between the answer and who gives it, the paper's measure but for a factor.

    >>> disagreement(np.eye(10)[[7, 1]]).item()
    1.0
    """
    probabilities = np.asarray(probabilities, np.float64)
    return np.mean(-_entropy(probabilities), axis=0) + _entropy(together(probabilities))


def _entropy(probabilities: np.ndarray) -> np.ndarray:
    return -(probabilities * np.log2(np.maximum(probabilities, 1e-300))).sum(axis=-1)
