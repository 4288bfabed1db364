"""The arena: one digit, all models, and their disagreement shown as doubt."""

from collections import Counter

import numpy as np
import streamlit as st

from app.shared import charts, digit_source, icons, models, widgets
from app.shared.sidebar import Choices
from app.shared.widgets import as_text
from digits import Recognizer, metrics
from digits.plots import text
from digits.recognizer import Opinion, opinions
from digits.robustness.sweep import answers

SEARCHED = 500
"""Test digits, drawn at random, among which one is looked for."""
SOUGHT = "arena_sought"
"""The key of whether a search was asked for and is not yet done."""

STATUSES = {
    "digit": "{sure}",
    "unsure": "not sure: {sure}",
    "not_a_digit": "does not look like a digit",
}


def show(choices: Choices) -> None:
    """Show one digit and what all models say to it."""
    st.caption("One digit, all models. Where they disagree, doubt the answer, however sure each one sounds.")
    with st.container(horizontal=True, vertical_alignment="bottom", key="arena_choice"):
        above = st.container(width="content")
        st.button("Find a digit they disagree on", icon=icons.SEARCH, key="arena_find", on_click=_seek)
    below = st.container(key="arena")
    with below:
        readers = _readers()
    if st.session_state.get(SOUGHT):
        _find(readers)
        del st.session_state[SOUGHT]  # now, not before: the search outlives an interruption of this run
    with above:
        digit = digit_source.digit_ui(choices, "arena")
    if digit is None or not readers:
        return
    heard = ranked(opinions(readers, digit.frame))
    said = np.stack([opinion.probabilities for opinion in heard])
    with below:
        left, right = st.columns([1, 2], gap="medium")
        with left:
            widgets.show({digit.name: digit.frame}, "arena_seen")
        with right:
            st.header(agreement(heard), anchor=False)
            st.write(in_words(said))
            charts.show_probabilities(metrics.together(said))
            st.caption("What they say together: the mean of their probabilities.")
        st.dataframe([_line(opinion, digit.label) for opinion in heard], hide_index=True, key="opinions")


def ranked(heard: list[Opinion]) -> list[Opinion]:
    """Return opinions, those of the largest party first, within a party the surest first."""
    parties = Counter(opinion.digit for opinion in heard)
    return sorted(heard, key=lambda one: (-parties[one.digit], str(one.digit), -one.confidence, one.name))


def agreement(heard: list[Opinion]) -> str:
    """Say who agrees with whom.

    Args:
        heard: as `ranked` returns them, one or more.
    """
    first, *others = Counter(opinion.digit for opinion in heard).most_common()
    if len(heard) == 1:
        return f"{as_text(heard[0].name)} says {_name(first[0])}. With one model, nobody can disagree."
    if not others:
        return f"All {len(heard)} say {_name(first[0])}."
    rest = ", ".join(_party([one.name for one in heard if one.digit == digit], digit) for digit, _ in others)
    return f"{first[1]} of {len(heard)} say {_name(first[0])}, {rest}: doubtful."


def in_words(said: np.ndarray) -> str:
    """Say what probabilities (M, 10) of several models come to together, and how much doubt remains."""
    first = int(metrics.together(said).argmax())
    doubt = text.percent(float(metrics.doubt(said)))
    return f"Together they say **{first}**. Doubt: **{doubt}** goes to other digits."


def _party(names: list[str], digit: int | None) -> str:
    return f"{' and '.join(map(as_text, names))} {'says' if len(names) == 1 else 'say'} {_name(digit)}"


def _name(digit: int | None) -> str:
    return "no digit" if digit is None else str(digit)


def _line(opinion: Opinion, label: int | None) -> dict:
    line = {"Model": opinion.name, "Says": _name(opinion.digit)}
    if label is not None:
        line["Right"] = "✓" if opinion.digit == label else "✗"
    return line | {"How sure": STATUSES[opinion.status].format(sure=text.percent(opinion.confidence))}


def _readers() -> list[Recognizer]:
    """Return the models that can be loaded, as many as memory keeps."""
    entries = models.of_digits()
    if len(entries) > models.KEPT:
        st.caption(f"The first {models.KEPT} of {len(entries)} models, as many as are kept in memory.")
    entries = entries[: models.KEPT]
    for entry in entries:
        models.start(entry)
    found = [models.recognizer(entry) for entry in entries]
    return [reader for reader in found if reader]


def _seek() -> None:
    st.session_state[SOUGHT] = True


def _find(readers: list[Recognizer]) -> None:
    """Look through some test digits for the one on which the models disagree most, and choose it."""
    known = digit_source.test_digits(10_000)
    if known is None or not readers:
        return
    images, labels = known
    places = np.random.default_rng().permutation(len(labels))[:SEARCHED]
    bar = st.progress(0.0, _count(0, readers, places))
    said = []
    for answer in answers(readers, images[places]):
        said.append(answer)
        bar.progress(
            len(said) / len(readers), f"{len(said)} of {len(readers)} models have read {len(places)} digits"
        )
    bar.empty()
    st.session_state["test_digit"] = int(places[metrics.disagreement(np.stack(said)).argmax()])
    st.session_state["arena_source"] = digit_source.TEST


def _count(done: int, readers: list[Recognizer], places: np.ndarray) -> str:
    return f"{done} of {len(readers)} models have read {len(places)} test digits"
