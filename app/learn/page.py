"""A walk through the model in eight steps, each on the visitor's digit and with a question."""

import zlib

import streamlit as st

from app.learn.scene import Scene
from app.learn.steps import STEPS, Missing, Step
from app.shared import digit_source, icons, models, sidebar
from app.shared.widgets import as_text
from digits.plots.text import articles

PLACE = "learn_step"  # key of the place in STEPS
TO_THE_TOP = """<script>
  /* Step %d. The buttons stand below: show the new step from its beginning. */
  document.querySelector(".st-key-learn_progress")?.scrollIntoView({block: "nearest"});
</script>"""

choices = sidebar.choices()


def go(by: int) -> None:
    """Go some steps on, or back."""
    st.session_state[PLACE] = min(max(0, st.session_state.get(PLACE, 0) + by), len(STEPS) - 1)


@st.fragment
def walk(scene: Scene) -> None:
    """Show the step that the visitor has come to; only this part runs again."""
    place = st.session_state.get(PLACE, 0)
    title, make = list(STEPS.items())[place]
    with st.container(key="learn_progress"):
        st.progress((place + 1) / len(STEPS), f"Step {place + 1} of {len(STEPS)}")
        st.html(TO_THE_TOP % (place + 1), unsafe_allow_javascript=True)
    st.header(title, anchor=False)
    try:
        step = make(scene)
    except Missing as error:
        st.info(str(error))
    except ValueError as error:
        st.info(as_text(error))
    else:
        digest = zlib.crc32(scene.digit.frame.tobytes())  # another digit asks anew
        step_ui(step, f"learn_{make.__name__}_{scene.entry.name}_{digest}")
    with st.container(horizontal=True, key="learn_steps"):
        st.button("Back", icon=icons.BACK, on_click=go, args=(-1,), disabled=not place, key="learn_back")
        last = place == len(STEPS) - 1
        st.button(
            "Next",
            icon=icons.FORWARD,
            icon_position="right",
            on_click=go,
            args=(1,),
            disabled=last,
            key="learn_next",
            type="primary",
        )
    if last:
        st.write("That was the whole walk. Go on by yourself:")
        st.page_link("robustness/page.py", label="Try to break it", icon=icons.BREAK)


def step_ui(step: Step, key: str) -> None:
    """Show a step's text and pictures, ask its question, and answer the answer."""
    st.markdown(articles(step.text))
    left, right = st.columns([3, 2], gap="large")
    with right, st.container(border=True, key="learn_question"):
        chosen = st.radio(
            articles(step.question), step.choices.offered, index=None, key=key, persist_state="session"
        )
        solved = chosen == step.choices.right
        if solved:
            st.success(articles(step.right), icon=icons.RIGHT)
        elif chosen is not None:
            st.warning(articles(step.hint), icon=icons.HINT)
    with left:
        step.show(solved)


st.title("How it works")
st.write(f"From the picture to the answer in {len(STEPS)} steps, best with a digit that you drew yourself.")
with st.container(key="learn"):
    choices = sidebar.digit_choices()
    digit = digit_source.digit_ui(choices, "learn", steps=True)
    reader = digit and models.recognizer(choices.model, choices.thresholds)
    if digit and reader:
        walk(Scene(digit, choices.model, reader))
