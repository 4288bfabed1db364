"""The layers that a stranger's model may have, each with the rule for its shape and cost."""

import math
from functools import partial

from digits.models.sandbox import shapes as windows
from digits.models.sandbox.container import Refusal, shown
from digits.models.sandbox.shapes import MOST_SIDES, Config, Cost, Rule, Shape, bias, count


def same(config: Config, shapes: list[Shape]) -> Cost:
    """Of a layer that changes values one by one."""
    (shape,) = shapes
    return Cost(shape, work=math.prod(shape))


def dense(config: Config, shapes: list[Shape]) -> Cost:
    """Of Dense."""
    (shape,) = shapes
    units = count(config["units"])
    kernel = shape[-1] * units
    return Cost((*shape[:-1], units), kernel + bias(config, units), math.prod(shape) * units)


def normalised(config: Config, shapes: list[Shape]) -> Cost:
    """Of batch, layer and group normalisation."""
    (shape,) = shapes
    axes = config.get("axis", -1)
    axes = axes if isinstance(axes, list) else [axes]
    size = math.prod(shape[axis if axis < 0 else axis - 1] for axis in axes)
    kept = size * (bool(config.get("scale", True)) + bool(config.get("center", True)))
    moving = 2 * size if "momentum" in config else 0
    return Cost(shape, kept + moving, 2 * math.prod(shape))


def slopes(config: Config, shapes: list[Shape]) -> Cost:
    """Of PReLU."""
    (shape,) = shapes
    shared = config.get("shared_axes") or []
    size = math.prod(1 if axis in shared else side for axis, side in enumerate(shape, start=1))
    return Cost(shape, size, math.prod(shape))


def flat(config: Config, shapes: list[Shape]) -> Cost:
    """Of Flatten."""
    (shape,) = shapes
    return Cost((math.prod(shape),))


def reshaped(config: Config, shapes: list[Shape]) -> Cost:
    """Of Reshape."""
    (shape,) = shapes
    wanted = [side if side == -1 else count(side) for side in config["target_shape"][: MOST_SIDES + 1]]
    if wanted.count(-1) == 1:
        wanted[wanted.index(-1)] = math.prod(shape) // -math.prod(wanted)
    if math.prod(wanted) != math.prod(shape):
        raise Refusal(
            f"It turns the shape {shape} into {tuple(wanted)}, which holds another number of values."
        )
    return Cost(tuple(wanted))


def permuted(config: Config, shapes: list[Shape]) -> Cost:
    """Of Permute."""
    (shape,) = shapes
    if sorted(config["dims"]) != list(range(1, len(shape) + 1)):
        raise Refusal(f"It permutes {len(shape)} dimensions by {shown(config['dims'])}.")
    return Cost(tuple(shape[axis - 1] for axis in config["dims"]))


def merged(config: Config, shapes: list[Shape]) -> Cost:
    """Of Add and its like, which take two or more of one shape, or stretch sides of 1."""
    if len({len(shape) for shape in shapes}) != 1:
        raise Refusal(f"It joins outputs of the shapes {shown(shapes)}; expected the same number of sides.")
    out = tuple(max(sides) for sides in zip(*shapes, strict=True))
    if any(side not in (1, whole) for shape in shapes for side, whole in zip(shape, out, strict=True)):
        raise Refusal(f"It joins outputs of the shapes {shown(shapes)}; expected equal ones.")
    return Cost(out, work=len(shapes) * math.prod(out))


def joined(config: Config, shapes: list[Shape]) -> Cost:
    """Of Concatenate."""
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


def given(config: Config, shapes: list[Shape]) -> Cost:
    """Of InputLayer."""
    (shape,) = shapes
    return Cost(shape)


RULES: dict[str, Rule] = {
    "InputLayer": given,
    "Dense": dense,
    "Conv1D": windows.convolution,
    "Conv2D": windows.convolution,
    "DepthwiseConv1D": windows.depthwise,
    "DepthwiseConv2D": windows.depthwise,
    "SeparableConv1D": windows.separable,
    "SeparableConv2D": windows.separable,
    "Conv1DTranspose": windows.transposed,
    "Conv2DTranspose": windows.transposed,
    "MaxPooling1D": windows.pooling,
    "MaxPooling2D": windows.pooling,
    "AveragePooling1D": windows.pooling,
    "AveragePooling2D": windows.pooling,
    "GlobalMaxPooling1D": windows.global_pooling,
    "GlobalMaxPooling2D": windows.global_pooling,
    "GlobalAveragePooling1D": windows.global_pooling,
    "GlobalAveragePooling2D": windows.global_pooling,
    "BatchNormalization": normalised,
    "LayerNormalization": normalised,
    "GroupNormalization": normalised,
    "PReLU": slopes,
    "Flatten": flat,
    "Reshape": reshaped,
    "Permute": permuted,
    "ZeroPadding1D": partial(windows.padded, 1),
    "ZeroPadding2D": partial(windows.padded, 1),
    "Cropping1D": partial(windows.padded, -1),
    "Cropping2D": partial(windows.padded, -1),
    "UpSampling1D": windows.enlarged,
    "UpSampling2D": windows.enlarged,
    "Concatenate": joined,
    "SimpleRNN": partial(recurrent, 1),
    "GRU": partial(recurrent, 3),
    "LSTM": partial(recurrent, 4),
    **dict.fromkeys(("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"), merged),
    **dict.fromkeys(
        (
            "Activation",
            "ReLU",
            "LeakyReLU",
            "ELU",
            "Softmax",
            "Identity",
            "Rescaling",
            "ActivityRegularization",
            "Dropout",
            "AlphaDropout",
            "SpatialDropout1D",
            "SpatialDropout2D",
            "GaussianDropout",
            "GaussianNoise",
            "RandomContrast",
            "RandomFlip",
            "RandomRotation",
            "RandomTranslation",
            "RandomZoom",
        ),
        same,
    ),
}
"""The layers that a stranger's model may have, each with its rule."""
