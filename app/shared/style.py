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
  .st-key-samples figure { margin: 0; display: flex; gap: 0.4rem; align-items: center; height: 3.5rem; }
  .st-key-samples img { width: 3.5rem; image-rendering: pixelated; border-radius: 6px; }
  .st-key-samples img { border: 1px solid #80849566; }
  .st-key-samples .doubtful img { border: 2px dashed #ea580c; }
  .st-key-samples figcaption { font-size: 0.8rem; line-height: 1.3; }
  .st-key-sheet_doubtful figure, .st-key-sheet_plain figure { margin: 0; }
  .st-key-sheet_doubtful img, .st-key-sheet_plain img { width: 5rem; border-radius: 6px; }
  .st-key-sheet_doubtful img { border: 2px dashed #ea580c; }
  .st-key-sheet_doubtful figcaption { font-size: 0.8rem; line-height: 1.2; min-height: 2rem; }
  .st-key-sheet_straight img { width: 100%; max-width: 44rem; border-radius: 6px; }
  .st-key-guided_ask p { font-size: 1.3rem; margin: 0; }
  .st-key-guided_ask strong { font-size: 2.6rem; line-height: 1; }
  .pictures { display: flex; flex-wrap: wrap; gap: 0.75rem; }
  .pictures figure { margin: 0; flex: 1 1 5.5rem; max-width: 12rem; }
  .pictures img { width: 100%; image-rendering: pixelated; border-radius: 6px; border: 1px solid #80849566; }
  .pictures figcaption { font-size: 0.8rem; opacity: 0.65; line-height: 1.3; }
  .st-key-heat figure, .st-key-ink figure { flex: 1 1 5.5rem; max-width: 17rem; }
  .st-key-alike figure, .st-key-rivals figure { flex: 0 1 5rem; }
  .st-key-subject figcaption { display: none; }
  .st-key-explain .st-key-answer { min-height: 0; }
  .st-key-explain .st-key-answer p { font-size: 4.5rem; }
  .st-key-learn .pictures figure { flex: 0 1 5.8rem; }
  .st-key-learn .st-key-framing_steps figure { flex-basis: 4.9rem; }
  .st-key-learn .st-key-attacked figure { flex-basis: 8.3rem; }
  .st-key-learn .st-key-learn_large .pictures figure { flex-basis: 11rem; }
  .st-key-learn_progress { gap: 0; scroll-margin-top: 4.2rem; }
  .tables { display: flex; flex-wrap: wrap; gap: 0.6rem; }
  table.numbers { border-collapse: separate; border-spacing: 2px; align-self: flex-start; margin: 0; }
  table.numbers caption { caption-side: bottom; font-size: 0.8rem; opacity: 0.65; text-align: left; }
  table.numbers td { min-width: 2.4rem; height: 2.2rem; padding: 0; border: none; border-radius: 3px; }
  table.numbers td:not(.marked) { box-shadow: inset 0 0 0 1px #80849566; }
  table.numbers td { text-align: center; font-size: 0.82rem; font-variant-numeric: tabular-nums; }
  table.numbers td.marked { box-shadow: inset 0 0 0 3px #ff8c00; font-weight: 700; }
  table.numbers.counts { width: 100%; max-width: 34rem; table-layout: fixed; }
  table.numbers.counts td { min-width: 0; padding: 0.25rem 0; line-height: 1.25; }
  .st-key-course_changes figure { flex: 0 0 6rem; }
  table.scores { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  table.scores :is(td, th) { padding: 0.1rem 0.9rem 0.1rem 0; border: none; text-align: right; }
  table.scores .best { font-weight: 700; color: #e8710a; }
  .opinion { display: grid; grid-template-columns: auto 1fr; column-gap: 0.75rem; align-items: baseline; }
  .opinion .name { grid-column: 1 / 3; font-weight: 600; }
  .opinion .digit { grid-row: 2 / 4; font-size: 3.2rem; line-height: 1; font-weight: 700; }
  .opinion .found { font-weight: 600; }
  .opinion.bad .found { color: #d9480f; }
  .opinion.unsure .digit, .opinion.not_a_digit .digit { opacity: 0.6; }
  .st-key-pairs figure { margin: 0 0 0.6rem; }
  .st-key-pairs figure div { display: flex; flex-wrap: wrap; gap: 0.3rem; }
  .st-key-pairs img { width: 2.5rem; image-rendering: pixelated; border-radius: 4px; }
  .st-key-sheet_pairs img, .st-key-sheet_misclassified img { max-width: 100%; border-radius: 6px; }
  .st-key-card_numbers [data-testid="stMetricValue"] { font-size: 1.5rem; }
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
    .st-key-robustness [data-testid="stHorizontalBlock"] { gap: 0.5rem; }
    .st-key-learn [data-testid="stHorizontalBlock"] { gap: 0.5rem; }
    .st-key-learn .st-key-learn_large .pictures figure { flex-basis: 6.6rem; }
    .st-key-learn .st-key-attacked figure { flex-basis: 5.8rem; }
    .st-key-right [role="radiogroup"] { max-width: 12rem; }
    .tables { gap: 0.4rem; }
    table.numbers { border-spacing: 1px; }
    table.numbers td { min-width: 2.05rem; font-size: 0.75rem; }
    .st-key-explain [data-testid="stHorizontalBlock"] { gap: 0.5rem; }
    .st-key-models_part button { padding: 0 0.45rem; }
    h1 { font-size: 1.7rem !important; padding: 0 0 0.5rem !important; }
  }
</style>
"""


def apply() -> None:
    """Add the rules to the page."""
    st.html(CSS)
