"""The app: `streamlit run app/Home.py`. Routes to the pages and draws the shared sidebar."""

from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from app.shared import current, icons, models, sidebar, spare, work

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

spare.begin()
SHARED = Path(__file__).parent / "shared"
st.html(SHARED / "style.css")
st.html(
    f"<script>{(SHARED / 'access.js').read_text(encoding='utf-8')}</script>", unsafe_allow_javascript=True
)
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
# An empty canvas is there before the sidebar, since nobody should wait for it; all else asks what was chosen
# there. It is drawn here in both cases: what a page draws forgets what it says when another page comes.
is_empty = page.title == PAGES[FIRST][0] and current.get() is None and sidebar.ASKED not in st.query_params
if not is_empty:
    sidebar.show()
page.run()
if is_empty:
    sidebar.show()
    models.start(sidebar.choices().model)
    if current.get():  # drawn meanwhile, and nobody could be asked
        st.rerun()
