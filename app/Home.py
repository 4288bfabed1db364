"""The app: `streamlit run app/Home.py`. Routes to the pages and draws the shared sidebar."""

from pathlib import Path
from urllib.parse import quote, urlsplit

import streamlit as st

from app.shared import canvas, icons, models, sidebar, work

PAGES = {
    "draw": ("Draw a digit", icons.DRAW),
    "read": ("Read numbers, tables, forms", icons.READ),
    "teach": ("Teach it my hand", icons.TEACH),
    "explain": ("Why this answer?", icons.WHY),
    "robustness": ("Try to break it", icons.BREAK),
    "learn": ("How it works", icons.LEARN),
    "models": ("Models", icons.MODELS),
}
"""By their addresses."""

FIRST = "draw"
"""Stands at the bare address, too."""

TAB = 'document.querySelector("link[rel~=icon]").href = "data:image/svg+xml,%s";'
"""Puts the icon on the tab; for Streamlit to do so the page would wait for all that draws pictures."""

st.set_page_config(page_title="Digit reader", layout="wide")
SHARED = Path(__file__).parent / "shared"
st.html(SHARED / "style.css")
access, icon = (file.read_text(encoding="utf-8") for file in (SHARED / "access.js", icons.APP))
st.html(f"<script>{access}{TAB % quote(icon)}</script>", unsafe_allow_javascript=True)
models.spare_models()
canvas.spare_pandas()
work.begin()
pages = [
    st.Page(
        f"{path}/page.py",
        title=title,
        icon=icon,
        url_path="home" if path == FIRST else path,
        default=path == FIRST,
    )
    for path, (title, icon) in PAGES.items()
]
asked = urlsplit(st.context.url or "").path.rpartition("/")[2]
if asked.lower() in PAGES and asked not in PAGES.keys() - {FIRST}:  # /draw, /Read: no page of Streamlit's own
    there = f"{asked.lower()}/page.py"
    pages.append(
        st.Page(
            lambda: st.switch_page(there, query_params=st.query_params.to_dict()),
            title="On the way",
            url_path=asked,
            visibility="hidden",
        )
    )
page = st.navigation(pages)
sidebar.begin()
page.run()
sidebar.choices()
