"""What the pages let happen to a model in the background: its look-alikes made, and it measured."""

import streamlit as st

from app.shared import icons, widgets
from digits.config import is_public
from digits.train.jobs import tasks
from digits.train.jobs.tasks import State, Task

EVERY = 2
"""Seconds between two looks."""

WORDS = {"index": "Making its look-alikes", "measure": "Measuring it"}
DONE = {
    "index": "Its look-alikes are made: see *Why this answer?*",
    "measure": "It is measured: see the leaderboard.",
}


def begin(model: str, kind: str) -> None:
    """Begin one of `tasks.KINDS` for a model; where that cannot be, `task_ui` says why."""
    if is_public():
        return
    try:
        tasks.start(model, kind)
    except (ValueError, OSError) as error:
        st.session_state.setdefault("task_problems", {})[model] = str(error)


def task_ui(model: str) -> bool:
    """Draw how far the task of a model is, with a button that stops it, or what came of it; return whether
    it runs."""
    if problem := st.session_state.get("task_problems", {}).pop(model, ""):
        st.error(widgets.as_text(problem))
    found = tasks.look(model)
    if found.state is State.RUNNING:
        _watch(model)
        return True
    if found.state is State.NONE:
        return False
    if found.state is State.DONE:
        st.success(DONE[found.kind], icon=icons.RIGHT)
    else:
        st.error(f"{WORDS[found.kind]} has failed. {widgets.as_text(found.words)}")
    st.button("Understood", key=f"task_done_{model}", type="tertiary", on_click=tasks.forget, args=(model,))
    return False


@st.fragment(run_every=EVERY)
def _watch(model: str) -> None:
    found: Task = tasks.look(model)
    if found.state is not State.RUNNING:
        st.rerun()  # of the whole page: something has come of it
    with st.container(horizontal=True, vertical_alignment="center", key=f"task_{model}"):
        st.progress(found.share, f"{WORDS[found.kind]}: {found.words} …")
        st.button("Stop", key=f"task_stop_{model}", icon=icons.STOP, on_click=tasks.stop, args=(model,))
