"""Where a model looks: a map over the digit by one of several methods, how to read it, and its tests."""

from functools import partial

import streamlit as st

from app.explain.subject import Subject, part
from app.shared import icons, widgets
from digits.explain.attribution import CAMS, Explainer
from digits.explain.report import TITLES
from digits.plots import pixels, sheets
from digits.plots.text import articles, percent, short

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
CLEARLY = 0.1
"""By how much a map has to beat random order: a random map comes within that of it."""
HOPELESS = 0.05
"""A digit less probable than this, on average, cannot be erased."""
COMPLETE = 0.01
"""Share by which a sum may be off and still counts as right."""
ALIKE = 0.3
"""Rank correlation with a network that has learnt nothing from which a page warns."""
CORRELATION = (
    "Rank correlation over the ink: 0 % is nothing in common, 100 % the same order of the points, or just "
    "the opposite one."
)


@part
def heat_ui(subject: Subject) -> None:
    """Draw the choices, the map over the digit, and what tests say; only this part runs again."""
    explainer = subject.explainer()
    left, right = st.columns([2, 3], gap="large")
    with left:
        method = st.selectbox(
            "Method", list(METHODS), format_func=TITLES.get, key="heat_method", persist_state="session"
        )
        st.caption(METHODS[method])
        if method in CAMS and not explainer.graph.convolutions:
            right.info(explainer.without_convolutions)
            return
        target = _target_ui(subject)
        layer = _layer_ui(subject, explainer) if method in CAMS else None
        strength = st.slider(
            "Strength of the colours", 0.0, 1.0, 0.7, 0.05, key="heat_strength", persist_state="session"
        )
    found, tests = subject.heat(method, target, layer)
    with right:
        signed = method not in CAMS
        name = subject.labels[target]
        title = f"{TITLES[method]} for {name}" + (f", layer {layer}" if layer else "")
        overlay = pixels.heat_overlay(subject.frame, found, strength, signed)
        widgets.show({subject.name: subject.frame, title: overlay}, "heat")
        st.caption(legend(bool(found.any()), signed, name, method == "smooth_grad"))
        st.caption(tested(tests, name))
        _sanity_ui(subject, method, explainer.map_layer(layer) if layer else None)
        draw = partial(sheets.heat_figure, subject.frame, found, title, strength, signed)
        widgets.download_ui(draw, f"{method}_{name}")


def _target_ui(subject: Subject) -> int:
    own = "the likeliest" if subject.answer.label is None else ANSWER
    own = own if subject.answer.asked else "what it would be, if asked"
    target = st.selectbox(
        "What speaks for",
        [ANSWER, *range(len(subject.labels))],
        format_func=lambda place: (
            f"{own}: {subject.labels[subject.digit]}" if place == ANSWER else subject.labels[place]
        ),
        key=f"heat_target{subject.suffix}",
        persist_state="session",
        help="Choose another digit to see what the network finds of it here.",
    )
    return subject.digit if target == ANSWER else target


def _layer_ui(subject: Subject, explainer: Explainer) -> str:
    fields = {layer.name: min(layer.shape[:2]) for layer in explainer.graph.convolutions}
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
    found = subject.judged()
    about = found["methods"].get(method) if found else None
    if about and about.get("layer") == layer:
        words = sanity(found["shuffled"], about)
        st.caption(words, help=CORRELATION)


def legend(anything: bool, signed: bool, target: int | str, slope: bool = False) -> str:
    """Say how to read a map; `anything`: whether it is not 0 everywhere; `slope`: of a gradient."""
    if not anything:
        return "The map is empty: this method finds nothing at this layer. Another layer or method may."
    if slope:
        return articles(
            f"Orange: more light here would speak for a {target}; blue: it would speak against it. That is "
            "said of empty paper too."
        )
    if signed:
        words = f"Orange speaks for a {target}, blue against it. The largest value has the full colour."
        return articles(words)
    return articles(
        f"The brighter and yellower, the more speaks for a {target}; what has no colour does not."
    )


def tested(tests: dict, target: int | str) -> str:
    """Say what `faithfulness.judge` has found."""
    score, chance = tests["deletion_score"], tests["random_deletion_score"]
    if chance < HOPELESS and score < HOPELESS:
        words = f"Not to be tested here: the network hardly believes in a {target} in the first place."
        words = articles(words)
    else:
        better = "clearly better" if score < chance - CLEARLY else "not clearly better"
        words = (
            f"Tested: with the ink erased bit by bit, first where the map is strongest, the {target} keeps "
            f"{percent(score)} on average; in random order {percent(chance)}. So this map knows "
            f"{better} than chance what counts."
        )
    return f"{words} {complete(tests, target)}" if "completeness_error" in tests else words


def complete(tests: dict, target: int) -> str:
    """Say whether the points of integrated gradients add up to what there is to explain."""
    rise, off = tests["rise"], tests["completeness_nats"]
    if tests["completeness_error"] <= COMPLETE:
        missed = f"{tests['completeness_error']:.1%}"
        return f"Its points add up to what this digit scores over an empty picture, but for {missed}."
    return articles(
        f"A {target} scores here nearly what it scores on an empty picture: the difference is {short(rise)}, "
        f"and the points add up to it but for {short(off)}. So little cannot be shared out to the percent."
    )


def sanity(shuffled: dict, about: dict) -> str:
    """Say how far a method looks at what was learnt.

    Args:
        shuffled: on how many digits that was measured, and how often the weights were shuffled.
        about: what was measured of the method, see `evaluation/judges/explanations.py`.
    """
    alike, empty = about["randomised_correlation"], about["randomised_empty"]
    measured = (
        f"On {shuffled['n']} test digits, its maps were compared with maps for the same network with its "
        f"weights shuffled, {shuffled['times']} times anew, which has learnt nothing: "
    )
    if alike is None:
        return f"{measured}those were all empty. So they show what the network has learnt, not just the ink."
    measured += f"{alike:.0%} alike" + (f", where those were not empty ({1 - empty:.0%})." if empty else ".")
    if alike < ALIKE:
        return f"{measured} So they show what the network has learnt, not just the ink."
    words = "So a good part of such a map comes from the ink, not from what was learnt."
    return f"{icons.WARNING} {measured} {words}"
