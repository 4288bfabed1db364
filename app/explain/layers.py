"""Inside a network: each layer's channels, the first layer's filters, and one channel large, step by step."""

from functools import partial

import numpy as np
import streamlit as st

from app.explain import charts
from app.explain.subject import Subject, part
from app.shared import charts as shared_charts
from app.shared import widgets
from app.shared.steps import all_in_words, number_table
from app.shared.widgets import as_text
from digits.explain.activations import Activations, Channel, by_activity, first_filters, one_channel
from digits.explain.trace import Trace, trace_frame
from digits.models.layer_graph import FRAME
from digits.plots import sheets
from digits.plots.text import short

COLUMNS, SIDE = 5, 52
"""Of the grid: as wide as a phone."""

LAYER = "A network works in layers: each makes new pictures of those that the one before it made."
CHANNEL = (
    "Each picture that a layer makes is a channel. It is bright where the layer found the one pattern that "
    "this channel stands for."
)
LARGE, SMALL = 300, 150
"""Pixels of the enlarged channel, and of what it was made of."""
FEW = 4
"""So many inputs are shown at once where there is no kernel; of more one is chosen."""
WORDS = {
    "Conv2D": "convolution",
    "DepthwiseConv2D": "convolution of each channel by itself",
    "SeparableConv2D": "convolution in two steps",
    "BatchNormalization": "brought to the usual range",
    "ReLU": "what is below 0 cut off",
    "MaxPooling2D": "made smaller, the largest kept",
    "AveragePooling2D": "made smaller, the mean taken",
    "Add": "two layers added up",
    "Concatenate": "layers put side by side",
}
"""What layers do, by their class."""


@part
def inside_ui(subject: Subject) -> None:
    """Draw the choice of a layer, its channels, and one of them large; only this part runs again."""
    seen = subject.activations()
    layers = [name for name in seen.maps if name != FRAME]
    if not layers:
        st.info(
            f"{as_text(subject.entry.name)} has no layers that make pictures: it takes all points at once."
        )
        return
    left, right = st.columns(2, gap="large")
    with left:
        layer = st.selectbox(
            "Layer",
            layers,
            format_func=lambda name: _title(seen, name),
            key=f"inside_layer_{subject.entry.name}",
            persist_state="session",
            help=LAYER,
        )
        order = by_activity(seen.map(layer))
        _grid_ui(seen.map(layer), order, layer)
    with right:
        number = st.selectbox(
            "Channel, the most active first", order.tolist(), key=f"channel_{layer}", help=CHANNEL
        )
        _channel_ui(one_channel(seen, layer, number))
        _steps_ui(seen, layer, number)
    _filters_ui(seen)


def _title(seen: Activations, name: str) -> str:
    height, width, channels = seen.map(name).shape
    return f"{name}: {_kind(seen.graph.layer(name).kind)}, {height} × {width}, {channels} channels"


def _grid_ui(channels: np.ndarray, order: np.ndarray, layer: str) -> None:
    st.caption("The most active channel comes first. Point at one for its values; click on it to enlarge it.")
    with st.container(height=500, border=False, key="channels"):
        shared_charts.show(
            charts.channel_chart(channels, order, COLUMNS, SIDE),
            f"The channels of {layer}, the most active first; the selection box beside it enlarges one",
            width="content",
            on_select=partial(_enlarge, layer),
            selection_mode="channel",
            key=f"grid_{layer}",
        )
    widgets.download_ui(partial(sheets.channel_sheet, channels, order, layer), f"channels_{layer}")


def _enlarge(layer: str) -> None:
    """Choose the channel that was clicked on."""
    picked = st.session_state[f"grid_{layer}"]["selection"]["channel"]
    if picked:
        st.session_state[f"channel_{layer}"] = int(picked[0]["channel"])


def _filters_ui(seen: Activations) -> None:
    found = first_filters(seen.graph)
    if found is None:
        return
    name, filters = found
    order = by_activity(seen.map(name))
    with st.expander(f"The filters of the first layer, {as_text(name)}", key="filters"):
        st.caption("Each looks for its own pattern: orange where it wants ink, blue where it wants none.")
        chart = charts.channel_chart(filters, order, COLUMNS, SIDE, together=True)
        shared_charts.show(chart, f"The filters of {name}", width="content")
        draw = partial(sheets.channel_sheet, filters, order, f"Filters of {name}")
        widgets.download_ui(draw, f"filters_{name}")


