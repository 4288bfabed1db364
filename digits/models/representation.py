"""What a network knows digits by: the numbers that enter its last layer, its features.

Light copies of a model answer them as a third output, `REPRESENTATION`; in a Keras model `Representation`
finds them.
"""

from typing import Any

import numpy as np

from digits.models.layer_graph import FRAME, LayerGraph
from digits.models.runtimes import REPRESENTATION as REPRESENTATION
from digits.models.runtimes import compile_model

LOGITS = "logits"
"""The features of a network without a dense layer, which has nothing later that is no answer yet."""

BATCH = 500
"""Frames per call of the network: bounds memory."""

NOTHING = 1e-12
"""Features no longer than this have no direction."""


class Representation:
    """A network that also says from which features it answers. Safe to share between threads.

    Args:
        model: a Keras model (N, 28, 28, 1) -> (N, K) probabilities, of any make; it is not edited.
    """

    def __init__(self, model: Any):
        graph = LayerGraph.of(model)
        self.layer = feature_layer(graph)
        """The layer whose output they are, or `LOGITS`."""
        names = [] if self.layer == LOGITS else [self.layer]
        self._call = compile_model(graph.recorder(names))

    def __call__(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return features (N, D) and logits (N, K), both float32, of frames (N, 28, 28, 1) in [0, 1]."""
        parts = [self._call(frames[i : i + BATCH]) for i in range(0, max(1, len(frames)), BATCH)]
        features, logits = (np.concatenate([part[i] for part in parts]) for i in (0, -1))
        return features.reshape(len(frames), int(np.prod(features.shape[1:]))), logits


def feature_layer(graph: LayerGraph) -> str:
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
