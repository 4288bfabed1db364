"""What evaluate_calibration.py counts, all from logits (N, 10) and labels (N,)."""

import numpy as np

from digits.trust import confidence, intervals, metrics

BINS = 15
COVERAGES = (1.0, 0.99, 0.95, 0.9)
"""Shares of the digits, the surest, for which the share of wrong answers is named."""
KEPT = 0.95
"""Share of the digits that pass where passing strangers are counted."""


def judge(logits: np.ndarray, labels: np.ndarray, temperature: float, seed: int, draws: int) -> dict:
    """Return accuracy, calibration before and after the temperature, and risk over coverage.

    Args:
        logits: (N, 10).
        labels: (N,).
        temperature: of the card.
        seed: of the intervals.
        draws: how often chance is played anew for each.
    """
    probabilities = confidence.softmax(logits, temperature)
    right = probabilities.argmax(axis=1) == labels
    coverage, risk = metrics.risk_coverage(probabilities.max(axis=1), right)

    def area(rows: np.ndarray) -> float:
        return float(metrics.risk_coverage(probabilities[rows].max(axis=1), right[rows])[1].mean())

    return {
        **metrics.share_right(int(right.sum()), len(right)),
        "errors": int((~right).sum()),
        "before": calibration(logits, labels, 1.0, seed, draws),
        "after": calibration(logits, labels, temperature, seed, draws),
        "aurc": round(float(risk.mean()), 6),
        "aurc_interval_95": intervals.bootstrap(area, len(labels), np.random.default_rng(seed), draws),
        "risk_at": [metrics.risk_at(share, risk) for share in COVERAGES],
        "risk_coverage": metrics.thinned(coverage, risk),
    }


def calibration(logits: np.ndarray, labels: np.ndarray, temperature: float, seed: int, draws: int) -> dict:
    """Return calibration error, surprise in nats and Brier score with intervals, and the diagram's bins.

    `ece_by_chance_95` says which calibration errors confidences show that are all true.
    """
    probabilities = confidence.softmax(logits, temperature)
    measures = {
        "ece": lambda rows: metrics.expected_calibration_error(probabilities[rows], labels[rows], BINS),
        "nll": lambda rows: confidence.negative_log_likelihood(logits[rows], labels[rows], temperature),
        "brier": lambda rows: metrics.brier_score(probabilities[rows], labels[rows]),
    }
    found = {"temperature": temperature}
    for name, measure in measures.items():
        rng = np.random.default_rng(seed)  # the same samples for each, before and after
        found[name] = round(measure(np.arange(len(labels))), 6)
        found[f"{name}_interval_95"] = intervals.bootstrap(measure, len(labels), rng, draws)
    by_chance = intervals.calibration_error_by_chance(probabilities, np.random.default_rng(seed), draws, BINS)
    return found | {"ece_by_chance_95": by_chance, "bins": metrics.reliability(probabilities, labels, BINS)}


def tell_apart(digits: np.ndarray, strangers: np.ndarray, temperature: float) -> dict[str, dict]:
    """Return by score how well it tells digits from strangers: logits (N, 10) and (M, 10).

    `auroc`, how often a digit has the higher score, with its interval; `fpr_at_95_tpr`, the share of
    strangers that pass where 95 % of the digits do, with its interval at that threshold.
    """
    ways = {
        "largest probability": lambda logits: confidence.softmax(logits, temperature).max(axis=1),
        "evidence": confidence.evidence,
    }
    found = {}
    for name, way in ways.items():
        inside, outside = way(digits), way(strangers)
        passed = metrics.false_positive_rate(inside, outside, KEPT)
        bounds = metrics.wilson_interval(round(passed * len(outside)), len(outside))
        found[name] = {
            "auroc": round(metrics.auroc(inside, outside), 5),
            "auroc_interval_95": intervals.auroc(inside, outside),
            "fpr_at_95_tpr": round(passed, 5),
            "fpr_interval_95": [round(bound, 5) for bound in bounds],
        }
    return found
