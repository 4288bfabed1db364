"""The app: `streamlit run app/Home.py`. Routes to the pages and draws the shared sidebar."""

from pathlib import Path

import streamlit as st

from app.shared import icons, models, sidebar, work

st.set_page_config(page_title="Digit reader", page_icon=icons.APP, layout="wide")
SHARED = Path(__file__).parent / "shared"
st.html(SHARED / "style.css")
st.html(
    f"<script>{(SHARED / 'access.js').read_text(encoding='utf-8')}</script>", unsafe_allow_javascript=True
)
models.spare_models()
work.begin()
page = st.navigation(
    [
        st.Page("draw/page.py", title="Draw a digit", icon=icons.DRAW, url_path="draw", default=True),
        st.Page("read/page.py", title="Read numbers, tables, forms", icon=icons.READ, url_path="read"),
        st.Page("teach/page.py", title="Teach it my hand", icon=icons.TEACH, url_path="teach"),
        st.Page("explain/page.py", title="Why this answer?", icon=icons.WHY, url_path="explain"),
        st.Page("robustness/page.py", title="Try to break it", icon=icons.BREAK, url_path="robustness"),
        st.Page("learn/page.py", title="How it works", icon=icons.LEARN, url_path="learn"),
        st.Page("models/page.py", title="Models", icon=icons.MODELS, url_path="models"),
    ]
)
sidebar.show()
page.run()
