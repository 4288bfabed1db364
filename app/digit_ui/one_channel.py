"""One channel of a layer large, with what came in and the kernel that made it."""

from functools import partial

import numpy as np
import streamlit as st

from digit_ui import pictures
from digits import figures
from digits.insight.activations import Channel

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


def channel_ui(channel: Channel) -> None:
    """Show a channel with its values to point at, and what it was made of."""
    name, layer = f"Channel {channel.number}", channel.layer.name
    with st.container(key="channel"):
        st.altair_chart(figures.value_chart(channel.output, LARGE), width="content")
    st.caption(f"{name} of {layer}: orange is above 0, blue below, black is 0. Point at a field.")
    made_of = _made_of_ui(channel)
    with st.container(horizontal=True, key="made_of"):
        for title, values in made_of.items():
            with st.container(width="content"):
                st.caption(title)
                st.altair_chart(figures.value_chart(values, SMALL), width="content")
    st.caption(_in_words(channel))
    grids = made_of | {name: channel.output}
    draw = partial(figures.number_grids, grids, [f"{name} of {layer}: {kind(channel.layer.kind)}"])
    pictures.download_ui(draw, f"channel_{channel.number}_{layer}")


def kind(layer_class: str) -> str:
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
        return f"{channel.layer.name}: {kind(channel.layer.kind)}."
    count = channel.inputs.shape[-1]
    inputs = "the input" if count == 1 else f"each of the {count} inputs, with a kernel for each"
    return (
        f"The kernel, a small table of learnt numbers, slides over {inputs}; at each place the products are "
        "added up to one field."
    )
