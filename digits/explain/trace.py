"""One convolution, ReLU and pooling step by step, with the actual numbers of a network on a frame."""

from dataclasses import dataclass

import numpy as np

from digits.config import check
from digits.explain.activations import Activations, Kernel, checked_channel, find_kernel, find_window
from digits.models.layer_graph import Layer


@dataclass(frozen=True)
class Convolution:
    """The sum that makes one number: patch times kernel, summed, plus bias."""

    layer: str
    channel: int
    place: tuple[int, int]
    """Row and column in the output."""
    corner: tuple[int, int]
    """Row and column of the patch's first number in the input; below 0 on the rim, where 0 is put in."""
    patch: np.ndarray
    """(kh, kw, K) float32, of the K input channels it looks at."""
    kernel: Kernel
    products: np.ndarray
    """(kh, kw, K) float32, patch times kernel."""
    bias: float
    total: float
    """The sum of the products, plus the bias: the answer, but for an activation that is part of the layer."""


@dataclass(frozen=True)
class Normalisation:
    """Batch normalisation: (before - mean) / sqrt(variance + epsilon) * scale + shift."""

    layer: str
    before: float
    mean: float
    variance: float
    epsilon: float
    scale: float
    shift: float
    after: float


@dataclass(frozen=True)
class ActivationFunction:
    """An activation function."""

    layer: str
    """Its own, or the convolution's where it is part of that."""
    function: str
    """E.g. "relu", which makes 0 of all that is below."""
    before: float
    after: float


@dataclass(frozen=True)
class Pooling:
    """One number made of a window of numbers."""

    layer: str
    channel: int
    place: tuple[int, int]
    """Row and column in the output."""
    corner: tuple[int, int]
    """Row and column of the window's first number in the input."""
    window: np.ndarray
    """(ph, pw) float32."""
    function: str
    """"max" or "mean"."""
    result: float


@dataclass(frozen=True)
class Trace:
    """The steps in their order."""

    convolution: Convolution
    steps: tuple[Normalisation | ActivationFunction, ...]
    """What is done to its number right after; perhaps nothing."""
    pooling: Pooling | None
    """The first one later in the network: of the same place and channel where it takes in what the last step
    gives out, else where it is brightest. None where there is none."""


POOLS = {"MaxPooling2D": "max", "AveragePooling2D": "mean"}

FUNCTIONS = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu", "PReLU": "prelu", "Activation": ""}
"""Layers that are an activation function, and which; an Activation says it itself."""

TOLERANCE = 1e-4
"""Largest error, relative for numbers above 1, at which numbers count as those of the network."""


def trace_frame(
    seen: Activations,
    layer: str | None = None,
    channel: int | None = None,
    place: tuple[int, int] | None = None,
) -> Trace | None:
    """Work out one number of a convolution, and what becomes of it, from the numbers before it.

    All numbers are checked against those that the network itself has made.

    Args:
        seen: what the network made of a frame.
        layer: a convolution (None: the first one).
        channel: of its output (None: the most active one).
        place: row and column in its output (None: where the channel answers most in the end).

    Returns:
        The steps, or None where there is no convolution, or it is not made of one kernel (`find_kernel`).

    Raises:
        ValueError: no such layer, channel or place.
    """
    convolutions = seen.graph.convolutions
    if layer is None and not convolutions:
        return None
    about = convolutions[0] if layer is None else seen.graph.layer(layer)
    if about.sources[0] not in seen.maps or find_kernel(about, 0) is None:
        return None
    chain = _chain(seen, about)
    last = seen.map(chain[-1].name)
    channel = checked_channel(last, about.name, channel)
    place = _checked_place(last[..., channel], about.name, place)
    convolution = _convolve(seen, about, channel, place)
    if convolution is None:
        return None
    before = convolution.total
    steps: list[Normalisation | ActivationFunction] = []
    for step in chain:
        after = float(seen.map(step.name)[(*place, channel)])
        if step.kind == "BatchNormalization":
            normalised = _normalise(step, channel, before, after)
            if normalised is None:
                break
            steps.append(normalised)
        elif _function(step) != "linear":
            steps.append(ActivationFunction(step.name, _function(step), before, after))
        before = after
    return Trace(convolution, tuple(steps), _next_pool(seen, chain, channel, place))


