"""Fine-tuning in the background: what it learns from, how far it is, what comes of it."""

from datetime import UTC, datetime

import altair as alt
import streamlit as st

from app.shared import charts, hand, icons, models, widgets
from app.shared.sidebar import Choices
from app.shared.widgets import as_text
from app.teach import result
from digits.data.collection.store import Store
from digits.data.handwriting import doubts, unfit
from digits.models.registry import is_published
from digits.plots.colours import GREY, INK
from digits.train.finetune_settings import EFFORTS
from digits.train.jobs import manager
from digits.train.jobs.state import Job, Progress, State, progress

BASE = "mnist_advanced"
"""The model to start from where the one in the sidebar cannot be taught."""

EVERY = 2
"""Seconds between two looks."""


def finetune_ui(choices: Choices) -> None:
    """Draw what the state of the fine-tuning asks for, and below it the models adopted so far."""
    with st.container(key="schooling"):
        try:
            found = manager.look()
        except (OSError, ValueError) as error:
            st.error(f"The folder of fine-tunings cannot be read: {as_text(error)}")
            return
        widgets.say(but="course_adopt" if found.state in (State.DONE, State.REFUSED) else "")
        _PARTS[found.state](found, choices)
        result.adopted_ui()


def _start_ui(found: Job, choices: Choices) -> None:
    """Draw the digits there are, the choices, and a button that starts; or say what is missing."""
    store = hand.store()
    counts = store.counts()
    st.markdown(f"**Your digits: {counts.sum()}**")
    st.html(_counts(counts))
    if problem := unfit(counts):
        st.info(
            f"{problem} Correct answers on the page *Draw a digit*, or write some here, above.",
            icon=icons.TEACH,
        )
        return
    for sentence in doubts(counts):
        st.caption(f"{icons.WARNING} {sentence}")
    bases = [entry.name for entry in models.of_digits() if entry.card and not is_published(entry.card)]
    if not bases:
        st.info("There is no model with a card to start from. Train one: `python training/train_cnn.py`.")
        return
    left, right = st.columns([2, 3], gap="medium")
    left.selectbox(
        "Start from",
        bases,
        index=_first(bases, choices),
        key="course_base",
        help="The fine-tuning makes a copy: this model stays as it is. What it can already, such as telling "
        "letters from digits, is practised too. A model of yours is not taught on, but made anew from the "
        "one it came from, with all your digits: so there are always some that it never saw.",
    )
    right.radio(
        "How long it may take",
        list(EFFORTS),
        format_func=str.capitalize,
        captions=[effort.duration for effort in EFFORTS.values()],
        horizontal=True,
        key="course_effort",
        help="On a small laptop. It goes on in the background, even when you close this page.",
    )
    widgets.button(
        "Teach",
        "course_start",
        lambda: _start(store),
        "primary",
        icon=icons.LEARN,
    )


def _start(store: Store) -> None:
    # As chosen now: who clicks at once clicks on a button that was drawn with the choice before.
    manager.start(st.session_state["course_base"], st.session_state["course_effort"], store.export_folder)


def _counts(counts) -> str:
    cells = "".join(f"<td><b>{digit}</b><br>{count}</td>" for digit, count in enumerate(counts))
    return f'<table class="numbers counts"><tr>{cells}</tr></table>'


def _first(bases: list[str], choices: Choices) -> int:
    card = choices.model.card if choices.model else None
    wanted = [card and (card.config.get("base") if is_published(card) else choices.model.name), BASE]
    return next((bases.index(name) for name in wanted if name in bases), 0)


def _watch_ui(found: Job, choices: Choices) -> None:
    """Draw it; only this part runs again, as long as the fine-tuning does."""
    st.markdown(
        f"**{found.request.base}** is learning your hand. You can use the app meanwhile, or close it."
    )
    _watch()
    widgets.button("Stop", "course_stop", manager.cancel, icon=icons.STOP)


