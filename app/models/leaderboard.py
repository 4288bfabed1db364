"""How the models stand: a table to sort, what to know before trusting it, and charts of one measure each.

All charts take the same rows, one per model: `model`, `place` among all models, which gives it its colour,
`value`, `low` and `high` of its 95 % interval, `n` (all three None where not known), `stale` and `size`.
"""

import altair as alt
import pandas as pd
import streamlit as st

from app.shared import charts, icons, models
from app.shared.sidebar import Choices
from app.shared.widgets import as_text
from digits.config import DEFAULT_MODEL
from digits.models.leaderboard import MEASURES, Measure, Standing, strengths, unmet_requirements
from digits.plots.colours import FRIENDLY, GREY

OTHERS = {
    "Model": st.column_config.TextColumn(pinned=True),
    "MB": st.column_config.NumberColumn(help="Size of the file, in megabytes."),
    "Parameters": st.column_config.NumberColumn(help="How many numbers the network has learnt."),
    "Trained on": st.column_config.TextColumn(help="Its card, in the part Cards, names licence and source."),
    "Remark": st.column_config.TextColumn(help="What to know before you trust a figure."),
}
STALE = "(stale)"
WIDTHS = {"share": None, "ms": 84}  # pixels; None: by what the column holds
STALE_WIDTH = 124  # pixels: by itself a column would cut the first digits off
SIZES = {"Parameters": "parameters (numbers learnt)", "MB": "size of the file, in megabytes"}
COLOURS = (*FRIENDLY[:6], GREY)
"""Of models, by their place; dark pages would swallow the black of FRIENDLY."""

LABEL_GAP, LABEL_STEP = 0.06, 0.05
"""In a scatter chart the least distance of two names, as a share of its height, and that from dot to name, as
a share of its width."""

STEPS = [step * 10**power for power in range(-3, 10) for step in (1, 2, 5)]
"""Where a logarithmic axis may have its marks."""


def show(choices: Choices) -> None:
    """Show the table, the remarks below it, and the charts."""
    found = [model for entry in models.of_digits() if (model := models.standing(entry))]
    st.caption("Click a column's name to sort by it, hover over it for its meaning. Best on MNIST first.")
    frame = _marked(table(found), found)
    st.dataframe(frame, hide_index=True, column_config=_columns(found), placeholder="", key="leaderboard")
    if sentences := remarks(found):
        st.caption("  \n".join(sentences))
    _charts_ui(found)


def table(found: list[Standing]) -> pd.DataFrame:
    """Return a row per model, the best on MNIST's test digits first; what is not known is empty."""
    rows = [_row(model) for model in found]
    first = next(iter(MEASURES.values())).words
    frame = pd.DataFrame(rows, columns=["Model", *_words(), *list(OTHERS)[1:]])
    return frame.sort_values(first, ascending=False, na_position="last", kind="stable", ignore_index=True)


def remarks(found: list[Standing]) -> list[str]:
    """Return a sentence for each thing to know before trusting the table."""
    sentences = [f"{icons.NOTE} {sentence}" for sentence in of_the_default(found)]
    sentences += [
        f"{icons.WARNING} **{as_text(model.name)}**: {', '.join(stale)} stale: file, data or code was "
        "replaced since."
        for model in found
        if (stale := _stale(model))
    ]
    return sentences + [
        f"{icons.WARNING} {as_text(sentence)}" for model in found for sentence in unmet_requirements(model)
    ]


def of_the_default(found: list[Standing]) -> list[str]:
    """Say what the default model is better at than the one that leads on MNIST, if that is another."""
    known = {model.name: model for model in found}
    on_mnist = [model for model in found if "mnist" in model.values and not model.values["mnist"].stale]
    first = max(on_mnist, key=lambda model: model.values["mnist"].value, default=None)
    default = known.get(DEFAULT_MODEL)
    if default is None or first is None or first.name == DEFAULT_MODEL:
        return []
    better = strengths(default, first)
    if not better:
        return []
    names = (f"**{as_text(model.name)}**" for model in (default, first))
    return [f"{next(names)}, the default, is better than {next(names)} at: {'; '.join(better)}."]


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
    broken = len(unmet_requirements(model))
    parts = [f"stale: {', '.join(_stale(model))}"] if _stale(model) else []
    parts += [f"{broken} requirement{'s' * (broken > 1)} missed"] if broken else []
    return "; ".join(parts)


