"""The lesson: started, watched while it goes on in the background, judged, and taken or not."""

import streamlit as st

from digit_ui import adopted, course_end, course_start, course_watch, doing
from digit_ui.sidebar import Choices
from digits.school import course
from digits.school.states import State

PARTS = {
    State.NONE: course_start.start_ui,
    State.RUNNING: course_watch.watch_ui,
    State.DONE: course_end.done_ui,
    State.REFUSED: course_end.refused_ui,
    State.FAILED: course_end.failed_ui,
    State.CANCELLED: course_end.cancelled_ui,
}


def schooling_ui(choices: Choices) -> None:
    """Draw what the state of the lesson asks for, and below it the models adopted so far."""
    with st.container(key="schooling"):
        try:
            found = course.look()
        except (OSError, ValueError) as error:
            st.error(f"The folder of lessons cannot be read: {error}")
            return
        doing.say()
        PARTS[found.state](found, choices)
        adopted.adopted_ui()