def _channel_ui(channel: Channel) -> None:
    """Show a channel with its values to point at, and what it was made of."""
    name, layer = f"Channel {channel.number}", channel.layer.name
    with st.container(key="channel"):
        words = f"{name} of {layer}: {_extent(channel.output)}"
        shared_charts.show(charts.value_chart(channel.output, LARGE), words, width="content")
    st.caption(f"{name} of {as_text(layer)}: orange is above 0, blue below, black is 0. Point at a field.")
    made_of = _made_of_ui(channel)
    with st.container(horizontal=True, key="made_of"):
        for title, values in made_of.items():
            with st.container(width="content"):
                st.caption(title)
                words = f"{title}: {_extent(values)}"
                shared_charts.show(charts.value_chart(values, SMALL), words, width="content")
    st.caption(_in_words(channel))
    grids = made_of | {name: channel.output}
    draw = partial(sheets.number_grids, grids, [f"{name} of {layer}: {_kind(channel.layer.kind)}"])
    widgets.download_ui(draw, f"channel_{channel.number}_{layer}")


def _extent(values: np.ndarray) -> str:
    """Say what stands in an array (H, W), and where most of it does."""
    row, column = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    return (
        f"{values.shape[0]} × {values.shape[1]} fields from {short(values.min())} to {short(values.max())}, "
        f"the strongest in row {row + 1}, column {column + 1}"
    )


def _kind(layer_class: str) -> str:
    """Say what a layer does, or its class where there are no words for it."""
    return WORDS.get(layer_class, layer_class)


def _made_of_ui(channel: Channel) -> dict:
    """Return by their titles the input channel to show, of several by choice, and its kernel; where a few
    layers are put together, what each of them gave."""
    if not channel.inputs.size:
        return {}
    if channel.kernel is None and 1 < len(channel.origins) <= FEW:
        names = [f"From {layer}, channel {number}" for layer, number in channel.origins]
        return dict(zip(names, np.moveaxis(channel.inputs, -1, 0), strict=True))
    place = int(channel.strongest[0])
    if len(channel.strongest) > 1:
        place = st.selectbox(
            "Input channel, the one that counts most first",
            channel.strongest.tolist(),
            format_func=lambda place: str(channel.origins[place][1]),
            key=f"input_{channel.layer.name}_{channel.number}",
        )
    grids = {"What came in": channel.inputs[..., place]}
    return grids if channel.kernel is None else grids | {"The kernel": channel.kernel.weights[..., place]}


def _in_words(channel: Channel) -> str:
    if channel.kernel is None:
        return f"{channel.layer.name}: {_kind(channel.layer.kind)}."
    count = channel.inputs.shape[-1]
    inputs = "the input" if count == 1 else f"each of the {count} inputs, with a kernel for each"
    return (
        f"The kernel, a small table of learnt numbers, slides over {inputs}; at each place the products are "
        "added up to one field."
    )


def _steps_ui(seen: Activations, layer: str, channel: int) -> None:
    """Show how a channel's number comes about where it answers most; nothing for layers of another kind."""
    trace = trace_frame(seen, layer, channel)
    if trace is None:
        return
    with st.expander("Step by step, with the numbers", key="steps"):
        step = trace.convolution
        row, column = step.place
        st.caption(
            f"How the number in row {row + 1}, column {column + 1} of channel {channel} comes about: there "
            "it answers most. What lies beyond the rim of the picture counts as 0."
        )
        st.html(f'<div class="pictures">{_tables(trace)}</div>')
        said = enumerate(all_in_words(trace), start=1)
        st.markdown("\n".join(f"{number}. {words}" for number, words in said))


def _tables(trace: Trace) -> str:
    """Return the numbers as HTML; of several inputs, those of the one that counts most."""
    step = trace.convolution
    most = int(np.abs(step.products).sum(axis=(0, 1)).argmax())
    more = step.patch.shape[-1] > 1
    first = f"The window, input {step.kernel.inputs[most]}" if more else "The window"
    tables = [
        number_table(first, step.patch[..., most], signed=True),
        number_table("× kernel", step.kernel.weights[..., most], signed=True),
        number_table("= products", step.products[..., most], signed=True),
    ]
    if trace.pooling:
        tables.append(number_table("Pooled window", trace.pooling.window, signed=True))
    return "".join(tables)
