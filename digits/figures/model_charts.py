"""One model as charts for pages: Altair, so that a visitor can point at them."""

import altair as alt
import numpy as np

from digits.contract import CLASSES
from digits.figures.plots import WORST
from digits.figures.style import GREY, INK, SECOND

CURVES = {"": "training", "val_": "validation"}
METRICS = {"accuracy": "share read wrong", "loss": "loss (mean surprise)"}
LEAST = 1e-4
"""What is less than that is drawn there."""


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
        right.mark_text(fontSize=10, color=GREY).encode(text="count:Q"),
    ).properties(height=430)


def training_chart(histories: dict[str, list[dict]], name: str, metric: str) -> alt.LayerChart:
    """Return how a model learnt: a metric and its validation twin by epoch, on one scale for all models.

    Args:
        histories: by model what their cards keep; a stage of training begins wherever epochs begin anew.
        name: of the model to draw.
        metric: of `METRICS`; of the accuracy what is missing to 1, since near 100 % all curves look alike.
    """
    every = [point["value"] for history in histories.values() for point in _points(history, metric)]
    longest = max(map(len, histories.values()))
    form = "~%" if metric == "accuracy" else "~f"
    colours = alt.Scale(domain=list(CURVES.values()), range=[SECOND, INK])
    curve = alt.Color("curve:N", title=None, scale=colours).legend(
        orient="top", symbolType="stroke", symbolStrokeWidth=4
    )
    value = alt.Y("value:Q", title=METRICS[metric]).scale(
        type="log", domain=[min(every, default=LEAST), max(every, default=1)], nice=False
    )
    run = alt.X("run:Q", title="epoch (pass over the training digits)").scale(domain=[0, longest], nice=False)
    chart = alt.Chart(alt.Data(values=_points(histories[name], metric))).encode(
        x=run.axis(format="d", tickCount=6, grid=False)
    )
    lines = chart.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=18)).encode(
        y=value.axis(format=form, values=[step / 10**n for n in range(5) for step in (1, 2, 5)]),
        color=curve,
        detail="stage:N",
        tooltip=[
            alt.Tooltip("curve:N"),
            alt.Tooltip("run:Q", title="epoch"),
            alt.Tooltip("stage:Q"),
            alt.Tooltip("value:Q", format=".2%" if metric == "accuracy" else ".3f", title=METRICS[metric]),
        ],
    )
    begins = [row["run"] - 0.5 for row in _in_stages(histories[name]) if row["begins"] and row["run"] > 1]
    borders = alt.Chart(alt.Data(values=[{"run": run} for run in begins]))
    rules = borders.mark_rule(strokeDash=[2, 3], color=GREY).encode(x="run:Q")
    return alt.layer(rules, lines).properties(height=260)


def _points(history: list[dict], metric: str) -> list[dict]:
    """Return the points of both curves; a logarithmic axis has no 0."""
    return [
        {key: row[key] for key in ("run", "stage")}
        | {"curve": words, "value": max(LEAST, 1 - value if metric == "accuracy" else value)}
        for row in _in_stages(history)
        for prefix, words in CURVES.items()
        if (value := row.get(prefix + metric)) is not None
    ]


def _in_stages(history: list[dict]) -> list[dict]:
    """Return the rows with `run`, their number counted on from stage to stage, `stage` and `begins`."""
    rows: list[dict] = []
    stage = 0
    for run, row in enumerate(history, start=1):
        begins = not rows or row["epoch"] <= rows[-1]["epoch"]
        stage += begins
        rows.append(row | {"run": run, "stage": stage, "begins": begins})
    return rows
