"""What the memory of a hand has done: answers it turned, labels it doubts, and what it cannot mend."""

import streamlit as st

from app.shared import hand, icons, learnt
from app.shared.learnt import Learnt
from app.shared.sidebar import Choices
from app.shared.widgets import as_text
from app.teach import collection
from digits.data.collection.store import Sample
from digits.plots.text import articles

MANY = 300
"""Own digits from which on fine-tuning gains more than it costs."""

MOST = 24
"""Digits shown of each kind."""

DOUBTFUL = "**Is the label right?** The network and your other digits both read these otherwise."
MENDED = (
    "**Turned right.** The network alone misreads these; with what it remembers of the others it does not."
)
BROKEN = (
    "**Turned wrong.** The network alone reads these right; what it remembers of the others misleads it. "
    "Or is a label wrong, here or of those that are like it?"
)
OFF = "*My hand* is switched off in the sidebar: at the moment nothing of this counts."


def remembered_ui(choices: Choices) -> None:
    """Show what was learnt of the chosen hand, each digit to be put right or taken out."""
    try:
        collection.notice_ui(hand.store())
        found, total = learnt.learnt(choices), len(hand.store())
    except (ValueError, OSError) as error:
        st.error(as_text(error))
        return
    if found is None:
        problem = choices.model and st.session_state.get(hand.WITHOUT, {}).get(choices.model.name)
        st.info(as_text(problem) if problem else collection.EMPTY)
        return
    if not hand.is_on():
        st.caption(f"{icons.WARNING} {OFF}")
    st.markdown(summary(found, total))
    lesson = found.lesson
    doubts = {doubt.index: articles(f"like a {doubt.read}") for doubt in lesson.doubtful}
    _digits_ui("doubtful", DOUBTFUL, found, doubts)
    _digits_ui("broken", BROKEN, found, {i: f"now<br>{lesson.after[i]}" for i in lesson.wrong})
    _digits_ui("mended", MENDED, found, {i: f"was<br>{lesson.before[i]}" for i in lesson.right})
    st.info(advice(found), icon=icons.HINT)


def summary(found: Learnt, total: int) -> str:
    """Say what the memory is worth: what is read of each digit by what was learnt of all others.

    Args:
        found: what was learnt.
        total: how many digits the hand has.
    """
    lesson = found.lesson
    which = f"your {hand.number_of(len(found.samples))}"
    if total > hand.MOST:
        which = f"the newest {len(found.samples):,} of your {hand.number_of(total)}"
    alone, taught = (int((read == lesson.labels).sum()) for read in (lesson.before, lesson.after))
    return (
        f"Of {which} the network alone reads **{alone:,}** right, and **{taught:,}** "
        "with what it remembers of the others. It remembers at once, and forgets what you take out."
    )


def advice(found: Learnt) -> str:
    """Say whether fine-tuning is worth its while."""
    lesson, number = found.lesson, len(found.samples)
    left = [int(label) for label in lesson.labels[lesson.after != lesson.labels]]
    if number < MANY:
        return (
            "Fine-tuning, under *Teach*, changes the network itself. That is worth its while from about "
            f"{MANY} digits on; until then the memory does as much."
        )
    if not left:
        return "The memory reads all your digits right: fine-tuning has nothing to gain."
    worst = max(sorted(set(left)), key=left.count)
    return articles(
        f"Fine-tuning, under *Teach*, is worth its while now: {hand.number_of(len(left))} of yours the "
        f"memory cannot mend, most often a {worst}. The lesson gives most of its time to what is misread."
    )


def _digits_ui(key: str, words: str, found: Learnt, captions: dict[int, str]) -> None:
    """Show some digits under a sentence, by their places in the lesson, with what is said of each."""
    if not captions:
        return
    st.markdown(words)
    shown: list[tuple[Sample, str]] = [(found.samples[i], said) for i, said in captions.items()]
    collection.samples_ui(f"samples_{key}", shown[:MOST])
    if len(shown) > MOST:
        st.caption(f"And {len(shown) - MOST} more.")
