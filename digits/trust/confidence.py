"""From logits to probabilities that mean what they say, and to the word "unsure".

Temperature scaling: Guo et al., "On Calibration of Modern Neural Networks", 2017, arXiv:1706.04599.
"""

import numpy as np

NEUTRAL_THRESHOLDS = {"unsure_below": 0.5}
"""For models without a card: an answer that is not even more likely than all others together is unsure."""

REFUSED_SHARE = 0.01
"""Share of validation digits that a threshold may call unsure: one in a hundred."""


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Return probabilities (N, 10) float32 of `logits` (N, 10), softened by `temperature` > 0."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    exponentials = np.exp(scaled)
    return (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32)


def negative_log_likelihood(logits: np.ndarray, labels: np.ndarray, temperature: float = 1.0) -> float:
    """Return the mean surprise, in nats, at the labels (N,) under `softmax(logits, temperature)`."""
    chosen = softmax(logits, temperature)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chosen, 1e-12)).mean())


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature in [0.2, 5] under which the labels are least surprising.

    Fit it on validation digits only; it never changes which digit comes first.
    """
    from scipy.optimize import minimize_scalar  # late: reading digits must not wait for it

    found = minimize_scalar(
        lambda log_t: negative_log_likelihood(logits, labels, float(np.exp(log_t))),
        bounds=(np.log(0.2), np.log(5.0)),
        method="bounded",
    )
    return float(np.exp(found.x))


def choose_thresholds(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Choose below which confidence an answer is "unsure", and say what that costs and brings.

    Args:
        probabilities: (N, 10) calibrated, of validation digits.
        labels: (N,).

    Returns:
        `unsure_below`, the threshold; `refused`, the share of digits under it; `errors_caught`, the share
        of wrong answers under it (1.0 when there is no wrong answer).
    """
    confidence = probabilities.max(axis=1)
    wrong = probabilities.argmax(axis=1) != labels
    threshold = max(float(np.quantile(confidence, REFUSED_SHARE)), NEUTRAL_THRESHOLDS["unsure_below"])
    refused = confidence < threshold
    return {
        "unsure_below": round(threshold, 4),
        "refused": round(float(refused.mean()), 4),
        "errors_caught": round(float(refused[wrong].mean()) if wrong.any() else 1.0, 4),
    }


def judge(probabilities: np.ndarray, thresholds: dict[str, float]) -> str:
    """Return "digit" or "unsure" for one row of calibrated probabilities (10,)."""
    return "unsure" if probabilities.max() < thresholds["unsure_below"] else "digit"
