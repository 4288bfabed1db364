"""A walk through the model in eight steps, each on the visitor's digit and with a question."""

import zlib

import streamlit as st

from app.learn.facts import FACTS, Facts, Missing
from app.learn.pictures import PICTURES
from app.learn.scene import Scene
from app.learn.steps import LESSONS, Lesson
from app.shared import digit_source, models, sidebar
from digits.plots.text import articles

STEP = "learn_step"  # key of the step, from 0
TO_THE_TOP = """<script>
  /* Step %d. The buttons stand below: show the new step from its beginning. */
  document.querySelector(".st-key-learn_progress")?.scrollIntoView({block: "nearest"});
</script>"""

choices = sidebar.choices()


def go(by: int) -> None:
    """Go some steps on, or back."""
    st.session_state[STEP] = min(max(0, st.session_state.get(STEP, 0) + by), len(LESSONS) - 1)


@st.fragment
def walk(scene: Scene) -> None:
    """Show the step that the visitor has come to; only this part runs again."""
    step = st.session_state.get(STEP, 0)
    lesson = LESSONS[step]
    with st.container(key="learn_progress"):
        st.progress((step + 1) / len(LESSONS), f"Step {step + 1} of {len(LESSONS)}")
        st.html(TO_THE_TOP % (step + 1), unsafe_allow_javascript=True)
    st.subheader(lesson.title)
    try:
        facts = FACTS[lesson.key](scene)
    except (Missing, ValueError) as error:
        st.info(str(error))
    else:
        lesson_ui(lesson, scene, facts)
    with st.container(horizontal=True, key="learn_steps"):
        st.button("← Back", on_click=go, args=(-1,), disabled=not step, key="learn_back")
        last = step == len(LESSONS) - 1
        st.button("Next →", on_click=go, args=(1,), disabled=last, key="learn_next", type="primary")
    if last:
        st.write("That was the whole walk. Go on by yourself:")
        st.page_link("robustness/page.py", label="Try to break it", icon="🌪️")


def said(template: str, words: dict) -> str:
    """Return a sentence of a lesson with its numbers."""
    return articles(template.format(**words))


def lesson_ui(lesson: Lesson, scene: Scene, facts: Facts) -> None:
    """Show a lesson's text and pictures, ask its question, and answer the answer."""
    words = facts.words | {"answer": facts.quiz.answer}
    st.markdown(said(lesson.text, words))
    left, right = st.columns([3, 2], gap="large")
    digest = zlib.crc32(scene.digit.frame.tobytes())  # another digit asks anew
    with right, st.container(border=True, key="learn_question"):
        chosen = st.radio(
            said(lesson.question, words),
            facts.quiz.choices,
            index=None,
            key=f"learn_{lesson.key}_{scene.entry.name}_{digest}",
            persist_state="session",
        )
        solved = chosen == facts.quiz.answer
        if solved:
            st.success(said(lesson.right, words), icon="✅")
        elif chosen is not None:
            st.warning(said(lesson.hint, words), icon="💡")
    with left:
        PICTURES[lesson.key](scene, facts, solved)


st.title("How it works")
st.write(f"From the picture to the answer in {len(LESSONS)} steps, best with a digit that you drew yourself.")
with st.container(key="learn"):
    digit = digit_source.digit_ui(choices, "learn")
    reader = digit and models.recognizer(choices.model, choices.thresholds)
    if digit and reader:
        walk(Scene(digit, choices.model, reader))
