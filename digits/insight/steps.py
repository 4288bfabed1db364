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

    @property
    def words(self) -> str:
        """The step as a sentence."""
        added = f"; with the bias of {_n(self.bias)} that makes {_n(self.total)}" if self.bias else ""
        return f"The {self.products.size} products add up to {_n(self.products.sum())}{added}."


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

    @property
    def words(self) -> str:
        """The step as a sentence."""
        # With a digit more than elsewhere, so that who works it out anew comes to the same.
        before, mean, variance, scale, shift = (
            _n(x, 4) for x in (self.before, self.mean, self.variance, self.scale, self.shift)
        )
        less, more = (f"({x})" if x.startswith("-") else x for x in (mean, shift))
        moved = f"({before} - {less}) / √({variance} + {self.epsilon:g}) × {scale} + {more}"
        return f"Batch normalisation brings it to the usual range: {moved} = {_n(self.after)}."


@dataclass(frozen=True)
class ActivationFunction:
    """An activation function."""

    layer: str
    """Its own, or the convolution's where it is part of that."""
    function: str
    """E.g. "relu", which makes 0 of all that is below."""
    before: float
    after: float

    @property
    def words(self) -> str:
        """The step as a sentence."""
        if self.function == "relu" and self.before >= 0:
            return f"ReLU lets it pass, since it is not below 0: {_n(self.after)}."
        if self.function == "relu" and self.after == 0:
            return f"ReLU makes 0 of {_n(self.before)}, since it is below 0."
        return f"The activation function {self.function} makes {_n(self.after)} of {_n(self.before)}."


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

    @property
    def words(self) -> str:
        """The step as a sentence."""
        *most, last = (_n(value) for value in self.window.ravel())
        kept = "the largest is kept" if self.function == "max" else "the mean is taken"
        return f"Of {', '.join(most)} and {last} {kept}: {_n(self.result)}."


@dataclass(frozen=True)
class Walk:
    """The steps in their order."""

    convolution: Convolution
    steps: tuple[Normalisation | ActivationFunction, ...]
    """What is done to its number right after; perhaps nothing."""
    pooling: Pooling | None
    """The first one later in the network: of the same place and channel where it takes in what the last step
    gives out, else where it is brightest. None where there is none."""

    @property
    def words(self) -> list[str]:
        """All steps as sentences."""
        pooling = [] if self.pooling is None else [self.pooling]
        return [step.words for step in (self.convolution, *self.steps, *pooling)]


def _n(value: float, digits: int = 3) -> str:
    """Return a number as people read it, with so many digits that count.

    >>> _n(4.8215), _n(-0.00001), _n(0.01234, 4), _n(12345.6)
    ('4.82', '0', '0.01234', '12346')
    """
    if abs(value) < 1e-4:
        return "0"
    return f"{float(value):.{digits}g}" if abs(value) < 1000 else f"{float(value):.0f}"
