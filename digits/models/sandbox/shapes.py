"""What a layer makes of a shape and what that costs: the words in which `outline` and its rules speak.

A shape is without the batch: (28, 28, 1). Whatever is missing in a description raises KeyError or TypeError,
which `outline` turns into a sentence.

The rules of layers that move a window over a map, or change its sides.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
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

MOST_SIDES = 6
"""Of a shape."""


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


def convolution(config: Config, shapes: list[Shape]) -> Cost:
    """Of Conv1D and Conv2D."""
    *sides, channels = plain_map(config, shapes)
    filters, groups = count(config["filters"]), count(config.get("groups", 1))
    kernel = math.prod(sizes(config["kernel_size"], sides)) * (channels // groups) * filters
    out = fits(sides, config["kernel_size"], config)
    grown = widened(sides, config) * channels
    return Cost((*out, filters), kernel + bias(config, filters), math.prod(out) * kernel, grown)


def depthwise(config: Config, shapes: list[Shape]) -> Cost:
    """Of DepthwiseConv1D and DepthwiseConv2D."""
    *sides, channels = plain_map(config, shapes)
    made = channels * count(config.get("depth_multiplier", 1))
    kernel = math.prod(sizes(config["kernel_size"], sides)) * made
    out = fits(sides, config["kernel_size"], config)
    grown = widened(sides, config) * channels
    return Cost((*out, made), kernel + bias(config, made), math.prod(out) * kernel, grown)


def separable(config: Config, shapes: list[Shape]) -> Cost:
    """Of SeparableConv1D and SeparableConv2D."""
    first = depthwise(config | {"use_bias": False}, shapes)
    filters = count(config["filters"])
    second = first.shape[-1] * filters
    work = first.work + math.prod(first.shape) * filters
    between = max(math.prod(first.shape), first.between)
    kept = first.parameters + second + bias(config, filters)
    return Cost((*first.shape[:-1], filters), kept, work, between)


def transposed(config: Config, shapes: list[Shape]) -> Cost:
    """Of Conv1DTranspose and Conv2DTranspose."""
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


def pooling(config: Config, shapes: list[Shape]) -> Cost:
    """Of max and average pooling."""
    *sides, channels = plain_map(config, shapes)
    window = config["pool_size"]
    out = fits(sides, window, config | {"strides": config.get("strides") or window})
    return Cost((*out, channels), work=math.prod(out) * channels * math.prod(sizes(window, sides)))


def global_pooling(config: Config, shapes: list[Shape]) -> Cost:
    """Of global max and average pooling."""
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


def enlarged(config: Config, shapes: list[Shape]) -> Cost:
    """Of UpSampling1D and UpSampling2D."""
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
