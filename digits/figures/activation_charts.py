"""What layers see: their channels as thumbnails, one of them with its values, and the numbers of one step.

Black is 0, orange above it and blue below, told apart by colour-blind people too.
"""

import base64

import altair as alt
import cv2
import numpy as np
from matplotlib.figure import Figure

from digits.figures.heat import AGAINST, FOR
from digits.figures.pictures import png
from digits.figures.style import GREY
from digits.numbers import rounded, two_digits

NUMBERED = 8
"""Rows and columns up to which a chart shows its values as numbers."""

BRIGHT = 0.6
"""Share of the largest magnitude from which orange is too bright for white letters."""


def signed_colours(values: np.ndarray, most: float | None = None) -> np.ndarray:
    """Return values (h, w) as colours (h, w, 3) uint8 RGB: black for 0, orange above, blue below.

    Args:
        values: any; all black where all are 0.
        most: the magnitude that has the full colour (None: the largest there is).
    """
    most = float(np.abs(values).max()) if most is None else most
    share = np.clip(np.asarray(values, np.float64) / max(most, 1e-12), -1, 1)[..., None]
    return np.round(255 * np.abs(share) * np.where(share < 0, AGAINST, FOR)).astype(np.uint8)


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
    names = base.mark_text(dy=side / 2 + 7, fontSize=10, color=GREY).encode(text="channel:N")
    # Room for the names, and for Streamlit's own padding, which it takes off the height.
    return alt.layer(images, names).properties(width=columns * (side + 10), height=lines * (side + 28) + 30)


def value_chart(
    values: np.ndarray, side: int = 300, box: tuple[int, int, int, int] | None = None
) -> alt.LayerChart:
    """Return one channel, a patch or a kernel as squares, each with its value to point at.

    Args:
        values: (H, W); up to 8 x 8 with the values as numbers.
        side: of the longer side, in pixels.
        box: to frame some of them: first row, first column, rows, columns; parts outside are cut off.
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
    if box is not None:
        top, left = max(0, box[0]), max(0, box[1])
        corners = {"row": top, "column": left, "below": min(height, box[0] + box[2])}
        edge = alt.Chart(alt.Data(values=[corners | {"beside": min(width, box[1] + box[3])}]))
        frame = edge.mark_rect(fillOpacity=0, stroke="white", strokeWidth=2)
        layers.append(frame.encode(x=x, y=y, x2="beside:Q", y2="below:Q"))
    scale = side / max(values.shape)
    # Streamlit's own padding would be taken off the height: fields would not be squares.
    padding = dict.fromkeys(("left", "right", "top", "bottom"), 0)
    return alt.layer(*layers).properties(width=width * scale, height=height * scale, padding=padding)


def channel_sheet(channels: np.ndarray, order: np.ndarray, title: str, columns: int = 8) -> Figure:
    """Draw the same thumbnails for a file; see `channel_chart`."""
    rows = max(1, -(-len(order) // columns))
    figure = Figure(figsize=(columns * 0.95, rows * 1.12 + 0.4), layout="constrained")
    figure.suptitle(title, fontsize=10)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes:
        axis.axis("off")
    for axis, channel in zip(axes, order.tolist(), strict=False):
        axis.imshow(signed_colours(channels[..., channel]), interpolation="nearest")
        axis.set_title(str(channel), fontsize=7, pad=2)
    return figure


def number_grids(grids: dict[str, np.ndarray], sentences: list[str]) -> Figure:
    """Draw arrays side by side, small ones with numbers, e.g. patch, kernel and products, and what follows.

    Args:
        grids: arrays (h, w) by their title.
        sentences: stand below.
    """
    figure = Figure(figsize=(2.6 * len(grids), 2.9 + 0.3 * len(sentences)), layout="constrained")
    for axis, (title, values) in zip(
        figure.subplots(1, len(grids), squeeze=False)[0], grids.items(), strict=True
    ):
        axis.imshow(signed_colours(values), interpolation="nearest")
        axis.set_title(title, fontsize=9)
        axis.set(xticks=[], yticks=[])
        numbered = values if max(values.shape) <= NUMBERED else values[:0]
        for (row, column), value in np.ndenumerate(numbered):
            ink = "black" if value > BRIGHT * np.abs(values).max() else "white"
            axis.text(
                column,
                row,
                two_digits(value),
                color=ink,
                fontsize=8,
                ha="center",
                va="center",
            )
    figure.supxlabel("\n".join(sentences), fontsize=8)
    return figure


def _thumbnail(values: np.ndarray, side: int, most: float | None) -> bytes:
    # Enlarged here, square by square: a browser would blur a picture of few points.
    factor = side / max(values.shape)
    size = (round(values.shape[1] * factor), round(values.shape[0] * factor))
    return png(cv2.resize(signed_colours(values, most), size, interpolation=cv2.INTER_NEAREST))
