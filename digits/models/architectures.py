"""The networks by name. Every builder returns a flat functional model with the same three landmarks:

`last_conv` (the last convolution, for Grad-CAM), `logits` (N, K) and `probabilities` (N, K). Input is
(N, 28, 28, 1) float32 in [0, 1], bright ink on black. Augmentation is never part of a model.
"""

import string
from collections.abc import Callable

import keras
from keras import KerasTensor, layers

from digits.config import CLASSES, SIDE

BATCH_NORM_MOMENTUM = 0.9
"""Keras' 0.99 remembers 100 batches: the first epochs' validation would judge stale statistics."""


def build(architecture: str, **options: int | float) -> keras.Model:
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


def logits_model(model: keras.Model, name: str = "bare") -> keras.Model:
    """Return `model` up to its `logits`, (N, 28, 28, 1) -> (N, 10), on the same layers and weights.

    Raises:
        ValueError: it has no such layer, so it is not built like ours.
    """
    if "logits" not in {layer.name for layer in model.layers}:
        raise ValueError(f"The model {model.name!r} has no layer named logits; expected one of our own.")
    return keras.Model(model.inputs[0], model.get_layer("logits").output, name=name)


def cnn(width: int = 32, depth: int = 2, dropout: float = 0.4, classes: int = CLASSES) -> keras.Model:
    """Return the standard network: (Conv-BatchNorm-ReLU x depth, MaxPool) x 3, dropout, Dense.

    The doubling plan is that of VGG (Simonyan and Zisserman, 2015, arXiv:1409.1556) at a size for 28 x 28
    pixels, with batch normalisation (Ioffe and Szegedy, 2015). 289,066 parameters at width 32, depth 2.

    Args:
        width: channels of the first block; the second has twice, the third four times as many.
        depth: convolutions per block, at most 26.
        dropout: share of the 4 * width features dropped before the last layer, in [0, 1).
        classes: answers to choose from.
    """
    inputs = keras.Input((SIDE, SIDE, 1), name="frame")
    x = inputs  # (N, 28, 28, 1)
    for block, channels in enumerate((width, 2 * width, 4 * width), start=1):
        for number in range(depth):
            last = (block, number) == (3, depth - 1)
            name = "last_conv" if last else f"conv{block}{string.ascii_lowercase[number]}"
            x = _conv_bn_relu(x, channels, name=name)
        x = layers.MaxPooling2D(name=f"pool{block}")(x)  # 14, 7, then 3 pixels wide
    x = layers.GlobalAveragePooling2D(name="features")(x)  # (N, 128)
    x = layers.Dropout(dropout, name="dropout")(x)
    return _with_head(inputs, x, classes, name="cnn")


def separable(width: int = 64, depth: int = 2, dropout: float = 0.2, classes: int = CLASSES) -> keras.Model:
    """Return the advanced network: a stem of two convolutions, then depthwise-separable residual blocks.

    Separable convolutions in residual blocks as in Xception (Chollet, 2017, arXiv:1610.02357), at a size for
    28 x 28 pixels. 263,466 parameters at width 64, depth 2.

    Args:
        width: channels after the stem, at 14 x 14 pixels; the 7 x 7 stage has three times as many.
        depth: blocks at 14 x 14 pixels; the 7 x 7 stage has one more.
        dropout: share of the 3 * width features dropped before the last layer, in [0, 1).
        classes: answers to choose from.
    """
    inputs = keras.Input((SIDE, SIDE, 1), name="frame")
    x = _conv_bn_relu(inputs, max(1, width // 2), name="stem1")  # (N, 28, 28, 32)
    x = _conv_bn_relu(x, width, name="stem2", strides=2)  # (N, 14, 14, 64)
    for block in range(1, depth + 1):
        x = _separable_residual(x, width, name=f"wide{block}")
    x = layers.MaxPooling2D(name="pool")(x)
    for block in range(1, depth + 2):
        x = _separable_residual(x, 3 * width, name=f"deep{block}", last=block == depth + 1)
    x = layers.GlobalAveragePooling2D(name="features")(x)  # (N, 192)
    x = layers.Dropout(dropout, name="dropout")(x)
    return _with_head(inputs, x, classes, name="separable")


def plain(width: int = 32, hidden: int = 100, classes: int = CLASSES) -> keras.Model:
    """Return a small network without normalisation, for adversarial training.

    Two strided convolutions and two dense layers, as in Wong, Rice and Kolter, 2020 (arXiv:2001.03994), of
    twice the width. 348,086 parameters at width 32, hidden 100.

    Args:
        width: channels of the first convolution; the second has twice as many.
        hidden: units of the first dense layer.
        classes: answers to choose from.
    """
    inputs = keras.Input((SIDE, SIDE, 1), name="frame")
    x = layers.Conv2D(width, 4, 2, padding="same", activation="relu", name="conv1")(inputs)  # 14 pixels wide
    x = layers.Conv2D(2 * width, 4, 2, padding="same", activation="relu", name="last_conv")(x)  # 7
    x = layers.Flatten(name="flat")(x)
    x = layers.Dense(hidden, activation="relu", name="features")(x)
    return _with_head(inputs, x, classes, name="plain")


def tiny(width: int = 16, dropout: float = 0.0, classes: int = CLASSES) -> keras.Model:
    """Return a network for browsers and small devices: a strided stem, then separable convolutions.

    24,682 parameters at width 16.

    Args:
        width: channels of the stem; the stages have two and five times as many.
        dropout: share of features dropped before the last layer, in [0, 1).
        classes: answers to choose from.
    """
    inputs = keras.Input((SIDE, SIDE, 1), name="frame")
    x = _conv_bn_relu(inputs, width, name="stem1")  # (N, 28, 28, 16)
    x = _conv_bn_relu(x, 2 * width, name="stem2", strides=2)  # (N, 14, 14, 32)
    for block in (1, 2):
        x = _separable_residual(x, 2 * width, name=f"wide{block}")
    x = layers.MaxPooling2D(name="pool")(x)
    x = _separable_residual(x, 5 * width, name="deep1", last=True)
    x = layers.GlobalAveragePooling2D(name="features")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return _with_head(inputs, x, classes, name="tiny")


def _separable_residual(x: KerasTensor, channels: int, name: str, last: bool = False) -> KerasTensor:
    y = _separable(x, channels, name=f"{name}a")
    y = layers.ReLU(name=f"{name}a_relu")(y)
    y = _separable(y, channels, name=f"{name}b", pointwise="last_conv" if last else None)
    if x.shape[-1] != channels:
        x = layers.Conv2D(channels, 1, use_bias=False, name=f"{name}_shortcut")(x)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))


def _separable(x: KerasTensor, channels: int, name: str, pointwise: str | None = None) -> KerasTensor:
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name=f"{name}_depthwise")(x)
    x = layers.Conv2D(channels, 1, use_bias=False, name=pointwise or f"{name}_pointwise")(x)
    return layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name=f"{name}_bn")(x)


def _conv_bn_relu(x: KerasTensor, channels: int, name: str, strides: int = 1) -> KerasTensor:
    x = layers.Conv2D(channels, 3, strides, padding="same", use_bias=False, name=name)(x)
    x = layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _with_head(inputs: KerasTensor, features: KerasTensor, classes: int, name: str) -> keras.Model:
    logits = layers.Dense(classes, name="logits")(features)
    probabilities = layers.Softmax(name="probabilities", dtype="float32")(logits)
    return keras.Model(inputs, probabilities, name=name)


REGISTRY: dict[str, Callable[..., keras.Model]] = {f.__name__: f for f in (cnn, separable, plain, tiny)}
