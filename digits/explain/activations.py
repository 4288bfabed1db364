"""What every layer of a network makes of a frame: its channels as pictures, and what made one of them."""

from dataclasses import dataclass

import numpy as np

from digits.config import check
from digits.models.layer_graph import FRAME, Layer, LayerGraph, checked
from digits.models.runtimes import compile_model


@dataclass(frozen=True)
class Activations:
    """A frame on its way through a network."""

    graph: LayerGraph
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
    """A network that shows all its layers in one call. Safe to share between threads; nothing is edited."""

    def __init__(self, graph: LayerGraph):
        self.graph = graph
        self._names = [FRAME, *(layer.name for layer in graph.layers if layer.is_map)]
        self._call = compile_model(graph.recorder(self._names))

    def __call__(self, frame: np.ndarray) -> Activations:
        """Return what all layers make of a frame (28, 28) float32 in [0, 1].

        Raises:
            ValueError: the frame has another shape or range.
        """
        *maps, logits = (output[0] for output in self._call(checked(frame)[None, ..., None]))
        return Activations(self.graph, dict(zip(self._names, maps, strict=True)), logits)


def by_activity(channels: np.ndarray) -> np.ndarray:
    """Return the channels of a map (H, W, C), by number, the most active first: by their mean magnitude.

    >>> by_activity(np.array([[[0.0, -2.0, 1.0]]])).tolist()
    [1, 2, 0]
    """
    return np.argsort(-np.abs(channels).mean(axis=(0, 1)), kind="stable")


def checked_channel(channels: np.ndarray, layer: str, number: int | None) -> int:
    """Return the number of a channel of a layer's (H, W, C), the most active one for None.

    Raises:
        ValueError: there is no such channel.
    """
    last = channels.shape[-1] - 1
    number = int(by_activity(channels)[0]) if number is None else number
    check(f"The channel of {layer}", number, 0 <= number <= last, f"0 to {last}")
    return number


@dataclass(frozen=True)
class Kernel:
    """What makes one output channel out of input channels."""

    weights: np.ndarray
    """(kh, kw, K) float32."""
    bias: float
    inputs: np.ndarray
    """(K,) the input channels it looks at, by number."""
    strides: tuple[int, int]
    dilation: tuple[int, int]
    padding: str
    """"same" or "valid"."""

    def corner(self, place: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
        """Return the first row and column that it looks at for an output `place`.

        Args:
            place: row and column in the output.
            size: height and width of the input; on its rim the corner may lie outside.
        """
        axes = zip(place, self.strides, size, self.weights.shape, self.dilation, strict=False)
        row, column = (
            at * stride - _before(side, (length - 1) * step + 1, stride, self.padding)
            for at, stride, side, length, step in axes
        )
        return row, column

    def patch(self, picture: np.ndarray, place: tuple[int, int]) -> np.ndarray:
        """Return what it looks at (kh, kw, K) for an output place, 0 outside of the picture (H, W, C)."""
        top, left = self.corner(place, picture.shape[:2])
        rows = top + self.dilation[0] * np.arange(self.weights.shape[0])
        columns = left + self.dilation[1] * np.arange(self.weights.shape[1])
        height, width = picture.shape[:2]
        inside = np.ix_((rows >= 0) & (rows < height), (columns >= 0) & (columns < width))
        seen = np.zeros_like(self.weights)
        seen[inside] = picture[np.ix_(rows % height, columns % width, self.inputs)][inside]
        return seen


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
    about, output = seen.graph.layer(layer), seen.map(layer)
    number = checked_channel(output, layer, number)
    kernel = find_kernel(about, number)
    inputs, origins = _inputs(seen, about, number, kernel)
    weights = np.abs(kernel.weights).mean(axis=(0, 1)) if kernel is not None else np.ones(inputs.shape[-1])
    share = np.abs(inputs).mean(axis=(0, 1)) * weights if inputs.size else weights
    order = np.argsort(-share, kind="stable")
    return Channel(about, number, output[..., number], inputs, origins, kernel, order)


def first_filters(graph: LayerGraph) -> tuple[str, np.ndarray] | None:
    """Return the first convolution and its filters (kh, kw, C), or None where they are no pictures.

    They are where it looks at one picture, such as the frame.
    """
    for layer in graph.convolutions:
        kernels = [find_kernel(layer, channel) for channel in range(layer.shape[-1] or 0)]
        pictures = [k.weights[..., 0] for k in kernels if k is not None and k.weights.shape[2] == 1]
        return (layer.name, np.stack(pictures, axis=-1)) if len(pictures) == len(kernels) else None
    return None


def find_kernel(layer: Layer, channel: int) -> Kernel | None:
    """Return the kernel of one output channel, or None where no single kernel makes it.

    Args:
        layer: of a model, e.g. a Conv2D, a DepthwiseConv2D, or a SeparableConv2D, whose two steps are one
            kernel since nothing lies between them.
        channel: of its output, from 0.
    """
    of = layer.keras_layer
    if not layer.is_convolution or layer.kind == "Conv2DTranspose":
        return None
    if layer.kind == "Conv2D":
        kernel = np.asarray(of.kernel)  # (kh, kw, channels in of a group, channels out)
        group = channel // (kernel.shape[3] // of.groups)
        weights, inputs = kernel[..., channel], group * kernel.shape[2] + np.arange(kernel.shape[2])
    elif layer.kind == "DepthwiseConv2D":
        deep = np.asarray(of.kernel)  # (kh, kw, channels in, channels out of each)
        inputs = np.array([channel // deep.shape[-1]])
        weights = deep[:, :, inputs, channel % deep.shape[-1]]
    else:
        deep = np.asarray(of.depthwise_kernel)
        point = np.asarray(of.pointwise_kernel)[0, 0, :, channel].reshape(deep.shape[2:])
        weights, inputs = (deep * point).sum(axis=-1), np.arange(deep.shape[2])
    bias = 0.0 if of.bias is None else float(np.asarray(of.bias)[channel])
    strides, dilation = _pair(of.strides), _pair(of.dilation_rate)
    return Kernel(weights.astype(np.float32), bias, inputs, strides, dilation, of.padding)


def find_window(layer: Layer, place: tuple[int, int], size: tuple[int, int]) -> tuple[slice, slice]:
    """Return the rows and columns of the input, `size`, that a pooling layer looks at for an output place."""
    of = layer.keras_layer
    found = []
    for at, stride, side, length in zip(place, _pair(of.strides), size, _pair(of.pool_size), strict=True):
        first = at * stride - _before(side, length, stride, of.padding)
        found.append(slice(max(0, first), min(side, first + length)))
    return found[0], found[1]


def _before(side: int, length: int, stride: int, padding: str) -> int:
    """Return how many rows of nothing stand before the first: TensorFlow puts the odd one behind the last."""
    if padding != "same":
        return 0
    return max(0, (-(-side // stride) - 1) * stride + length - side) // 2


def _pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


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
