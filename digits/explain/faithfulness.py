"""Is a map worth believing? Three published tests that a map can fail however good it looks."""

from typing import Any

import numpy as np
from scipy.stats import spearmanr

from digits.explain.attribution import Explainer

STEPS = 20
"""Into so many parts the ink is divided for the deletion score."""

ORDERS = 5
"""Random orders, of whose deletion scores the mean is taken."""


def judge(
    explainer: Explainer, method: str, attribution: np.ndarray, frame: np.ndarray, target: int
) -> dict[str, float]:
    """Return how well a map stands the tests that need no second model, as numbers for a file or a page.

    Returns:
        `deletion_score`; for integrated gradients also what `completeness` returns.
    """
    about = {"deletion_score": deletion_score(explainer, frame, attribution, target)}
    if method == "integrated_gradients":
        about |= completeness(attribution, explainer.rise(frame, target))
    return about


def completeness(attribution: np.ndarray, rise: float) -> dict[str, float]:
    """Return how far a map misses the axiom of completeness (Sundararajan et al., 2017, arXiv:1703.01365).

    >>> completeness(np.array([[1.0, 2.0], [0.0, 0.96]]), 4.0)
    {'completeness_error': 0.01, 'completeness_nats': 0.04, 'rise': 4.0}

    Args:
        attribution: a map that should sum to `rise`.
        rise: what there is to share out, in nats; see `Explainer.rise`.

    Returns:
        `completeness_error`, a share of the rise, which means little where that is next to nothing;
        `completeness_nats`, the same in nats, as logits are counted; and `rise`.
    """
    off = abs(float(np.sum(attribution, dtype=np.float64)) - rise)
    share = off / max(abs(rise), 1e-9)
    return {"completeness_error": round(share, 6), "completeness_nats": round(off, 6), "rise": round(rise, 6)}


def deletion_score(explainer: Explainer, frame: np.ndarray, attribution: np.ndarray, target: int) -> float:
    """Return how long an answer lives while its ink is deleted, the most important first.

    The area under the curve of the target's probability (Petsiuk et al., 2018, arXiv:1806.07421), over the
    share of ink deleted. Only pixels with ink are deleted: the others are black already, and an order that
    merely begins with the ink would look good for it.

    Args:
        explainer: of the model that answers.
        frame: (28, 28) float32 in [0, 1].
        attribution: (28, 28), larger where more important; chance decides among equals.
        target: the digit, 0 to 9.

    Returns:
        0 to 1; the lower, the better the map knows what the answer rests on.
    """
    return round(_area(explainer, frame, attribution, target), 5)


def random_deletion_score(explainer: Explainer, frame: np.ndarray, target: int) -> float:
    """Return the mean `deletion_score` of `ORDERS` random orders: what a map has to beat."""
    orders = np.random.default_rng([0, 1]).random((ORDERS, *frame.shape))
    return round(float(np.mean([_area(explainer, frame, order, target) for order in orders])), 5)


def _area(explainer: Explainer, frame: np.ndarray, attribution: np.ndarray, target: int) -> float:
    chance = np.random.default_rng(0).random(frame.size)
    order = np.lexsort((chance, -np.ravel(attribution)))
    order = order[np.ravel(frame)[order] > 0]
    ends = np.round(np.linspace(0, len(order), STEPS + 1)).astype(int)
    frames = np.repeat(np.ravel(frame)[None], len(ends), axis=0)
    for one, end in zip(frames, ends, strict=True):
        one[order[:end]] = 0
    curve = explainer.probabilities(frames.reshape(-1, *frame.shape))[:, target]
    return float(np.trapezoid(curve)) / STEPS


def randomised(model: Any, seed: int = 0) -> Any:
    """Return a copy of a Keras model in which every weight array is shuffled: it has learnt nothing.

    For the sanity check of Adebayo et al. (2018, arXiv:1810.03292): a map that looks the same for this model
    says nothing about what the other has learnt. Shuffled weights, unlike new ones, have the right size.
    """
    import keras  # late: importing this module needs no TensorFlow

    copy, rng = keras.models.clone_model(model), np.random.default_rng(seed)
    copy.set_weights([rng.permuted(array.ravel()).reshape(array.shape) for array in model.get_weights()])
    return copy


def randomised_correlation(
    shuffled: Explainer,
    method: str,
    attribution: np.ndarray,
    frame: np.ndarray,
    target: int,
    layer: str | None = None,
) -> float | None:
    """Return how much a map is like that for a `randomised` model: rank correlation over the ink.

    Without its sign: for such a model, what speaks for a digit might as well speak against it.

    Args:
        shuffled: of the randomised model.
        method: that made the map.
        attribution: the map (28, 28).
        frame, target, layer: what it was made of.

    Returns:
        0 to 1, where a map near 1 says nothing about what the model has learnt; None where one of the maps
        is empty, and there is nothing to compare.
    """
    # Integrated gradients without refinement: only the order of points counts.
    settings = {"most": 1} if method == "integrated_gradients" else {}
    theirs = shuffled.explain(method, frame, target, layer, **settings)
    alike = abs(rank_correlation(attribution, theirs, frame))
    return None if np.isnan(alike) else round(alike, 4)


def rank_correlation(first: np.ndarray, second: np.ndarray, frame: np.ndarray) -> float:
    """Return Spearman's rank correlation of two maps over the ink of a frame, all (28, 28).

    Maps that are 0 wherever there is no ink, like integrated gradients, are alike there in any two models.

    Returns:
        -1 to 1; NaN where one of them is the same everywhere.
    """
    one, other = first[frame > 0], second[frame > 0]
    if not len(one) or np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return float(spearmanr(one, other).statistic)
