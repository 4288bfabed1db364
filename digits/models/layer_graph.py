"""What a Keras model is made of: its layers by name, what each takes in, and what it makes of a frame.

Works for functional and Sequential models, models inside models, and all of these loaded from a file. The
model itself is never edited: its layers are called anew, on inputs of our own, and share their weights. Each
such call leaves a note in Keras' books on the layer; `LayerGraph.of` makes it once for a model.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from digits.config import SIDE, check

KEPT = 8  # as many as there are models in memory, see `digits.models.checkpoints.shared`

FRAME = "frame"
"""The source of a layer that looks at the frame itself."""

CONVOLUTIONS = {"Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose"}

ACTIVATIONS = {"ReLU", "LeakyReLU", "PReLU", "ELU", "Activation"}

MOST_HELD = 2**28
"""Values of all layers together that one call holds on to for its gradients: about a gigabyte."""

NORMALISATIONS = {"BatchNormalization", "LayerNormalization", "GroupNormalization"}

PASSING = NORMALISATIONS | {"Add", "Dropout", "SpatialDropout2D"}
"""What may stand between a convolution and its activation."""


@dataclass(frozen=True)
class Layer:
    """One step of a model, from tensor to tensor."""

    name: str
    """Unique: "conv1", in a model inside the model "inner/conv1"; used a second time, "conv1:2"."""
    kind: str
    """The name of its class, e.g. "Conv2D"."""
    shape: tuple[int | None, ...]
    """Of its output, without the batch, e.g. (28, 28, 32)."""
    sources: tuple[str, ...]
    """The layers whose outputs it takes in, or `FRAME`."""
    keras_layer: Any = field(repr=False, compare=False)
    """The Keras layer or operation, for its weights: shared with the model, so only to be looked at."""

    @property
    def is_map(self) -> bool:
        """Whether the output is a stack of pictures, (height, width, channels)."""
        return len(self.shape) == 3 and None not in self.shape

    @property
    def is_convolution(self) -> bool:
        """Whether it is a convolution over height and width; the sandbox refuses channels that come first."""
        return self.kind in CONVOLUTIONS and self.is_map


class LayerGraph:
    """A model taken apart.

    Args:
        model: a functional or Sequential Keras model (N, 28, 28, 1) -> (N, K) probabilities.
    """

    def __init__(self, model: Any):
        import keras  # late: importing this module needs no TensorFlow

        opened = _Opened(model, [keras.Input((SIDE, SIDE, 1))], [FRAME], "", {FRAME})
        self._model, self._layers = opened.model, {layer.name: layer for layer in opened.layers}
        outputs = zip(self._layers, self._model.outputs, strict=True)
        self._tensors = {FRAME: self._model.inputs[0]} | dict(outputs)
        self._logits = _logits(self._layers[opened.returned], self._tensors)

    def together(self, most: int) -> int:
        """Return how many frames one call may have whose gradients are asked, 1 to `most`: bounds memory.

        Answers need two layers' outputs at a time, gradients those of all: a stranger's model may make two
        million values of a frame, ours make 0.6 million at most.
        """
        values = sum(math.prod(side or 1 for side in layer.shape) for layer in self.layers)
        return max(1, min(most, MOST_HELD // max(1, values)))

    @staticmethod
    @lru_cache(maxsize=KEPT)
    def of(model: Any) -> "LayerGraph":
        """Return the graph of a model, the same one to all who ask."""
        return LayerGraph(model)

    @property
    def classes(self) -> int:
        """How many labels it tells apart, K."""
        return int(self._logits.shape[-1])

    @property
    def layers(self) -> list[Layer]:
        """All layers, in the order of computation."""
        return list(self._layers.values())

    @property
    def convolutions(self) -> list[Layer]:
        """The convolutions, in the order of computation; perhaps none."""
        return [layer for layer in self._layers.values() if layer.is_convolution]

    def layer(self, name: str) -> Layer:
        """Return a layer by its name.

        Raises:
            ValueError: there is none; the message names those there are.
        """
        if name not in self._layers:
            raise ValueError(f"There is no layer {name!r}; expected one of: {', '.join(self._layers)}.")
        return self._layers[name]

    def activated(self, name: str) -> Layer:
        """Return the layer in which the numbers of a convolution are cut off at 0, or the like.

        That is the layer itself where it does so, or where nothing of the kind follows before other layers.

        Raises:
            ValueError: there is no such layer.
        """
        layer = found = self.layer(name)
        own = getattr(layer.keras_layer, "activation", None)
        while getattr(own, "__name__", "linear") == "linear":
            users = [user for user in self.layers if found.name in user.sources]
            if len(users) != 1 or users[0].kind not in PASSING | ACTIVATIONS:
                break
            found = users[0]
            if found.kind in ACTIVATIONS:
                return found
        return layer

    def recorder(self, names: Iterable[str]) -> Any:
        """Return what shows the inside: a `keras.Model` frames (N, 28, 28, 1) -> [output, ..., logits].

        The outputs are those of the layers `names`, in that order (`FRAME` gives the frames back), and the
        logits (N, 10) come last; without names there are only the logits, in no list. All are parts of one
        computation: logits can be differentiated by outputs. Call it with `training=False`.

        The logits are what enters the last softmax, even where it is a layer's activation; only where no
        softmax ends the model are they the logarithms of its answers. The logit of a sure answer has a slope
        where its probability has none.

        Raises:
            ValueError: there is no such layer.
        """
        import keras

        wanted = [self._tensors[name if name == FRAME else self.layer(name).name] for name in names]
        return keras.Model(self._model.inputs[0], [*wanted, self._logits])


def checked(frame: np.ndarray) -> np.ndarray:
    """Return a frame as float32 (28, 28) in [0, 1].

    Args:
        frame: (28, 28), any float in [0, 1], or uint8; bright ink on black.

    Raises:
        ValueError: another shape or range, or numbers that are none; the message says which.
    """
    frame = np.asarray(frame)
    check("The shape of the frame", frame.shape, frame.shape == (SIDE, SIDE), f"({SIDE}, {SIDE})")
    values = frame.astype(np.float32) / (255 if frame.dtype == np.uint8 else 1)
    low, high = values.min(), values.max()
    check("The range of the frame", f"{low} to {high}", low >= 0 and high <= 1, "0 to 1")  # false for NaN
    return values


class _Opened:
    """A model called anew layer by layer, those of models inside it too, so that every output is at hand.

    Args:
        model: what to take apart.
        feeds: the tensors it will be called with, for their shapes.
        names: their names.
        prefix: goes before the names of its layers.
        taken: the names given so far; those given here are added.
    """

    def __init__(self, model: Any, feeds: list, names: list[str], prefix: str, taken: set[str]):
        import keras

        self.layers: list[Layer] = []
        self._outputs: list = []
        self._prefix, self._taken = prefix, taken
        inputs = [keras.Input(batch_shape=feed.shape, dtype=feed.dtype) for feed in feeds]
        self._names = {id(tensor): name for tensor, name in zip(inputs, names, strict=True)}
        if isinstance(model, keras.Sequential):
            output = inputs[0]
            for layer in model.layers:
                output = self._call(layer, output)
        else:
            tensors = keras.tree.pack_sequence_as(model.input, inputs)
            output = keras.models.clone_model(model, tensors, lambda layer: layer, self._call).output
        self.model = keras.Model(inputs, self._outputs)
        """List of tensors -> the outputs of `layers`."""
        self.returned = keras.tree.map_structure(lambda tensor: self._names[id(tensor)], output)
        """The names of the layers whose outputs the model returns, in the structure of its output."""

    def _call(self, layer: Any, *args: Any, **options: Any) -> Any:
        """Call a layer of the model as the model does; return its output, every tensor of it entered."""
        import keras

        inputs = [x for x in keras.tree.flatten((args, options)) if isinstance(x, keras.KerasTensor)]
        sources = [self._names[id(x)] for x in inputs]
        name = self._prefix + layer.name
        if isinstance(layer, keras.Sequential | keras.Function):
            inner = _Opened(layer, inputs, sources, f"{name}/", self._taken)
            made = inner.model(inputs)
            made = made if isinstance(made, list) else [made]  # Keras unpacks a list of one
            tensors = {of.name: self._enter(of, x) for of, x in zip(inner.layers, made, strict=True)}
            return keras.tree.map_structure(tensors.get, inner.returned)

        def record(tensor: Any) -> Any:
            kind, shape = type(layer).__name__, tuple(tensor.shape[1:])
            return self._enter(Layer(self._unique(name), kind, shape, tuple(sources), layer), tensor)

        return keras.tree.map_structure(record, layer(*args, **options))

    def _enter(self, layer: Layer, tensor: Any) -> Any:
        self.layers.append(layer)
        self._outputs.append(tensor)
        self._names[id(tensor)] = layer.name
        return tensor

    def _unique(self, name: str) -> str:
        number, unique = 1, name
        while unique in self._taken:
            number += 1
            unique = f"{name}:{number}"
        self._taken.add(unique)
        return unique


def _logits(last: Layer, tensors: dict[str, Any]) -> Any:
    """Return the tensor of the logits, given the last layer."""
    import keras

    layer, before = last.keras_layer, tensors[last.sources[0]]
    is_activated = getattr(layer, "activation", None) is keras.activations.softmax
    if last.kind == "Softmax" or (last.kind == "Activation" and is_activated):
        return before
    if not is_activated:
        # Keras' own 1e-7 would flatten the slope of what is thought impossible.
        return keras.ops.log(keras.ops.maximum(tensors[last.name], 1e-30))
    about = layer.get_config() | {"activation": "linear", "name": f"{layer.name}_logits"}
    twin = type(layer).from_config(about)
    logits = twin(before)
    twin.set_weights(layer.get_weights())  # its own copy: ten numbers for each feature
    return logits