def pool(
    seen: Activations, layer: str, channel: int | None = None, place: tuple[int, int] | None = None
) -> Pooling | None:
    """Work out one number of a pooling layer; see `trace_frame` for arguments and errors.

    Returns:
        The step, or None where the layer is none of `POOLS`.
    """
    about = seen.graph.layer(layer)
    if about.kind not in POOLS:
        return None
    output = seen.map(layer)
    channel = checked_channel(output, layer, channel)
    place = _checked_place(output[..., channel], layer, place)
    source = seen.map(about.sources[0])
    rows, columns = find_window(about, place, source.shape[:2])
    window, result = source[rows, columns, channel], float(output[(*place, channel)])
    function = POOLS[about.kind]
    if not _close(getattr(np, function)(window), result):
        return None
    return Pooling(layer, channel, place, (rows.start, columns.start), window, function, result)


def _chain(seen: Activations, about: Layer) -> list[Layer]:
    """Return a convolution, and the normalisation and activation right after it, as far as there are any."""
    chain, wanted = [about], [{"BatchNormalization"}, set(FUNCTIONS)]
    for kinds in wanted:
        after = [x for x in seen.graph.layers if x.sources == (chain[-1].name,) and x.kind in kinds]
        chain += after[:1]
    return chain


def _convolve(seen: Activations, about: Layer, channel: int, place: tuple[int, int]) -> Convolution | None:
    """Return the sum, or None where it is not what the network found: then the layer does something else."""
    picture, kernel = seen.map(about.sources[0]), find_kernel(about, channel)
    if kernel is None:
        return None
    patch = kernel.patch(picture, place)
    products = patch * kernel.weights
    total = float(products.sum(dtype=np.float64)) + kernel.bias
    activation = about.keras_layer.activation
    answer = total if activation is None else float(np.asarray(activation(np.array([total], np.float32)))[0])
    if not _close(answer, seen.map(about.name)[(*place, channel)]):
        return None
    corner = kernel.corner(place, picture.shape[:2])
    return Convolution(about.name, channel, place, corner, patch, kernel, products, kernel.bias, total)


def _normalise(about: Layer, channel: int, before: float, after: float) -> Normalisation | None:
    of = about.keras_layer
    mean, variance = (float(np.asarray(x)[channel]) for x in (of.moving_mean, of.moving_variance))
    scale = float(np.asarray(of.gamma)[channel]) if of.scale else 1.0
    shift = float(np.asarray(of.beta)[channel]) if of.center else 0.0
    found = (before - mean) / np.sqrt(variance + of.epsilon) * scale + shift
    if not _close(found, after):
        return None
    return Normalisation(about.name, before, mean, variance, of.epsilon, scale, shift, after)


def _next_pool(seen: Activations, chain: list[Layer], channel: int, place: tuple[int, int]) -> Pooling | None:
    layers = seen.graph.layers
    later = [layer for layer in layers[layers.index(chain[-1]) :] if layer.kind in POOLS]
    if not later:
        return None
    if later[0].sources[0] != chain[-1].name:
        return pool(seen, later[0].name)
    rows, columns, _ = seen.map(later[0].name).shape
    down, right = later[0].keras_layer.strides
    window = min(place[0] // down, rows - 1), min(place[1] // right, columns - 1)
    return pool(seen, later[0].name, channel, window)


def _function(layer: Layer) -> str:
    activation = getattr(layer.keras_layer, "activation", None)
    own = "linear" if activation is None else getattr(activation, "__name__", type(activation).__name__)
    return FUNCTIONS.get(layer.kind) or own


def _checked_place(picture: np.ndarray, layer: str, place: tuple[int, int] | None) -> tuple[int, int]:
    row, column = map(int, np.unravel_index(int(picture.argmax()), picture.shape) if place is None else place)
    rows, columns = picture.shape
    inside = 0 <= row < rows and 0 <= column < columns
    check(f"The place in {layer}", (row, column), inside, f"rows 0 to {rows - 1}, columns 0 to {columns - 1}")
    return row, column


def _close(found: float, expected: float) -> bool:
    return abs(found - expected) <= TOLERANCE * max(1.0, abs(expected))
