"""One number of a convolution, worked out in steps on the visitor's own digit, with the actual numbers."""

import numpy as np
import streamlit as st

from digit_ui import step_words
from digits import figures
from digits.insight.activations import Activations
from digits.insight.steps import Walk
from digits.insight.walk import walk_through


def steps_ui(seen: Activations, layer: str, channel: int) -> None:
    """Show how a channel's number comes about where it answers most; nothing for layers of another kind."""
    walk = walk_through(seen, layer, channel)
    if walk is None:
        return
    with st.expander("Step by step, with the numbers", key="steps"):
        step = walk.convolution
        row, column = step.place
        st.caption(
            f"How the number in row {row + 1}, column {column + 1} of channel {channel} comes about: there "
            "it answers most. What lies beyond the rim of the picture counts as 0."
        )
        st.html(f'<div class="pictures">{_tables(walk)}</div>')
        said = enumerate(step_words.of_walk(walk), start=1)
        st.markdown("\n".join(f"{number}. {words}" for number, words in said))


def _tables(walk: Walk) -> str:
    """Return the numbers as HTML; of several inputs, those of the one that counts most."""
    step = walk.convolution
    most = int(np.abs(step.products).sum(axis=(0, 1)).argmax())
    more = step.patch.shape[-1] > 1
    first = f"The window, input {step.kernel.inputs[most]}" if more else "The window"
    tables = [
        figures.number_table(first, step.patch[..., most], signed=True),
        figures.number_table("× kernel", step.kernel.weights[..., most], signed=True),
        figures.number_table("= products", step.products[..., most], signed=True),
    ]
    if walk.pooling:
        tables.append(figures.number_table("Pooled window", walk.pooling.window, signed=True))
    return "".join(tables)
