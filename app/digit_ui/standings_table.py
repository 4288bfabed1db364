"""The table of the leaderboard: every measure of every model, and what to know before trusting it."""

import pandas as pd
import streamlit as st

from digits.standings import MEASURES, Standing, broken_promises

OTHERS = {
    "Model": st.column_config.TextColumn(pinned=True),
    "MB": st.column_config.NumberColumn(help="Size of the file, in megabytes."),
    "Parameters": st.column_config.NumberColumn(help="How many numbers the network has learnt."),
    "Trained on": st.column_config.TextColumn(help="Its card, in the part Cards, names licence and source."),
    "Remark": st.column_config.TextColumn(help="What to know before you trust a figure."),
}
STALE = "⚠️"
WIDTHS = {"share": None, "ms": 84}  # pixels; None: by what the column holds


def show(found: list[Standing]) -> None:
    """Show the table and, below it, the remarks."""
    frame = _marked(table(found), found)
    st.dataframe(frame, hide_index=True, column_config=_columns(), placeholder="", key="leaderboard")
    if sentences := remarks(found):
        st.caption("  \n".join(sentences))


def table(found: list[Standing]) -> pd.DataFrame:
    """Return a row per model, the best on MNIST's test digits first; what is not known is empty."""
    rows = [_row(model) for model in found]
    first = next(iter(MEASURES.values())).words
    frame = pd.DataFrame(rows, columns=["Model", *_words(), *list(OTHERS)[1:]])
    return frame.sort_values(first, ascending=False, na_position="last", kind="stable", ignore_index=True)


def remarks(found: list[Standing]) -> list[str]:
    """Return a sentence for each thing to know before trusting the table."""
    sentences = [
        f"{STALE} **{model.name}**: {', '.join(stale)} stale: measured on another file that bore this name."
        for model in found
        if (stale := _stale(model))
    ]
    return sentences + [f"❗ {sentence}" for model in found for sentence in broken_promises(model)]


def _row(model: Standing) -> dict:
    card = model.entry.card
    measured = {
        measure.words: model.values[name].value if name in model.values else None
        for name, measure in MEASURES.items()
    }
    return {
        "Model": model.name,
        **measured,
        "MB": model.megabytes,
        "Parameters": model.parameters,
        "Trained on": ", ".join(source["name"] for source in card.trained_on) if card else "no card",
        "Remark": _remark(model),
    }


def _remark(model: Standing) -> str:
    broken = len(broken_promises(model))
    parts = [f"stale: {', '.join(_stale(model))}"] if _stale(model) else []
    parts += [f"{broken} promise{'s' * (broken > 1)} not kept"] if broken else []
    return "; ".join(parts)


def _stale(model: Standing) -> list[str]:
    return [MEASURES[name].words for name, value in model.values.items() if value.stale]


def _words() -> list[str]:
    return [measure.words for measure in MEASURES.values()]


def _columns() -> dict:
    return {
        measure.words: st.column_config.NumberColumn(help=measure.hint, width=WIDTHS[measure.unit])
        for measure in MEASURES.values()
    } | OTHERS


def _marked(frame: pd.DataFrame, found: list[Standing]) -> "pd.io.formats.style.Styler":
    """Return the table with its figures in words, stale ones with a sign behind them."""
    frame = frame.astype({"Parameters": "Int64"})
    styler = frame.style.format({"MB": "{:.2f}", "Parameters": "{:,}"}, na_rep="")
    stale = {model.name: _stale(model) for model in found}
    for measure in MEASURES.values():
        marked = frame["Model"].map(lambda name, words=measure.words: words in stale[name])
        for rows, sign in ((marked, f" {STALE}"), (~marked, "")):
            styler.format(
                lambda value, sign=sign, measure=measure: measure.say(value) + sign,
                subset=pd.IndexSlice[rows[rows].index, measure.words],
                na_rep="",
            )
    return styler
