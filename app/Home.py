"""The app: `streamlit run app/Home.py`. Routes to the pages and draws the shared sidebar."""

from pathlib import Path
from urllib.parse import quote, urlsplit

import streamlit as st
from streamlit.commands import page_config

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

SHARED = Path(__file__).parent / "shared"
access, icon = (file.read_text(encoding="utf-8") for file in (SHARED / "access.js", icons.APP))
# The icon of the tab is an address already; to find that out Streamlit would wait for what draws pictures.
# Without one of its own the tab shows that of the page, for which the browser asks a server of Google.
page_config.image_to_url = lambda address, **_: address
st.set_page_config("Digit reader", f"data:image/svg+xml,{quote(icon)}", "wide")
st.html(SHARED / "style.css")
st.html(f"<script>{access}</script>", unsafe_allow_javascript=True)
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
