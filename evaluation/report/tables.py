"""The tables of the READMEs, each made from results and cards alone.

The tables of how fast things are, from the results of bench_speed.py.
"""

from digits.config import DEFAULT_MODEL, results_dir
from digits.files import read_json
from digits.models import checkpoints
from digits.models.leaderboard import MEASURES, Measure, Value, find, standings, table
from evaluation.report.schemas import problems

STALE = " *stale: of another file*"


def results_table() -> str:
    """Return how every model with a result stands, by the measures of digits.models.leaderboard."""
    rows = []
    for model in standings():
        if not model.values:
            continue
        parameters = f"{model.parameters:,}" if model.parameters else "-"
        cells = [measured(measure, model.values.get(name)) for name, measure in MEASURES.items()]
        rows.append([f"`{model.name}`", parameters, f"{model.megabytes:.1f} MB", *cells])
    return table(["model", "parameters", "size", *(measure.words for measure in MEASURES.values())], rows)


def training_table() -> str:
    """Return one row per training command: what it costs and what to expect of it."""
    rows = []
    for path in sorted(results_dir().glob("baseline_*.json")):
        result = read_json(path)
        model, data = result["model"].split(" on ")
        command = f"train_baseline.py --data {data} --model {model}"
        if data == "mnist" and result["n_train"] < 54_000:
            command += f" --limit {result['n_train']}"
        figure = f"{result['accuracy']:.2%} ({result['data']})"
        rows.append([f"`{command}`", "-", f"{result['minutes']:.1f}", "-", figure])
    for entry in checkpoints.entries():
        config = entry.card.config if entry.card else {}
        if config.get("script") and config.get("limit") is None:
            minutes, parameters = f"{entry.card.minutes:.0f}", f"{entry.card.parameters:,}"
            script, figure = f"`{config['script']}.py`", _validation(entry.card.validation)
            rows.append([script, f"`{entry.name}`", minutes, parameters, figure])
    return table(["script", "makes", "minutes", "parameters", "validation"], rows)


def handwriting_table() -> str:
    """Return one row per set of handwriting for the default model: what was asked, what was reached."""
    judged = default_result("handwriting")
    if not judged:
        return not_measured("handwriting")
    rows = []
    name, result = judged
    for row in result["sets"]:
        asked = "-" if row["asked"] is None else f"{row['asked']:.1%}"
        rows.append([row["words"], asked, _interval(row), f"{row['n']:,}"])
    if "calibration" in result:
        found = result["calibration"]
        words = "calibration error on pen canvases (ECE)"
        rows.append([words, f"{found['asked']:.1%} or less", f"**{found['ece']:.2%}**", f"{found['n']:,}"])
    return table([f"read the whole road by {name}", "asked", "reached (95 % interval)", "of"], rows)


def doubt_table(result: dict | None = None) -> str:
    """Return how well each score tells digits from what is none: letters, and the mean over what is made."""
    path = results_dir() / "doubt.json"
    if result is None and not path.exists():
        return "Not measured yet."
    lines = []
    for row in (result or read_json(path))["rows"]:
        real = row["kinds"]["letters"]
        made = [figures["caught_99%"] for kind, figures in row["kinds"].items() if kind != "letters"]
        cells = [f"{real['auroc']:.3f}", f"{real['caught_95%']:.1%}", f"{real['caught_99%']:.1%}"]
        lines.append([f"`{row['model']}`", row["score"], *cells, f"{sum(made) / len(made):.1%}"])
    header = ["model", "score", "letters: AUROC", "caught, 95 % of digits answered", "99 % answered"]
    return table([*header, "made strangers caught, 99 % answered"], lines)


def canvas_table() -> str:
    """Return, per model, the accuracy lost or won with the size of a digit and the brush."""
    parts = []
    for name, result in results_of("canvas").items():
        brushes = sorted({row["brush"] for row in result["rows"]})
        rows = []
        for size in sorted({row["size"] for row in result["rows"]}):
            cells = [row for row in result["rows"] if row["size"] == size]
            rows.append([f"{size:.0%}", *(_cell(row) for row in cells)])
        centred = result["centred"]["accuracy"]
        parts.append(
            f"{name}: drawn at 100 % in the middle with brush 18, {centred:.2%} of "
            f"{result['n']:,} are read right. Anywhere else, in percentage points against that:\n\n"
            + table(["size", *(f"brush {brush}" for brush in brushes)], rows)
        )
    return "\n\n".join(parts) or "Not measured yet: `python -m evaluation.judges.canvas` does."


def _interval(figures: dict) -> str:
    low, high = figures["interval_95"]
    return f"**{figures['accuracy']:.2%}** ({low:.2%} to {high:.2%})"


def measured(measure: Measure, value: Value | None) -> str:
    if value is None:
        return "-"
    text = f"**{measure.say(value.value)}**"
    if value.interval:
        text += " ({:.2%} to {:.2%})".format(*value.interval)
    return text + (STALE if value.stale else "")


def _validation(figures: dict) -> str:
    if "own_after" not in figures:
        return f"{figures['accuracy']:.2%} of MNIST's {figures['n']:,}"
    return (
        f"own digits held out {figures['own_before']:.2%} before, {figures['own_after']:.2%} after; "
        f"MNIST {figures['mnist_before']:.2%} before, {figures['mnist_after']:.2%} after"
    )


