"""Why a model answers as it does: the answer in words, then one of four ways to look into it."""

import numpy as np
import streamlit as st

from app.explain import counterfactual, heatmaps, layers, neighbours
from app.explain.subject import Subject
from app.shared import digit_source, icons, learnt, models, sidebar, widgets
from app.shared.digit_source import Digit
from digits import Recognizer
from digits.explain import decision, finding
from digits.models.checkpoints import Entry
from digits.plots import text
from digits.preprocessing.decode import to_rgb
from digits.recognizer import opinions

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
STATUS = {
    "digit": "Sure",
    "unsure": f"{icons.DOUBT} Not sure",
    "not_a_digit": f"{icons.DOUBT} This does not look like a digit",
}
PICTURE = 96  # pixels
HOW_DRAWN = (
    "A colour for the ink of each thing; a ring is a digit, a cross anything else, fainter where less sure."
)

BARE = f"{icons.HAND} Your hand makes this a {{}}. What the network says alone is explained here."

choices = sidebar.choices()


def verdict_ui(entry: Entry, taught: Recognizer, digit: Digit) -> Subject:
    """Show what a model reads and why it is sure or not; return all that the parts of the page ask about.

    Args:
        entry: the model.
        taught: the same, loaded, with the memory of a hand where one counts.
        digit: with exactly one digit on it.
    """
    reader = taught.with_memory(None)
    frame, answer = digit.frame, digit.reading or opinions([reader], digit.frame)[0]
    with st.container(key="whose"):
        st.caption(widgets.as_text(digit.name))
    beside = st.container(horizontal=True)
    with beside.container(width=PICTURE):
        widgets.show({digit.name: digit.frame}, "subject")
    with beside.container(width="stretch"):
        with st.container(key="answer"):
            st.markdown(answer.label or "?")
        with st.container(key="status"):
            st.markdown(f"**{STATUS[answer.status]}**{known(digit.label, answer.digit)}")
            if taught.memory and (hand := opinions([taught], frame)[0]).untaught is not None:
                st.caption(text.articles(BARE.format(hand.label)))
    subject = Subject(entry, reader, digit.name, frame, answer)
    with st.container(key="why"):
        st.markdown(" ".join(decision.explain_decision(reader, answer, frame)))
        if not answer.asked:
            st.caption(
                f"If it were asked, it would say {subject.labels[subject.digit]}: "
                "that is what is explained below."
            )
    return subject


def finder_ui(digit: Digit) -> None:
    """Show what the finder saw of a picture on paper that the digit was framed from."""
    found = None if digit.picture is None else _found(to_rgb(digit.picture))
    if found is None:
        return
    drawn = {
        finding.TITLE: finding.draw_parts(found.seen),
        "Where it sees something written": finding.draw_centres(found.seen),
    }
    widgets.show(drawn, "finder")
    st.caption(" ".join([*finding.in_words(found), HOW_DRAWN]))


@st.cache_data(max_entries=10, show_spinner=False)
def _found(picture: np.ndarray) -> finding.Finding | None:
    return finding.find(picture)


def known(label: int | None, found: int | None) -> str:
    """Say whether an answer is right, where that is known."""
    if label is None:
        return ""
    return ", and right" if label == found else f"; it is labelled {label}"


def part_ui() -> str:
    """Draw the choice of what to look at; return it."""
    part = widgets.switch_ui("What to look at", PARTS, "explain_part")
    st.caption(PARTS[part][0])
    return part


st.title("Why this answer?")
with st.container(key="explain"):
    left, right = st.columns(2, gap="large")
    with left:
        digit = digit_source.digit_ui(choices, "explain")
    if digit:
        with left:
            finder_ui(digit)
        with right:
            taught = learnt.reader(choices)
        if taught:
            with right:
                subject = verdict_ui(choices.model, taught, digit)
            PARTS[part_ui()][1](subject)
models.wake_tensorflow()
