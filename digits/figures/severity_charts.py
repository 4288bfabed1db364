"""What damage does to models, as charts for pages."""

import altair as alt

from digits.figures.style import FRIENDLY, GREY

DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [10, 4], [4, 1])
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
"""With a colour each, so that a line can be told by any of the three."""


def severity_chart(rows: list[dict], models: list[str]) -> alt.LayerChart:
    """Return accuracy over severity, a line per model, with its 95 % interval as a band; always 0 to 100 %.

    Args:
        rows: of one kind of damage, from `digits.comparison.sweep`.
        models: which line has which colour, the same in all charts that get the same list.
    """
    points = [row | dict(zip(("low", "high"), row["interval_95"], strict=True)) for row in rows]
    share = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    chart = alt.Chart(alt.Data(values=points)).encode(
        x=alt.X(
            "severity:Q",
            title="severity",
            scale=alt.Scale(domain=[0, 5], padding=6),
            axis=alt.Axis(values=list(range(6)), format="d", grid=False),
        ),
        y=alt.Y("accuracy:Q", title="read right", scale=alt.Scale(domain=[0, 1]), axis=share),
        tooltip=[
            alt.Tooltip("model:N"),
            alt.Tooltip("severity:Q"),
            alt.Tooltip("accuracy:Q", format=".1%", title="read right"),
            alt.Tooltip("low:Q", format=".1%", title="at least, likely"),
            alt.Tooltip("high:Q", format=".1%", title="at most, likely"),
            alt.Tooltip("n:Q", title="digits"),
        ],
    )
    band = chart.mark_area(opacity=0.15).encode(_colour(models), y="low:Q", y2="high:Q")
    return alt.layer(band, *_lines(chart, models)).properties(height=220)


def model_legend(models: list[str]) -> alt.LayerChart:
    """Return which line of `severity_chart` stands for which model."""
    rows = [{"model": name, "place": place} for name in models for place in (0, 0.5, 1)]
    chart = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("place:Q", axis=None, scale=alt.Scale(domain=[0, 5], padding=6)),
        y=alt.Y("model:N", sort=models, axis=None),
    )
    line, _ = _lines(chart, models)
    _, point = _lines(chart.transform_filter("datum.place == 0.5"), models)
    names = chart.transform_filter("datum.place == 1").mark_text(
        align="left", dx=10, fontSize=14, color=GREY, limit=230
    )
    return alt.layer(line, point, names.encode(text="model:N")).properties(width=290, height=24 * len(models))


def _lines(chart: alt.Chart, models: list[str]) -> tuple[alt.Chart, alt.Chart]:
    """Return the lines of all models, and the points on them."""
    dash = alt.StrokeDash(
        "model:N", scale=alt.Scale(domain=models, range=_styles(DASHES, models)), legend=None
    )
    shape = alt.Shape("model:N", scale=alt.Scale(domain=models, range=_styles(SHAPES, models)), legend=None)
    line = chart.mark_line(strokeWidth=2).encode(_colour(models), dash)
    return line, chart.mark_point(filled=True, opacity=1, size=50).encode(_colour(models), shape)


def _colour(models: list[str]) -> alt.Color:
    # All but black, which is lost on a dark page.
    scale = alt.Scale(domain=models, range=_styles(FRIENDLY[:-1], models))
    return alt.Color("model:N", scale=scale, legend=None)


def _styles(all_styles: tuple, models: list[str]) -> list:
    return [all_styles[place % len(all_styles)] for place in range(len(models))]
