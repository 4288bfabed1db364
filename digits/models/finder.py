"""The finder: a small convolutional network that sees ink, centres, signs, and which ink belongs together.

A mask, centre heat maps and offsets to the centre (Panoptic-DeepLab, Cheng et al., 2020, arXiv:1911.10194;
CenterNet, Zhou et al., 2019, arXiv:1904.07850). Keras layers only: it runs wherever the readers run.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from digits.config import CLASSES
from digits.models import networks

if TYPE_CHECKING:
    import keras

NAME = "finder"
"""Of its files in models/."""

KINDS = ("digit", "point", "comma", "dash", "other")
"""What has a centre, in the order of the heat maps."""

MAPS = len(KINDS) + 4
"""Channels of the second output: a logit for a centre of each kind; the way to the centre of what is here,
right and down, in `REACH`; the width and height of what is centred here, the logarithm of its share of
`USUAL`."""

USUAL = 28.0
"""Height of a digit, in points, that it knows best."""

REACH = 16.0
"""Points."""

STRIDE = 8
"""Height and width of what is shown to it are multiples of this."""

Answer = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Logits of ink (N, H, W); maps (N, H / 2, W / 2, `MAPS`); logits (N, H / 4, W / 4, 10) of the digit whose
centre is near; logits (N, W / 4, 11) of the digit that comes next from the left if all is one line, the last
of them that none does (CTC; Graves et al., "Connectionist Temporal Classification", 2006)."""

INPUT = {
    "shape": [None, None, 2],
    "range": [-networks.STRONGEST, networks.STRONGEST],
    "what": "evened grey, and 1 inside",
}
"""What it takes, for its card."""


def build(widths: tuple[int, int, int] = (24, 48, 72), depth: int = 3) -> "keras.Model":
    """Return an untrained finder; its outputs `ink`, with a last axis of 1, `maps`, `labels` and `text` are
    as in `Answer`.

    Args:
        widths: channels at a half, a quarter and an eighth of the points.
        depth: residual convolutions at an eighth.
    """
    import keras
    from keras import layers, ops

    def convolved(x: Any, width: int, strides: int = 1, size: int = 3) -> Any:
        x = layers.Conv2D(width, size, strides=strides, padding="same", use_bias=False)(x)
        return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))

    def doubled(x: Any, width: int) -> Any:
        return layers.Conv2DTranspose(width, 2, strides=2, padding="same")(x)

    fine, middle, coarse = widths
    shown = keras.Input((None, None, 2), name="picture")
    half = convolved(convolved(shown, fine, strides=2), fine)
    quarter = convolved(half, middle, strides=2)
    quarter = layers.Add()([quarter, convolved(convolved(quarter, middle), middle)])
    eighth = convolved(quarter, coarse, strides=2)
    for _ in range(depth):
        eighth = layers.Add()([eighth, convolved(eighth, coarse)])
    quarter = convolved(layers.Add()([quarter, doubled(eighth, middle)]), middle)
    labels = layers.Conv2D(CLASSES, 1, name="labels")(convolved(quarter, middle, size=1))
    column = ops.max(convolved(quarter, middle, size=1), axis=1)
    column = layers.Conv1D(middle, 3, padding="same", use_bias=False)(column)
    column = layers.ReLU()(layers.BatchNormalization(momentum=0.95)(column))
    text = layers.Conv1D(CLASSES + 1, 1, name="text")(column)
    half = layers.Add()([layers.Conv2D(fine + 8, 1)(half), doubled(quarter, fine + 8)])
    half = convolved(half, fine + 8)
    maps = layers.Conv2D(MAPS, 1, name="maps")(half)
    near = layers.Concatenate()([doubled(half, 8), shown])
    ink = layers.Conv2D(1, 3, padding="same", name="ink")(convolved(near, 8))
    return keras.Model(shown, [ink, maps, labels, text], name=NAME)


def look(shown: np.ndarray) -> Answer:
    """Look at evened pictures, and 1 inside them, (N, H, W, 2) float32.

    Raises:
        ValueError: its file is missing, or the package that it needs.
    """
    ink, maps, labels, text = networks.load(NAME)(shown)
    return ink[..., 0], maps, labels, text
