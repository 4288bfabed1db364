"""Why a model answers as it does: the answer in words, then one of four ways to look into it."""

import streamlit as st

from app.explain import counterfactual, heatmaps, layers, neighbours, verdict
from app.shared import digit_source, models, sidebar

PARTS = {
    "Where it looks": ("Heat maps: which points of the picture speak for a digit.", heatmaps.heat_ui),
    "Inside": ("What each layer of the network makes of the picture, step by step.", layers.inside_ui),
    "Look-alikes": (
        "Which of some two thousand known digits look to the network like this one.",
        neighbours.alike_ui,
    ),
    "What would change its mind": (
        "The smallest change of ink that makes another digit of it.",
        counterfactual.change_ui,
    ),
}

choices = sidebar.choices()


def part_ui() -> str:
    """Draw the choice of what to look at; return it."""
    part = st.segmented_control(
        "What to look at",
        list(PARTS),
        default="Where it looks",
        required=True,
        key="explain_part",
        persist_state="session",
        label_visibility="collapsed",
    )
    st.caption(PARTS[part][0])
    return part


st.title("Why this answer?")
with st.container(key="explain"):
    left, right = st.columns(2, gap="large")
    with left:
        digit = digit_source.digit_ui(choices, "explain")
    if digit:
        with right:
            reader = models.recognizer(choices.model, choices.thresholds)
        if reader:
            with right:
                subject = verdict.verdict_ui(choices.model, reader, digit)
            PARTS[part_ui()][1](subject)
models.wake_tensorflow()
