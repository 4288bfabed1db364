"""The steps inside a network, for pages: as sentences and as tables, with their actual numbers."""

from functools import singledispatch
from html import escape

import numpy as np

from digits.explain.trace import ActivationFunction, Convolution, Normalisation, Pooling, Trace
from digits.plots.pixels import signed_colours
from digits.plots.text import short, two_digits

LIGHT = 0.18
"""Luminance from which letters on a colour are black: either way their contrast is 4.5 at least."""


def all_in_words(trace: Trace) -> list[str]:
    """Return all steps as sentences."""
    pooling = [] if trace.pooling is None else [trace.pooling]
    return [in_words(step) for step in (trace.convolution, *trace.steps, *pooling)]


@singledispatch
def in_words(step) -> str:
    """Return one step as a sentence."""
    raise TypeError(f"There are no words for a {type(step).__name__}.")


@in_words.register
def _(step: Convolution) -> str:
    added = f"; with the bias of {short(step.bias)} that makes {short(step.total)}" if step.bias else ""
    return f"The {step.products.size} products add up to {short(step.products.sum())}{added}."


@in_words.register
def _(step: Normalisation) -> str:
    # With a digit more than elsewhere, so that who works it out anew comes to the same.
    before, mean, variance, scale, shift = (
        short(x, 4) for x in (step.before, step.mean, step.variance, step.scale, step.shift)
    )
    less, more = (f"({x})" if x.startswith("-") else x for x in (mean, shift))
    moved = f"({before} - {less}) / √({variance} + {step.epsilon:g}) × {scale} + {more}"
    return f"Batch normalisation brings it to the usual range: {moved} = {short(step.after)}."


@in_words.register
def _(step: ActivationFunction) -> str:
    if step.function == "relu" and step.before >= 0:
        return f"ReLU lets it pass, since it is not below 0: {short(step.after)}."
    if step.function == "relu" and step.after == 0:
        return f"ReLU makes 0 of {short(step.before)}, since it is below 0."
    return f"The activation function {step.function} makes {short(step.after)} of {short(step.before)}."


@in_words.register
def _(step: Pooling) -> str:
    *most, last = (short(value) for value in step.window.ravel())
    kept = "the largest is kept" if step.function == "max" else "the mean is taken"
    return f"Of {', '.join(most)} and {last} {kept}: {short(step.result)}."


def number_table(
    title: str,
    values: np.ndarray,
    signed: bool = False,
    marked: tuple[int, int] | None = None,
    hidden: bool = False,
) -> str:
    """Return a small array as an HTML table, each number on its colour.

    Args:
        title: stands above.
        values: (h, w); in [0, 1] unless signed.
        signed: True for black at 0, orange above and blue below; False for black to white.
        marked: row and column of a number with a frame around it.
        hidden: show a question mark in its place; where signed its colour is hidden too.
    """
    values = np.asarray(values, np.float64)
    grey = np.round(255 * np.clip(values, 0, 1)).astype(np.uint8)[..., None].repeat(3, axis=2)
    colours = signed_colours(values) if signed else grey
    rows = []
    for row in range(values.shape[0]):
        cells = []
        for column in range(values.shape[1]):
            is_marked = (row, column) == marked
            colour, text = colours[row, column], two_digits(values[row, column])
            if is_marked and hidden:
                text, colour = "?", np.array([110] * 3) if signed else colour
            letters = "#000" if _luminance(colour) > LIGHT else "#fff"
            about = ' class="marked"' if is_marked else ""
            style = f"background:#{bytes(colour.astype(np.uint8)).hex()};color:{letters}"
            cells.append(f'<td{about} style="{style}">{text}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f'<table class="numbers"><caption>{escape(title)}</caption>{"".join(rows)}</table>'


def _luminance(colour: np.ndarray) -> float:
    """Return the relative luminance of WCAG of a colour (3,) from 0 to 255."""
    share = np.asarray(colour, np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))
