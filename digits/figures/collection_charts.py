"""Charts of what was collected."""

import altair as alt
import numpy as np

from digits.figures.style import GREY, INK


def balance_chart(counts: np.ndarray) -> alt.LayerChart:
    """Return how many of each digit there are, counts (10,), as ten bars with their number."""
    rows = [{"digit": str(digit), "count": int(count)} for digit, count in enumerate(counts)]
    bars = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("digit:N", title=None, axis=alt.Axis(labelAngle=0, labelFontSize=15, ticks=False)),
        y=alt.Y("count:Q", axis=None).scale(zero=True, domain=[0, 1.25 * max(1, counts.max())]),
        tooltip=[alt.Tooltip("digit:N", title="digit"), alt.Tooltip("count:Q", title="collected")],
    )
    numbers = bars.mark_text(dy=-8, fontSize=13, color=GREY).encode(text="count:Q")
    return alt.layer(bars.mark_bar(cornerRadius=3, color=INK), numbers).properties(height=150)
