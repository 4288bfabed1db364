from .activation_charts import (
    channel_chart,
    channel_sheet,
    number_grids,
    signed_colours,
    value_chart,
)
from .charts import probability_chart, probability_spec
from .collection_charts import balance_chart
from .course_charts import course_chart
from .heat import heat_figure, heat_overlay
from .leaderboard_charts import measure_bars, size_scatter
from .lesson_charts import boxed, count_chart, learning_chart, number_table, score_table
from .map_charts import map_chart, map_plot
from .model_charts import confusion_chart, training_chart
from .pictures import change_map, ink_change_map, png, thumbnail_png
from .plots import (
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
from .severity_charts import model_legend, severity_chart
from .sheets import (
    confused_pairs,
    contact_sheet,
    digit_grid,
    ink_change,
    misclassified,
    severity_strips,
    strips,
)
from .style import save

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
    "png",
    "probability_chart",
    "probability_plot",
    "probability_spec",
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
