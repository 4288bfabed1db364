"""The networks by name. Every builder returns a flat functional model with the same three landmarks:

`last_conv` (the last convolution, for Grad-CAM), `logits` (N, 10) and `probabilities` (N, 10). Input is
(N, 28, 28, 1) float32 in [0, 1], bright ink on black. Augmentation is never part of a model.
"""

from collections.abc import Callable

import keras
from keras import layers

from digits.contract import CLASSES, SIDE

BATCH_NORM_MOMENTUM = 0.9
"""Keras' 0.99 remembers 100 batches: the first epochs' validation would judge stale statistics."""

REGISTRY: dict[str, Callable[..., keras.Model]] = {}


def register(builder: Callable[..., keras.Model]) -> Callable[..., keras.Model]:
    """Enter `builder` into `REGISTRY` under its own name."""
    REGISTRY[builder.__name__] = builder
    return builder


def build(architecture: str, **options) -> keras.Model:
    """Build an untrained model.

    Args:
        architecture: a name in `REGISTRY`.
        options: keyword arguments of that builder, e.g. `width=32, dropout=0.4`.

    Raises:
        ValueError: no such architecture; the message names those there are.
    """
    if architecture not in REGISTRY:
        known = ", ".join(sorted(REGISTRY))
        raise ValueError(f"Architecture {architecture!r} is unknown; expected one of: {known}.")
    return REGISTRY[architecture](**options)


def logits_model(model: keras.Model) -> keras.Model:
    """Return `model` up to its `logits`, (N, 28, 28, 1) -> (N, 10), on the same layers and weights."""
    return keras.Model(model.inputs, model.get_layer("logits").output, name="bare")


@register
def cnn(width: int = 32, dropout: float = 0.4) -> keras.Model:
    """Return the standard network: (Conv-BatchNorm-ReLU x 2, MaxPool) x 3, dropout, Dense.

    The doubling plan is that of VGG (Simonyan and Zisserman, 2015, arXiv:1409.1556) at a size for 28 x 28
    pixels, with batch normalisation (Ioffe and Szegedy, 2015). 289,066 parameters at width 32.

    Args:
        width: channels of the first block; the second has twice, the third four times as many.
        dropout: share of the 4 * width features dropped before the last layer, in [0, 1).
    """
    inputs = keras.Input((SIDE, SIDE, 1), name="frame")
    x = inputs  # (N, 28, 28, 1)
    for block, channels in enumerate((width, 2 * width, 4 * width), start=1):
        x = _conv_bn_relu(x, channels, name=f"conv{block}a")
        x = _conv_bn_relu(x, channels, name="last_conv" if block == 3 else f"conv{block}b")
        x = layers.MaxPooling2D(name=f"pool{block}")(x)  # 14, 7, then 3 pixels wide
    x = layers.GlobalAveragePooling2D(name="features")(x)  # (N, 128)
    x = layers.Dropout(dropout, name="dropout")(x)
    return _with_head(inputs, x, name="cnn")


def _conv_bn_relu(x, channels: int, name: str):
    x = layers.Conv2D(channels, 3, padding="same", use_bias=False, name=name)(x)
    x = layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _with_head(inputs, features, name: str) -> keras.Model:
    logits = layers.Dense(CLASSES, name="logits")(features)
    probabilities = layers.Softmax(name="probabilities", dtype="float32")(logits)
    return keras.Model(inputs, probabilities, name=name)
