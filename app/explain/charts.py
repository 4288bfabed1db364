"""Charts of what is inside a network: channels, the values of one, and digits on a map of its features.

One can point at what they show. In channels black is 0, orange above it and blue below, told apart by
colour-blind people too.
"""

import base64
from collections.abc import Sequence

import altair as alt
import cv2
import numpy as np

from app.shared.charts import words_colour
from digits.config import CLASSES
from digits.plots.colours import BRIGHT, DIGIT_COLOURS, GREY, NUMBERED, ROOM
from digits.plots.pixels import png, signed_colours
from digits.plots.text import rounded

STAR = "M0,-1L0.24,-0.32L0.95,-0.31L0.38,0.12L0.59,0.81L0,0.4L-0.59,0.81L-0.38,0.12L-0.95,-0.31L-0.24,-0.32Z"


def channel_chart(
    channels: np.ndarray, order: np.ndarray, columns: int = 8, side: int = 72, together: bool = False
) -> alt.LayerChart:
    """Return the channels of a layer as thumbnails; pointing at one says its values.

    A click on one selects it, as `channel`: the name of the selection and of the field that says its number.

    Args:
        channels: (H, W, C) float32; or filters (kh, kw, C).
        order: (n,) the channels to show, the first one first.
        columns: of the grid.
        side: of a thumbnail, in pixels; the longer one.
        together: True gives all channels one scale of colours, False each its own.
    """
    most = float(np.abs(channels).max()) if together else None
    rows = []
    for place, channel in enumerate(order.tolist()):
        values = channels[..., channel]
        rows.append(
            {
                "url": f"data:image/png;base64,{base64.b64encode(_thumbnail(values, side, most)).decode()}",
                "row": place // columns,
                "column": place % columns,
                "channel": channel,
                "mean": rounded(np.abs(values).mean()),
                "largest": rounded(values.max()),
                "smallest": rounded(values.min()),
            }
        )
    lines = -(-len(rows) // columns)
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("column:Q", axis=None).scale(domain=[-0.5, columns - 0.5], nice=False),
        y=alt.Y("row:Q", axis=None).scale(domain=[lines - 0.5, -0.5], nice=False),
        tooltip=[
            alt.Tooltip("channel:N"),
            alt.Tooltip("mean:Q", title="mean magnitude"),
            alt.Tooltip("largest:Q"),
            alt.Tooltip("smallest:Q"),
        ],
    )
    chosen = alt.selection_point(name="channel", fields=["channel"])
    images = base.mark_image(width=side, height=side).encode(url="url:N").add_params(chosen)
    names = base.mark_text(dy=side / 2 + 7, fontSize=11, color=words_colour()).encode(text="channel:N")
    # Room for the names, and for Streamlit's own padding, which it takes off the height.
    return alt.layer(images, names).properties(width=columns * (side + 10), height=lines * (side + 28) + 30)


def value_chart(values: np.ndarray, side: int) -> alt.LayerChart:
    """Return one channel, a patch or a kernel as squares, each with its value to point at.

    Args:
        values: (H, W); up to 8 x 8 with the values as numbers.
        side: of the longer side, in pixels.
    """
    height, width = values.shape
    colours = signed_colours(values)
    bright = BRIGHT * float(np.abs(values).max())
    rows = [
        {"row": row, "column": column, "below": row + 1, "beside": column + 1, "value": rounded(value)}
        | {"colour": "#" + bytes(colours[row, column]).hex()}
        for (row, column), value in np.ndenumerate(values)
    ]
    x = alt.X("column:Q", axis=None).scale(domain=[0, width], nice=False)
    y = alt.Y("row:Q", axis=None).scale(domain=[height, 0], nice=False)
    # The edge too: without it, paper would show through between squares of broken size.
    colour = {"color": alt.Color("colour:N", scale=None), "stroke": alt.Stroke("colour:N", scale=None)}
    chart = alt.Chart(alt.Data(values=rows)).encode(tooltip=["row:Q", "column:Q", "value:Q"])
    layers = [chart.mark_rect(strokeWidth=1).encode(x=x, y=y, x2="beside:Q", y2="below:Q", **colour)]
    if max(values.shape) <= NUMBERED:
        texts = chart.transform_calculate(x="datum.column + 0.5", y="datum.row + 0.5")
        layers.append(
            texts.mark_text(fontSize=12).encode(
                x=alt.X("x:Q", axis=None).scale(domain=[0, width], nice=False),
                y=alt.Y("y:Q", axis=None).scale(domain=[height, 0], nice=False),
                text=alt.Text("value:Q", format=".2f"),
                color=alt.condition(f"datum.value > {bright}", alt.value("black"), alt.value("white")),
            )
        )
    scale = side / max(values.shape)
    # Streamlit's own padding would be taken off the height: fields would not be squares.
    padding = dict.fromkeys(("left", "right", "top", "bottom"), 0)
    return alt.layer(*layers).properties(width=width * scale, height=height * scale, padding=padding)


