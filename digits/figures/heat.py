"""Maps of what speaks for a digit, laid over the digit."""

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

HEAT = colormaps["viridis"]
"""From 0 up: even to the eye, and to colour-blind eyes too (Smith & van der Walt, 2015)."""

AGAINST, FOR = (0.20, 0.50, 1.0), (1.0, 0.55, 0.0)
"""Blue and orange: told apart by colour-blind people too."""

GROUNDS = {"black": 0.0, "grey": 0.5, "ink": 1.0}
"""The points of a frame on which a scale shows the colours: they shine through."""

FINENESS = 256
"""Colours of a scale, from its one end to the other."""


def heat_overlay(
    frame: np.ndarray, attribution: np.ndarray, strength: float = 0.7, signed: bool | None = None
) -> np.ndarray:
    """Return a frame with a map over it, in colours.

    A place is coloured as much as its value is large, against the largest of the map: 0 leaves the frame as
    it is, and a map of nothing but 0 changes nothing.

    Args:
        frame: (28, 28) float32 in [0, 1].
        attribution: (28, 28), raw.
        strength: 0 leaves the frame, 1 covers it where the map is largest.
        signed: True for orange above 0 and blue below, False for viridis from 0 up; None looks for values
            below 0.

    Returns:
        (28, 28, 3) uint8 RGB.

    Raises:
        ValueError: the strength is out of range.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"A strength of {strength}; expected 0 to 1.")
    share = np.asarray(attribution, np.float64) / max(float(np.abs(attribution).max()), 1e-12)
    signed = bool(share.min() < 0) if signed is None else signed
    if signed:
        colours = np.where(share[..., None] < 0, AGAINST, FOR)
    else:
        share = np.maximum(share, 0)
        colours = HEAT(share)[..., :3]
    weight = strength * np.sqrt(np.abs(share))[..., None]  # or weak places would hardly show on white ink
    grey = np.asarray(frame, np.float64)[..., None]
    return np.round(255 * (grey + weight * (colours - grey))).astype(np.uint8)


def heat_figure(
    frame: np.ndarray,
    attribution: np.ndarray,
    title: str,
    strength: float = 0.7,
    signed: bool | None = None,
) -> Figure:
    """Draw a frame, beside it the same under a map, and the scale of the map; see `heat_overlay`.

    The scale shows what a value looks like on a black point, a grey one, and one of ink.
    """
    figure = Figure(figsize=(7.0, 3.1), layout="constrained")
    figure.suptitle(title, fontsize=10)
    left, right, bar = figure.subplots(1, 3, width_ratios=(10, 10, 1.3))
    left.imshow(frame, cmap="gray", vmin=0, vmax=1)
    right.imshow(heat_overlay(frame, attribution, strength, signed))
    for axis in (left, right):
        axis.axis("off")
    signed = bool(np.min(attribution) < 0) if signed is None else signed
    most = max(float(np.abs(attribution).max()), 1e-12)
    edges = (0, len(GROUNDS), -most if signed else 0, most)
    bar.imshow(
        scale_colours(strength, signed), aspect="auto", origin="lower", extent=edges, interpolation="nearest"
    )
    bar.set_xticks(np.arange(len(GROUNDS)) + 0.5, GROUNDS, fontsize=7, rotation=90)
    bar.tick_params(axis="x", length=0)
    bar.tick_params(axis="y", labelsize=7)
    bar.yaxis.tick_right()
    if signed:
        bar.yaxis.set_label_position("right")
        bar.set_ylabel("against          for", fontsize=8)
    return figure


def scale_colours(strength: float = 0.7, signed: bool = True) -> np.ndarray:
    """Return what `heat_overlay` makes of all values, (256, 3, 3) uint8 RGB: on the points of `GROUNDS`.

    The first row is the least value, -1 of the largest, or 0 where maps are not signed.
    """
    values = np.linspace(-1 if signed else 0, 1, FINENESS)
    each = [
        heat_overlay(np.full((FINENESS, 1), ground), values[:, None], strength, signed)
        for ground in GROUNDS.values()
    ]
    return np.concatenate(each, axis=1)
