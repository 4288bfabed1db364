"""Arrays in, figures out, for files and pages alike: the one place where anything is drawn."""

from digits.figures.activation_charts import (
    channel_chart,
    channel_sheet,
    number_grids,
    signed_colours,
    value_chart,
)
from digits.figures.charts import probability_chart
from digits.figures.collection_charts import balance_chart
from digits.figures.course_charts import course_chart
from digits.figures.heat import heat_figure, heat_overlay
from digits.figures.leaderboard_charts import measure_bars, size_scatter
from digits.figures.lesson_charts import boxed, count_chart, learning_chart, number_table, score_table
from digits.figures.map_charts import map_chart, map_plot
from digits.figures.model_charts import confusion_chart, training_chart
from digits.figures.plots import (
    attacks,
    class_distribution,
    confusion_matrix,
    probability_plot,
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
    ink_change,
    ink_change_map,
    misclassified,
    png,
    severity_strips,
    strips,
    thumbnail_png,
)
from digits.figures.style import save
from digits.numbers import percent

__all__ = [
    "attacks",
    "balance_chart",
    "boxed",
    "change_map",
    "channel_chart",
    "channel_sheet",
    "class_distribution",
    "confused_pairs",
    "confusion_chart",
    "confusion_matrix",
    "contact_sheet",
    "count_chart",
    "course_chart",
    "digit_grid",
    "heat_figure",
    "heat_overlay",
    "ink_change",
    "ink_change_map",
    "learning_chart",
    "map_chart",
    "map_plot",
    "measure_bars",
    "misclassified",
    "model_legend",
    "number_grids",
    "number_table",
    "percent",
    "png",
    "probability_chart",
    "probability_plot",
    "reliability",
    "risk_coverage",
    "save",
    "score_table",
    "severity_chart",
    "severity_curves",
    "severity_strips",
    "signed_colours",
    "size_scatter",
    "strips",
    "thumbnail_png",
    "training_chart",
    "training_curve",
    "trials",
    "value_chart",
]
