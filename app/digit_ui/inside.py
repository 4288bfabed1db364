"""Inside a network: the channels of each layer, the filters of the first, and one channel large."""

from functools import partial

import numpy as np
import streamlit as st

from digit_ui import insights, one_channel, pictures, step_by_step
from digit_ui.subject import Subject, part
from digits import figures
from digits.insight.activations import Activations, by_activity, first_filters
from digits.insight.activations import one_channel as find_channel
from digits.insight.anatomy import FRAME

COLUMNS, SIDE = 5, 52
"""Of the grid: as wide as a phone."""

LAYER = "A network works in layers: each makes new pictures of those that the one before it made."
CHANNEL = (
    "Each picture that a layer makes is a channel. It is bright where the layer found the one pattern that "
    "this channel stands for."
)


@part
def inside_ui(subject: Subject) -> None:
    """Draw the choice of a layer, its channels, and one of them large; only this part runs again."""
    seen = insights.activations(subject)
    layers = [name for name in seen.maps if name != FRAME]
    if not layers:
        st.info(f"{subject.entry.name} has no layers that make pictures: it takes all points at once.")
        return
    left, right = st.columns([2, 3], gap="large")
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
        one_channel.channel_ui(find_channel(seen, layer, number))
        step_by_step.steps_ui(seen, layer, number)
    _filters_ui(seen)


def _title(seen: Activations, name: str) -> str:
    height, width, channels = seen.map(name).shape
    kind = one_channel.kind(seen.anatomy.layer(name).kind)
    return f"{name}: {kind}, {height} × {width}, {channels} channels"


def _grid_ui(channels: np.ndarray, order: np.ndarray, layer: str) -> None:
    st.caption("The most active channel comes first. Point at one for its values; click on it to enlarge it.")
    with st.container(height=500, border=False, key="channels"):
        st.altair_chart(
            figures.channel_chart(channels, order, COLUMNS, SIDE),
            width="content",
            on_select=partial(_enlarge, layer),
            selection_mode="channel",
            key=f"grid_{layer}",
        )
    pictures.download_ui(partial(figures.channel_sheet, channels, order, layer), f"channels_{layer}")


def _enlarge(layer: str) -> None:
    """Choose the channel that was clicked on."""
    picked = st.session_state[f"grid_{layer}"]["selection"]["channel"]
    if picked:
        st.session_state[f"channel_{layer}"] = int(picked[0]["channel"])


def _filters_ui(seen: Activations) -> None:
    found = first_filters(seen.anatomy)
    if found is None:
        return
    name, filters = found
    order = by_activity(seen.map(name))
    with st.expander(f"The filters of the first layer, {name}", key="filters"):
        st.caption("Each looks for its own pattern: orange where it wants ink, blue where it wants none.")
        st.altair_chart(figures.channel_chart(filters, order, COLUMNS, SIDE, together=True), width="content")
        draw = partial(figures.channel_sheet, filters, order, f"Filters of {name}")
        pictures.download_ui(draw, f"filters_{name}")
