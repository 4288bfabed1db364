"""Arrays in, figures out, for files and pages alike: the one place where anything is drawn."""

from digits.figures.charts import probability_chart
from digits.figures.plots import (
    class_distribution,
    confused_pairs,
    confusion_matrix,
    reliability,
    risk_coverage,
    training_curve,
    trials,
)
from digits.figures.sheets import contact_sheet, digit_grid, misclassified, strips, thumbnail_png
from digits.figures.style import percent, save

__all__ = [
    "class_distribution",
    "confused_pairs",
    "confusion_matrix",
    "contact_sheet",
    "digit_grid",
    "misclassified",
    "percent",
    "probability_chart",
    "reliability",
    "risk_coverage",
    "save",
    "strips",
    "thumbnail_png",
    "training_curve",
    "trials",
]
