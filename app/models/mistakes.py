"""Which test digits a model mistakes: counts, the most confused pairs in pictures, the surest mistakes."""

import altair as alt
import numpy as np
import streamlit as st

from app.shared import charts, digit_source, models, widgets
from app.shared.sidebar import Choices
from digits.config import CLASSES, results_dir
from digits.models.checkpoints import Entry
from digits.plots import pixels
from digits.plots.colours import WORST

TEST_DIGITS = 10_000


def show(choices: Choices) -> None:
    """Show what a chosen model mistakes."""
    entry = models.chosen_ui(choices.model, "mistakes_model", models.of_digits())
    found = models.judged(entry)
    if found is None:
        return
    result = found.figures
    if "errors" in result and "n" in result:
        st.write(f"**{result['errors']:,}** of {result['n']:,} test digits are read wrong.")
    left, right = st.columns(2, gap="medium")
    with left:
        st.header("Which digit is read as which", anchor=False)
        _matrix(entry, result)
    with right:
        st.header("The most confused pairs", anchor=False)
        _pairs(entry, result)
    if st.toggle("Show the mistakes it was surest of", key="mistakes_sheet", persist_state="session"):
        _file(entry, "misclassified", "Label → answer, and how sure it was")


def _matrix(entry: Entry, result: dict) -> None:
    if "confusion" not in result:
        st.info(f"This result has no counts of what is read as what: {models.how_to_judge(entry)}.")
        return
    confusion = np.array(result["confusion"])
    wrong = confusion * (1 - np.eye(CLASSES, dtype=int))
    rows = [
        {"Label": label, "Read as": read, "Digits": int(wrong[label, read])}
        for label, read in np.argwhere(wrong > 0).tolist()
    ]
    charts.show(confusion_chart(confusion), "How often each digit is read as each other one", rows)
    st.caption("Row: what it is. Column: what is read. Mistakes are coloured, right answers grey.")


def _pairs(entry: Entry, result: dict) -> None:
    pairs = result.get("most_confused")
    if pairs is None:
        st.info(f"This result names no pairs: {models.how_to_judge(entry)}.")
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
    words = f"<b>{pair['label']}</b> read as <b>{pair['read_as']}</b>: {_times(pair['count'])}"
    known = [] if images is None else [place for place in pair.get("examples", []) if place < len(images)]
    shown = [widgets.image(pixels.png(images[place]), f"test digit {place:,}") for place in known]
    return f"<figure><figcaption>{words}</figcaption><div>{''.join(shown)}</div></figure>"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _file(entry: Entry, kind: str, words: str) -> None:
    """Show a picture that the script has drawn."""
    path = results_dir() / "figures" / f"{entry.name}_{kind}.png"
    if not path.exists():
        st.caption(f"The picture {path.name} is not here: {models.how_to_judge(entry)} draws it.")
        return
    with st.container(key=f"sheet_{kind}"):
        st.html(widgets.image(path.read_bytes(), words))
        st.caption(words)


def confusion_chart(confusion: np.ndarray) -> alt.LayerChart:
    """Return counts (10, 10), row = label, column = answer, as squares; only mistakes are coloured.

    The colours mean the same for every model, as in `plots.confusion_matrix`.
    """
    shares = confusion / np.maximum(1, confusion.sum(axis=1, keepdims=True))
    rows = [
        {
            "label": label,
            "read": read,
            "count": int(confusion[label, read]),
            "share": float(shares[label, read]),
            "right": label == read,
            "words": f"label {label} read as {read}",
        }
        for label, read in np.argwhere(confusion > 0).tolist()
    ]
    digits = alt.Scale(domain=list(range(CLASSES)))
    flat = alt.Axis(labelAngle=0, labelFontSize=13, ticks=False)
    chart = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("read:O", title="read as", axis=flat, scale=digits),
        y=alt.Y("label:O", title="label", axis=flat, scale=digits),
        tooltip=[
            alt.Tooltip("words:N", title="what"),
            alt.Tooltip("count:Q", title="digits"),
            alt.Tooltip("share:Q", format=".2%", title="of the label's digits"),
        ],
    )
    share = alt.Color("share:Q", title="share of the label's digits misread")
    colour = share.scale(type="pow", exponent=0.5, domain=[0, WORST], clamp=True, scheme="oranges").legend(
        orient="bottom", format=".0%", values=[0, 0.01, 0.03, WORST], gradientLength=220, titleLimit=280
    )
    wrong, right = chart.transform_filter("!datum.right"), chart.transform_filter("datum.right")
    return alt.layer(
        wrong.mark_rect(cornerRadius=2).encode(color=colour),
        wrong.mark_text(fontSize=12, color="#1f2937").encode(text="count:Q"),
        right.mark_text(fontSize=10, color=charts.words_colour()).encode(text="count:Q"),
    ).properties(height=430)
