"""How the models stand: a table to sort, and charts of one measure at a time."""

import streamlit as st

from digit_ui import shelf, standings_table
from digit_ui.sidebar import Choices
from digits import figures
from digits.standings import MEASURES, Measure, Standing

SIZES = {"Parameters": "parameters (numbers learnt)", "MB": "size of the file, in megabytes"}


def show(choices: Choices) -> None:
    """Show the table with its remarks, and the charts."""
    found = [model for entry in shelf.usable() if (model := shelf.standing(entry))]
    st.caption("Click a column's name to sort by it, hover over it for its meaning. Best on MNIST first.")
    standings_table.show(found)
    _charts(found)


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


@st.fragment
def _charts(found: list[Standing]) -> None:
    """Show one measure as bars and against the size; only this runs again when another is chosen."""
    known = [name for name in MEASURES if any(name in model.values for model in found)]
    if not known:
        st.info("Nothing was measured yet. Judge a model: `python evaluation/evaluate.py --model NAME`.")
        return
    left, right = st.columns(2, gap="medium")
    name = left.selectbox(
        "Measure",
        known,
        format_func=lambda name: MEASURES[name].words,
        key="leaderboard_measure",
        persist_state="session",
    )
    size = right.segmented_control(
        "Size",
        list(SIZES),
        default="Parameters",
        required=True,
        key="leaderboard_size",
        persist_state="session",
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
