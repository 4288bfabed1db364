"""What every layer of a network makes of a frame: its channels as pictures, and what made one of them."""

from dataclasses import dataclass

import numpy as np

from digits.contract import SIDE
from digits.insight.anatomy import FRAME, Anatomy, Layer
from digits.insight.kernels import Kernel, find_kernel
from digits.runs import check


@dataclass(frozen=True)
class Activations:
    """A frame on its way through a network."""

    anatomy: Anatomy
    maps: dict[str, np.ndarray]
    """(H, W, C) float32 by layer, in the order of computation; `FRAME`, (28, 28, 1), comes first."""
    logits: np.ndarray
    """(10,) float32."""

    def map(self, layer: str) -> np.ndarray:
        """Return the channels (H, W, C) of a layer.

        Raises:
            ValueError: no such layer, or it makes no pictures; the message names those that do.
        """
        if layer not in self.maps:
            known = ", ".join(self.maps)
            raise ValueError(f"No layer {layer!r} makes pictures; expected one of: {known}.")
        return self.maps[layer]


class ActivationReader:
    """A network that shows all its layers in one call. Safe to share between threads.

    Args:
        anatomy: of the model, which is not edited.
    """

    def __init__(self, anatomy: Anatomy):
        import keras  # late: importing this module needs no TensorFlow

        self.anatomy = anatomy
        self._names = [FRAME, *(layer.name for layer in anatomy.layers if layer.is_map)]
        recorder = anatomy.recorder(self._names)
        if keras.config.backend() != "tensorflow":
            self._call = recorder.predict_on_batch
            return
        import tensorflow as tf

        frame = tf.TensorSpec((1, SIDE, SIDE, 1), tf.float32)
        compiled = tf.function(lambda frames: recorder(frames, training=False), input_signature=[frame])
        self._call = compiled.get_concrete_function()

    def __call__(self, frame: np.ndarray) -> Activations:
        """Return what all layers make of a frame (28, 28) float32 in [0, 1].

        Raises:
            ValueError: the frame has another shape or range.
        """
        import keras

        frame = np.asarray(frame, np.float32)
        check("The shape of the frame", frame.shape, frame.shape == (SIDE, SIDE), f"({SIDE}, {SIDE})")
        low, high = frame.min(), frame.max()
        check("The range of the frame", f"{low} to {high}", low >= 0 and high <= 1, "0 to 1")  # false for NaN
        outputs = self._call(keras.ops.convert_to_tensor(frame[None, ..., None]))
        *maps, logits = (keras.ops.convert_to_numpy(output)[0].astype(np.float32) for output in outputs)
        return Activations(self.anatomy, dict(zip(self._names, maps, strict=True)), logits)


def by_activity(channels: np.ndarray) -> np.ndarray:
    """Return the channels of a map (H, W, C), by number, the most active first: by their mean magnitude.

    >>> by_activity(np.array([[[0.0, -2.0, 1.0]]])).tolist()
    [1, 2, 0]
    """
    return np.argsort(-np.abs(channels).mean(axis=(0, 1)), kind="stable")


def first_filters(anatomy: Anatomy) -> tuple[str, np.ndarray] | None:
    """Return the first convolution and its filters (kh, kw, C), or None where they are no pictures.

    They are where it looks at one picture, such as the frame.
    """
    for layer in anatomy.convolutions:
        kernels = [find_kernel(layer, channel) for channel in range(layer.shape[-1])]
        if any(kernel is None or kernel.weights.shape[2] != 1 for kernel in kernels):
            return None
        return layer.name, np.stack([kernel.weights[..., 0] for kernel in kernels], axis=-1)
    return None


@dataclass(frozen=True)
class Channel:
    """One channel of a layer, and what it was made of."""

    layer: Layer
    number: int
    output: np.ndarray
    """(H, W) float32."""
    inputs: np.ndarray
    """(H', W', K) float32, the channels it was made of; K is 0 for a layer that takes in no picture."""
    kernel: Kernel | None
    """How: a convolution's weights; None for other layers, which change each channel by itself or mix more
    than one picture."""
    strongest: np.ndarray
    """(K,) the inputs by their weight in the sum, largest first: their mean magnitude times that of the
    kernel's part for them."""


def one_channel(seen: Activations, layer: str, number: int | None = None) -> Channel:
    """Return one channel of a layer with its input and kernel.

    Args:
        seen: what the network made of a frame.
        layer: a name in `seen.maps`, but not `FRAME`.
        number: of the channel, from 0 (None: the most active one).

    Raises:
        ValueError: no such layer or channel.
    """
    about, output = seen.anatomy.layer(layer), seen.map(layer)
    number = int(by_activity(output)[0]) if number is None else number
    last = output.shape[-1] - 1
    check(f"The channel of {layer}", number, 0 <= number <= last, f"0 to {last}")
    source = seen.maps.get(about.sources[0], np.zeros((0, 0, 0), np.float32))
    kernel = find_kernel(about, number)
    if kernel is not None:
        inputs = source[..., kernel.inputs]
    else:
        own = source.shape[-1] == output.shape[-1]
        inputs = source[..., [number]] if own else source
    weights = np.abs(kernel.weights).mean(axis=(0, 1)) if kernel is not None else np.ones(inputs.shape[-1])
    share = np.abs(inputs).mean(axis=(0, 1)) * weights if inputs.size else weights
    return Channel(about, number, output[..., number], inputs, kernel, np.argsort(-share, kind="stable"))
