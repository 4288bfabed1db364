"""The layers that an untrusted model may have, each with the rule for its shape, weights and cost, on paper.

A shape is without the batch: (28, 28, 1). A rule is given what `arguments` let through. What is missing
raises KeyError or TypeError, which `outline` turns into a sentence.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from digits.models.sandbox.arguments import MOST_SIDES
from digits.models.sandbox.container import Refusal, shown

Shape = tuple[int, ...]
Config = dict[str, Any]


@dataclass(frozen=True)
class Weight:
    """One array that a layer keeps."""

    shape: Shape
    learnt: bool = True
    """Whether training changes it by its gradient: old files list these first."""
    part: str = ""
    """Where inside the layer it is, as in a file: "cell", "forward_layer/cell"."""


@dataclass(frozen=True)
class Cost:
    """What one layer does to one frame."""

    shape: Shape
    """Of its output."""
    weights: tuple[Weight, ...] = ()
    """In the order in which Keras keeps them."""
    work: int = 0
    """Multiplications."""
    between: int = 0
    """Values that it makes on the way to its output."""

    @property
    def parameters(self) -> int:
        """Numbers that it keeps, whether they are learnt or not."""
        return sum(math.prod(weight.shape) for weight in self.weights)


Rule = Callable[[Config, list[Shape]], Cost]

RULES: dict[str, Rule] = {}
"""By the name of the layer; all others are refused."""


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
    given = list(value) if isinstance(value, list | tuple) else [value] * len(sides)
    found = [count(size) for size in given]
    if len(found) == 1:
        found *= len(sides)
    if len(found) != len(sides):
        raise Refusal(f"One of its layers has the sizes {shown(value)} for {len(sides)} sides.")
    return found


def keeps(config: Config, *shapes: Shape, bias: int = 0) -> tuple[Weight, ...]:
    """Return weights of these shapes, and a bias of a size unless there shall be none."""
    biases = ((bias,),) if bias and config.get("use_bias", True) else ()
    return tuple(Weight(shape) for shape in (*shapes, *biases))


def plain_map(config: Config, shapes: list[Shape]) -> Shape:
    """Return the one shape that arrives, of a layer that takes maps with the channels last."""
    (shape,) = shapes
    if config.get("data_format") not in (None, "channels_last"):
        raise Refusal("It wants channels first, which needs a graphics card; expected channels last.")
    return shape


@rule_for(
    "InputLayer Activation ReLU LeakyReLU ELU Softmax Identity Rescaling ActivityRegularization "
    "UnitNormalization Dropout AlphaDropout SpatialDropout1D SpatialDropout2D GaussianDropout GaussianNoise "
    "RandomBrightness RandomContrast RandomFlip RandomHeight RandomRotation RandomShear RandomTranslation "
    "RandomWidth RandomZoom"
)
def same(config: Config, shapes: list[Shape]) -> Cost:
    """Of a layer that changes values one by one."""
    (shape,) = shapes
    return Cost(shape, work=math.prod(shape))


@rule_for("Dense")
def dense(config: Config, shapes: list[Shape]) -> Cost:
    (shape,) = shapes
    units = count(config["units"])
    kept = keeps(config, (shape[-1], units), bias=units)
    return Cost((*shape[:-1], units), kept, math.prod(shape) * units)


def sides_of(shape: Shape, axes: Any) -> Shape:
    """Return the sides of a shape that an axis or several choose, the batch being axis 0, in their order."""
    chosen = axes if isinstance(axes, tuple) else (axes,)
    places = sorted({axis + len(shape) if axis < 0 else axis - 1 for axis in chosen})
    if len(places) != len(chosen) or not 0 <= places[0] <= places[-1] < len(shape):
        raise Refusal(f"One of its layers works along {shown(axes)} of the shape {shape}.")
    return tuple(shape[place] for place in places)


@rule_for("BatchNormalization")
def batch_normalised(config: Config, shapes: list[Shape]) -> Cost:
    (shape,) = shapes
    sides = sides_of(shape, config.get("axis", -1))
    learnt = [Weight(sides) for key in ("scale", "center") if config.get(key, True)]
    still = Weight(sides, learnt=False)
    return Cost(shape, (*learnt, still, still), 2 * math.prod(shape))


@rule_for("LayerNormalization GroupNormalization")
def normalised(config: Config, shapes: list[Shape]) -> Cost:
    (shape,) = shapes
    sides = sides_of(shape, config.get("axis", -1))
    if (groups := config.get("groups", 1)) not in (-1, 1) and sides[0] % groups:
        raise Refusal(f"It normalises {sides[0]} channels in {groups} groups.")
    learnt = [Weight(sides) for key in ("scale", "center") if config.get(key, True)]
    return Cost(shape, tuple(learnt), 2 * math.prod(shape))


@rule_for("Normalization")
def standardised(config: Config, shapes: list[Shape]) -> Cost:
    """Of what was adapted to data, or was told their mean and variance."""
    (shape,) = shapes
    sides = sides_of(shape, config["axis"]) if config["axis"] != () else ()
    told = [config.get(key) for key in ("mean", "variance")]
    if any(isinstance(one, tuple) and len(one) not in (1, sides[-1] if sides else 1) for one in told):
        raise Refusal(f"It standardises the shape {shape} by {shown(told[0])}.")
    kept = (Weight(sides, learnt=False), Weight(sides, learnt=False), Weight((), learnt=False))
    return Cost(shape, kept if told == [None, None] else (), 2 * math.prod(shape))


@rule_for("PReLU")
def slopes(config: Config, shapes: list[Shape]) -> Cost:
    (shape,) = shapes
    shared = config.get("shared_axes", ())
    shared = shared if isinstance(shared, tuple) else (shared,)
    sizes = tuple(1 if axis in shared else side for axis, side in enumerate(shape, start=1))
    return Cost(shape, keeps(config, sizes), math.prod(shape))


@rule_for("Flatten")
def flat(config: Config, shapes: list[Shape]) -> Cost:
    (shape,) = shapes
    return Cost((math.prod(shape),))


@rule_for("Reshape")
def reshaped(config: Config, shapes: list[Shape]) -> Cost:
    (shape,) = shapes
    wanted = [side if side == -1 else count(side) for side in config["target_shape"][: MOST_SIDES + 1]]
    if wanted.count(-1) == 1:
        wanted[wanted.index(-1)] = math.prod(shape) // max(1, -math.prod(wanted))
    if -1 in wanted or math.prod(wanted) != math.prod(shape):
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


@rule_for("RepeatVector")
def repeated(config: Config, shapes: list[Shape]) -> Cost:
    ((side,),) = shapes
    return Cost((count(config["n"]), side))


@rule_for("Resizing CenterCrop")
def resized(config: Config, shapes: list[Shape]) -> Cost:
    *_, channels = plain_map(config, shapes)
    ((_, _, _),) = shapes
    out = (count(config["height"]), count(config["width"]), channels)
    return Cost(out, work=4 * math.prod(out))


@rule_for("Add Subtract Multiply Average Maximum Minimum")
def merged(config: Config, shapes: list[Shape]) -> Cost:
    """Of Add and its like, which take two or more of one shape, or stretch sides of 1."""
    if len(shapes) < 2 or len({len(shape) for shape in shapes}) != 1:
        raise Refusal(
            f"It joins outputs of the shapes {shown(shapes)}; expected two or more with as many sides."
        )
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
    units = count(config["units"])
    biases = (2, gates * units) if config.get("reset_after", gates == 3) and gates == 3 else (gates * units,)
    kept: list[Shape] = [(channels, gates * units), (units, gates * units)]
    kept += [biases] if config.get("use_bias", True) else []
    out = (steps, units) if config.get("return_sequences") else (units,)
    work = steps * gates * units * (channels + units)
    return Cost(out, tuple(Weight(shape, part="cell") for shape in kept), work, steps * gates * units)


def both_ways(merge: str | None, cost: Cost) -> Cost:
    """Of a recurrent layer that also reads from the end."""
    kept = tuple(
        replace(weight, part=f"{side}_layer/{weight.part}")
        for side in ("forward", "backward")
        for weight in cost.weights
    )
    *before, units = cost.shape
    out = (*before, 2 * units) if merge == "concat" else cost.shape
    return Cost(out, kept, 2 * cost.work, 2 * cost.between)


@rule_for("Conv1D Conv2D")
def convolution(config: Config, shapes: list[Shape]) -> Cost:
    *sides, channels = plain_map(config, shapes)
    filters, groups = count(config["filters"]), count(config.get("groups", 1))
    if channels % groups or filters % groups:
        raise Refusal(f"It convolves {channels} channels into {filters} in {groups} groups.")
    kernel = (*sizes(config["kernel_size"], sides), channels // groups, filters)
    out = fits(sides, config["kernel_size"], config)
    grown = widened(sides, config) * channels
    work = math.prod(out) * math.prod(kernel)
    return Cost((*out, filters), keeps(config, kernel, bias=filters), work, grown)


@rule_for("DepthwiseConv1D DepthwiseConv2D")
def depthwise(config: Config, shapes: list[Shape]) -> Cost:
    *sides, channels = plain_map(config, shapes)
    times = count(config.get("depth_multiplier", 1))
    kernel, made = (*sizes(config["kernel_size"], sides), channels, times), channels * times
    out = fits(sides, config["kernel_size"], config)
    grown = widened(sides, config) * channels
    work = math.prod(out) * math.prod(kernel)
    return Cost((*out, made), keeps(config, kernel, bias=made), work, grown)


@rule_for("SeparableConv1D SeparableConv2D")
def separable(config: Config, shapes: list[Shape]) -> Cost:
    first = depthwise(config | {"use_bias": False}, shapes)
    filters = count(config["filters"])
    *sides, made = first.shape
    second = (*([1] * len(sides)), made, filters)
    work = first.work + math.prod(first.shape) * filters
    between = max(math.prod(first.shape), first.between)
    kept = (*first.weights, *keeps(config, second, bias=filters))
    return Cost((*sides, filters), kept, work, between)


@rule_for("Conv1DTranspose Conv2DTranspose")
def transposed(config: Config, shapes: list[Shape]) -> Cost:
    *sides, channels = plain_map(config, shapes)
    reach, strides = sizes(config["kernel_size"], sides), sizes(config.get("strides", 1), sides)
    spread = sizes(config.get("dilation_rate", 1), sides)
    more = [max((k - 1) * d + 1 - s, 0) for k, d, s in zip(reach, spread, strides, strict=True)]
    grown = [n * s for n, s in zip(sides, strides, strict=True)]
    whole = [n + m for n, m in zip(grown, more, strict=True)]
    out = grown if config.get("padding") == "same" else whole
    filters = count(config["filters"])
    kernel = (*reach, filters, channels)
    between = math.prod(whole) * filters
    work = math.prod(sides) * math.prod(kernel)
    return Cost((*out, filters), keeps(config, kernel, bias=filters), work, between)


@rule_for("MaxPooling1D MaxPooling2D AveragePooling1D AveragePooling2D")
def pooling(config: Config, shapes: list[Shape]) -> Cost:
    *sides, channels = plain_map(config, shapes)
    window = config.get("pool_size", 2)
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
    given = config.get("padding" if sign == 1 else "cropping", 1)
    given = (given,) if len(sides) == 1 else (given, given) if isinstance(given, int) else given
    edges = [2 * pair if isinstance(pair, int) else sum(pair) for pair in given]
    out = [count(n + sign * m) for n, m in zip(sides, edges, strict=True)]
    return Cost((*out, channels))


@rule_for("UpSampling1D UpSampling2D")
def enlarged(config: Config, shapes: list[Shape]) -> Cost:
    *sides, channels = plain_map(config, shapes)
    out = [n * m for n, m in zip(sides, sizes(config.get("size", 2), sides), strict=True)]
    return Cost((*out, channels), work=math.prod(out) * channels)


def fits(sides: list[int], window: Any, config: Config) -> list[int]:
    """Return how often a window that moves in strides fits into each side."""
    reach = sizes(window, sides)
    strides, spread = sizes(config.get("strides", 1), sides), sizes(config.get("dilation_rate", 1), sides)
    if config.get("padding") == "same":
        return [-(-n // s) for n, s in zip(sides, strides, strict=True)]
    fits = zip(sides, reach, strides, spread, strict=True)
    return [count((n - d * (k - 1) - 1) // s + 1) for n, k, s, d in fits]


def widened(sides: list[int], config: Config) -> int:
    """Return how many places a map has with its edges for a window with gaps, or 0 where none are put on."""
    reach, spread = sizes(config["kernel_size"], sides), sizes(config.get("dilation_rate", 1), sides)
    if config.get("padding") != "same" or set(spread) == {1}:
        return 0
    edges = [d * (k - 1) for k, d in zip(reach, spread, strict=True)]
    if any(edge > 2 * n for edge, n in zip(edges, sides, strict=True)):
        raise Refusal(f"One of its layers reaches over {max(edges) + 1} places of a map of {shown(sides)}.")
    return math.prod(n + edge for n, edge in zip(sides, edges, strict=True))


rule_for("ZeroPadding1D ZeroPadding2D")(partial(padded, 1))
rule_for("Cropping1D Cropping2D")(partial(padded, -1))
for name, gates in {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}.items():
    rule_for(name)(partial(recurrent, gates))
