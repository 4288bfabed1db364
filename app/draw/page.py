"""Draw, upload or photograph one digit, and read it while you draw."""

import streamlit as st

from app.draw import answer
from app.shared import canvas, models, sidebar, widgets
from app.shared.widgets import as_text
from digits.preprocessing.decode import open_picture, to_rgb

choices = sidebar.choices()


def picture_ui(source: str):
    """Draw the widget of a source; return what it holds: a picture, or None."""
    if source == "Draw":
        return canvas.show(choices.brush, choices.dark)
    if source == "Camera":
        file = st.camera_input("Hold one digit in front of the camera")
    else:
        file = widgets.picture_ui("A picture of one digit")
    picture = open_picture(file) if file else None
    if picture and source == "Upload":
        st.image(to_rgb(picture), width=canvas.SIDE)
    return picture


@st.fragment
def page():
    """Show input and answer side by side; only this part runs again on each stroke."""
    left, right = st.container(key="reader").columns(2, gap="large")
    with left:
        source = widgets.switch_ui("Where the digit comes from", answer.HINTS, "source", keep=False)
        try:
            picture = picture_ui(source)
        except ValueError as error:
            st.error(as_text(error))
            return
    with right:
        answer.show(choices.model, choices.thresholds, picture, source)


st.title("Draw a digit")
page()
models.start(choices.model)
