"""How many digits a second training learns from, beside the plain example that everybody knows."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from keras import layers

from digits.data.mnist import load_train_val
from digits.models import architectures
from digits.train import augmentation, fit

PLAIN, OWN, CNN = "plain example", "the same network, our training", "mnist_cnn, our training"
BATCH = 128
"""Digits a step, as in the example."""


def digits_per_second(limit: int) -> dict[str, float]:
    """Return the digits a second of an epoch, the one after the first, for three trainings.

    `plain example` is "Simple MNIST convnet" of Keras' own pages (F. Chollet): two convolutions of 3 x 3 with
    32 and 64 channels, no augmentation, no checkpoints. Then the same network in our training: in a new order
    each epoch, turned, shifted, thickened, and saved after it. Then our standard network in it.

    Args:
        limit: digits of MNIST to learn from.
    """
    data = load_train_val(limit)
    images, labels = data.x_train, data.y_train
    frames = images[..., None].astype(np.float32) / 255
    plain = simple_convnet()
    _compile(plain, from_logits=False)
    rates = {PLAIN: _rate(len(labels), lambda: plain.fit(frames, labels, batch_size=BATCH, verbose=0))}
    for name, network in ((OWN, simple_convnet()), (CNN, architectures.build("cnn"))):
        rates[name] = _own_rate(network, data)
    return rates


def simple_convnet() -> keras.Model:
    """Return the example's network, its last layer split as ours are: logits, then a softmax."""
    inputs = keras.Input((28, 28, 1))
    x = layers.Conv2D(32, 3, activation="relu")(inputs)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    return keras.Model(inputs, layers.Softmax(name="probabilities")(layers.Dense(10, name="logits")(x)))


def _own_rate(network: keras.Model, data) -> float:
    """Return the rate of an epoch in our training, without its look at the validation digits."""
    training = fit.with_augmentation(network, augmentation.light(1, 1.0))
    _compile(training, from_logits=True)
    with tempfile.TemporaryDirectory() as folder:
        epochs = iter((1, 2))

        def epoch() -> None:
            batches = fit.Batches(data.x_train, data.y_train, BATCH)
            few = data.x_val[:100], data.y_val[:100]
            fit.fit(
                training, batches, few, Path(folder), epochs=next(epochs), seed=1, callbacks=[], verbose=0
            )

        return _rate(len(data.y_train), epoch)


def _compile(model: keras.Model, from_logits: bool) -> None:
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])


def _rate(n: int, epoch: Callable[[], object]) -> float:
    epoch()  # compiles
    begin = time.perf_counter()
    epoch()
    return round(n / (time.perf_counter() - begin), 1)
