"""Many test digits under more and more damage: how many does each model still read?"""

from dataclasses import dataclass, field

import streamlit as st

from digit_ui import damage, digit_source
from digits import Recognizer, comparison, figures
from digits.trust.corruptions import KINDS, SEVERITIES

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
    st.altair_chart(figures.model_legend(sweep.models), width="content")
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
            chosen = st.session_state.get(damage.KIND) or next(iter(KINDS))
            kinds = st.multiselect(
                "Kinds of damage", list(KINDS), [chosen], format_func=damage.title, key="sweep_kinds"
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
            "Start", type="primary", icon="▶️", disabled=not (kinds and ready), key="sweep_start"
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
        st.button("Cancel", icon="⏹️", key="sweep_cancel")
    for row in comparison.sweep(readers, *digits, sweep.kinds):
        sweep.rows.append(row)
        bar.progress(len(sweep.rows) / sweep.steps, _count(sweep))
        if row["model"] == sweep.models[-1]:
            _draw(sweep, row["kind"], places[row["kind"]])
    progress.empty()


def _draw(sweep: Sweep, kind: str, place) -> None:
    place.altair_chart(figures.severity_chart(sweep.of(kind), sweep.models), width="stretch")


def _count(sweep: Sweep) -> str:
    return f"{len(sweep.rows)} of {sweep.steps} measured"


def _table_ui(sweep: Sweep) -> None:
    if len(sweep.rows) < sweep.steps:
        st.info(f"Stopped: {_count(sweep)}. That stays here; Start begins anew.")
    st.caption(f"Share of {sweep.n} test digits that is read right, by severity. 0 is without damage.")
    with st.container(key="sweep_table"):
        st.dataframe(comparison.table(sweep.rows), hide_index=True, column_config=COLUMNS)
    st.download_button(
        "CSV", comparison.to_csv(sweep.rows), "sweep.csv", icon="⬇️", on_click="ignore", key="sweep_csv"
    )
