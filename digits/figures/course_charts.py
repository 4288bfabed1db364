"""A course as a chart that grows while it runs."""

import altair as alt

from digits.figures.style import GREY, INK


def course_chart(history: list[dict[str, float]], epochs: int) -> alt.LayerChart:
    """Return the share of own digits held out that was read right after each epoch, in per cent.

    Args:
        history: a row per finished epoch with `val_accuracy` in [0, 1], one at least. The first is that in
            which the last layer alone learnt; a dotted line ends it.
        epochs: how many there will be: the width is theirs from the beginning.
    """
    rows = [{"run": run, "share": row["val_accuracy"]} for run, row in enumerate(history, start=1)]
    lowest = min(row["share"] for row in rows)
    epoch = alt.X("run:Q", title="epoch (pass over the digits)").scale(
        domain=[0.5, max(epochs, len(rows)) + 0.5], nice=False, zero=False
    )
    line = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(color=INK, strokeWidth=2, point=alt.OverlayMarkDef(size=45, color=INK))
        .encode(
            x=epoch.axis(format="d", tickMinStep=1, grid=False),
            y=alt.Y("share:Q", title="own digits read right")
            .axis(format="~%", tickCount=5)
            .scale(domain=[max(0.0, lowest - 0.1), 1.0], nice=True),
            tooltip=[
                alt.Tooltip("run:Q", title="epoch"),
                alt.Tooltip("share:Q", format=".1%", title="of your digits held out"),
            ],
        )
    )
    border = alt.Chart(alt.Data(values=[{"run": 1.5}])).mark_rule(strokeDash=[2, 3], color=GREY)
    return alt.layer(border.encode(x=epoch), line).properties(height=230)