def _stale(model: Standing) -> list[str]:
    return [MEASURES[name].words for name, value in model.values.items() if value.stale]


def _words() -> list[str]:
    return [measure.words for measure in MEASURES.values()]


def _columns(found: list[Standing]) -> dict:
    stale = {words for model in found for words in _stale(model)}
    return {
        measure.words: st.column_config.NumberColumn(
            help=measure.hint, width=STALE_WIDTH if measure.words in stale else WIDTHS[measure.unit]
        )
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


@st.fragment
def _charts_ui(found: list[Standing]) -> None:
    """Show one measure as bars and against the size; only this runs again when another is chosen."""
    known = [name for name in MEASURES if any(name in model.values for model in found)]
    if not known:
        st.info(
            "Nothing was measured yet. Judge a model: `python -m evaluation.judges.accuracy --model NAME`."
        )
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
        bars = measure_bars(rows, _axis(measure, flipped), measure.unit, flipped)
        charts.show(bars, f"{_axis(measure, flipped)}, a bar for each model", _lines(rows, measure))
    with right.container(key="leaderboard_scatter"):
        sized = [row for row in rows if row["size"]]
        st.markdown(f"**Small and good is {'down' if measure.less_is_better else 'up'} on the left**")
        if sized:
            dots = size_scatter(sized, SIZES[size], _axis(measure, False), measure.unit)
            words = f"{measure.words} against {SIZES[size]}, a dot for each model"
            charts.show(dots, words, _lines(sized, measure, SIZES[size]))
        else:
            st.write("The size of these models is not known: they have no card.")
    st.caption(f"{measure.hint} Lines through the dots are 95 % intervals, where they are known.")


def _lines(rows: list[dict], measure: Measure, size: str = "") -> list[dict]:
    """Return the points of a chart as lines of a table."""
    lines = []
    for row in rows:
        likely = "" if row["low"] is None else f"{measure.say(row['low'])} to {measure.say(row['high'])}"
        line = {"Model": row["model"], measure.words: measure.say(row["value"]), "95 % interval": likely}
        lines.append(line | ({size: f"{row['size']:,.4g}"} if size else {}))
    return lines


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


def _axis(measure: Measure, flipped: bool) -> str:
    if measure.unit != "share":
        return f"{measure.words} (milliseconds)"
    if measure.less_is_better:
        return measure.words
    return f"{measure.words}: {'read wrong' if flipped else 'read right'}"


def measure_bars(rows: list[dict], title: str, unit: str, flipped: bool) -> alt.LayerChart:
    """Return a bar per model, from 0 and with its interval: the shorter the better.

    Args:
        rows: see the top of this file.
        title: of the axis.
        unit: "share" or e.g. "ms".
        flipped: whether to show what is missing to 1, where more is better: near 100 % all bars look alike.
    """
    shown = sorted((_flipped(row) if flipped else row for row in rows), key=lambda row: row["value"])
    shown = [row | {"words": _value_in_words(row, unit), "end": row["high"] or row["value"]} for row in shown]
    names = alt.Y("model:N", sort=[row["model"] for row in shown], title=None)
    chart = alt.Chart(alt.Data(values=shown)).encode(
        y=names.axis(labelLimit=130, ticks=False, domain=False), color=_colour(rows), tooltip=_tooltip(unit)
    )
    longest = max((row["end"] for row in shown), default=0) or 1
    # Room for the words after the longest bar.
    scale = alt.Scale(domain=[0, 1.3 * longest], nice=False)
    value = alt.X("value:Q", title=title, scale=scale).axis(format=_axis_format(unit), tickCount=4)
    words = alt.X("end:Q", scale=scale)
    return alt.layer(
        chart.mark_bar(opacity=0.35, height={"band": 0.6}).encode(x=value),
        chart.mark_rule(strokeWidth=2.5).encode(x="low:Q", x2="high:Q"),
        chart.mark_point(filled=True, size=70, opacity=1).encode(x="value:Q"),
        chart.mark_text(align="left", dx=9, fontSize=12).encode(
            x=words, text="words:N", color=alt.value(charts.words_colour())
        ),
    ).properties(height=alt.Step(34))


def size_scatter(rows: list[dict], size_title: str, title: str, unit: str) -> alt.LayerChart:
    """Return a dot per model: its size, on a logarithmic axis, against a measure with its interval.

    Args:
        rows: see the top of this file; with `size`, above 0.
        size_title, title: of the axes.
        unit: of the measure, "share" or e.g. "ms".
    """
    bounds = [row[key] for row in rows for key in ("low", "value", "high") if row[key] is not None]
    room = 0.1 * (max(bounds) - min(bounds) or abs(max(bounds)) or 1)
    bottom, top = min(bounds) - room, max(bounds) + room
    sizes = [row["size"] for row in rows]
    left, right = min(sizes) / 1.6, max(sizes) * 5
    points = _named(rows, LABEL_GAP * (top - bottom), (right / left) ** LABEL_STEP)
    top = max(top, points[-1]["name_y"] + room)
    chart = alt.Chart(alt.Data(values=points)).encode(
        x=alt.X("size:Q", title=size_title)
        .scale(type="log", domain=[left, right], nice=False)
        .axis(format="~s" if right > 1000 else "~g", values=STEPS, grid=False),
        color=_colour(rows),
        tooltip=[*_tooltip(unit), alt.Tooltip("size:Q", title=size_title, format=",.4~f")],
    )
    value = alt.Y("value:Q", title=title).scale(domain=[bottom, top], nice=False, zero=False)
    return alt.layer(
        chart.mark_rule(strokeWidth=1, opacity=0.8).encode(y="value:Q", x2="name_x:Q", y2="name_y:Q"),
        chart.mark_rule(strokeWidth=2, opacity=0.6).encode(y="low:Q", y2="high:Q"),
        chart.mark_point(filled=True, size=110, opacity=1).encode(
            y=value.axis(format=_axis_format(unit), tickCount=5)
        ),
        chart.mark_text(align="left", dx=3, fontSize=12).encode(
            x="name_x:Q", y="name_y:Q", text="name:N", color=alt.value(charts.words_colour())
        ),
    ).properties(height=300)


def _flipped(row: dict) -> dict:
    low, high = (None if row[key] is None else 1 - row[key] for key in ("high", "low"))
    return row | {"value": 1 - row["value"], "low": low, "high": high}


def _named(rows: list[dict], gap: float, step: float) -> list[dict]:
    """Return the rows, the lowest first, with `name` and where it stands: `name_x`, `name_y`.

    Args:
        rows: see the top of this file; with `size`.
        gap: least distance of two names, in units of the value.
        step: the factor in size between a dot and its name.
    """
    placed, last = [], -float("inf")
    for row in sorted(rows, key=lambda row: row["value"]):
        last = max(row["value"], last + gap)
        name = _marked_stale(row["model"], row)
        placed.append(row | {"name": name, "name_x": step * row["size"], "name_y": last})
    return placed


def _value_in_words(row: dict, unit: str) -> str:
    return _marked_stale(f"{row['value']:.2%}" if unit == "share" else f"{row['value']:.1f} {unit}", row)


def _marked_stale(words: str, row: dict) -> str:
    return f"{words} (stale)" if row["stale"] else words


def _axis_format(unit: str) -> str:
    return "~%" if unit == "share" else "~f"


def _colour(rows: list[dict]) -> alt.Color:
    colours = [COLOURS[row["place"] % len(COLOURS)] for row in rows]
    scale = alt.Scale(domain=[row["model"] for row in rows], range=colours)
    return alt.Color("model:N", legend=None, scale=scale)


def _tooltip(unit: str) -> list[alt.Tooltip]:
    form = ".2%" if unit == "share" else ".1f"
    return [
        alt.Tooltip("model:N"),
        alt.Tooltip("value:Q", format=form),
        alt.Tooltip("low:Q", format=form, title="95 % interval from"),
        alt.Tooltip("high:Q", format=form, title="to"),
        alt.Tooltip("n:Q", format=",", title="measured on"),
        alt.Tooltip("stale:N"),
    ]
