"""The weights of one channel of a convolution, whatever its kind, and where it looks."""

from dataclasses import dataclass

import numpy as np

from digits.insight.anatomy import Layer


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
        kernel, axes = self.weights.shape[:2], zip(place, self.strides, strict=True)
        first = []
        for (at, stride), side, length, step in zip(axes, size, kernel, self.dilation, strict=True):
            first.append(at * stride - _before(side, (length - 1) * step + 1, stride, self.padding))
        return first[0], first[1]

    def patch(self, picture: np.ndarray, place: tuple[int, int]) -> np.ndarray:
        """Return what it looks at (kh, kw, K) for an output place, 0 outside of the picture (H, W, C)."""
        top, left = self.corner(place, picture.shape[:2])
        height, width, _ = self.weights.shape
        rows = top + self.dilation[0] * np.arange(height)
        columns = left + self.dilation[1] * np.arange(width)
        inside = np.ix_(
            (rows >= 0) & (rows < picture.shape[0]), (columns >= 0) & (columns < picture.shape[1])
        )
        seen = np.zeros_like(self.weights)
        rows, columns = np.clip(rows, 0, picture.shape[0] - 1), np.clip(columns, 0, picture.shape[1] - 1)
        seen[inside] = picture[np.ix_(rows, columns, self.inputs)][inside]
        return seen


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
        weights, inputs = _grouped(np.asarray(of.kernel), channel, of.groups)
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


def _grouped(kernel: np.ndarray, channel: int, groups: int) -> tuple[np.ndarray, np.ndarray]:
    number = kernel.shape[2]
    group = channel // (kernel.shape[3] // groups)
    return kernel[..., channel], group * number + np.arange(number)


def _before(side: int, length: int, stride: int, padding: str) -> int:
    """Return how many rows of nothing stand before the first: TensorFlow puts the odd one behind the last."""
    if padding != "same":
        return 0
    return max(0, (-(-side // stride) - 1) * stride + length - side) // 2


def _pair(value) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)
