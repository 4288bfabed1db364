"""Models that always say the same digit, so that everybody can see which one answered."""

import os
import shutil
from pathlib import Path

import keras
import numpy as np

from digits import config
from digits.config import DEFAULT_MODEL, ROOT
from digits.models import checkpoints
from digits.models.card import Card


def make(env: dict[str, str], name: str, digit: int, elsewhere: bool = False) -> Path:
    """Write a model with its card into the models of some surroundings, or beside them; return its path.

    All are of the same size. The card's architecture says which digit the model says.
    """
    os.environ.update({key: value for key, value in env.items() if key.startswith("DIGITS_")})
    models = Path(env["DIGITS_MODELS_DIR"])
    path = (models.with_name("made") if elsewhere else models) / f"{name}.keras"
    inputs = keras.Input((28, 28, 1), name="frame")
    layer = keras.layers.Dense(10, name="logits")
    outputs = keras.layers.Softmax(name="probabilities")(layer(keras.layers.Flatten()(inputs)))
    layer.set_weights([np.zeros((784, 10)), 9.0 * np.eye(10)[digit]])
    checkpoints.save(keras.Model(inputs, outputs, name="same"), _card(name, digit), path)
    return path


def shipped(env: dict[str, str]) -> Path:
    """Copy the shipped default model into the models of some surroundings; return its path there."""
    files = (ROOT / "models" / f"{DEFAULT_MODEL}{kind}" for kind in (".json", ".keras"))
    return [Path(shutil.copy(file, env["DIGITS_MODELS_DIR"])) for file in files][-1]


def _card(name: str, digit: int) -> Card:
    return Card(
        name=name,
        architecture=f"says {digit}",
        parameters=7850,
        trained_on=[{"name": "nothing", "licence": "none", "attribution": "none"}],
        config={},
        seed=1,
        validation={"n": 10, "accuracy": 0.1, "loss": 2.0},
        temperature=1.0,
        thresholds={"unsure_below": 0.5},
        created=config.now(),
        versions={"python": "3"},
        minutes=0.0,
        hardware="any",
    )
