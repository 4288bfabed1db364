"""The app: `streamlit run app/Home.py`. Routes to the pages in views/ and draws the shared sidebar."""

import streamlit as st
from digit_ui import loading, sidebar, style

st.set_page_config(page_title="Digit reader", page_icon="✏️", layout="wide")
style.apply()
loading.spare_models()
page = st.navigation(
    [
        st.Page("views/draw.py", title="Draw a digit", icon="✏️", url_path="draw", default=True),
        st.Page("views/read.py", title="Read a number", icon="🔢", url_path="read"),
        st.Page("views/teach.py", title="Teach it my hand", icon="✍️", url_path="teach"),
        st.Page("views/explain.py", title="Why this answer?", icon="🔍", url_path="explain"),
        st.Page("views/robustness.py", title="Try to break it", icon="🌪️", url_path="robustness"),
        st.Page("views/learn.py", title="How it works", icon="🎓", url_path="learn"),
        st.Page("views/models.py", title="Models", icon="📦", url_path="models"),
    ]
)
sidebar.show()
page.run()
