"""The layers that an untrusted model may have, each with the rule for its shape and cost, on paper.

A shape is without the batch: (28, 28, 1). Whatever is missing in a description raises KeyError or TypeError,
which `outline` turns into a sentence.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from digits.models.sandbox.container import Refusal, shown

Shape = tuple[int, ...]
Config = dict[str, Any]


@dataclass(frozen=True)
class Cost:
    """What one layer does to one frame."""

    shape: Shape
    """Of its output."""
    parameters: int = 0
    """Numbers that it keeps, whether they are learnt or not."""
    work: int = 0
    """Multiplications."""
    between: int = 0
    """Values that it makes on the way to its output."""


Rule = Callable[[Config, list[Shape]], Cost]

RULES: dict[str, Rule] = {}
"""By the name of the layer; all others are refused."""

MOST_SIDES = 6
"""Of a shape."""


def rule_for(names: str) -> Callable[[Rule], Rule]:
    """Enter a rule for the layers of these names."""

    def enter(rule: Rule) -> Rule:
        RULES.update(dict.fromkeys(names.split(), rule))
        return rule

    return enter


def count(value: Any, least: int = 1) -> int:
    """Return a whole number of at least 1, or of `least`."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise Refusal(
            f"One of its layers has the size {shown(value)}; expected a whole number from {least} on."
        )
    return value


def sizes(value: Any, sides: list[int]) -> list[int]:
    """Return a size per side; one number stands for all."""
    found = [count(size) for size in (value if isinstance(value, list) else [value] * len(sides))]
    if len(found) != len(sides):
        raise Refusal(f"One of its layers has the sizes {shown(value)} for {len(sides)} sides.")
    return found


def bias(config: Config, size: int) -> int:
    """Return how many parameters a bias of this size adds."""
    return size if config.get("use_bias", True) else 0


def plain_map(config: Config, shapes: list[Shape]) -> Shape:
    """Return the one shape that arrives, of a layer that takes maps with the channels last."""
    (shape,) = shapes
    if config.get("data_format") not in (None, "channels_last"):
        raise Refusal("It wants channels first, which needs a graphics card; expected channels last.")
    return shape


@rule_for(
    "InputLayer Activation ReLU LeakyReLU ELU Softmax Identity Rescaling ActivityRegularization "
    "Dropout AlphaDropout SpatialDropout1D SpatialDropout2D GaussianDropout GaussianNoise "
    "RandomContrast RandomFlip RandomRotation RandomTranslation RandomZoom"
)
def same(config: Config, shapes: list[Shape]) -> Cost:
    """Of a layer that changes values one by one."""
    (shape,) = shapes
    return Cost(shape, work=math.prod(shape))


@rule_for("Dense")
def dense(config: Config, shapes: list[Shape]) -> Cost:
    (shape,) = shapes
    units = count(config["units"])
    kernel = shape[-1] * units
    return Cost((*shape[:-1], units), kernel + bias(config, units), math.prod(shape) * units)


@rule_for("BatchNormalization LayerNormalization GroupNormalization")
def normalised(config: Config, shapes: list[Shape]) -> Cost:
    (shape,) = shapes
    axes = config.get("axis", -1)
    axes = axes if isinstance(axes, list) else [axes]
    size = math.prod(shape[axis if axis < 0 else axis - 1] for axis in axes)
    kept = size * (bool(config.get("scale", True)) + bool(config.get("center", True)))
    moving = 2 * size if "momentum" in config else 0
    return Cost(shape, kept + moving, 2 * math.prod(shape))


@rule_for("PReLU")
def slopes(config: Config, shapes: list[Shape]) -> Cost:
    (shape,) = shapes
    shared = config.get("shared_axes") or []
    size = math.prod(1 if axis in shared else side for axis, side in enumerate(shape, start=1))
    return Cost(shape, size, math.prod(shape))


@rule_for("Flatten")
def flat(config: Config, shapes: list[Shape]) -> Cost:
    (shape,) = shapes
    return Cost((math.prod(shape),))


