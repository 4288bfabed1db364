"""Numbers as charts for pages: Altair, so that a visitor can point at them."""

import json
from functools import cache

import altair as alt
import numpy as np

from digits.plots.colours import GREY, INK, PALE
from digits.plots.text import percent


def probability_chart(probabilities: np.ndarray) -> alt.LayerChart:
    """Return a bar chart of ten probabilities (10,), the best three with their values."""
    return _bars(_rows(probabilities))


def probability_spec(probabilities: np.ndarray) -> dict:
    """Return `probability_chart` as Vega-Lite has it, for what is drawn with every stroke of a pen.

    Altair takes longer to check a chart than the reader takes to read, and checks one at a time. This one is
    checked once.
    """
    spec = json.loads(_bars_as_text())
    return spec | {"data": {"values": _rows(probabilities)}}


def _rows(probabilities: np.ndarray) -> list[dict]:
    best = set(np.argsort(-probabilities, kind="stable")[:3].tolist())
    return [
        {
            "digit": str(digit),
            "probability": float(p),
            "name": percent(float(p)).replace("over ", "> ").replace("under ", "< ") if digit in best else "",
            "rank": "first" if digit == int(probabilities.argmax()) else "other",
        }
        for digit, p in enumerate(probabilities)
    ]


def _bars(rows: list[dict]) -> alt.LayerChart:
    bars = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("digit:N", title=None, axis=alt.Axis(labelAngle=0, labelFontSize=15, ticks=False)),
        y=alt.Y("probability:Q", title=None, scale=alt.Scale(domain=[0, 1.08]), axis=None),
        tooltip=[alt.Tooltip("digit:N"), alt.Tooltip("probability:Q", format=".2%")],
    )
    colour = alt.Color("rank:N", legend=None, scale=alt.Scale(domain=["first", "other"], range=[INK, PALE]))
    names = bars.mark_text(dy=-8, fontSize=12, color=GREY).encode(text="name:N")
    return alt.layer(bars.mark_bar(cornerRadius=3).encode(color=colour), names).properties(height=190)


@cache
def _bars_as_text() -> str:
    spec = _bars([]).to_dict()
    spec.pop("config", None)  # sizes of Altair's own look, which a page has for itself
    return json.dumps(spec)
