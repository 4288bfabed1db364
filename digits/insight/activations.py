"""What every layer of a network makes of a frame: its channels as pictures, and what made one of them."""

from dataclasses import dataclass

import numpy as np

from digits.calls import compiled
from digits.insight.anatomy import FRAME, Anatomy, Layer
from digits.insight.frames import checked
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
        self.anatomy = anatomy
        self._names = [FRAME, *(layer.name for layer in anatomy.layers if layer.is_map)]
        self._call = compiled(anatomy.recorder(self._names))

    def __call__(self, frame: np.ndarray) -> Activations:
        """Return what all layers make of a frame (28, 28) float32 in [0, 1].

        Raises:
            ValueError: the frame has another shape or range.
        """
        *maps, logits = (output[0] for output in self._call(checked(frame)[None, ..., None]))
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
        kernels = [find_kernel(layer, channel) for channel in range(layer.shape[-1] or 0)]
        pictures = [k.weights[..., 0] for k in kernels if k is not None and k.weights.shape[2] == 1]
        return (layer.name, np.stack(pictures, axis=-1)) if len(pictures) == len(kernels) else None
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
    origins: tuple[tuple[str, int], ...]
    """(K) where each comes from: the layer, and the channel's number in it."""
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
    kernel = find_kernel(about, number)
    inputs, origins = _inputs(seen, about, number, kernel)
    weights = np.abs(kernel.weights).mean(axis=(0, 1)) if kernel is not None else np.ones(inputs.shape[-1])
    share = np.abs(inputs).mean(axis=(0, 1)) * weights if inputs.size else weights
    order = np.argsort(-share, kind="stable")
    return Channel(about, number, output[..., number], inputs, origins, kernel, order)


def _inputs(
    seen: Activations, about: Layer, number: int, kernel: Kernel | None
) -> tuple[np.ndarray, tuple[tuple[str, int], ...]]:
    """Return the channels (H', W', K) that a channel was made of, and where each comes from."""
    sources = [name for name in about.sources if name in seen.maps]
    # Those of the size of the first: what one factor weighs a whole channel with is no picture of it.
    sources = [name for name in sources if seen.maps[name].shape[:2] == seen.maps[sources[0]].shape[:2]]
    if not sources:
        return np.zeros((0, 0, 0), np.float32), ()
    if kernel is not None:
        origins = [(sources[0], int(channel)) for channel in kernel.inputs]
    elif about.kind == "Concatenate":
        every = [(name, i) for name in sources for i in range(seen.maps[name].shape[-1])]
        origins = [every[number]] if len(every) == about.shape[-1] else every
    else:  # each channel by itself, also where layers are added up; or nobody knows how
        origins = []
        for name in sources:
            channels = seen.maps[name].shape[-1]
            own = channels == about.shape[-1]
            origins += [(name, number)] if own else [(name, i) for i in range(channels)]
    return np.stack([seen.maps[name][..., i] for name, i in origins], axis=-1), tuple(origins)
