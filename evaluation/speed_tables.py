"""The tables of how fast things are, from the results of bench_speed.py."""

from tables import default_result, not_measured, results_of

from digits.results import table

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
