"""What lies around a digit in a network's feature space: the training digits most like it, and its place on
two maps of test digits.

Alike means that the features point the same way (cosine distance). A network's answer depends on their
direction; their length mostly says how sure it is, and would lead a faint digit to other faint ones. On
validation digits, the nearest one by direction more often has the network's answer, and looks more like the
digit, than the nearest by Euclidean distance.

On the maps digits that the network finds alike lie close together. PCA is a straight view from one side: a
new digit has its exact place, but much of the space lies behind. t-SNE (van der Maaten & Hinton, 2008) bends
the space flat so that neighbours stay together; its distances between groups mean nothing, and it has no
place for a new digit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from digits.config import CLASSES, SIDE, check
from digits.explain import feature_index
from digits.explain.feature_index import Index
from digits.files import instance, sha256
from digits.models import checkpoints
from digits.models.alphabet import DIGITS
from digits.models.layer_graph import checked
from digits.models.representation import Representation, unit

SHARES = np.linspace(0, 1, 21)
"""Of validation digits: an index knows how far these are, at most, from their nearest neighbour."""

GUIDES = 3
"""Digits between which a new one is placed: with more, those between two groups come to lie in the open."""

LEAST = 1e-3
"""Cosine distance added to all, so that a digit known already does not divide by zero."""

FAR = 0.1
"""Share of the map's width from which guides no longer lie together."""

SHOWN = 6
"""Neighbours of each kind."""

KEPT = 8  # neighbourhoods in memory at once


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


def nearest(index: Index, features: np.ndarray, label: int | None = None) -> list[Neighbour]:
    """Return the training digits nearest to a frame, `SHOWN` or all, the nearest first.

    Args:
        index: of the network that made the features.
        features: (D,) of the frame.
        label: only of this digit, 0 to 9 (None: of any).

    Raises:
        ValueError: an argument is out of range, or the features are not of this network.
    """
    check("The label", label, label is None or label in range(CLASSES), "0 to 9")
    away = distances(index.features, features)
    places = np.argsort(away, kind="stable")
    if label is not None:
        places = places[index.labels[places] == label]
    return [
        Neighbour(
            label=int(index.labels[place]),
            distance=float(away[place]),
            picture=index.pictures[place],
            number=int(index.numbers[place]),
            borderline=bool(index.borderline[place]),
        )
        for place in places[:SHOWN]
    ]


def distances(known: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Return the cosine distances (N,) of features (D,) from known ones (N, D) of length 1.

    Raises:
        ValueError: the features are not as many as the known ones.
    """
    shape, expected = np.shape(features), known.shape[1:]
    check("The shape of the features", shape, shape == expected, str(expected))
    return np.maximum(0, 1 - known @ unit(features))


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


@dataclass(frozen=True)
class Surroundings:
    """What lies around one digit."""

    digit: int
    """The bare network's answer, 0 to 9."""
    rival: int
    """The digit to compare with: the second most probable, unless another was asked for."""
    nearest: list[Neighbour]
    """The training digits most like it, of any label."""
    rivals: list[Neighbour]
    """The training digits most like it among those of the rival."""
    familiar: float
    """Share of validation digits that are farther from their nearest neighbour, 0 to 1: near 0, the network
    has never seen the like."""
    pca: Place
    """On the map of the two main directions: exact."""
    tsne: Place
    """On the map of t-SNE: between its most alike digits there."""


class Neighbourhood:
    """A network, and the digits that it knows. Safe to share between threads.

    Args:
        model: a Keras model (N, 28, 28, 1) -> (N, K) probabilities; it is not edited.
        index: made for this model.
        name: what to call it.
        labels: what its K outputs stand for; around a letter lie the digits that it is most like.

    Raises:
        ValueError: the index has another number of features than the model, or digits miss among the labels.
    """

    def __init__(self, model: Any, index: Index, name: str, labels: Sequence[str] = DIGITS):
        if missing := "".join(one for one in DIGITS if one not in labels):
            raise ValueError(f"{name} does not read {missing}; expected all digits, of which its index is.")
        self._digits = [labels.index(one) for one in DIGITS]
        self.name, self.index = name, index
        self._read = Representation(model)
        features, _ = self._read(np.zeros((1, SIDE, SIDE, 1), np.float32))  # the first call also compiles
        distances(index.features, features[0])

    @classmethod
    def load(cls, model: str | Path) -> "Neighbourhood":
        """Load a model and its index by the model's name in models/, or by the path of its .keras file.

        The same one comes back until a file changes.

        Raises:
            ValueError: there is no such model, it has no index, or its index belongs to another file; one
                sentence that says so, and how to make one.
        """
        path = checkpoints.find(model).resolve()
        return _load(path, instance(path), instance(feature_index.beside(path)))

    def look(self, frame: np.ndarray, rival: int | None = None) -> Surroundings:
        """Return what lies around a frame.

        Args:
            frame: (28, 28) float32 in [0, 1], or uint8; bright ink on black.
            rival: the digit to compare with, 0 to 9 (None: the second most probable).

        Raises:
            ValueError: an argument is out of range; the message says which.
        """
        (features,), (logits,) = self._read(checked(frame)[None, ..., None])
        logits = logits[self._digits]  # of letters there are no neighbours
        answer, second = np.argsort(-logits, kind="stable")[:2]
        rival = int(second) if rival is None else rival
        near = nearest(self.index, features)
        return Surroundings(
            digit=int(answer),
            rival=rival,
            nearest=near,
            rivals=nearest(self.index, features, rival),
            familiar=float(1 - np.interp(near[0].distance, self.index.about["usual_distances"], SHARES)),
            pca=place_pca(self.index, features),
            tsne=place_tsne(self.index, features),
        )


@lru_cache(maxsize=KEPT)
def _load(path: Path, *stamps: object) -> Neighbourhood:
    index = feature_index.read(path, sha256(path))  # first: without one, the network is not needed
    model, card = checkpoints.shared(path)
    return Neighbourhood(model, index, path.stem, tuple(card.labels) if card else DIGITS)
