"""Many test digits under more and more damage: how many does each model still read?

What damage does to models, as charts for pages.
"""

from dataclasses import dataclass, field

import altair as alt
import streamlit as st

from app.robustness import corrupt
from app.shared import charts, digit_source, icons
from digits import Recognizer
from digits.plots.colours import FRIENDLY
from digits.plots.text import listed
from digits.robustness import sweep as comparison
from digits.robustness.corruptions import KINDS, SEVERITIES

SHARE = st.column_config.NumberColumn(format="percent", width="small")
MANY, FEW = 252, 390  # pixels of a chart's width, where there are many or few
COLUMNS = {str(severity): SHARE for severity in (0, *SEVERITIES)}


@dataclass
class Sweep:
    """What was asked, and what is measured so far."""

    kinds: list[str]
    models: list[str]
    n: int
    rows: list[dict] = field(default_factory=list)

    @property
    def steps(self) -> int:
        """How many rows there will be."""
        return len(self.kinds) * len(self.models) * len(COLUMNS)

    def of(self, kind: str) -> list[dict]:
        """Return the rows of a kind."""
        return [row for row in self.rows if row["kind"] == kind]


def sweep_ui(readers: list[Recognizer]) -> None:
    """Draw choices, progress and results.

    Not a fragment: a click in a fragment waits until the fragment is done, and Cancel must not wait.
    Any click ends the run where it is; what was measured stays in the session.
    """
    digits = digit_source.test_digits(10_000)
    if digits is None:
        return
    kinds, n, begun = _choices_ui(bool(readers))
    if begun:
        st.session_state["sweep"] = Sweep(kinds, [reader.name for reader in readers], n)
    sweep = st.session_state.get("sweep")
    if sweep is None:
        st.caption("Press Start. You can stop at any moment and keep what was measured until then.")
        return
    progress = st.empty()
    charts.show(model_legend(sweep.models), f"Lines of {listed(sweep.models)}", width="content")
    with st.container(horizontal=True, key="sweep_charts"):
        shown = [kind for kind in sweep.kinds if begun or sweep.of(kind)]
        places = {kind: _place(kind, len(shown)) for kind in shown}
    result = st.empty()  # so that an older one is gone while this one is measured
    if begun:
        _measure(sweep, readers, comparison.sample(*digits, n), progress, places)
    else:
        for kind, place in places.items():
            _draw(sweep, kind, place)
    with result.container():
        _table_ui(sweep)


def _choices_ui(ready: bool) -> tuple[list[str], int, bool]:
    """Draw what to measure; return the kinds of damage, the number of digits, and whether to begin."""
    left, right = st.columns(2, gap="large")
    with left:
        every = st.toggle(f"All {len(KINDS)} kinds of damage", key="sweep_all", persist_state="session")
        if every:
            kinds = list(KINDS)
        else:
            chosen = st.session_state.get(corrupt.KIND) or next(iter(KINDS))
            kinds = st.multiselect(
                "Kinds of damage", list(KINDS), [chosen], format_func=corrupt.title, key="sweep_kinds"
            )
    with right:
        n = st.slider(
            "Test digits",
            100,
            1000,
            200,
            100,
            key="sweep_n",
            persist_state="session",
            help="Drawn at random from the 10,000, the same ones each time. More digits take longer and make "
            "the bands narrower: they show between what chance alone may have moved a line.",
        )
        begun = st.button(
            "Start", type="primary", icon=icons.GO, disabled=not (kinds and ready), key="sweep_start"
        )
    return kinds, n, begun


def _place(kind: str, kinds: int):
    with st.container(width=MANY if kinds > 2 else FEW, gap="xxsmall"):
        st.markdown(f"**{kind.replace('_', ' ')}** · {KINDS[kind].words}")
        return st.empty()


def _measure(sweep: Sweep, readers: list[Recognizer], digits: tuple, progress, places: dict) -> None:
    """Measure row after row, each into the session at once."""
    with progress.container(horizontal=True, vertical_alignment="center", key="sweep_progress"):
        bar = st.progress(0.0, _count(sweep))
        st.button("Cancel", icon=icons.STOP, key="sweep_cancel")
    for row in comparison.compare(readers, *digits, sweep.kinds):
        sweep.rows.append(row)
        bar.progress(len(sweep.rows) / sweep.steps, _count(sweep))
        if row["model"] == sweep.models[-1]:
            _draw(sweep, row["kind"], places[row["kind"]])
    progress.empty()


def _draw(sweep: Sweep, kind: str, place) -> None:
    words = f"Share read right by severity, under {kind}; the same figures are in the table below"
    with place.container():
        charts.show(severity_chart(sweep.of(kind), sweep.models), words)


def _count(sweep: Sweep) -> str:
    return f"{len(sweep.rows)} of {sweep.steps} measured"


def _table_ui(sweep: Sweep) -> None:
    if len(sweep.rows) < sweep.steps:
        st.info(f"Stopped: {_count(sweep)}. That stays here; Start begins anew.")
    st.caption(f"Share of {sweep.n} test digits that is read right, by severity. 0 is without damage.")
    with st.container(key="sweep_table"):
        st.dataframe(comparison.table(sweep.rows), hide_index=True, column_config=COLUMNS)
    st.download_button(
        "CSV",
        comparison.to_csv(sweep.rows),
        "sweep.csv",
        icon=icons.DOWNLOAD,
        on_click="ignore",
        key="sweep_csv",
    )


DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [10, 4], [4, 1])
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
"""With a colour each, so that a line can be told by any of the three."""


def severity_chart(rows: list[dict], models: list[str]) -> alt.LayerChart:
    """Return accuracy over severity, a line per model, with its 95 % interval as a band; always 0 to 100 %.

    Args:
        rows: of one kind of damage, from `digits.robustness.sweep.sweep`.
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
        align="left", dx=10, fontSize=14, color=charts.words_colour(), limit=230
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
