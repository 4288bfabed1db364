"""The picture that the visitor works on, brought here to say what it is: it joins the collection."""

import streamlit as st

from app.shared import correct, current, digit_source, widgets
from app.shared.sidebar import Choices


@st.fragment
def along_ui(choices: Choices) -> None:
    """Show the picture, and ask what it is; only this part runs again."""
    with st.container(border=True, key="along"):
        digit = digit_source.yours_ui(choices, "along")
        if digit is None or digit.reading is None:
            return
        picture, said = st.columns([1, 5])
        with picture:
            widgets.show({digit.name: digit.frame}, "along_picture")
        with said:
            read = "no digit" if digit.reading.digit is None else f"**{digit.reading.digit}**"
            st.markdown(f"{widgets.as_text(current.get().name)}: read as {read}.")
            correct.correct_ui(choices.model, digit.picture, digit.reading, current.get().origin)
