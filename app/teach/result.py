"""A fine-tuning that has ended: what it brought and whether to take it, or why there is nothing to take.

And the models that were adopted: how each did, and one click back.
"""

from datetime import datetime

import streamlit as st

from app.shared import icons, preferences, tasks, widgets
from app.shared.sidebar import Choices
from app.shared.widgets import as_text
from digits.models import registry
from digits.models.registry import Published
from digits.train.jobs import manager
from digits.train.jobs.state import Change, Job, Request, changes

NAME = "my_hand"
ALL_THE_SAME = "course_all_the_same"  # in the session: the refused job about which it is asked
MOST = 24
"""Changed answers shown."""


def done_ui(found: Job, choices: Choices) -> None:
    """Draw before and after, the answers that changed, and the decision."""
    st.header("Your model is ready", anchor=False)
    _scores_ui(found.outcome)
    _changes_ui(found)
    _name_ui()
    with st.container(horizontal=True):
        widgets.button("Adopt", "course_adopt", lambda: _adopt(found), "primary", icon=icons.KEEP)
        widgets.button("Discard", "course_discard", lambda: _discard(found), icon=icons.DELETE)


def refused_ui(found: Job, choices: Choices) -> None:
    """Say why the fine-tuning was not worth keeping, with the figures, and what to do."""
    st.warning(f"**The fine-tuning is not worth keeping.** {as_text(found.sentence)}", icon=icons.REFUSED)
    _scores_ui(found.outcome)
    _changes_ui(found)
    st.markdown(
        "Nothing was changed. Look through *My digits* for wrong labels, write some more digits, or give the "
        "fine-tuning more time."
    )
    if st.session_state.get(ALL_THE_SAME) != found.request:
        with st.container(horizontal=True):
            widgets.button("Discard", "course_discard", lambda: _discard(found), "primary")
            if found.is_made:
                st.button("Adopt anyway …", key="course_ask", on_click=_ask, args=(found.request,))
        return
    st.warning(f"{price(found.outcome)} The sidebar can take it back at any time.", icon=icons.DOUBT)
    _name_ui()
    with st.container(horizontal=True):
        widgets.button("Adopt anyway", "course_adopt", lambda: _adopt(found), icon=icons.KEEP)
        widgets.button("Discard", "course_discard", lambda: _discard(found), "primary")


def _ask(request: Request) -> None:
    st.session_state[ALL_THE_SAME] = request


def price(outcome: dict) -> str:
    """Say what using a model brings and costs, in words for whoever knows no percentages of MNIST.

    >>> price({"before": {"own": 0.7, "mnist": 0.997}, "after": {"own": 0.9, "own_n": 10, "mnist": 0.993}})
    'It reads 9 of 10 of your digits held out, 7 before. Of other people’s it misreads 4 in 1,000 more.'
    """
    before, after = outcome["before"], outcome["after"]
    own, lost = after["own_n"], before["mnist"] - after["mnist"]
    yours = (
        f"It reads {_of(after['own'], own)} of your digits held out, {round(before['own'] * own):,} before."
    )
    if lost <= 0:
        return f"{yours} Of other people’s it reads as many as before, or more."
    each = (
        f"{max(1, round(1000 * lost))} in 1,000"
        if lost >= 0.0005
        else f"{max(1, round(1e4 * lost))} in 10,000"
    )
    return f"{yours} Of other people’s it misreads {each} more."


def _name_ui() -> None:
    st.text_input(
        "Its name in the app",
        NAME,
        key="course_name",
        max_chars=40,
        help="Letters, digits, - and _. A model of yours that has this name already is kept for a roll back.",
    )
    widgets.say("course_adopt")


def failed_ui(found: Job, choices: Choices) -> None:
    """Say what went wrong; one that was only interrupted can go on."""
    st.error(f"**The fine-tuning has failed.** {as_text(found.sentence)}")
    st.markdown("Nothing was changed: your digits and all models are as before.")
    _again_ui(found)


def cancelled_ui(found: Job, choices: Choices) -> None:
    """Say that it was stopped; it can go on."""
    st.info("You stopped the fine-tuning. Nothing was changed.", icon=icons.STOP)
    _again_ui(found)


