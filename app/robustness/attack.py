"""A digit changed on purpose, by an attacker who knows one of the models."""

import numpy as np
import streamlit as st

from app.robustness import compare
from app.shared import models, widgets
from app.shared.digit_source import Digit
from app.shared.widgets import as_text
from digits import Recognizer, recognizer
from digits.plots import pixels
from digits.recognizer import Opinion
from digits.robustness.attacks import Attacker

METHODS = {"fgsm": "One step (FGSM)", "pgd": "40 steps (PGD)"}
ANY = "any other digit"
LARGEST = 0.3
STARTS = 2  # the second follows the margin of the scores: the first alone makes some models look strong


@st.fragment
def attack_ui(digit: Digit, readers: list[Recognizer], before: list[Opinion]) -> None:
    """Draw the attacker's choices, what it does to the digit, and the answers; only this part runs again.

    Args:
        digit: as it was.
        readers: the models, one or more.
        before: what they say to the digit as it was.
    """
    left, right = st.columns(2, gap="large")
    with left:
        name, method, epsilon, goal = _choices_ui([reader.name for reader in readers])
    victim = [reader.name for reader in readers].index(name)
    truth = int(before[victim].ranking[0]) if digit.label is None else digit.label
    if goal == truth:
        right.info(f"That is a {truth} already. Choose another goal.")
        return
    with right:
        frame = digit.frame
        attacked = _attacked(name, frame, truth, epsilon, method, None if goal == ANY else goal)
        if attacked is None:
            return
        change = pixels.change_map(frame, attacked)
        widgets.show({digit.name: frame, "The change": change, "Attacked": attacked}, "attacked")
        st.caption(
            "The change: orange points were made lighter, blue ones darker, grey ones are as they were. "
            "The largest change has the full colour, however small it is."
        )
        answers = recognizer.opinions(readers, attacked)
        st.markdown(_in_words(answers, before, victim, truth, epsilon), help=HINT)
    compare.show(answers, before, digit.label)


HINT = (
    "The attacker knows all the numbers inside the attacked model and works out which points move its answer "
    "most. The other models get the same picture: where they fall for it too, the attack carries over."
)


def _choices_ui(names: list[str]) -> tuple[str, str, float, int | str]:
    """Draw the choices; return the model, the method, the largest change, and the goal."""
    above, beside = st.columns(2)
    name = above.selectbox("Attacked model", names, key="attack_model")
    goal = beside.selectbox("Shall be read as", [ANY, *range(10)], key="attack_goal")
    method = st.segmented_control(
        "How",
        list(METHODS),
        default="pgd",
        required=True,
        format_func=METHODS.get,
        key="attack_method",
        help="One step: looks once which way to change each point, and goes there as far as it may. "
        "40 steps: looks anew after each small step. That takes longer and finds more.",
    )
    epsilon = st.slider("Largest change of a point", 0.0, LARGEST, 0.1, 0.01, key="attack_epsilon")
    st.caption(f"Each point may change by up to {epsilon:.0%} of the range from black to white.")
    return name, method, epsilon, goal


def _in_words(answers: list[Opinion], before: list[Opinion], victim: int, truth: int, epsilon: float) -> str:
    """Say what the attack has done."""
    name, old, new = answers[victim].name, before[victim].ranking[0], answers[victim].ranking[0]
    if old != truth:
        return f"**{name}** reads {old} where a {truth} stands, without any attack. Try another digit."
    if new == old:
        return f"**{name}** withstands: still {old}. " + (
            "Move the slider to the right."
            if epsilon < LARGEST
            else "Try the other method, or another model."
        )
    if answers[victim].status == "not_a_digit":
        return f"**{name}** would now read {new} instead of {old}, but notices: it refuses to answer."
    others = [answer for place, answer in enumerate(answers) if place != victim]
    fooled = [answer.name for answer in others if answer.digit not in (truth, None)]
    also = (
        f" Fooled too: {', '.join(fooled)}." if fooled else " No other model falls for it." if others else ""
    )
    doubt = ", and is not sure" if answers[victim].status == "unsure" else ""
    return f"**{name}** now reads {new} instead of {old}{doubt}.{also}"


def _attacked(
    name: str, frame: np.ndarray, truth: int, epsilon: float, method: str, toward: int | None
) -> np.ndarray | None:
    """Return the attacked frame (28, 28) float32, or None after showing why there is none."""
    entry = next(entry for entry in models.usable() if entry.name == name)
    try:
        with st.spinner("The attacker is at work …", show_time=False):
            return _attack(entry.path, models.stamp(entry.path), frame, truth, epsilon, method, toward)
    except ValueError as error:
        st.error(as_text(error))
        return None


@st.cache_data(max_entries=500, show_spinner=False)
def _attack(path, stamp, frame, truth, epsilon, method, toward) -> np.ndarray:
    attacker = _attacker(path, stamp)
    labels = np.array([truth])
    return attacker.attack(
        frame[None, ..., None], labels, epsilon, method=method, toward=toward, restarts=STARTS
    )[0, ..., 0]


@st.cache_resource(max_entries=compare.MOST, show_spinner=False)
def _attacker(path, stamp) -> Attacker:
    return Attacker.load(path)
