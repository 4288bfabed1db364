"""Damage or attack one digit and watch the models, or measure many digits."""

import streamlit as st

from app.robustness import attack, compare, corrupt, sweep
from app.shared import digit_source, sidebar, widgets
from digits.recognizer import opinions

WAYS = {
    "Damage": "Noise, fog, scribbles: what everyday damage does to one digit.",
    "Sweep": "Many test digits under more and more damage: how many are still read right.",
    "Attack": "A change too small to disturb a person, worked out on purpose to turn a model's answer.",
}


def digit_page(way: str, choices: sidebar.Choices):
    """Show one digit and what becomes of it."""
    left, right = st.columns(2, gap="large")
    with right:
        digit = digit_source.digit_ui(choices, "robustness")
    with left:
        readers = compare.readers_ui(choices, "rivals")
    if digit and readers:
        show = corrupt.damage_ui if way == "Damage" else attack.attack_ui
        show(digit, readers, opinions(readers, digit.frame))


st.title("Try to break it")
with st.container(key="robustness"):
    chosen = widgets.switch_ui("What to do", WAYS, "way")
    st.caption(WAYS[chosen])
    choices = sidebar.digit_choices()
    if chosen == "Sweep":
        sweep.sweep_ui(compare.readers_ui(choices, "rivals"))
    else:
        digit_page(chosen, choices)
