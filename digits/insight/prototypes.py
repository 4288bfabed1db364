"""Which of many digits stand for all of them: typical ones of every way of writing, and borderline ones."""

import numpy as np

from digits.contract import CLASSES

BORDERLINE = 0.25
"""Share of the chosen that nearly had another answer: they show where two digits meet."""


def choose(
    features: np.ndarray, labels: np.ndarray, logits: np.ndarray, n: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Choose digits that stand for all.

    Of each class, a quarter are those whose label the network reads with the least margin over the next; so
    digits that it misreads, whose labels are often wrong, are not among them. The rest are nearest to the
    centres of as many k-means clusters of the others.

    Args:
        features: (N, D) float32 of length 1.
        labels: (N,).
        logits: (N, 10).
        n: how many to choose, as many of each class; a few less where two centres share their nearest digit.
        seed: of the clustering.

    Returns:
        Places (n,) in ascending order, and which of them are borderline, (n,) bool.

    Raises:
        ValueError: `n` does not give every class one of each kind.
    """
    each, close = n // CLASSES, round(BORDERLINE * (n // CLASSES))
    if close < 1 or each < 2:
        raise ValueError(f"{n} digits to choose; expected {4 * CLASSES} or more.")
    margin = margins(logits, labels)
    typical, borderline = [], []
    for digit in range(CLASSES):
        own = np.flatnonzero(labels == digit)
        right = own[margin[own] > 0]
        borderline.append(right[np.argsort(margin[right], kind="stable")[:close]])
        others = np.setdiff1d(own, borderline[-1])
        typical.append(others[_central(features[others], each - close, seed)])
    places = np.concatenate([*typical, *borderline])
    is_borderline = np.arange(len(places)) >= sum(map(len, typical))
    order = np.argsort(places)
    return places[order], is_borderline[order]


def margins(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return by how much the logit of the label is above the largest other one, (N,); below 0 if misread."""
    rows = np.arange(len(labels))
    others = logits.copy()
    others[rows, labels] = -np.inf
    return logits[rows, labels] - others.max(axis=1)


def _central(features: np.ndarray, clusters: int, seed: int) -> np.ndarray:
    """Return the places of the digits nearest to the centres of clusters, each once."""
    from sklearn.cluster import MiniBatchKMeans  # late: only the making of an index needs it

    if clusters >= len(features):
        return np.arange(len(features))
    means = MiniBatchKMeans(clusters, random_state=seed, n_init=1, max_iter=20).fit(features)
    return np.unique(means.transform(features).argmin(axis=0))
