"""What a network makes of a frame before it decides: its features, the numbers that enter the last layer."""

import numpy as np

from digits.calls import compiled
from digits.contract import CLASSES
from digits.insight.anatomy import FRAME, Anatomy

LOGITS = "logits"
"""The features of a network without a dense layer, which has nothing later that is no answer yet."""

NOTHING = 1e-12
"""Features no longer than this have no direction."""

BATCH = 500
"""Frames per call of the network: bounds memory."""


class FeatureReader:
    """A network that also says from which features it answers. Safe to share between threads.

    Args:
        model: a Keras model (N, 28, 28, 1) -> (N, 10) probabilities, of any make; it is not edited.
    """

    def __init__(self, model):
        anatomy = Anatomy.of(model)
        self.layer = feature_layer(anatomy)
        """The layer whose output they are, or `LOGITS`."""
        names = [] if self.layer == LOGITS else [self.layer]
        self._call = compiled(anatomy.recorder(names))

    def __call__(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return features (N, D) and logits (N, 10), both float32, of frames (N, 28, 28, 1) in [0, 1]."""
        parts = [self._call(frames[i : i + BATCH]) for i in range(0, max(1, len(frames)), BATCH)]
        features, logits = (np.concatenate([part[i] for part in parts]) for i in (0, -1))
        return features.reshape(len(frames), int(np.prod(features.shape[1:]))), logits


def feature_layer(anatomy: Anatomy) -> str:
    """Return the layer that feeds the last dense layer, `FRAME` where that is the frame, else `LOGITS`.

    Dropout, which does nothing when a network answers, does not count as a layer.
    """
    dense = [layer for layer in anatomy.layers if layer.kind == "Dense" and layer.shape[-1] == CLASSES]
    if not dense:
        return LOGITS
    name = dense[-1].sources[0]
    while name != FRAME and "Dropout" in anatomy.layer(name).kind:
        name = anatomy.layer(name).sources[0]
    return name


def unit(features: np.ndarray) -> np.ndarray:
    """Return features (..., D) as directions: float32 of length 1, or 0 where there was nothing."""
    features = np.asarray(features, np.float32)
    length = np.linalg.norm(features, axis=-1, keepdims=True)
    return features / np.maximum(length, NOTHING)
