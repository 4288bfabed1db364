"""My digits: how many of each there are, and all of them page by page, to put right or to delete."""

import base64
from collections.abc import Callable

import altair as alt
import numpy as np
import streamlit as st

from app.shared import charts, hand, icons, widgets
from app.shared.sidebar import Choices
from app.shared.widgets import as_text
from app.teach import transfer
from digits.config import CLASSES
from digits.data.collection.store import Sample, Store
from digits.plots.colours import INK

PAGE = 28
"""Samples on a page."""

EMPTY = (
    f"{icons.HELLO} Nothing is here yet. Write a few of each digit: that takes five minutes, on screen or on "
    "paper. Single ones come from the other pages: whenever an answer is wrong, say what the digit was."
)
BEGIN = {"Write on screen": ("On screen", icons.TEACH), "Write on paper": ("On paper", icons.PRINT)}
ORDERS = ("Newest first", "Doubtful first")
DOUBT = (
    "Doubtful is what the model read as another digit, or was not sure of. Look whether the label is right."
)
EVERY = "all digits"
PLACE = "collected_page"  # in the session: which page is shown
PROBLEM = "collected_problem"  # in the session: why the last click came to nothing


def collection_ui(choices: Choices) -> None:
    """Show the collection, or where to begin."""
    store = hand.store()
    try:
        if not st.session_state.setdefault("swept", False):
            store.sweep()
            st.session_state["swept"] = True
        shown, below = st.container(key="collected"), st.container(key="moving")
        with below:
            transfer.import_ui(store)  # before anything is counted
        samples = store.samples()
        with shown:
            notice_ui(store)
            if samples:
                counts = store.counts()
                rows = [{"Digit": digit, "Collected": int(count)} for digit, count in enumerate(counts)]
                charts.show(balance_chart(counts), "How many of each digit there are", rows)
                st.caption(balance(counts))
                _all_ui(samples)
            else:
                _empty_ui()
        with below:
            transfer.export_ui(store, len(samples))
    except (ValueError, OSError) as error:
        st.error(as_text(error))


def _empty_ui() -> None:
    st.write(EMPTY)
    with st.container(horizontal=True):
        for name, (part, icon) in BEGIN.items():
            st.button(name, icon=icon, on_click=st.session_state.update, kwargs={"teach_part": part})
        st.page_link("draw/page.py", label="Draw a digit", icon=icons.DRAW)


def notice_ui(store: Store) -> None:
    """Say what is lost, and what was just deleted."""
    problem = st.session_state.pop(PROBLEM, None)
    if problem:
        st.error(as_text(problem))
    lost = store.lost()
    if lost:
        folder = store.folder / "pictures"
        st.warning(f"The files of {hand.number_of(len(lost))} are gone from {folder}; all else can be used.")
        st.button("Forget them", on_click=_delete, args=(lost,))
    deleted = st.session_state.get("deleted_digits")
    if deleted:
        with st.container(horizontal=True, vertical_alignment="center"):
            what = f"a {deleted[0].label}" if len(deleted) == 1 else hand.number_of(len(deleted))
            st.markdown(f"Deleted {what}.", width="content")
            st.button("Undo", type="tertiary", key="undo_delete", on_click=_restore)