@st.fragment(run_every=EVERY)
def _watch() -> None:
    found = manager.look()
    if found.state is not State.RUNNING:
        st.rerun()  # of the whole page: there is a result
    now = progress(found.folder)
    st.progress(now.share, text=words(now))
    base = "It" if found.request is None else f"**{found.request.base}**"
    st.caption(f"Running for {elapsed(found)}. {base} itself stays as it is: a copy of it learns.")
    if now.history:
        chart = learning_chart(now.history, now.judged)
        charts.show(chart, "Own digits read right after each epoch", _rows(now), key="course_curve")
        st.caption(
            "How many of the digits it does not learn from - a fifth of yours - it reads right after each "
            "epoch. Up to the dotted line its last layer learns alone."
        )


def _rows(now: Progress) -> list[dict]:
    shares = [row["val_accuracy"] for row in now.history]
    return [{"Epoch": run, "Read right": f"{share:.1%}"} for run, share in enumerate(shares, start=1)]


def words(now: Progress) -> str:
    """Say how far a fine-tuning is."""
    if not now.epochs:
        return "Getting ready: waking the network, looking at your digits …"
    if now.done in (now.judged, now.epochs):
        return "Judging it: your digits held out, and MNIST's …"
    stage = "the last layer alone" if now.done == 0 else "all layers"
    if now.again:
        stage = "with the digits held out, now that they have judged"
    left = now.seconds_left
    time = "" if left is None else f", {_minutes(left)} left"
    return f"Epoch {now.done + 1} of {now.epochs}: {stage}{time}"


def elapsed(found: Job) -> str:
    """Return how long ago a fine-tuning was asked for, as people say it."""
    begun = datetime.fromisoformat(found.request.created) if found.request else datetime.now(UTC)
    minutes, seconds = divmod(max(0, round((datetime.now(UTC) - begun).total_seconds())), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def _minutes(seconds: float) -> str:
    return (
        f"about {round(seconds / 60)} min" if seconds >= 90 else f"about {max(5, 5 * round(seconds / 5))} s"
    )


def learning_chart(history: list[dict[str, float]], epochs: int) -> alt.LayerChart:
    """Return the share of own digits held out that was read right after each epoch, in per cent.

    Args:
        history: a row per finished epoch with `val_accuracy` in [0, 1], one at least. The first is that in
            which the last layer alone learnt; a dotted line ends it.
        epochs: how many there will be: the width is theirs from the beginning.
    """
    rows = [{"run": run, "share": row["val_accuracy"]} for run, row in enumerate(history, start=1)]
    lowest = min(row["share"] for row in rows)
    epoch = alt.X("run:Q", title="epoch (pass over the digits)").scale(
        domain=[0.5, max(epochs, len(rows)) + 0.5], nice=False, zero=False
    )
    line = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(color=INK, strokeWidth=2, point=alt.OverlayMarkDef(size=45, color=INK))
        .encode(
            x=epoch.axis(format="d", tickMinStep=1, grid=False),
            y=alt.Y("share:Q", title="own digits read right")
            .axis(format="~%", tickCount=5)
            .scale(domain=[max(0.0, lowest - 0.1), 1.0], nice=True),
            tooltip=[
                alt.Tooltip("run:Q", title="epoch"),
                alt.Tooltip("share:Q", format=".1%", title="of your digits held out"),
            ],
        )
    )
    border = alt.Chart(alt.Data(values=[{"run": 1.5}])).mark_rule(strokeDash=[2, 3], color=GREY)
    return alt.layer(border.encode(x=epoch), line).properties(height=230)


_PARTS = {
    State.NONE: _start_ui,
    State.RUNNING: _watch_ui,
    State.DONE: result.done_ui,
    State.REFUSED: result.refused_ui,
    State.FAILED: result.failed_ui,
    State.CANCELLED: result.cancelled_ui,
}
