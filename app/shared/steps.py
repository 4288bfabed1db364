"""The steps of a network as sentences, with their actual numbers."""

from functools import singledispatch

from digits.explain.trace import ActivationFunction, Convolution, Normalisation, Pooling, Trace
from digits.plots.text import short


def of_walk(walk: Trace) -> list[str]:
    """Return all steps as sentences."""
    pooling = [] if walk.pooling is None else [walk.pooling]
    return [of_step(step) for step in (walk.convolution, *walk.steps, *pooling)]


@singledispatch
def of_step(step) -> str:
    """Return one step as a sentence."""
    raise TypeError(f"There are no words for a {type(step).__name__}.")


@of_step.register
def _(step: Convolution) -> str:
    added = f"; with the bias of {short(step.bias)} that makes {short(step.total)}" if step.bias else ""
    return f"The {step.products.size} products add up to {short(step.products.sum())}{added}."


@of_step.register
def _(step: Normalisation) -> str:
    # With a digit more than elsewhere, so that who works it out anew comes to the same.
    before, mean, variance, scale, shift = (
        short(x, 4) for x in (step.before, step.mean, step.variance, step.scale, step.shift)
    )
    less, more = (f"({x})" if x.startswith("-") else x for x in (mean, shift))
    moved = f"({before} - {less}) / √({variance} + {step.epsilon:g}) × {scale} + {more}"
    return f"Batch normalisation brings it to the usual range: {moved} = {short(step.after)}."


@of_step.register
def _(step: ActivationFunction) -> str:
    if step.function == "relu" and step.before >= 0:
        return f"ReLU lets it pass, since it is not below 0: {short(step.after)}."
    if step.function == "relu" and step.after == 0:
        return f"ReLU makes 0 of {short(step.before)}, since it is below 0."
    return f"The activation function {step.function} makes {short(step.after)} of {short(step.before)}."


@of_step.register
def _(step: Pooling) -> str:
    *most, last = (short(value) for value in step.window.ravel())
    kept = "the largest is kept" if step.function == "max" else "the mean is taken"
    return f"Of {', '.join(most)} and {last} {kept}: {short(step.result)}."