def _all_ui(samples: list[Sample]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        order = widgets.switch_ui("Order", ORDERS, "collected_order", keep=False)
        options = [EVERY, *range(CLASSES)]
        label = st.selectbox("Which", options, key="collected_label", label_visibility="collapsed", width=140)
    wanted = [sample for sample in samples if label in (EVERY, sample.label)]
    if order == ORDERS[1]:
        st.caption(DOUBT)
        wanted.sort(key=lambda sample: not sample.is_doubtful)
    if not wanted:
        st.write(f"There is no {label} yet.")
        return
    number, first, last = page_of(wanted, st.session_state.get(PLACE, 0))
    samples_ui("samples", [(sample, _caption(sample)) for sample in wanted[first:last]])
    if len(wanted) > PAGE:
        turn = st.session_state.update
        with st.container(horizontal=True, vertical_alignment="center", key="paging"):
            st.button("Back", icon=icons.BACK, disabled=first == 0, on_click=turn, kwargs={PLACE: number - 1})
            st.markdown(f"{first + 1} to {last} of {len(wanted)}", width="content")
            st.button(
                "On",
                icon=icons.FORWARD,
                disabled=last == len(wanted),
                on_click=turn,
                kwargs={PLACE: number + 1},
            )


def samples_ui(key: str, samples: list[tuple[Sample, str]]) -> None:
    """Show digits side by side, each with a caption, its label to put right, and a button to delete it.

    Args:
        key: of the container; it begins with "samples".
        samples: with their captions, in HTML. No digit is in two such places of a page.
    """
    with st.container(horizontal=True, gap="small", key=key):
        for sample, caption in samples:
            with st.container(width=98, gap="xxsmall"):
                _sample_ui(sample, caption)


def _sample_ui(sample: Sample, caption: str) -> None:
    """Show a digit as the model saw it, its label to put right, and a button to delete it."""
    png = base64.b64encode(sample.framed.read_bytes()).decode()
    image = f'<img src="data:image/png;base64,{png}" alt="{sample.label}">'
    about = ' class="doubtful"' if sample.is_doubtful else ""
    st.html(f"<figure{about}>{image}<figcaption>{caption}</figcaption></figure>")
    with st.container(horizontal=True, gap=None, vertical_alignment="center"):
        key = f"label-{sample.id}-{sample.label}"
        st.selectbox(
            f"Label of digit {sample.id}",
            range(CLASSES),
            index=sample.label,
            filter_mode=None,
            key=key,
            on_change=_relabel,
            args=(sample, key),
            label_visibility="collapsed",
            width=64,
        )
        st.button(
            "✕", key=f"delete-{sample.id}", type="tertiary", help="Delete", on_click=_delete, args=([sample],)
        )


def _caption(sample: Sample) -> str:
    """Return what the model read, where that is no plain yes."""
    if not sample.is_doubtful:
        return ""
    read = "none" if sample.answer is None else sample.answer
    return f"read<br>{read}{' ?' if sample.status == 'unsure' else ''}"


def _relabel(sample: Sample, key: str) -> None:
    _try(hand.store().relabel, sample.id, st.session_state[key])


def _delete(samples: list[Sample]) -> None:
    for sample in samples:
        _try(hand.store().delete, sample.id)
    st.session_state["deleted_digits"] = samples


def _restore() -> None:
    for sample in st.session_state.pop("deleted_digits"):
        _try(hand.store().restore, sample.id)


def _try(action: Callable, *values: int) -> None:
    """Do something to the store; where that fails, as in two windows at once, the page says so."""
    try:
        action(*values)
    except ValueError as error:
        st.session_state[PROBLEM] = str(error)


def page_of(samples: list[Sample], number: int) -> tuple[int, int, int]:
    """Return the page nearest to `number`, and from and up to where in `samples` it goes.

    >>> page_of([None] * 30, 7)
    (1, 28, 30)
    """
    last = max(0, (len(samples) - 1) // PAGE)
    number = min(max(number, 0), last)
    return number, number * PAGE, min(len(samples), (number + 1) * PAGE)


def balance(counts: np.ndarray) -> str:
    """Return a sentence on how many there are of each digit, counts (10,).

    >>> balance(np.array([9, 9, 9, 9, 0, 9, 9, 9, 9, 9]))
    '81 digits. There is no 4 yet.'
    """
    total = f"{hand.number_of(int(counts.sum()))}."
    missing = [str(digit) for digit in range(CLASSES) if counts[digit] == 0]
    if missing:
        return f"{total} There is no {_either(missing)} yet."
    if 2 * counts.min() < counts.max():
        fewest = [str(digit) for digit in np.flatnonzero(counts == counts.min())]
        return f"{total} Of {_either(fewest)} there are fewest: write some more."
    return f"{total} All ten are there, about equally often."


def _either(digits: list[str]) -> str:
    return digits[0] if len(digits) == 1 else f"{', '.join(digits[:-1])} or {digits[-1]}"


def balance_chart(counts: np.ndarray) -> alt.LayerChart:
    """Return how many of each digit there are, counts (10,), as ten bars with their number."""
    rows = [{"digit": str(digit), "count": int(count)} for digit, count in enumerate(counts)]
    bars = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("digit:N", title=None, axis=alt.Axis(labelAngle=0, labelFontSize=15, ticks=False)),
        y=alt.Y("count:Q", axis=None).scale(zero=True, domain=[0, 1.25 * max(1, counts.max())]),
        tooltip=[alt.Tooltip("digit:N", title="digit"), alt.Tooltip("count:Q", title="collected")],
    )
    numbers = bars.mark_text(dy=-8, fontSize=13, color=charts.words_colour()).encode(text="count:Q")
    return alt.layer(bars.mark_bar(cornerRadius=3, color=INK), numbers).properties(height=150)
