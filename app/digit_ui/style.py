"""The few rules of CSS that Streamlit has no setting for."""

import streamlit as st

CSS = """
<style>
  .block-container { padding-top: 3.2rem; padding-bottom: 2rem; max-width: 1100px; }
  .st-key-answer p { font-size: 6.5rem; line-height: 1; font-weight: 700; margin: 0; }
  .st-key-status p { font-size: 1.15rem; }
  .st-key-steps img { border-radius: 6px; image-rendering: pixelated; }
  .st-key-canvas { min-height: 330px; }
  @media (max-width: 640px) {
    .block-container { padding-left: 1rem; padding-right: 1rem; }
    .st-key-answer p { font-size: 5rem; }
    h1 { font-size: 1.7rem !important; padding-top: 0 !important; }
  }
</style>
"""


def apply() -> None:
    """Add the rules to the page."""
    st.html(CSS)
