"""Maps of what speaks for a digit, laid over the digit."""

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

HEAT = colormaps["viridis"]
"""From 0 up: even to the eye, and to colour-blind eyes too (Smith & van der Walt, 2015)."""

AGAINST, FOR = (0.20, 0.50, 1.0), (1.0, 0.55, 0.0)
"""Blue and orange: told apart by colour-blind people too."""

BALANCE = LinearSegmentedColormap.from_list("balance", [AGAINST, (0.5, 0.5, 0.5), FOR])
"""From below 0 to above: grey at 0."""


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
    """Draw a frame, beside it the same under a map, and the scale of the map; see `heat_overlay`."""
    figure = Figure(figsize=(6.6, 3.1), layout="constrained")
    figure.suptitle(title, fontsize=10)
    left, right = figure.subplots(1, 2)
    left.imshow(frame, cmap="gray", vmin=0, vmax=1)
    right.imshow(heat_overlay(frame, attribution, strength, signed))
    for axis in (left, right):
        axis.axis("off")
    signed = bool(np.min(attribution) < 0) if signed is None else signed
    most = max(float(np.abs(attribution).max()), 1e-12)
    scale = Normalize(-most if signed else 0, most)
    bar = figure.colorbar(ScalarMappable(scale, BALANCE if signed else HEAT), ax=right, shrink=0.9)
    bar.ax.tick_params(labelsize=7)
    if signed:
        bar.set_label("against          for", fontsize=8)
    return figure
