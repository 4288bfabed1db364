"""One small network with two convolutions, made in every way that Keras knows, with the same weights."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from keras import layers


def _eye() -> list:
    return [layers.Conv2D(4, 3, activation="relu", name="early"), layers.MaxPooling2D(name="pool")]


def _mind() -> list:
    return [layers.Conv2D(6, 3, activation="relu", name="late"), layers.Flatten(name="flat")]


def _chain(steps: list, x):
    for step in steps:
        x = step(x)
    return x


def _functional(steps: list, name: str | None = None, shape: tuple = (28, 28, 1)) -> keras.Model:
    inputs = keras.Input(shape)
    return keras.Model(inputs, _chain(steps, inputs), name=name)


def _sequential(steps: list, name: str | None = None) -> keras.Model:
    return keras.Sequential([keras.Input((28, 28, 1)), *steps], name=name)


def _ours() -> list:
    return [layers.Dense(10, name="logits"), layers.Softmax(name="probabilities")]


def _fused() -> list:
    return [layers.Dense(10, activation="softmax")]


def _apart() -> list:
    return [layers.Dense(10), layers.Activation("softmax")]


MAKES: dict[str, Callable[[], keras.Model]] = {
    "functional": lambda: _functional([*_eye(), *_mind(), *_ours()]),
    "functional, softmax as activation": lambda: _functional([*_eye(), *_mind(), *_fused()]),
    "Sequential": lambda: _sequential([*_eye(), *_mind(), *_ours()]),
    "Sequential, softmax as activation": lambda: _sequential([*_eye(), *_mind(), *_fused()]),
    "two models inside": lambda: _functional(
        [_sequential(_eye(), "eye"), _functional(_mind(), "mind", (13, 13, 4)), *_apart()]
    ),
    "functional inside Sequential": lambda: _sequential([_functional([*_eye(), *_mind()]), *_fused()]),
    "all inside": lambda: _sequential([_functional([*_eye(), *_mind(), *_fused()])]),
    "inside twice": lambda: _functional([_sequential([_functional(_eye()), *_mind()]), *_apart()]),
}


def made(make: str) -> keras.Model:
    """Return a model of `MAKES`; all have the same weights."""
    model, rng = MAKES[make](), np.random.default_rng(5)
    model.set_weights([rng.normal(0, 0.3, weights.shape) for weights in model.get_weights()])
    return model


def reloaded(make: str, folder: Path) -> keras.Model:
    """Return the same, saved and loaded again."""
    made(make).save(folder / "made.keras")
    return keras.saving.load_model(folder / "made.keras", compile=False)
