"""The glimpse reader: a convolutional network that says of a thing on paper, with its surroundings, which
digit it is, or that it is none. Keras layers only: it runs wherever the readers run."""

from typing import TYPE_CHECKING, Any

import numpy as np

from digits.config import CLASSES
from digits.models import networks

if TYPE_CHECKING:
    import keras

NAME = "glimpse"
"""Of its files in models/."""

INPUT = {
    "shape": [networks.GLIMPSE, networks.GLIMPSE, 2],
    "range": [-networks.STRONGEST, networks.STRONGEST],
    "what": "one thing and its surroundings, evened grey, and 1 inside",
}
"""What it takes, for its card."""


def build(widths: tuple[int, ...] = (32, 48, 80, 128), hidden: int = 160) -> "keras.Model":
    """Return an untrained glimpse reader; its answer is as in `read`.

    Args:
        widths: channels at a half, a quarter, an eighth and a sixteenth of the points.
        hidden: units before the last layer.
    """
    import keras
    from keras import layers

    def normed(x: Any) -> Any:
        return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))

    def convolved(x: Any, width: int, strides: int = 1) -> Any:
        return normed(layers.Conv2D(width, 3, strides=strides, padding="same", use_bias=False)(x))

    shown = keras.Input((networks.GLIMPSE, networks.GLIMPSE, 2), name="glimpse")
    x = shown
    for width in widths:
        x = convolved(x, width, 2)
        x = layers.Add()([x, convolved(convolved(x, width), width)])
    side = networks.GLIMPSE // 2 ** len(widths)
    x = layers.Flatten()(layers.DepthwiseConv2D(side, use_bias=False)(x))
    x = normed(layers.Dense(hidden, use_bias=False)(x))
    x = layers.Dropout(0.2)(x)
    return keras.Model(shown, layers.Dense(CLASSES + 1, name="answer")(x), name=NAME)


def read(shown: np.ndarray) -> np.ndarray:
    """Read glimpses (N, 64, 64, 2) float32, evened grey, and 1 inside; or several views of each thing, (N, V,
    64, 64, 2), whose mean is taken.

    Returns:
        (N, 11) float32, logits of the ten digits, and of there being none.

    Raises:
        ValueError: its file is missing, or the package that it needs.
    """
    if not len(shown):
        return np.zeros((0, CLASSES + 1), np.float32)
    views, ask = shown.reshape(-1, *shown.shape[-3:]), networks.load(NAME)
    steps = range(0, len(views), networks.TOGETHER)
    answers = [ask(views[first : first + networks.TOGETHER])[0] for first in steps]
    return np.concatenate(answers).reshape(len(shown), -1, CLASSES + 1).mean(axis=1)


def silence(logits: np.ndarray) -> float:
    """Return how much rather none than any of the digits logits (11,) say there is, in nats."""
    return float(logits[CLASSES] - np.logaddexp.reduce(logits[:CLASSES].astype(np.float64)))
