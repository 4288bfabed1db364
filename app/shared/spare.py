"""What Streamlit does on the way that this app is spared: a page waits for it, and it has no setting."""

from urllib.parse import quote

import streamlit as st
from streamlit.commands import page_config
from streamlit.components.v2.bidi_component import serialization
from streamlit.dataframe_util import is_dataframe_like
from streamlit.runtime.scriptrunner import script_runner

from app.shared import icons

LAYOUT = {"page_title": "Digit reader", "layout": "wide"}


def begin() -> None:
    """Spare the app that, and configure the page.

    - Models: after each run of a page Streamlit ends Keras' session, and with it their compiled code: half a
      second more for each stroke on a canvas. It is meant for models made anew in each run. It would look for
      garbage among all of TensorFlow as well; .streamlit/config.toml says no to that.
    - The canvas: pandas is asked about each list and dict that a component is given, whether it is a table.
    - The icon of the tab: NumPy and Pillow are imported before it is seen to be none that they can draw.
      Without an icon of its own the tab would ask a server of Google for that of the page.
    """
    script_runner._clean_problem_modules = lambda: None
    serialization.is_dataframe_like = _is_table
    page_config._get_favicon_string = str
    icon = quote(icons.APP.read_text(encoding="utf-8"))
    st.set_page_config(page_icon=f"data:image/svg+xml,{icon}", **LAYOUT)


def _is_table(value: object) -> bool:
    return not isinstance(value, list | dict) and is_dataframe_like(value)
