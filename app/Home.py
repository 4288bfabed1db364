"""The app: `streamlit run app/Home.py`. Routes to the pages and draws the shared sidebar."""

from pathlib import Path

import streamlit as st

from app.shared import models, sidebar, work

st.set_page_config(page_title="Digit reader", page_icon="✏️", layout="wide")
st.html(Path(__file__).parent / "shared" / "style.css")
models.spare_models()
work.begin()
page = st.navigation(
    [
        st.Page("draw/page.py", title="Draw a digit", icon="✏️", url_path="draw", default=True),
        st.Page("read/page.py", title="Read a number", icon="🔢", url_path="read"),
        st.Page("teach/page.py", title="Teach it my hand", icon="✍️", url_path="teach"),
        st.Page("explain/page.py", title="Why this answer?", icon="🔍", url_path="explain"),
        st.Page("robustness/page.py", title="Try to break it", icon="🌪️", url_path="robustness"),
        st.Page("learn/page.py", title="How it works", icon="🎓", url_path="learn"),
        st.Page("models/page.py", title="Models", icon="📦", url_path="models"),
    ]
)
sidebar.show()
page.run()
