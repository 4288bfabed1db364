"""Ten probabilities as a bar chart, written as Vega-Lite has it.

Without Altair, which takes half a second to import, and longer to check a chart than a reader takes to read:
this one is drawn with every stroke of a pen.
"""

from copy import deepcopy

import numpy as np
import streamlit as st

from digits.plots.colours import GREY, INK, PALE
from digits.plots.text import percent

BARS = {
    "height": 190,
    "encoding": {
        "x": {
            "field": "digit",
            "type": "nominal",
            "title": None,
            "axis": {"labelAngle": 0, "labelFontSize": 15, "ticks": False},
        },
        "y": {
            "field": "probability",
            "type": "quantitative",
            "title": None,
            "axis": None,
            "scale": {"domain": [0, 1.08]},
        },
        "tooltip": [
            {"field": "digit", "type": "nominal"},
            {"field": "probability", "type": "quantitative", "format": ".2%"},
        ],
    },
    "layer": [
        {
            "mark": {"type": "bar", "cornerRadius": 3},
            "encoding": {
                "color": {
                    "field": "rank",
                    "type": "nominal",
                    "legend": None,
                    "scale": {"domain": ["first", "other"], "range": [INK, PALE]},
                }
            },
        },
        {
            "mark": {"type": "text", "color": GREY, "dy": -8, "fontSize": 12},
            "encoding": {"text": {"field": "name", "type": "nominal"}},
        },
    ],
}


def show_probabilities(probabilities: np.ndarray) -> None:
    """Draw ten probabilities (10,), the best three with their values."""
    spec = deepcopy(BARS)  # Streamlit may change what it is given
    st.vega_lite_chart(spec | {"data": {"values": rows(probabilities)}}, width="stretch")


def rows(probabilities: np.ndarray) -> list[dict]:
    """Return a bar for each digit; only the best three have a name, and none claims certainty."""
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
