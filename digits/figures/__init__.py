"""Arrays in, figures out, for files and pages alike: the one place where anything is drawn."""

from digits.figures.charts import probability_chart
from digits.figures.leaderboard_charts import measure_bars, size_scatter
from digits.figures.model_charts import confusion_chart, training_chart
from digits.figures.plots import (
    attacks,
    class_distribution,
    confusion_matrix,
    reliability,
    risk_coverage,
    severity_curves,
    training_curve,
    trials,
)
from digits.figures.severity_charts import model_legend, severity_chart
from digits.figures.sheets import (
    change_map,
    confused_pairs,
    contact_sheet,
    digit_grid,
    misclassified,
    png,
    severity_strips,
    strips,
    thumbnail_png,
)
from digits.figures.style import percent, save

__all__ = [
    "attacks",
    "change_map",
    "class_distribution",
    "confused_pairs",
    "confusion_chart",
    "confusion_matrix",
    "contact_sheet",
    "digit_grid",
    "measure_bars",
    "misclassified",
    "model_legend",
    "percent",
    "png",
    "probability_chart",
    "reliability",
    "risk_coverage",
    "save",
    "severity_chart",
    "severity_curves",
    "severity_strips",
    "size_scatter",
    "strips",
    "thumbnail_png",
    "training_chart",
    "training_curve",
    "trials",
]
