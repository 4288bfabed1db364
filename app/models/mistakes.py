"""Which test digits a model mistakes: counts, the most confused pairs in pictures, the surest mistakes."""

import numpy as np
import streamlit as st

from app.models import cards
from app.shared import digit_source, models, widgets
from app.shared.sidebar import Choices
from digits.config import results_dir
from digits.models.checkpoints import Entry
from digits.plots import pixels

TEST_DIGITS = 10_000


def show(choices: Choices) -> None:
    """Show what a chosen model mistakes."""
    entry = models.chosen_ui(choices.model, "mistakes_model")
    found = models.judged(entry)
    if found is None:
        return
    result = found.figures
    if "errors" in result and "n" in result:
        st.write(f"**{result['errors']:,}** of {result['n']:,} test digits are read wrong.")
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Which digit is read as which**")
        _matrix(entry, result)
    with right:
        st.markdown("**The most confused pairs**")
        _pairs(entry, result)
    if st.toggle("Show the mistakes it was surest of", key="mistakes_sheet", persist_state="session"):
        _file(entry, "misclassified", "Label → answer, and how sure it was")


def _matrix(entry: Entry, result: dict) -> None:
    if "confusion" not in result:
        st.info(f"This result has no counts of what is read as what: `{models.how_to_judge(entry)}`.")
        return
    st.altair_chart(cards.confusion_chart(np.array(result["confusion"])), width="stretch")
    st.caption("Row: what it is. Column: what is read. Mistakes are coloured, right answers grey.")


def _pairs(entry: Entry, result: dict) -> None:
    pairs = result.get("most_confused")
    if pairs is None:
        st.info(f"This result names no pairs: `{models.how_to_judge(entry)}`.")
        return
    if not pairs:
        st.write("No pair is confused.")
        return
    images = None
    if any(pair.get("examples") for pair in pairs):
        known = digit_source.test_digits(TEST_DIGITS)
        images = known and known[0]
    with st.container(key="pairs"):
        st.html("".join(_pair(pair, images) for pair in pairs))
    if images is None:
        _file(entry, "pairs", "The most confused pairs")


def _pair(pair: dict, images: np.ndarray | None) -> str:
    """Return HTML for a pair: how often, and its digits where they are here."""
    words = f"{pair['count']} × <b>{pair['label']}</b> read as <b>{pair['read_as']}</b>"
    known = [] if images is None else [place for place in pair.get("examples", []) if place < len(images)]
    shown = [widgets.image(pixels.png(images[place]), f"test digit {place:,}") for place in known]
    return f"<figure><figcaption>{words}</figcaption><div>{''.join(shown)}</div></figure>"


def _file(entry: Entry, kind: str, words: str) -> None:
    """Show a picture that the script has drawn."""
    path = results_dir() / "figures" / f"{entry.name}_{kind}.png"
    if not path.exists():
        st.caption(f"The picture {path.name} is not here: `{models.how_to_judge(entry)}` draws it.")
        return
    with st.container(key=f"sheet_{kind}"):
        st.html(widgets.image(path.read_bytes(), words))
        st.caption(words)
