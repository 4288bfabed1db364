"""Models against each other as charts for pages: Altair, so that a visitor can point at them.

All take the same rows, one per model: `model`, `place` among all models, which gives it its colour, `value`,
`low` and `high` of its 95 % interval, `n` (all three None where not known) and `stale`.
"""

import altair as alt

from digits.figures.style import FRIENDLY, GREY

COLOURS = (*FRIENDLY[:6], GREY)
"""Of models, by their place; dark pages would swallow the black of FRIENDLY."""

LABEL_GAP, LABEL_STEP = 0.06, 0.05
"""In a scatter chart the least distance of two names, as a share of its height, and that from dot to name, as
a share of its width."""

STEPS = [step * 10**power for power in range(-3, 10) for step in (1, 2, 5)]
"""Where a logarithmic axis may have its marks."""


def measure_bars(rows: list[dict], title: str, unit: str, flipped: bool) -> alt.LayerChart:
    """Return a bar per model, from 0 and with its interval: the shorter the better.

    Args:
        rows: see the top of this file.
        title: of the axis.
        unit: "share" or e.g. "ms".
        flipped: whether to show what is missing to 1, where more is better: near 100 % all bars look alike.
    """
    shown = sorted((_flipped(row) if flipped else row for row in rows), key=lambda row: row["value"])
    shown = [row | {"words": _words(row, unit), "end": row["high"] or row["value"]} for row in shown]
    names = alt.Y("model:N", sort=[row["model"] for row in shown], title=None)
    chart = alt.Chart(alt.Data(values=shown)).encode(
        y=names.axis(labelLimit=130, ticks=False, domain=False), color=_colour(rows), tooltip=_tooltip(unit)
    )
    longest = max((row["end"] for row in shown), default=0) or 1
    # Room for the words after the longest bar.
    scale = alt.Scale(domain=[0, 1.3 * longest], nice=False)
    value = alt.X("value:Q", title=title, scale=scale).axis(format=_axis(unit), tickCount=4)
    words = alt.X("end:Q", scale=scale)
    return alt.layer(
        chart.mark_bar(opacity=0.35, height={"band": 0.6}).encode(x=value),
        chart.mark_rule(strokeWidth=2.5).encode(x="low:Q", x2="high:Q"),
        chart.mark_point(filled=True, size=70, opacity=1).encode(x="value:Q"),
        chart.mark_text(align="left", dx=9, fontSize=12, color=GREY).encode(
            x=words, text="words:N", color=alt.value(GREY)
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
            y=value.axis(format=_axis(unit), tickCount=5)
        ),
        chart.mark_text(align="left", dx=3, fontSize=12).encode(
            x="name_x:Q", y="name_y:Q", text="name:N", color=alt.value(GREY)
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
        name = _stale(row["model"], row)
        placed.append(row | {"name": name, "name_x": step * row["size"], "name_y": last})
    return placed


def _words(row: dict, unit: str) -> str:
    return _stale(f"{row['value']:.2%}" if unit == "share" else f"{row['value']:.1f} {unit}", row)


def _stale(words: str, row: dict) -> str:
    return f"{words} (stale)" if row["stale"] else words


def _axis(unit: str) -> str:
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
