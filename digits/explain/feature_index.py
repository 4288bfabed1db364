"""What a network knows digits by, its features, and the file beside a model that keeps those of some digits.

Features are the numbers that enter the last layer. `models/<name>.index.npz`, made by
evaluation/build_index.py, has two sets: training digits with pictures, among which neighbours are sought,
and test digits without pictures, for the maps. Features are bytes there, column by column between least and
most.
"""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from digits.config import SIDE, check, models_dir
from digits.explain.layer_graph import FRAME, LayerGraph
from digits.files import atomic_path
from digits.models.runtimes import compile_model

LOGITS = "logits"
"""The features of a network without a dense layer, which has nothing later that is no answer yet."""

NOTHING = 1e-12
"""Features no longer than this have no direction."""

BATCH = 500
"""Frames per call of the network: bounds memory."""

VERSION = 1
"""Raised whenever the file changes what it holds."""

LARGEST = 2_000_000
"""Bytes that an index may have."""

CODED = ("features", "map_features")
"""What is kept as bytes."""


class FeatureReader:
    """A network that also says from which features it answers. Safe to share between threads.

    Args:
        model: a Keras model (N, 28, 28, 1) -> (N, K) probabilities, of any make; it is not edited.
    """

    def __init__(self, model: Any):
        graph = LayerGraph.of(model)
        self.layer = _feature_layer(graph)
        """The layer whose output they are, or `LOGITS`."""
        names = [] if self.layer == LOGITS else [self.layer]
        self._call = compile_model(graph.recorder(names))

    def __call__(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return features (N, D) and logits (N, K), both float32, of frames (N, 28, 28, 1) in [0, 1]."""
        parts = [self._call(frames[i : i + BATCH]) for i in range(0, max(1, len(frames)), BATCH)]
        features, logits = (np.concatenate([part[i] for part in parts]) for i in (0, -1))
        return features.reshape(len(frames), int(np.prod(features.shape[1:]))), logits


def _feature_layer(graph: LayerGraph) -> str:
    """Return the layer that feeds the last dense layer, `FRAME` where that is the frame, else `LOGITS`.

    Dropout, which does nothing when a network answers, does not count as a layer.
    """
    dense = [layer for layer in graph.layers if layer.kind == "Dense" and layer.shape[-1] == graph.classes]
    if not dense:
        return LOGITS
    name = dense[-1].sources[0]
    while name != FRAME and "Dropout" in graph.layer(name).kind:
        name = graph.layer(name).sources[0]
    return name


def unit(features: np.ndarray) -> np.ndarray:
    """Return features (..., D) as directions: float32 of length 1, or 0 where there was nothing."""
    features = np.asarray(features, np.float32)
    length = np.linalg.norm(features, axis=-1, keepdims=True)
    return features / np.maximum(length, NOTHING)


@dataclass(frozen=True)
class Index:
    """Digits in the feature space of one network."""

    about: dict[str, Any]
    """`model`, `sha256` of its file, `layer`, `data` (name, licence, attribution) and what was measured."""
    features: np.ndarray
    """(N, D) float32 of length 1, of training digits."""
    labels: np.ndarray
    """(N,) uint8."""
    numbers: np.ndarray
    """(N,) int32, their places among MNIST's 60,000 training digits."""
    borderline: np.ndarray
    """(N,) bool, whether a digit is there because it nearly had another answer."""
    pictures: np.ndarray
    """(N, 28, 28) uint8, bright ink on black."""
    map_features: np.ndarray
    """(M, D) float32 of length 1, of test digits."""
    map_labels: np.ndarray
    """(M,) uint8."""
    map_answers: np.ndarray
    """(M,) uint8, what the network reads."""
    map_numbers: np.ndarray
    """(M,) int32, their places among MNIST's 10,000 test digits."""
    pca: np.ndarray
    """(M, 2) float32, where they lie on the axes of `pca_axes`."""
    tsne: np.ndarray
    """(M, 2) float32 in [-1, 1], where t-SNE put them."""
    pca_mean: np.ndarray
    """(D,) float32, the features in the middle of the axes."""
    pca_axes: np.ndarray
    """(2, D) float32, of length 1."""

    def __post_init__(self) -> None:
        n, m, d = len(self.features), len(self.map_features), self.features.shape[-1]
        shapes = {
            "features": (n, d),
            **dict.fromkeys(("labels", "numbers", "borderline"), (n,)),
            "pictures": (n, SIDE, SIDE),
            "map_features": (m, d),
            **dict.fromkeys(("map_labels", "map_answers", "map_numbers"), (m,)),
            **dict.fromkeys(("pca", "tsne"), (m, 2)),
            "pca_mean": (d,),
            "pca_axes": (2, d),
        }
        for name, expected in shapes.items():
            shape = getattr(self, name).shape
            check(f"The shape of {name} in the index", shape, shape == expected, str(expected))


def beside(model: Path) -> Path:
    """Return where the index of a model's file is kept."""
    return model.with_suffix(".index.npz")


def write(index: Index, path: Path) -> int:
    """Write an index, whole or not at all; return its size in bytes.

    Raises:
        ValueError: it would be too large; nothing is written then.
    """
    arrays = {of.name: getattr(index, of.name) for of in fields(Index)[1:]}
    low, step = scale_of(index)
    arrays |= {name: encode(arrays[name], low, step) for name in CODED}
    about = json.dumps(index.about | {"version": VERSION}, ensure_ascii=False)
    with atomic_path(path) as temporary:
        with temporary.open("wb") as file:
            np.savez_compressed(file, about=np.array(about), low=low, step=step, **arrays)
        size = temporary.stat().st_size
        if size > LARGEST:
            raise ValueError(
                f"The index would have {size:,} bytes; expected at most {LARGEST:,}: fewer digits."
            )
    return size


def read(model: Path, sha256: str) -> Index:
    """Read the index of a model.

    Args:
        model: its file.
        sha256: of that file; an index of another one is as good as none. So it need not be kept with a model
            that is replaced: where that comes back, its index fits again.

    Raises:
        ValueError: there is none, or none that can be used; says why, and with which command to make one.
    """
    path = beside(model)
    known = model.parent.resolve() == models_dir().resolve()
    command = f"python -m evaluation.build_index --model {model.stem if known else model}"
    if not path.is_file():
        raise ValueError(f"{model.stem} has no index of digits to compare with; make one: {command}.")
    try:
        index = _read(path)
    except Exception as error:  # NumPy, zipfile and zlib raise many kinds
        raise ValueError(f"{path.name} cannot be read as an index; make it anew: {command}.") from error
    if index.about.get("sha256") != sha256:
        raise ValueError(
            f"{path.name} was made for another file than {model.name} is now; make it anew: {command}."
        )
    return index


def scale_of(index: Index) -> tuple[np.ndarray, np.ndarray]:
    """Return the least (D,) of each feature in an index, and the 255th part (D,) of its range."""
    both = np.concatenate([getattr(index, name) for name in CODED])
    low = both.min(axis=0)
    return low, (both.max(axis=0) - low) / 255


def encode(features: np.ndarray, low: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Return features (N, D) as uint8: steps (D,) above the least (D,) of each column."""
    steps = np.divide(features - low, step, out=np.zeros_like(features), where=step > 0)
    return np.round(steps).clip(0, 255).astype(np.uint8)


def decode(codes: np.ndarray, low: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Return the features (N, D), of length 1 again, that `encode` made bytes of."""
    return unit(low + step * codes)


def _read(path: Path) -> Index:
    with np.load(path, allow_pickle=False) as file:
        arrays = {of.name: file[of.name] for of in fields(Index)}
        low, step = file["low"], file["step"]
    arrays |= {name: decode(arrays[name], low, step) for name in CODED}
    about = json.loads(str(arrays["about"]))
    if about["version"] != VERSION:
        raise ValueError(f"An index of version {about['version']}; expected {VERSION}.")
    return Index(**arrays | {"about": about})