@rule_for("Reshape")
def reshaped(config: Config, shapes: list[Shape]) -> Cost:
    (shape,) = shapes
    wanted = [side if side == -1 else count(side) for side in config["target_shape"][: MOST_SIDES + 1]]
    if wanted.count(-1) == 1:
        wanted[wanted.index(-1)] = math.prod(shape) // -math.prod(wanted)
    if math.prod(wanted) != math.prod(shape):
        raise Refusal(
            f"It turns the shape {shape} into {tuple(wanted)}, which holds another number of values."
        )
    return Cost(tuple(wanted))


@rule_for("Permute")
def permuted(config: Config, shapes: list[Shape]) -> Cost:
    (shape,) = shapes
    if sorted(config["dims"]) != list(range(1, len(shape) + 1)):
        raise Refusal(f"It permutes {len(shape)} dimensions by {shown(config['dims'])}.")
    return Cost(tuple(shape[axis - 1] for axis in config["dims"]))


@rule_for("Add Subtract Multiply Average Maximum Minimum")
def merged(config: Config, shapes: list[Shape]) -> Cost:
    """Of Add and its like, which take two or more of one shape, or stretch sides of 1."""
    if len({len(shape) for shape in shapes}) != 1:
        raise Refusal(f"It joins outputs of the shapes {shown(shapes)}; expected the same number of sides.")
    out = tuple(max(sides) for sides in zip(*shapes, strict=True))
    if any(side not in (1, whole) for shape in shapes for side, whole in zip(shape, out, strict=True)):
        raise Refusal(f"It joins outputs of the shapes {shown(shapes)}; expected equal ones.")
    return Cost(out, work=len(shapes) * math.prod(out))


@rule_for("Concatenate")
def joined(config: Config, shapes: list[Shape]) -> Cost:
    axis = config.get("axis", -1)
    axis = axis + len(shapes[0]) if axis < 0 else axis - 1
    rests = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}
    if axis < 0 or len(rests) != 1:
        raise Refusal(f"It strings together outputs of the shapes {shown(shapes)}.")
    whole = sum(shape[axis] for shape in shapes)
    return Cost((*shapes[0][:axis], whole, *shapes[0][axis + 1 :]))


def recurrent(gates: int, config: Config, shapes: list[Shape]) -> Cost:
    """Of SimpleRNN, LSTM and GRU, which read a frame row by row."""
    ((steps, channels),) = shapes
    if any(config.get(key) for key in ("return_state", "stateful", "unroll")):
        raise Refusal("One of its recurrent layers returns or keeps its state, or is unrolled.")
    units = count(config["units"])
    kernels = gates * units * (channels + units)
    biases = gates * units * (1 + bool(config.get("reset_after"))) if config.get("use_bias", True) else 0
    out = (steps, units) if config.get("return_sequences") else (units,)
    return Cost(out, kernels + biases, steps * kernels)


