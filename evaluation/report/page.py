"""REPORT.md: all that was measured, in tables and figures, for people who want to look closer."""

from digits.config import results_dir
from digits.models import checkpoints
from digits.models.leaderboard import MEASURES
from digits.plots import curves
from evaluation.report.judge_tables import (
    adversarial_table,
    attacks_table,
    batch_table,
    calibration_table,
    comparison_table,
    damage_table,
    doubted_table,
    explanations_table,
    exports_table,
    label_noise_table,
    mnist_c_table,
    promises_table,
    server_table,
)
from evaluation.report.tables import (
    canvas_table,
    handwriting_table,
    results_of,
    results_table,
    runtimes_table,
    speed_table,
    stages_table,
    training_speed_table,
)
from evaluation.report.trust_tables import personalise_table, sheets_table, trust_table

INTRODUCTION = """# Report

Made by `python -m evaluation.report` from the results beside it; nothing here is typed by hand.
Validation chose, the test digits report. Intervals are 95 % (Wilson; for means over several questions,
normal over digits). *stale* marks what was measured on another file than the one that now bears the
model's name."""

CALIBRATION = """How far confidence is from the truth before and after the card's temperature (ECE, 15 bins),
and in brackets what it would be by chance, 95 times of 100, were every confidence true.
Then what answering only the surest costs (area under the risk-coverage curve), and how well
the evidence tells digits from letters that no training saw."""

DAMAGE = """Mean share read right over severities 1 to 5 of each kind, bare network, 10,000 test digits;
each model's worst kind is bold. The kinds of MNIST-C are made by our own code after its
paper and generator: the published set is not used. Some kinds resemble each other."""

ATTACKS = """The attacker knows the network and may change every pixel by up to epsilon of the range from
black to white: FGSM in one step, PGD in 40 from three random starts. What withstands the
largest epsilon is attacked harder: 200 steps from six starts more. Where that gains over
half a point, the 40 steps had not converged, and only the last figure counts."""

EXPORTS = """What `python -m digits export` writes, asked MNIST's test digits: the share read as by the model,
the largest difference of a probability, and the time for one frame alone in the program that
read the file here: Keras, TensorFlow, LiteRT, ONNX Runtime; for tfjs TensorFlow, not a browser."""

SERVER = """`python -m digits serve`, asked by wrk on the same machine, so that both share its cores: every
client sends its next picture, a pen digit on a canvas as PNG, when the last one is answered. What
waits at the same time is read together."""

BULK = """`python -m digits batch` on MNIST's test digits, half of them enlarged on canvases of 140 x 140.
Answers are held against those of one process that reads a folder; memory is that of all processes
together."""

STAGES = "Where the time of one picture goes; to judge is to choose among candidates and to give a verdict:"

RUNTIMES = "Frames a second of the bare networks, asked one, 64 and 512 at a time:"

TRAINING = """Digits a second in an epoch of training, from MNIST, 128 a step. The plain example is "Simple
MNIST convnet" of Keras' pages; ours moves, turns and thickens each digit anew and saves its state:"""

EXPLANATIONS = """Of the likeliest digit of MNIST's first test digits. The lower the answer left while ink
is erased, the better a map knows what the answer rests on (area under the deletion curve, beside
random order); the last figure is the rank correlation, without its sign, with maps for the same
network with its weights shuffled five times anew, on thirty digits, where those are not empty:
near 1, a map says nothing about what was learnt."""

MEANT = "\n".join(f"- **{measure.words}**: {measure.hint}" for measure in MEASURES.values())


def write() -> str:
    """Return the report as Markdown, with links to those figures that are there."""
    names = [entry.name for entry in checkpoints.entries() if entry.card]
    parts = [
        INTRODUCTION,
        f"## How the models stand\n\n{results_table()}\n\n{MEANT}",
        f"## Promises\n\n`report.py --gate` fails when one is not kept.\n\n{promises_table()}",
        f"## Handwriting as it comes\n\n{handwriting_table()}",
        f"## Doubt\n\nOn MNIST's test digits.\n\n{doubted_table()}",
        f"## Calibration\n\n{CALIBRATION}\n\n{calibration_table()}",
        _figures("reliability", names),
        _figures("risk_coverage", names),
        f"## Damage\n\n{DAMAGE}\n\n{damage_table()}",
        f"The kinds of MNIST-C alone, at its severities:\n\n{mnist_c_table()}",
        _figure("all_models_robustness", "Accuracy over severity, a panel per kind, a line per model"),
        _figure("corruptions", "Three test digits under each kind of damage at severities 0 to 5"),
        f"## Attacks\n\n{ATTACKS}\n\n{attacks_table()}",
        f"The same network before adversarial training and after it. {adversarial_table()}",
        f"Our attacks and published ones on the same digits:\n\n{comparison_table()}",
        _figures("attacks", names),
        f"## Explanations\n\n{EXPLANATIONS}\n\n{explanations_table()}",
        f"## Teaching it a hand\n\n{personalise_table()}",
        f"Sheets filled with pen strokes, on simulated photos:\n\n{sheets_table()}",
        f"## Time\n\n{speed_table()}",
        f"{STAGES}\n\n{stages_table()}",
        f"{RUNTIMES}\n\n{runtimes_table()}",
        f"{TRAINING}\n\n{training_speed_table()}",
        f"## What it withstands\n\n{trust_table()}",
        f"## Served over HTTP\n\n{SERVER}\n\n{server_table()}",
        f"## In bulk\n\n{BULK}\n\n{batch_table()}",
        f"## Exports\n\n{EXPORTS}\n\n{exports_table()}",
        f"## Size, place and pen\n\n{canvas_table()}",
        f"## Labels in doubt\n\n{label_noise_table()}",
        _figure("label_noise", "Test digits whose label the models doubt together"),
        "## Mistakes",
        _figures("pairs", names),
        _figures("confusion", names),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def draw(write: bool) -> None:
    """Draw what needs the results of several models, where there are any."""
    sweeps = {name.strip("`"): result for name, result in results_of("robustness").items()}
    if sweeps and write:
        path = results_dir() / "figures" / "all_models_robustness.png"
        curves.save(curves.severity_curves(sweeps), path)


def _figures(kind: str, names: list[str]) -> str:
    return "\n".join(
        filter(None, (_figure(f"{name}_{kind}", f"{name}, {kind.replace('_', ' ')}") for name in names))
    )


def _figure(stem: str, words: str) -> str:
    there = (results_dir() / "figures" / f"{stem}.png").exists()
    return f"![{words}](figures/{stem}.png)" if there else ""
