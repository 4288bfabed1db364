"""An untrusted model, made of its plan and its weights: Keras is told nothing that is not in the plan.

No description is deserialised and no name in it is looked up: the classes are those of `layers.RULES`, their
arguments went through `arguments`, and each tensor and weight must have the shape that was worked out
before.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from digits.models.sandbox.container import Refusal, shown
from digits.models.sandbox.outline import Layer, Plan

if TYPE_CHECKING:
    import keras

EMPTY = {"SimpleRNN", "LSTM", "GRU"}
"""Layers whose first values would take long to make, for nothing."""


def build(plan: Plan, weights: np.ndarray) -> "keras.Model":
    """Make a model.

    Args:
        plan: see `outline.plan`.
        weights: (plan.parameters,) float32, all of them in the order of `plan.layers`.

    Raises:
        Refusal: a tensor or a weight has another shape than on paper.
    """
    import keras  # late: importing this module needs no TensorFlow

    if weights.shape != (plan.parameters,):
        raise Refusal(f"Its weights are {weights.size:,} numbers; expected {plan.parameters:,}.")
    kept: dict[str, list[np.ndarray]] = {}
    made: dict[str, Any] = {}
    place = 0
    for layer in plan.layers:
        kept[layer.name] = []
        for weight in layer.weights:
            size = int(np.prod(weight.shape))
            kept[layer.name].append(weights[place : place + size].reshape(weight.shape))
            place += size
    inputs = keras.Input(plan.takes, name="frame")
    values = [inputs]
    for step in plan.steps:
        name, taken = step.layer.name, [values[number] for number in step.takes]
        if name not in made:
            made[name] = _make(step.layer, kept.get(name, []), [(None, *value.shape[1:]) for value in taken])
        value = made[name](taken[0] if len(taken) == 1 else taken)
        if tuple(value.shape) != (None, *step.shape):
            raise Refusal(
                f"Its layer {shown(name)} gives the shape {shown(tuple(value.shape))}; expected "
                f"{(None, *step.shape)} by its description."
            )
        values.append(value)
    return keras.Model(inputs, values[plan.gives], name="theirs")


def _make(layer: Layer, weights: list[np.ndarray], shapes: list[tuple]) -> Any:
    made = _of_class(layer)
    made.build(shapes[0] if len(shapes) == 1 else shapes)
    expected = [tuple(weight.shape) for weight in made.weights]
    if expected != [weight.shape for weight in weights]:
        raise Refusal(
            f"Its layer {shown(layer.name)} keeps {shown(expected)}; "
            f"expected {shown([weight.shape for weight in weights])} by its description."
        )
    if weights:
        made.set_weights(weights)
    if layer.kind == "Normalization":
        made.finalize_state()
    return made


def _of_class(layer: Layer) -> Any:
    from keras import layers

    options = dict(layer.options)
    if layer.inner is not None:
        options["layer"] = _of_class(layer.inner)
    if layer.kind in EMPTY:
        options["recurrent_initializer"] = "zeros"
    if layer.name:
        options["name"] = layer.name
    return getattr(layers, layer.kind)(**options)
