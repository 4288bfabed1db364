"""Which training digits a network finds most like a new one.

Alike means that the features point the same way (cosine distance). A network's answer depends on their
direction; their length mostly says how sure it is, and would lead a faint digit to other faint ones. On
validation digits, the nearest one by direction more often has the network's answer, and looks more like the
digit, than the nearest by Euclidean distance.
"""

from dataclasses import dataclass, field

import numpy as np

from digits.contract import CLASSES
from digits.insight.feature_index import Index
from digits.insight.features import unit

SHARES = np.linspace(0, 1, 21)
"""Of validation digits: an index knows how far these are, at most, from their nearest neighbour."""


@dataclass(frozen=True)
class Neighbour:
    """A training digit near a frame."""

    label: int
    """0 to 9, as MNIST has it."""
    distance: float
    """1 minus the cosine between the features: 0 the same, 1 nothing in common, 2 opposite."""
    picture: np.ndarray = field(repr=False)
    """(28, 28) uint8, bright ink on black."""
    number: int
    """Its place among MNIST's 60,000 training digits."""
    borderline: bool
    """Whether it is one of those that the network nearly read as something else."""


def nearest(index: Index, features: np.ndarray, n: int = 5, label: int | None = None) -> list[Neighbour]:
    """Return the training digits nearest to a frame, the nearest first.

    Args:
        index: of the network that made the features.
        features: (D,) of the frame.
        n: how many, 1 or more; fewer come back where there are no more.
        label: only of this digit, 0 to 9 (None: of any).

    Raises:
        ValueError: an argument is out of range, or the features are not of this network.
    """
    if n < 1:
        raise ValueError(f"{n} neighbours; expected 1 or more.")
    if label is not None and label not in range(CLASSES):
        raise ValueError(f"The label {label}; expected 0 to 9.")
    away = distances(index.features, features)
    places = np.argsort(away, kind="stable")
    if label is not None:
        places = places[index.labels[places] == label]
    return [
        Neighbour(
            int(index.labels[i]),
            float(away[i]),
            index.pictures[i],
            int(index.numbers[i]),
            bool(index.borderline[i]),
        )
        for i in places[:n]
    ]


def distances(known: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Return the cosine distances (N,) of features (D,) from known ones (N, D) of length 1.

    Raises:
        ValueError: the features are not as many as the known ones.
    """
    features = np.asarray(features)
    if features.shape != known.shape[1:]:
        raise ValueError(f"Features of shape {features.shape}; expected {known.shape[1:]}.")
    return np.maximum(0, 1 - known @ unit(features))


def share_farther(index: Index, distance: float) -> float:
    """Return the share of validation digits that are farther from their nearest neighbour, 0 to 1.

    Near 0, the network has never seen the like; the measure for what a distance means in this network.
    """
    return float(1 - np.interp(distance, index.about["usual_distances"], SHARES))