def _thumbnail(values: np.ndarray, side: int, most: float | None) -> bytes:
    # Enlarged here, square by square: a browser would blur a picture of few points.
    factor = side / max(values.shape)
    size = (round(values.shape[1] * factor), round(values.shape[0] * factor))
    return png(cv2.resize(signed_colours(values, most), size, interpolation=cv2.INTER_NEAREST))


def map_chart(
    places: np.ndarray,
    labels: np.ndarray,
    answers: np.ndarray,
    numbers: np.ndarray,
    own: tuple[float, float],
    own_words: str,
    guides: Sequence[int],
    axes: tuple[str, str],
) -> alt.LayerChart:
    """Return a map: each digit as its label, in that label's colour; one's own as a star.

    Dragging moves the map; pinching, or turning the wheel with Ctrl or Cmd held, enlarges it.

    Args:
        places: (M, 2), where the digits lie.
        labels, answers: (M,), what they show and what the network reads.
        numbers: (M,), their places in their data set, said when one points at them.
        own: where the new digit lies.
        own_words: what is said when one points at it.
        guides: the digits of the map that gave it its place, joined to it by lines.
        axes: titles; empty where the axes mean nothing.
    """
    rows = [
        {
            "x": round(float(x), 4),
            "y": round(float(y), 4),
            "label": str(label),
            "words": f"test digit No {n:,}, label {label}"
            + (f", read as {answer}" if answer != label else ""),
        }
        for (x, y), label, answer, n in zip(places, labels.tolist(), answers.tolist(), numbers, strict=True)
    ]
    everything = np.concatenate([places, [own]])
    x = alt.X("x:Q", **_scale(everything[:, 0], axes[0]))
    y = alt.Y("y:Q", **_scale(everything[:, 1], axes[1]))
    tooltip = alt.Tooltip("words:N", title="what")
    colour = alt.Color("label:N", legend=None).scale(
        domain=[str(digit) for digit in range(CLASSES)], range=list(DIGIT_COLOURS)
    )
    digits = alt.Chart(alt.Data(values=rows)).mark_text(fontSize=11, fontWeight="bold", opacity=0.85)
    star = {"x": float(own[0]), "y": float(own[1]), "words": own_words}
    ends = [star | {"x2": float(places[i, 0]), "y2": float(places[i, 1])} for i in guides]
    lines = alt.Chart(alt.Data(values=ends)).mark_rule(color=GREY, strokeWidth=1.5)
    # Bright with a dark rim: one of the two stands out on any page.
    mark = alt.Chart(alt.Data(values=[star])).mark_point(
        shape=STAR, size=220, filled=True, opacity=1, fill="#facc15", stroke="#111827", strokeWidth=1.5
    )
    zoom = alt.selection_interval(bind="scales", zoom="wheel![event.ctrlKey || event.metaKey]")
    return alt.layer(
        digits.encode(x=x, y=y, color=colour, text="label:N", tooltip=tooltip).add_params(zoom),
        lines.encode(x=x, y=y, x2="x2:Q", y2="y2:Q"),
        mark.encode(x=x, y=y, tooltip=tooltip),
    ).properties(height=460)


def _scale(values: np.ndarray, title: str) -> dict:
    """Return scale and axis for the values of one direction."""
    low, high = float(values.min()), float(values.max())
    room = ROOM * (high - low or 1)
    axis = alt.Axis(labels=False, ticks=False, domain=False, grid=False, title=title or None)
    return {"scale": alt.Scale(domain=[low - room, high + room], nice=False, zero=False), "axis": axis}
