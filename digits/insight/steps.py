"""The steps of a network with their actual numbers, as `digits.insight.walk` works them out."""

from dataclasses import dataclass

import numpy as np

from digits.insight.kernels import Kernel


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
class Walk:
    """The steps in their order."""

    convolution: Convolution
    steps: tuple[Normalisation | ActivationFunction, ...]
    """What is done to its number right after; perhaps nothing."""
    pooling: Pooling | None
    """The first one later in the network: of the same place and channel where it takes in what the last step
    gives out, else where it is brightest. None where there is none."""