@rule_for("Conv1D Conv2D")
def convolution(config: Config, shapes: list[Shape]) -> Cost:
    *sides, channels = plain_map(config, shapes)
    filters, groups = count(config["filters"]), count(config.get("groups", 1))
    kernel = math.prod(sizes(config["kernel_size"], sides)) * (channels // groups) * filters
    out = fits(sides, config["kernel_size"], config)
    grown = widened(sides, config) * channels
    return Cost((*out, filters), kernel + bias(config, filters), math.prod(out) * kernel, grown)


@rule_for("DepthwiseConv1D DepthwiseConv2D")
def depthwise(config: Config, shapes: list[Shape]) -> Cost:
    *sides, channels = plain_map(config, shapes)
    made = channels * count(config.get("depth_multiplier", 1))
    kernel = math.prod(sizes(config["kernel_size"], sides)) * made
    out = fits(sides, config["kernel_size"], config)
    grown = widened(sides, config) * channels
    return Cost((*out, made), kernel + bias(config, made), math.prod(out) * kernel, grown)


@rule_for("SeparableConv1D SeparableConv2D")
def separable(config: Config, shapes: list[Shape]) -> Cost:
    first = depthwise(config | {"use_bias": False}, shapes)
    filters = count(config["filters"])
    second = first.shape[-1] * filters
    work = first.work + math.prod(first.shape) * filters
    between = max(math.prod(first.shape), first.between)
    kept = first.parameters + second + bias(config, filters)
    return Cost((*first.shape[:-1], filters), kept, work, between)


@rule_for("Conv1DTranspose Conv2DTranspose")
def transposed(config: Config, shapes: list[Shape]) -> Cost:
    *sides, channels = plain_map(config, shapes)
    if config.get("output_padding") is not None:
        raise Refusal("One of its layers pads its output; leave output_padding out.")
    reach, strides = sizes(config["kernel_size"], sides), sizes(config.get("strides", 1), sides)
    spread = sizes(config.get("dilation_rate", 1), sides)
    more = [max((k - 1) * d + 1 - s, 0) for k, d, s in zip(reach, spread, strides, strict=True)]
    grown = [n * s for n, s in zip(sides, strides, strict=True)]
    whole = [n + m for n, m in zip(grown, more, strict=True)]
    out = grown if config["padding"] == "same" else whole
    filters = count(config["filters"])
    kernel = math.prod(reach) * channels * filters
    between = math.prod(whole) * filters
    return Cost((*out, filters), kernel + bias(config, filters), math.prod(sides) * kernel, between)


@rule_for("MaxPooling1D MaxPooling2D AveragePooling1D AveragePooling2D")
def pooling(config: Config, shapes: list[Shape]) -> Cost:
    *sides, channels = plain_map(config, shapes)
    window = config["pool_size"]
    out = fits(sides, window, config | {"strides": config.get("strides") or window})
    return Cost((*out, channels), work=math.prod(out) * channels * math.prod(sizes(window, sides)))


@rule_for("GlobalMaxPooling1D GlobalMaxPooling2D GlobalAveragePooling1D GlobalAveragePooling2D")
def global_pooling(config: Config, shapes: list[Shape]) -> Cost:
    *sides, channels = plain_map(config, shapes)
    out = (*([1] * len(sides)), channels) if config.get("keepdims") else (channels,)
    return Cost(out, work=math.prod(sides) * channels)


def padded(sign: int, config: Config, shapes: list[Shape]) -> Cost:
    """Of zero padding (`sign` 1) and cropping (-1)."""
    *sides, channels = plain_map(config, shapes)
    given = config["padding" if sign == 1 else "cropping"]
    given = given if len(sides) > 1 else [given]
    edges = [sum(count(edge, least=0) for edge in pair) for pair in given]
    out = [count(n + sign * m) for n, m in zip(sides, edges, strict=True)]
    return Cost((*out, channels))


@rule_for("UpSampling1D UpSampling2D")
def enlarged(config: Config, shapes: list[Shape]) -> Cost:
    *sides, channels = plain_map(config, shapes)
    out = [n * m for n, m in zip(sides, sizes(config["size"], sides), strict=True)]
    return Cost((*out, channels), work=math.prod(out) * channels)


def fits(sides: list[int], window: Any, config: Config) -> list[int]:
    """Return how often a window that moves in strides fits into each side."""
    reach = sizes(window, sides)
    strides, spread = sizes(config.get("strides", 1), sides), sizes(config.get("dilation_rate", 1), sides)
    if config["padding"] == "same":
        return [-(-n // s) for n, s in zip(sides, strides, strict=True)]
    if config["padding"] != "valid":
        raise Refusal(f"One of its layers pads by {shown(config['padding'])}; expected same or valid.")
    fits = zip(sides, reach, strides, spread, strict=True)
    return [count((n - d * (k - 1) - 1) // s + 1) for n, k, s, d in fits]


def widened(sides: list[int], config: Config) -> int:
    """Return how many places a map has with its edges for a window with gaps, or 0 where none are put on."""
    reach, spread = sizes(config["kernel_size"], sides), sizes(config.get("dilation_rate", 1), sides)
    if config["padding"] != "same" or set(spread) == {1}:
        return 0
    edges = [d * (k - 1) for k, d in zip(reach, spread, strict=True)]
    if any(edge > 2 * n for edge, n in zip(edges, sides, strict=True)):
        raise Refusal(f"One of its layers reaches over {max(edges) + 1} places of a map of {shown(sides)}.")
    return math.prod(n + edge for n, edge in zip(sides, edges, strict=True))


rule_for("ZeroPadding1D ZeroPadding2D")(partial(padded, 1))
rule_for("Cropping1D Cropping2D")(partial(padded, -1))
for name, gates in {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}.items():
    rule_for(name)(partial(recurrent, gates))
