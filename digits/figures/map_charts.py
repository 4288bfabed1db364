"""Digits on a map of a network's feature space: as a chart for pages, where one can point at them, and as a
plot for files."""

from collections.abc import Sequence

import altair as alt
import numpy as np
from matplotlib.figure import Figure

from digits.contract import CLASSES
from digits.figures.style import GREY

DIGIT_COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#c2569a",
    "#808495",
    "#b8860b",
    "#7c6cf0",
    "#00908f",
    "#a0644b",
    "#1a86d0",
)
"""Of 0 to 9: at least 3 to 1 against a white page and a dark one. No ten colours can be told apart by all
people, so a digit on the map is drawn as itself."""

STAR = "M0,-1L0.24,-0.32L0.95,-0.31L0.38,0.12L0.59,0.81L0,0.4L-0.59,0.81L-0.38,0.12L-0.95,-0.31L-0.24,-0.32Z"
ROOM = 0.06
"""Around the outermost digits, as a share of the map."""


def map_chart(
    places: np.ndarray,
    labels: np.ndarray,
    answers: np.ndarray,
    own: tuple[float, float] | None = None,
    own_words: str = "your digit",
    guides: Sequence[int] = (),
    axes: tuple[str, str] = ("", ""),
    numbers: np.ndarray | None = None,
) -> alt.LayerChart:
    """Return a map: each digit as its label, in that label's colour; one's own as a star.

    Dragging moves the map; pinching, or turning the wheel with Ctrl or Cmd held, enlarges it.

    Args:
        places: (M, 2), where the digits lie.
        labels, answers: (M,), what they show and what the network reads.
        own: where the new digit lies (None: nowhere).
        own_words: what is said when one points at it.
        guides: the digits of the map that gave it its place, joined to it by lines.
        axes: titles; empty where the axes mean nothing.
        numbers: (M,), the places of the digits in their data set, said when one points at them (None: not).
    """
    names = ["test digit"] * len(labels) if numbers is None else [f"test digit No {n:,}" for n in numbers]
    rows = [
        {
            "x": round(float(x), 4),
            "y": round(float(y), 4),
            "label": str(label),
            "words": f"{name}, label {label}" + (f", read as {answer}" if answer != label else ""),
        }
        for (x, y), label, answer, name in zip(places, labels.tolist(), answers.tolist(), names, strict=True)
    ]
    everything = places if own is None else np.concatenate([places, [own]])
    x, y = (
        alt.X("x:Q", **_scale(everything[:, 0], axes[0])),
        alt.Y("y:Q", **_scale(everything[:, 1], axes[1])),
    )
    tooltip = alt.Tooltip("words:N", title="what")
    colour = alt.Color("label:N", legend=None).scale(
        domain=[str(digit) for digit in range(CLASSES)], range=list(DIGIT_COLOURS)
    )
    digits = alt.Chart(alt.Data(values=rows)).mark_text(fontSize=11, fontWeight="bold", opacity=0.85)
    layers = [digits.encode(x=x, y=y, color=colour, text="label:N", tooltip=tooltip)]
    if own is not None:
        star = {"x": float(own[0]), "y": float(own[1]), "words": own_words}
        ends = [star | {"x2": float(places[i, 0]), "y2": float(places[i, 1])} for i in guides]
        lines = alt.Chart(alt.Data(values=ends)).mark_rule(color=GREY, strokeWidth=1.5)
        # Bright with a dark rim: one of the two stands out on any page.
        mark = alt.Chart(alt.Data(values=[star])).mark_point(
            shape=STAR, size=220, filled=True, opacity=1, fill="#facc15", stroke="#111827", strokeWidth=1.5
        )
        layers += [lines.encode(x=x, y=y, x2="x2:Q", y2="y2:Q"), mark.encode(x=x, y=y, tooltip=tooltip)]
    zoom = alt.selection_interval(bind="scales", zoom="wheel![event.ctrlKey || event.metaKey]")
    return alt.layer(layers[0].add_params(zoom), *layers[1:]).properties(height=460)


def map_plot(
    places: np.ndarray,
    labels: np.ndarray,
    own: tuple[float, float] | None = None,
    guides: Sequence[int] = (),
    axes: tuple[str, str] = ("", ""),
) -> Figure:
    """Draw the same map for a file; see `map_chart`."""
    figure = Figure(figsize=(7, 6), layout="constrained")
    axis = figure.subplots()
    for (x, y), label in zip(places, labels.tolist(), strict=True):
        axis.text(
            x, y, str(label), color=DIGIT_COLOURS[label], fontsize=7, weight="bold", ha="center", va="center"
        )
    everything = places if own is None else np.concatenate([places, [own]])
    axis.update_datalim(everything)
    axis.margins(ROOM)
    axis.autoscale_view()
    if own is not None:
        for i in guides:
            axis.plot(*np.transpose([own, places[i]]), color=GREY, linewidth=1)
        axis.plot(*own, marker="*", markersize=18, color="#facc15", markeredgecolor="#111827")
    axis.set(xticks=[], yticks=[], xlabel=axes[0], ylabel=axes[1])
    axis.spines[:].set_visible(False)
    return figure


def _scale(values: np.ndarray, title: str) -> dict:
    """Return scale and axis for the values of one direction."""
    low, high = float(values.min()), float(values.max())
    room = ROOM * (high - low or 1)
    axis = alt.Axis(labels=False, ticks=False, domain=False, grid=False, title=title or None)
    return {"scale": alt.Scale(domain=[low - room, high + room], nice=False, zero=False), "axis": axis}