def _cell(row: dict) -> str:
    text = f"{row['difference_points']:+.2f}"
    return text if row["readable"] else f"({text})"


def results_of(kind: str) -> dict[str, dict]:
    """Return the result of each model with a card that has one, by its name as `named_result` marks it."""
    return dict(filter(None, (named_result(kind, entry) for entry in checkpoints.entries())))


def default_result(kind: str) -> tuple[str, dict] | None:
    """Return what `named_result` does of the default model; None also where that is missing."""
    entry = next((entry for entry in checkpoints.entries() if entry.name == DEFAULT_MODEL), None)
    return named_result(kind, entry) if entry else None


def not_measured(script: str) -> str:
    """Return what stands in a table's place until a script has judged the default model."""
    return f"Not measured yet for `{DEFAULT_MODEL}` as it is now: `python evaluation/{script}.py` does."


def named_result(kind: str, entry: checkpoints.Entry) -> tuple[str, dict] | None:
    """Return a model's name, marked where the result is of another file, and its result; None without one.

    A result that is not as schema.json says, e.g. of an older format, counts as none.
    """
    result = find(entry.name, kind, entry.card.sha256) if entry.card else None
    if result is None or problems(kind, result.figures):
        return None
    return f"`{entry.name}`" + (STALE if result.stale else ""), result.figures


WORDS = {
    "page_seconds": (
        "`make app`, from the start of the process to the canvas in Chromium, slowest start",
        "s",
    ),
    "page_seconds_median": ("the same, half of the starts", "s"),
    "bare_page_seconds_median": ("an app of one line, to that line: what Streamlit and Chromium need", "s"),
    "answer_seconds": ("to the first answer for a digit drawn at once, slowest start", "s"),
    "stroke_p50_ms": ("from the end of a stroke to the whole answer in Chromium, half of them", "ms"),
    "stroke_p95_ms": ("the same, 95 % of them", "ms"),
    "tensorflow_page_seconds": ("without an export beside the model: to the canvas", "s"),
    "tensorflow_answer_seconds": ("without an export: to the first answer", "s"),
    "tensorflow_stroke_p50_ms": ("without an export, TensorFlow warm: stroke to answer, half of them", "ms"),
    "tensorflow_stroke_p95_ms": ("the same, 95 % of them", "ms"),
    "import_seconds": ("`import digits`", "s"),
    "read_seconds": ("`python -m digits read` of one picture", "s"),
    "read_tensorflow_seconds": ("the same without an export beside the model", "s"),
    "canvas_ms": ("one canvas, from picture to answer", "ms"),
    "canvases_per_second": ("canvases in a batch", "a second"),
    "photo_seconds": ("a photo of 12 megapixels with ten digits", "s"),
    "severity_ms": ("a move of the slider on the page of damage", "ms"),
    "grad_cam_ms": ("a heat map by Grad-CAM", "ms"),
    "integrated_gradients_ms": ("one by integrated gradients", "ms"),
    "occlusion_ms": ("one by occlusion", "ms"),
    "sweep_seconds": ("all damage at all severities on 10,000 digits", "s"),
}
"""Figure: what it is in words, and its unit."""


def speed_table() -> str:
    """Return how long everything takes with the default model, beside what was asked."""
    judged = default_result("speed")
    if not judged:
        return not_measured("bench_speed")
    name, result = judged
    rows = []
    for figure, (words, unit) in WORDS.items():
        if figure in result:
            asked = result["asked"].get(figure)
            rows.append([words, *_held(result[figure], asked, unit)])
    return table([f"with {name} on {result['machine']}", "asked", "reached"], rows)


def stages_table() -> str:
    """Return where the milliseconds of a canvas and of a photo go."""
    rows = []
    for name, result in results_of("speed").items():
        for what in ("canvas", "photo"):
            stages = result.get(f"{what}_stages_ms", {})
            if stages:
                rows.append([name, what, *(f"{ms:.2f} ms" for ms in stages.values())])
                header = ["model", "picture", *stages]
    return table(header, rows) if rows else ""


def runtimes_table() -> str:
    """Return the frames a second of every model in every program."""
    rows = []
    for result in results_of("speed").values():
        for row in result.get("runtimes", []):
            cells = [f"{speed:,.0f}" for speed in row["per_second"].values()]
            rows.append([f"`{row['model']}`", row["words"], *cells])
            header = ["model", "program", *(f"{batch} at a time" for batch in row["per_second"])]
    return table(header, rows) if rows else ""


def training_speed_table() -> str:
    """Return how many digits a second training learns from, beside the plain example."""
    rows = []
    for result in results_of("speed").values():
        rates = result.get("training_per_second", {})
        plain = next(iter(rates.values()), None)
        rows += [[name, f"{rate:,.0f}", f"{rate / plain:.2f}"] for name, rate in rates.items()]
    return table(["training", "digits a second", "of the plain example"], rows) if rows else ""


def _held(value: float, asked: float | None, unit: str) -> list[str]:
    shown = f"**{value:g} {unit}**"
    if asked is None:
        return ["-", shown]
    kept = value >= asked if unit == "a second" else value <= asked
    return [f"{asked:g} {unit}", shown if kept else f"{shown}, missed"]
