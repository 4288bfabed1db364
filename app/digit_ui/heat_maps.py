"""Where a model looks: a map over the digit, by one of several methods, and what tests say about it."""

from functools import partial

import streamlit as st

from digit_ui import heat_words, insights, pictures
from digit_ui.subject import Subject, part
from digits import figures
from digits.explaining import TITLES
from digits.insight.explain import CAMS, Explainer

METHODS = {
    "grad_cam": "Where a layer of the network found what speaks for the digit.",
    "grad_cam_plus_plus": "The same, weighed place by place: it misses less where something appears twice.",
    "integrated_gradients": "What each point adds to the score, while the picture is faded in from black.",
    "smooth_grad": "How the score would change with each point, averaged over 50 slightly noisy copies.",
    "occlusion": "How much the score falls when a small black square covers the place.",
}
ANSWER = "the answer"
FINE = 14
"""Fields on each side from which a map is not a blob."""
SMALLEST = 7
"""Fields on each side that a map should have to begin with."""


@part
def heat_ui(subject: Subject) -> None:
    """Draw the choices, the map over the digit, and what tests say; only this part runs again."""
    explainer = insights.explainer(subject)
    left, right = st.columns([2, 3], gap="large")
    with left:
        method = st.selectbox(
            "Method", list(METHODS), format_func=TITLES.get, key="heat_method", persist_state="session"
        )
        st.caption(METHODS[method])
        if method in CAMS and not explainer.anatomy.convolutions:
            right.info(explainer.without_convolutions)
            return
        target = _target_ui(subject)
        layer = _layer_ui(subject, explainer) if method in CAMS else None
        strength = st.slider(
            "Strength of the colours", 0.0, 1.0, 0.7, 0.05, key="heat_strength", persist_state="session"
        )
    found, tests = insights.heat(subject, method, target, layer)
    with right:
        signed = method not in CAMS
        title = f"{TITLES[method]} for {target}" + (f", layer {layer}" if layer else "")
        overlay = figures.heat_overlay(subject.frame, found, strength, signed)
        pictures.show({subject.name: subject.frame, title: overlay}, "heat")
        st.caption(heat_words.legend(bool(found.any()), signed, target, method == "smooth_grad"))
        st.caption(heat_words.tested(tests, target))
        _sanity_ui(subject, method, explainer.map_layer(layer) if layer else None)
        draw = partial(figures.heat_figure, subject.frame, found, title, strength, signed)
        pictures.download_ui(draw, f"{method}_{target}")


def _target_ui(subject: Subject) -> int:
    own = "the likeliest" if subject.answer.digit is None else ANSWER
    own = own if subject.answer.asked else "what it would be, if asked"
    target = st.selectbox(
        "What speaks for",
        [ANSWER, *range(10)],
        format_func=lambda digit: f"{own}: {subject.digit}" if digit == ANSWER else str(digit),
        key="heat_target",
        persist_state="session",
        help="Choose another digit to see what the network finds of it here.",
    )
    return subject.digit if target == ANSWER else target


def _layer_ui(subject: Subject, explainer: Explainer) -> str:
    fields = {layer.name: min(layer.shape[:2]) for layer in explainer.anatomy.convolutions}
    names = list(fields)
    large = [name for name in names if fields[name] >= SMALLEST] or names
    layer = st.selectbox(
        "Layer",
        names,
        index=names.index(large[-1]),
        format_func=lambda name: f"{name}: {fields[name]} × {fields[name]}",
        key=f"heat_layer_{subject.entry.name}",
        persist_state="session",
    )
    if fields[layer] < FINE:
        st.caption(
            f"This layer sees the picture as {fields[layer]} × {fields[layer]} fields: its map is a blob. "
            "Earlier layers have finer maps, but of simpler things, such as edges and ends of strokes."
        )
    else:
        st.caption("An early layer: a fine map, but of simple things. Later layers know more about digits.")
    return layer


def _sanity_ui(subject: Subject, method: str, layer: str | None) -> None:
    """Say what was measured of a method on this model's file, where that was done, and at this layer."""
    found = insights.judged(subject)
    about = found["methods"].get(method) if found else None
    if about and about.get("layer") == layer:
        words = heat_words.sanity(found["shuffled"], about)
        st.caption(words, help=heat_words.CORRELATION)
