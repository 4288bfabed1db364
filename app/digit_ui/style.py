"""The few rules of CSS that Streamlit has no setting for."""

import streamlit as st

CSS = """
<style>
  .block-container { padding-top: 3.2rem; padding-bottom: 2rem; max-width: 1100px; }
  .st-key-answer { min-height: 6.5rem; }
  .st-key-answer p { font-size: 6.5rem; line-height: 1; font-weight: 700; margin: 0; }
  .st-key-status p { font-size: 1.15rem; }
  .st-key-steps [data-testid="stHtml"] { display: flex; flex-wrap: wrap; gap: 0.5rem; }
  .st-key-steps figure { margin: 0; text-align: center; }
  .st-key-steps figcaption { font-size: 0.8rem; opacity: 0.65; }
  .st-key-steps img { border-radius: 6px; image-rendering: pixelated; border: 1px solid #80849566; }
  .st-key-number .st-key-answer { min-height: 0; }
  .st-key-number .st-key-answer p {
    font-size: clamp(2.4rem, 9vw, 4.5rem); line-height: 1.15; white-space: pre-line; overflow-wrap: anywhere;
  }
  .st-key-boxed img { max-width: min(100%, 44rem); max-height: 30rem; border-radius: 6px; }
  .st-key-boxed img { border: 1px solid #80849566; }
  .st-key-digits figure { display: flex; gap: 0.4rem; align-items: center; }
  .st-key-digits figcaption { text-align: left; white-space: nowrap; }
  .st-key-digits .unsure img, .st-key-digits .not_a_digit img { border: 2px dashed #ea580c; }
  .st-key-digits .unsure figcaption, .st-key-digits .not_a_digit figcaption { opacity: 1; font-weight: 600; }
  /* The canvas shows its tools above itself; keep that strip free. */
  .st-key-canvas { padding-top: 1.9rem; }
  /* The canvas is 280 pixels wide and must never be cut off; the answer takes what is left. */
  @media (min-width: 641px) {
    .st-key-reader [data-testid="stColumn"]:first-child { flex: 0 0 300px; min-width: 300px; }
  }
  @media (max-width: 640px) {
    .block-container { padding: 3.6rem 1rem 1rem; }
    .st-key-answer { min-height: 4.5rem; }
    .st-key-answer p { font-size: 4.5rem; }
    .st-key-reader [data-testid="stHorizontalBlock"] { gap: 0.5rem; }
    h1 { font-size: 1.7rem !important; padding: 0 0 0.5rem !important; }
  }
</style>
"""


def apply() -> None:
    """Add the rules to the page."""
    st.html(CSS)