def _again_ui(found: Job) -> None:
    with st.container(horizontal=True):
        if found.resumable:
            widgets.button("Go on", "course_resume", manager.resume, "primary", icon=icons.GO)
        words = "Discard" if found.resumable else "Understood"
        widgets.button(words, "course_discard", lambda: _discard(found))


def _adopt(found: Job) -> str:
    _check_same(found)
    # As it is now: who types it and clicks at once clicks on a button that was drawn with the name before.
    name = st.session_state["course_name"].strip()
    registry.publish(found.model, name)
    manager.discard()
    tasks.begin(name, "index")
    preferences.adopt(name)
    return f"**{name}** is in use now, on your next visit too. The sidebar can take that back."


def _discard(found: Job) -> None:
    _check_same(found)
    manager.discard()


def _check_same(found: Job) -> None:
    """Refuse to decide on another fine-tuning than the one that was shown."""
    if manager.look().request != found.request:
        raise ValueError("This fine-tuning was decided on already, in another window.")


def _scores_ui(outcome: dict) -> None:
    before, after = outcome["before"], outcome["after"]
    own, mnist, changed = after["own_n"], after["mnist_n"], outcome["mnist_changed"]
    st.markdown(
        "| Read right | before | after |\n|---|---|---|\n"
        f"| Your digits held out | {_of(before['own'], own)} | **{_of(after['own'], own)}** |\n"
        f"| MNIST's validation digits | {before['mnist']:.2%} | **{after['mnist']:.2%}** |"
    )
    st.caption(
        f"It never saw these {own:,} of yours while it learnt.{_surer(before, after)} MNIST's {mnist:,} are "
        f"other people's and tell whether it forgot: {changed['mended']:,} are read right now that were not, "
        f"{changed['broken']:,} the other way round."
        + " Since then it has learnt these of yours too."
        * bool(outcome.get("learnt_all"))
    )


def _of(share: float, number: int) -> str:
    return f"{round(share * number):,} of {number:,}"


def _surer(before: dict, after: dict) -> str:
    """Say what the count does not show where it stays the same."""
    if after["own"] != before["own"] or after["own_loss"] >= before["own_loss"]:
        return ""
    return " It reads as many as before, and is surer of the right answers."


def _changes_ui(found: Job) -> None:
    changed = changes(found)
    if not found.outcome["changed"]:
        st.caption("None of your digits held out is read otherwise than before.")
        return
    st.markdown("**What changed on your digits held out**")
    widgets.show([(_words(change), change.picture) for change in changed[:MOST]], "course_changes")
    if len(changed) > MOST:
        st.caption(f"And {len(changed) - MOST} more.")


def _words(change: Change) -> str:
    sign = "✓" if change.is_mended else "✗"
    wanted = "" if change.label in (change.before, change.after) else f", is {change.label}"
    return f"{sign} was read as {change.before}, now {change.after}{wanted}"


def adopted_ui() -> None:
    """Draw a line per adopted model with its roll back."""
    models = registry.published()
    if not models:
        return
    st.divider()
    st.header("Your models", anchor=False)
    for model in models:
        with st.container(horizontal=True, vertical_alignment="center", key=f"adopted_{model.name}"):
            st.markdown(_about(model), width="stretch")
            widgets.button(
                "Roll back" if model.previous else "Take out",
                f"roll_back_{model.name}",
                lambda name=model.name: _roll_back(name),
                icon=icons.UNDO,
                help=_what_comes(model),
            )
        tasks.task_ui(model.name)


def _about(model: Published) -> str:
    validation = model.entry.card.validation
    since = f"**{as_text(model.name)}**, adopted on {_when(model.since)}"
    if "own_after" not in validation:
        return since
    return (
        f"{since}: {validation['own_after']:.0%} of {validation['own_n']} digits of yours held out, "
        f"{validation['own_before']:.0%} before"
    )


def _what_comes(model: Published) -> str:
    if model.previous:
        return f"Back to the version of {_when(model.previous.created)}."
    return "No other version is kept, so it leaves the selector."


def _roll_back(name: str) -> str:
    back = registry.roll_back(name)
    if back:
        return f"**{name}** is back in its version of {_when(back.created)}."
    if preferences.get("model") == name:
        preferences.take_back()
    return f"**{name}** was taken out."


def _when(iso: str) -> str:
    """Return a time in UTC as it is where the app runs."""
    return datetime.fromisoformat(iso).astimezone().strftime("%d %B %Y, %H:%M")
