"""What lies around a digit in a network's feature space: the training digits most like it, the most like it
of the digit it nearly was, and its place on maps of test digits."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from digits.contract import SIDE
from digits.files import instance, sha256
from digits.insight import feature_index, feature_map, neighbours
from digits.insight.feature_index import Index
from digits.insight.feature_map import Place
from digits.insight.frames import checked
from digits.insight.neighbours import Neighbour
from digits.network import checkpoints

SHOWN = 6
"""Neighbours of each kind, unless asked for more."""

KEPT = 8  # neighbourhoods in memory at once


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
    """Share of validation digits that are farther from their nearest neighbour, 0 (very strange) to 1."""
    pca: Place
    """On the map of the two main directions: exact."""
    tsne: Place
    """On the map of t-SNE: between its most alike digits there."""


class Neighbourhood:
    """A network, and the digits that it knows. Safe to share between threads.

    Args:
        model: a Keras model (N, 28, 28, 1) -> (N, 10) probabilities; it is not edited.
        index: made for this model.
        name: what to call it.

    Raises:
        ValueError: the index has another number of features than the model.
    """

    def __init__(self, model: Any, index: Index, name: str):
        from digits.insight.features import FeatureReader

        self.name, self.index = name, index
        self._read = FeatureReader(model)
        features, _ = self._read(np.zeros((1, SIDE, SIDE, 1), np.float32))  # the first call also compiles
        neighbours.distances(index.features, features[0])

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

    def look(self, frame: np.ndarray, n: int = SHOWN, rival: int | None = None) -> Surroundings:
        """Return what lies around a frame.

        Args:
            frame: (28, 28) uint8, or float32 in [0, 1]; bright ink on black.
            n: neighbours of each kind, 1 or more.
            rival: the digit to compare with, 0 to 9 (None: the second most probable).

        Raises:
            ValueError: an argument is out of range; the message says which.
        """
        (features,), (logits,) = self._read(checked(frame)[None, ..., None])
        answer, second = np.argsort(-logits, kind="stable")[:2]
        rival = int(second) if rival is None else rival
        nearest = neighbours.nearest(self.index, features, n)
        return Surroundings(
            digit=int(answer),
            rival=rival,
            nearest=nearest,
            rivals=neighbours.nearest(self.index, features, n, rival),
            familiar=neighbours.share_farther(self.index, nearest[0].distance),
            pca=feature_map.place_pca(self.index, features),
            tsne=feature_map.place_tsne(self.index, features),
        )


@lru_cache(maxsize=KEPT)
def _load(path: Path, *stamps: object) -> Neighbourhood:
    index = feature_index.read(path, sha256(path))  # first: without one, the network is not needed
    return Neighbourhood(checkpoints.shared(path)[0], index, path.stem)
