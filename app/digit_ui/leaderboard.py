"""How the models stand: a table to sort, and charts of one measure at a time."""

import pandas as pd
import streamlit as st

from digit_ui import shelf
from digit_ui.sidebar import Choices
from digits import figures
from digits.standings import MEASURES, Measure, Standing, broken_promises

SIZES = {"Parameters": "parameters (numbers learnt)", "MB": "size of the file, in megabytes"}
OTHERS = {
    "Model": st.column_config.TextColumn(pinned=True),
    "MB": st.column_config.NumberColumn(help="Size of the file, in megabytes."),
    "Parameters": st.column_config.NumberColumn(help="How many numbers the network has learnt."),
    "Trained on": st.column_config.TextColumn(help="Its card, in the part Cards, names licence and source."),
    "Remark": st.column_config.TextColumn(help="What to know before you trust a figure."),
}
STALE = "⚠️"
WIDTHS = {"share": None, "ms": 84}  # pixels; None: by what the column holds


def show(choices: Choices) -> None:
    """Show the table with its remarks, and the charts."""
    found = [model for entry in shelf.usable() if (model := shelf.standing(entry))]
    st.caption("Click a column's name to sort by it, hover over it for its meaning. Best on MNIST first.")
    frame = _marked(table(found), found)
    st.dataframe(frame, hide_index=True, column_config=_columns(), placeholder="", key="leaderboard")
    st.caption("  \n".join(remarks(found)))
    _charts(found)


def table(found: list[Standing]) -> pd.DataFrame:
    """Return a row per model, the best on MNIST's test digits first; what is not known is empty."""
    rows = [_row(model) for model in found]
    first = next(iter(MEASURES.values())).words
    frame = pd.DataFrame(rows, columns=["Model", *_words(), *list(OTHERS)[1:]])
    return frame.sort_values(first, ascending=False, na_position="last", kind="stable", ignore_index=True)


def points(found: list[Standing], name: str, size: str) -> list[dict]:
    """Return for the charts a row per model on which a measure is known.

    Args:
        found: the models.
        name: of the measure in `MEASURES`.
        size: of `SIZES`; a model whose size is not known has None.
    """
    return [
        {
            "model": model.name,
            "place": place,
            "value": value.value,
            "low": value.interval and value.interval[0],
            "high": value.interval and value.interval[1],
            "n": value.n,
            "stale": value.stale,
            "size": model.megabytes if size == "MB" else model.parameters,
        }
        for place, model in enumerate(found)
        if (value := model.values.get(name))
    ]


def remarks(found: list[Standing]) -> list[str]:
    """Return a sentence for each thing to know before trusting the table."""
    sentences = [
        f"{STALE} **{model.name}**: {', '.join(stale)} stale: measured on another file that bore this name."
        for model in found
        if (stale := _stale(model))
    ]
    return sentences + [f"❗ {sentence}" for model in found for sentence in broken_promises(model)]


@st.fragment
def _charts(found: list[Standing]) -> None:
    """Show one measure as bars and against the size; only this runs again when another is chosen."""
    known = [name for name in MEASURES if any(name in model.values for model in found)]
    if not known:
        st.info("Nothing was measured yet. Judge a model: `python evaluation/evaluate.py --model NAME`.")
        return
    left, right = st.columns(2, gap="medium")
    name = left.selectbox(
        "Measure", known, format_func=lambda name: MEASURES[name].words, key="leaderboard_measure"
    )
    size = right.segmented_control(
        "Size", list(SIZES), default="Parameters", required=True, key="leaderboard_size"
    )
    measure, rows = MEASURES[name], points(found, name, size)
    flipped = measure.unit == "share" and not measure.less_is_better
    left, right = st.columns(2, gap="medium")
    with left.container(key="leaderboard_bars"):
        st.markdown("**The shorter, the better**")
        bars = figures.measure_bars(rows, _axis(measure, flipped), measure.unit, flipped)
        st.altair_chart(bars, width="stretch")
    with right.container(key="leaderboard_scatter"):
        sized = [row for row in rows if row["size"]]
        st.markdown(f"**Small and good is {'down' if measure.less_is_better else 'up'} on the left**")
        if sized:
            dots = figures.size_scatter(sized, SIZES[size], _axis(measure, False), measure.unit)
            st.altair_chart(dots, width="stretch")
        else:
            st.write("The size of these models is not known: they have no card.")
    st.caption(f"{measure.hint} Lines through the dots are 95 % intervals, where they are known.")


def _axis(measure: Measure, flipped: bool) -> str:
    if measure.unit != "share":
        return f"{measure.words} (milliseconds)"
    if measure.less_is_better:
        return measure.words
    return f"{measure.words}: {'read wrong' if flipped else 'read right'}"


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
