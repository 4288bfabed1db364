"""Draw, upload or photograph one digit, and read it while you draw."""

import streamlit as st

from app.draw import PAGE, PLACES, SOURCES
from app.shared import brought, canvas, current, models, sidebar, widgets, work

FILES = {"Upload": "draw_file", "Camera": "draw_photo"}
"""Keys of the widgets that take files in, by source."""

ABOUT = "This app reads your handwriting, says when it is not sure, shows why, and can be taught your hand."


def picture_ui(source: str) -> current.Current | None:
    """Draw the widget of a source; return what it holds: from now on what the visitor works on."""
    if source == "Draw":
        canvas.show()
        file, name = canvas.file(), "Your drawing"
    else:
        taking = brought.taking(PAGE, source, FILES[source])
        if source == "Camera":
            st.camera_input("Hold one digit in front of the camera", **taking)
        else:
            widgets.picture_ui("A picture of one digit", **taking)
        file = next(iter(brought.kept_ui(PAGE, source, FILES[source])), None)
        name = "Your photo" if source == "Camera" else f"Your picture {file.name}" if file else ""
    if file is None:
        current.forget(source.lower())
        return None
    current.take(file, name, source.lower())
    return current.get()


@st.fragment
def page():
    """Show input and answer side by side; only this part runs again on each stroke."""
    work.remember(PAGE, "source")
    left, right = st.container(key="reader").columns(2, gap="large")
    with left:
        source = widgets.switch_ui("Where the digit comes from", SOURCES, "source")
        mine = picture_ui(source)
    with right:
        # The same in every state: Streamlit shows a new one at an old one's place with the old content for a
        # moment, and a program that watches `answer` would see words in it.
        places = {key: st.container(key=key) for key in PLACES}
        if mine is None or not sidebar.is_there():
            places["status"].write(SOURCES[source])
            return
        from app.draw import answer  # late: the canvas is there before all that reads

        answer.show(sidebar.choices(), mine, places, left if source == "Upload" else None)


st.title("Draw a digit")
st.html(f'<div class="intro"><p>{ABOUT}</p></div>')
page()
if sidebar.is_there():  # else it comes last, see Home.py
    models.start(sidebar.choices().model)
