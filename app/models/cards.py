"""How a model was made and what is required of it: its card in plain words, with its training curves."""

from dataclasses import asdict

import altair as alt
import streamlit as st

from app.shared import charts, icons, models, sidebar
from app.shared.sidebar import Choices
from app.shared.widgets import as_code, as_text
from digits.models import alphabet
from digits.models.card import Card
from digits.models.checkpoints import Entry
from digits.models.leaderboard import Standing, requirements
from digits.plots.colours import GREY, INK, SECOND
from digits.plots.text import percent

LONG = {"history", "trade_off"}
"""Parts of a card that are shown otherwise."""
CURVES = {"": "training", "val_": "validation"}
METRICS = {"accuracy": "share read wrong", "loss": "loss (mean surprise)"}
LEAST = 1e-4
"""What is less than that is drawn there."""


def show(choices: Choices) -> None:
    """Show the card of a chosen model."""
    entry = models.chosen_ui(choices.model, "cards_model")
    card = entry.card
    if card is None:
        st.info(
            f"**{as_text(entry.name)}** has no card, or one that belongs to another file. It works all "
            "the same, but nobody says what it learnt from, and its confidence is not calibrated. The "
            "scripts in `training/` write a card with each model, e.g. `python training/train_cnn.py`."
        )
        return
    with st.container(horizontal=True, key="card_numbers"):
        for label, value in numbers(card).items():
            st.metric(label, value, width="content")
    st.header("What it learnt from", anchor=False)
    st.markdown("\n".join(f"- {sentence}" for sentence in sources(card)))
    st.header("How it was made", anchor=False)
    st.markdown("\n".join(f"- {sentence}" for sentence in making(card)))
    st.header("How sure it sounds", anchor=False)
    st.markdown("\n".join(f"- {sentence}" for sentence in doubt(card)))
    st.header("What is required of it", anchor=False)
    standing = models.standing(entry)
    if standing:
        st.markdown("\n".join(f"- {sentence}" for sentence in kept(standing)))
    st.header("How it learnt", anchor=False)
    _curves(entry)
    with st.expander("The whole card"):
        st.json({key: value for key, value in asdict(card).items() if key not in LONG})


def numbers(card: Card) -> dict[str, str]:
    """Return the figures at the head of a card, by label."""
    return {
        "Parameters": f"{card.parameters:,}",
        "Minutes of training": f"{card.minutes:g}",
        "Right on validation": f"{card.validation['accuracy']:.2%}",
        "Made on": card.created[:10],
    }


def sources(card: Card) -> list[str]:
    """Say what a model learnt from, with licence and attribution."""
    return [
        f"**{as_text(source['name'])}** ({as_text(source.get('licence', 'licence unknown'))}): "
        + as_text(source.get("attribution", ""))
        for source in card.trained_on
    ]


def making(card: Card) -> list[str]:
    """Say how a model was made."""
    if "made_elsewhere" in card.config:
        right = (
            f"It read {card.validation['accuracy']:.1%} of known digits right, which it may have learnt from."
        )
        return [f"It was made elsewhere. {right}", *_remarks(card)]
    versions = ", ".join(f"{as_text(name)} {as_text(version)}" for name, version in card.versions.items())
    found = [
        f"By {as_code(card.config.get('script', 'an unknown script'))}, architecture "
        f"{as_code(card.architecture)}, "
        f"seed {card.seed}, on {as_text(card.hardware)}; {versions}."
    ]
    if "n" in card.validation:
        found.append(
            f"{card.validation['n']:,} validation digits, kept out of the training, guided it and calibrated "
            "its confidence."
        )
    if card.validation.get("learnt_all"):
        found.append(
            "The own digits that were held out judged it first and were learnt afterwards: its confidence is "
            "calibrated on MNIST's validation digits alone."
        )
    return [*found, *_remarks(card)]


def _remarks(card: Card) -> list[str]:
    return [as_text(card.config["remarks"])] if card.config.get("remarks") else []


def doubt(card: Card) -> list[str]:
    """Say how a model's confidence is corrected, and when it calls a digit doubtful."""
    kind = "as it is" if card.temperature == 1 else "raised" if card.temperature < 1 else "lowered"
    found = [
        f"The bare network's confidence is {kind}, so that 90 % means right nine times in ten "
        f"(temperature {card.temperature:.2f})."
    ]
    least = f"It says *not sure* below {percent(card.thresholds['unsure_below'])}."
    refused = "refused" in card.thresholds
    return [
        *found,
        f"{least} {sidebar.price(card.thresholds, alphabet.has_letters(card.labels))}" if refused else least,
    ]


def kept(model: Standing) -> list[str]:
    """Say of each requirement whether it is met."""
    found = [
        f"{icons.RIGHT if promise.kept else icons.WRONG} It {as_text(promise.words)}."
        for promise in requirements(model)
    ]
    return found or ["Nothing."]


def _curves(entry: Entry) -> None:
    histories = {one.name: one.card.history for one in models.usable() if one.card and one.card.history}
    if entry.name not in histories:
        st.write("No training curve was kept for this model.")
        return
    for column, metric in zip(st.columns(2, gap="medium"), ("accuracy", "loss"), strict=True):
        with column:
            chart = training_chart(histories, entry.name, metric)
            charts.show(
                chart, f"{METRICS[metric].capitalize()} by epoch", _epochs(histories[entry.name], metric)
            )
    st.caption(
        "Training digits are made harder (turned, damaged, noisy), so validation may look better. A dotted "
        "line begins a new stage. The axes are the same for all models."
    )


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


def _epochs(history: list[dict], metric: str) -> list[dict]:
    """Return both curves as lines of a table."""
    form = "{:.2%}" if metric == "accuracy" else "{:.3f}"
    lines: dict[int, dict] = {}
    for point in _points(history, metric):
        line = lines.setdefault(point["run"], {"Epoch": point["run"], "Stage": point["stage"]})
        line[point["curve"].capitalize()] = form.format(point["value"])
    return list(lines.values())


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
