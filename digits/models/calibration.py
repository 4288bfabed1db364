"""From logits to probabilities that mean what they say, and to the words "unsure" and "no digit".

Temperature scaling: Guo et al., "On Calibration of Modern Neural Networks", 2017, arXiv:1706.04599.
"""

import numpy as np

NEUTRAL_THRESHOLDS = {"unsure_below": 0.5}
"""For models without a card: an answer that is not even more likely than all others together is unsure."""

REFUSED_SHARES = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
"""Shares of digits held out that thresholds may refuse, to choose from."""

USUAL = 2
"""Place of the usual share, one in a hundred, among them."""

OUTLIERS_PART = 0.25
"""Part of the refused digits that may be refused as no digit at all; the rest is called unsure."""


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Return probabilities (N, 10) float32 of `logits` (N, 10), softened by `temperature` > 0."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    exponentials = np.exp(scaled)
    return (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32)


def log_max_prob(logits: np.ndarray, temperature: float = 1.0, knows_outliers: bool = False) -> np.ndarray:
    """Return how well each row of `logits` reads as one digit, up to 0: the log of its largest probability.

    Args:
        logits: (N, 10).
        temperature: see `softmax`.
        knows_outliers: whether the network has learnt what is no digit; then among eleven, not ten.

    Returns:
        (N,) float64.
    """
    if not len(logits):
        return np.zeros(0)
    of_digits = np.log(np.maximum(softmax(logits, temperature).max(axis=1), 1e-12))
    return of_digits - np.logaddexp(0, -energy(logits)) if knows_outliers else of_digits


def negative_log_likelihood(
    logits: np.ndarray, labels: np.ndarray, temperature: float = 1.0, weights: np.ndarray | None = None
) -> float:
    """Return the mean surprise, in nats, at the labels (N,) under `softmax(logits, temperature)`.

    `weights` (N,) says what each counts (None: all alike).
    """
    chosen = softmax(logits, temperature)[np.arange(len(labels)), labels]
    return float(np.average(-np.log(np.maximum(chosen, 1e-12)), weights=weights))


def fit_temperature(logits: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the temperature in [0.2, 5] under which the labels are least surprising.

    Fit it on validation digits only; it never changes which digit comes first.
    """
    from scipy.optimize import minimize_scalar  # late: reading digits must not wait for it

    found = minimize_scalar(
        lambda log_t: negative_log_likelihood(logits, labels, float(np.exp(log_t)), weights),
        bounds=(np.log(0.2), np.log(5.0)),
        method="bounded",
    )
    return float(np.exp(found.x))


def energy(logits: np.ndarray) -> np.ndarray:
    """Return how much speaks for any digit at all, (N,) float64: the logarithm of the summed exponentials.

    The negative energy of Liu et al., "Energy-based Out-of-distribution Detection", 2020, arXiv:2010.03759.
    For a network trained with outliers, its sigmoid is the probability that it is a digit.

    >>> energy(np.zeros((1, 10))).round(3)
    array([2.303])
    """
    logits = np.asarray(logits, dtype=np.float64)
    top = logits.max(axis=1, initial=-np.inf)
    return top + np.log(np.exp(logits - top[:, None]).sum(axis=1))


def operating_points(
    probabilities: np.ndarray,
    digits: np.ndarray,
    labels: np.ndarray,
    outliers: np.ndarray | None = None,
    shares: tuple[float, ...] = REFUSED_SHARES,
) -> list[dict[str, float]]:
    """Choose thresholds for several prices, and say what each costs and brings.

    Args:
        probabilities: (N, 10) calibrated, of digits held out from training.
        digits: (N,) their energy.
        labels: (N,).
        outliers: (M,) energy of what is no digit, held out (None: the model has not learnt to tell).
        shares: of the digits that may be refused.

    Returns:
        For each share a row: `unsure_below`, the least probability of an answer that is not unsure;
        `not_a_digit_below`, the least energy of a digit (with outliers only); `refused`, the share of
        digits under either; `errors_caught`, the share of wrong answers under either (1.0 when there is no
        wrong answer); `letters_caught`, the share of outliers that are no digit by their energy.
    """
    top, wrong = probabilities.max(axis=1), probabilities.argmax(axis=1) != labels
    rows = []
    for share in shares:
        row, refused, caught = {}, np.zeros(len(labels), bool), {}
        if outliers is not None:
            # Rounded down, so that what is stored refuses no more than what was counted.
            least = np.floor(1e4 * np.quantile(digits, OUTLIERS_PART * share)) / 1e4
            row["not_a_digit_below"] = float(least)
            refused, caught = digits < least, {"letters_caught": round(float(np.mean(outliers < least)), 4)}
        left = share - refused.mean()
        least = np.quantile(np.where(refused, 1.0, top), max(0.0, left))
        row["unsure_below"] = round(max(float(least), NEUTRAL_THRESHOLDS["unsure_below"]), 4)
        refused |= top < row["unsure_below"]
        row["refused"] = round(float(refused.mean()), 4)
        row["errors_caught"] = round(float(refused[wrong].mean()) if wrong.any() else 1.0, 4)
        rows.append(row | caught)
    return rows


def decide_status(probabilities: np.ndarray, energy: float, thresholds: dict[str, float]) -> str:
    """Return "digit", "unsure" or "not_a_digit".

    Args:
        probabilities: (10,) calibrated.
        energy: of the same logits.
        thresholds: a row of `operating_points`; without `not_a_digit_below` all are digits.
    """
    if energy < thresholds.get("not_a_digit_below", -np.inf):
        return "not_a_digit"
    return "unsure" if probabilities.max() < thresholds["unsure_below"] else "digit"
