"""How far chance can have moved a figure of merit, in plain numpy; of a share: `metrics.wilson_interval`."""

from collections.abc import Callable

import numpy as np

from digits.trust import metrics

DRAWS = 1000
"""How often chance is played anew."""


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
        errors.append(metrics.expected_calibration_error(probabilities, labels, bins))
    return _middle(errors)


def auroc(inside: np.ndarray, outside: np.ndarray) -> list[float]:
    """Return the 95 % interval of `metrics.auroc` (DeLong, DeLong & Clarke-Pearson, 1988), inside [0, 1].

    It has no width where every score from inside beats every one from outside.

    Raises:
        ValueError: fewer than two scores on a side.
    """
    if min(len(inside), len(outside)) < 2:
        raise ValueError(
            f"{len(inside)} scores inside and {len(outside)} outside; expected 2 or more of both."
        )
    area = metrics.auroc(inside, outside)
    shares = metrics.beaten(inside, outside), metrics.beaten(-outside, -inside)
    spread = 1.96 * sum(share.var(ddof=1) / len(share) for share in shares) ** 0.5
    return [round(max(0.0, area - spread), 6), round(min(1.0, area + spread), 6)]


def _middle(values: list[float]) -> list[float]:
    return [round(float(bound), 6) for bound in np.quantile(values, (0.025, 0.975))]
