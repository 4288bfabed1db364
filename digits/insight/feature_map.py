"""Maps of a network's feature space on which digits that it finds alike lie close together.

PCA is a straight view from one side: a new digit has its exact place, but much of the space lies behind.
t-SNE (van der Maaten & Hinton, 2008) bends the space flat so that neighbours stay together; its distances
between groups mean nothing, and it has no place for a new digit.
"""

from dataclasses import dataclass

import numpy as np

from digits.insight.feature_index import Index
from digits.insight.features import unit
from digits.insight.neighbours import distances

GUIDES = 3
"""Digits between which a new one is placed: with more, those between two groups come to lie in the open."""

LEAST = 1e-3
"""Cosine distance added to all, so that a digit known already does not divide by zero."""

FAR = 0.1
"""Share of the map's width from which guides no longer lie together."""

PERPLEXITY = 30


@dataclass(frozen=True)
class Place:
    """Where a new digit lies on a map."""

    x: float
    y: float
    guides: tuple[int, ...] = ()
    """The digits of the map between which it was placed, the most alike first; none where it is exact."""
    divided: bool = False
    """Whether those lie in different parts of the map, so that the place is a compromise."""


def place_pca(index: Index, features: np.ndarray) -> Place:
    """Return where features (D,) lie on the PCA map."""
    x, y = index.pca_axes @ (unit(features) - index.pca_mean)
    return Place(float(x), float(y))


def place_tsne(index: Index, features: np.ndarray) -> Place:
    """Return where features (D,) are put on the t-SNE map: the mean of the nearest digits' places, weighted
    by 1 / (distance + 0.001)."""
    away = distances(index.map_features, features)
    guides = np.argsort(away, kind="stable")[:GUIDES]
    weights = 1 / (LEAST + away[guides])
    places = index.tsne[guides]
    x, y = weights @ places / weights.sum()
    width = np.ptp(index.tsne, axis=0).max()
    divided = np.linalg.norm(places - (x, y), axis=1).max() > FAR * width
    return Place(float(x), float(y), tuple(guides.tolist()), bool(divided))


def fit_axes(features: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the middle (D,), the two main axes (2, D) and their shares (2,) of the variance.

    Args:
        features: (N, D) of length 1. Axes point so that their largest number is above 0.
    """
    middle = features.mean(axis=0)
    rest = features - middle
    variances, axes = np.linalg.eigh(rest.T @ rest)  # ascending
    main = axes.T[:-3:-1]
    signs = np.sign(main[np.arange(len(main)), np.abs(main).argmax(axis=1)])
    return middle, (main * signs[:, None]).astype(np.float32), variances[:-3:-1] / variances.sum()


def lay_out(features: np.ndarray, seed: int) -> np.ndarray:
    """Return places (M, 2) float32 in [-1, 1] for features (M, D) of length 1, by t-SNE.

    Between vectors of length 1, Euclidean distances are in the order of cosine distances.
    """
    from sklearn.manifold import TSNE  # late: it takes a second, and only the making of an index needs it

    perplexity = min(PERPLEXITY, (len(features) - 1) / 3)
    found = TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(features)
    found -= (found.max(axis=0) + found.min(axis=0)) / 2
    return (found / max(1e-9, np.abs(found).max())).astype(np.float32)
