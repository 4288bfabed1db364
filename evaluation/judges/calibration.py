"""Does a model's confidence mean what it says, and does it tell digits from what is none?

    python -m evaluation.judges.calibration --model mnist_cnn        # one minute

On MNIST's test digits and, where the data is, on pen digits of sites that no training saw, the bare network:
the calibration error before and after the card's temperature, the reliability diagram, and what answering
only the surest costs. Then both against letters of the same sites and outliers made from test digits, by
the largest probability (Hendrycks & Gimpel, 2017, arXiv:1610.02136) and by the energy (Liu et al., 2020,
arXiv:2010.03759). Writes evaluation/results/<name>.calibration.json and, under figures/, the reliability
diagram and the risk-coverage curves.
"""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro

from digits import Recognizer, config, experiment, metrics
from digits.config import DEFAULT_MODEL, find_data, results_dir
from digits.data import handwriting
from digits.data.mnist_test import load_test
from digits.data.outliers import KINDS, make_outliers
from digits.models import calibration, checkpoints
from digits.models.leaderboard import NETWORK, Result
from digits.plots import curves
from digits.preprocessing.frame import as_batch
from evaluation.judges.pen import TEST_SITES

MNIST, PEN, LETTERS = "MNIST test", "pen, unseen sites", "letters"
DATA = ("mnist.npz", "handwriting/unipen_strokes.npz", "handwriting/not_digits_strokes.npz")
BINS = 15
COVERAGES = (1.0, 0.99, 0.95, 0.9)
"""Shares of the digits, the surest, for which the share of wrong answers is named."""
KEPT = 0.95
"""Share of the digits that pass where passing outliers are counted."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Judge a model's confidence, and how it tells digits from what is none."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    limit: int | None = None
    """Judge on the first so many test digits only; the result is kept apart."""
    each: int = 500
    """Outliers of each kind that are made; another number is kept apart."""
    draws: int = metrics.DRAWS
    """How often chance is played anew for an interval; another number is kept apart."""
    seed: int = 1
    """Start of everything left to chance: pens, outliers, intervals; another one is kept apart."""

    def __post_init__(self):
        config.check("--limit", self.limit, self.limit is None or self.limit >= 10, "10 or more")
        config.check_least(self, each=10, draws=10, seed=0)

    @property
    def part(self) -> str:
        """What the result's name says of anything but the whole."""
        usual = dataclasses.replace(self, model=DEFAULT_MODEL, limit=None) == Settings()
        return ("" if usual else ".some") + ("" if self.limit is None else f".first{self.limit}")


def judge(logits: np.ndarray, labels: np.ndarray, temperature: float, seed: int, draws: int) -> dict:
    """Return accuracy, calibration before and after the temperature, and risk over coverage.

    Args:
        logits: (N, 10).
        labels: (N,).
        temperature: of the card.
        seed: of the intervals.
        draws: how often chance is played anew for each.
    """
    probabilities = calibration.softmax(logits, temperature)
    right = probabilities.argmax(axis=1) == labels
    coverage, risk = metrics.risk_coverage(probabilities.max(axis=1), right)

    def area(rows: np.ndarray) -> float:
        return float(metrics.risk_coverage(probabilities[rows].max(axis=1), right[rows])[1].mean())

    return {
        **metrics.share_right(int(right.sum()), len(right)),
        "errors": int((~right).sum()),
        "before": calibrated(logits, labels, 1.0, seed, draws),
        "after": calibrated(logits, labels, temperature, seed, draws),
        "aurc": round(float(risk.mean()), 6),
        "aurc_interval_95": metrics.bootstrap(area, len(labels), np.random.default_rng(seed), draws),
        "risk_at": [metrics.risk_at(share, risk) for share in COVERAGES],
        "risk_coverage": metrics.thinned(coverage, risk),
    }


def calibrated(logits: np.ndarray, labels: np.ndarray, temperature: float, seed: int, draws: int) -> dict:
    """Return calibration error, surprise in nats and Brier score with intervals, and the diagram's bins.

    `ece_by_chance_95` says which calibration errors confidences show that are all true.
    """
    probabilities = calibration.softmax(logits, temperature)
    measures = {
        "ece": lambda rows: metrics.expected_calibration_error(probabilities[rows], labels[rows], BINS),
        "nll": lambda rows: calibration.negative_log_likelihood(logits[rows], labels[rows], temperature),
        "brier": lambda rows: metrics.brier_score(probabilities[rows], labels[rows]),
    }
    found = {"temperature": temperature}
    for name, measure in measures.items():
        rng = np.random.default_rng(seed)  # the same samples for each, before and after
        found[name] = round(measure(np.arange(len(labels))), 6)
        found[f"{name}_interval_95"] = metrics.bootstrap(measure, len(labels), rng, draws)
    by_chance = metrics.calibration_error_by_chance(probabilities, np.random.default_rng(seed), draws, BINS)
    return found | {"ece_by_chance_95": by_chance, "bins": metrics.reliability(probabilities, labels, BINS)}


def tell_apart(digits: np.ndarray, outside: np.ndarray, temperature: float) -> dict[str, dict]:
    """Return by score how well it tells digits from what is none: logits (N, 10) and (M, 10).

    `auroc`, how often a digit has the higher score, with its interval; `fpr_at_95_tpr`, the share of
    the others that pass where 95 % of the digits do, with its interval at that threshold.
    """
    ways = {
        "largest probability": lambda logits: calibration.softmax(logits, temperature).max(axis=1),
        "evidence": calibration.energy,
    }
    found = {}
    for name, way in ways.items():
        high, low = way(digits), way(outside)
        passed = metrics.false_positive_rate(high, low, KEPT)
        bounds = metrics.wilson_interval(round(passed * len(low)), len(low))
        found[name] = {
            "auroc": round(metrics.auroc(high, low), 5),
            "auroc_interval_95": metrics.auroc_interval(high, low),
            "fpr_at_95_tpr": round(passed, 5),
            "fpr_interval_95": [round(bound, 5) for bound in bounds],
        }
    return found


def load_digits(settings: Settings, sites: list[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return by data set frames (N, 28, 28) uint8 and labels (N,): MNIST's, and pen digits of the sites."""
    found = {MNIST: load_test(settings.limit)}
    file = find_data("handwriting", "unipen_strokes.npz")
    if file and sites:
        pen = handwriting.load(file, settings.seed)
        pen = pen.part(np.isin(pen.sources, sites))
        found |= {PEN: (pen.frames, pen.labels)} if len(pen) else {}
    return found


def load_outliers(settings: Settings, sites: list[str], mnist: tuple) -> dict[str, np.ndarray]:
    """Return by kind frames (M, 28, 28) uint8 of no digit: letters of the sites, and some made of MNIST's."""
    found, rng = {}, np.random.default_rng(settings.seed)
    file = find_data("handwriting", "not_digits_strokes.npz")
    if file and sites:
        written = handwriting.load_outliers(file, settings.seed)
        written = written.part(np.isin(written.sources, sites))
        found |= {LETTERS: written.frames} if len(written) else {}
    for kind in KINDS:
        made = make_outliers(*mnist, settings.each, rng, (kind,))
        found["drawn letter" if kind == "letter" else kind] = handwriting.framed(made)
    return found


def notes_on(recognizer: Recognizer, sites: list[str], shown: set[str]) -> list[str]:
    """Return what a reader of the result has to know, a sentence each."""
    notes, name = [], recognizer.name
    if "not_a_digit_below" in recognizer.thresholds:
        notes.append(f"{name} was trained on other outliers of the same making: the made ones flatter it.")
    if seen := [site for site in TEST_SITES if site not in sites]:
        notes.append(f"{name} has seen the site {' and '.join(seen)}, which is left out.")
    if missing := [name for name in (PEN, LETTERS) if name not in shown]:
        notes.append(f"Not judged, since the data is not here: {' and '.join(missing)}.")
    return notes


def draw(result: dict, stem: Path) -> None:
    """Draw the reliability diagram and the risk-coverage curves, files named after `stem`."""
    panels, risks = {}, {}
    for row in result["digits"]:
        panels[f"{row['set']}, n = {row['n']:,}"] = {
            f"{when}: T = {row[when]['temperature']:.2f}, ECE {row[when]['ece']:.2%}": row[when]["bins"]
            for when in ("before", "after")
        }
        risks[f"{row['set']}, n = {row['n']:,}\narea {row['aurc']:.3%}"] = row["risk_coverage"]
    curves.save(curves.reliability(panels), stem.with_name(f"{stem.name}_reliability.png"))
    curves.save(curves.risk_coverage(risks), stem.with_name(f"{stem.name}_risk_coverage.png"))


def main(settings: Settings) -> None:
    """Judge, write, draw, print."""
    path = checkpoints.find(settings.model)
    recognizer = Recognizer.load(path)
    learnt_from = recognizer.card.config.get("learnt_from", {}) if recognizer.card else {}
    sites = [site for site in TEST_SITES if not any(site in seen for seen in learnt_from.values())]
    digits = load_digits(settings, sites)
    none = load_outliers(settings, sites, digits[MNIST])

    def ask(frames: np.ndarray) -> np.ndarray:
        return recognizer.logits(as_batch(frames))

    temperature, rows, apart = recognizer.temperature, [], []
    asked = {kind: ask(frames) for kind, frames in none.items()}
    for name, (frames, labels) in digits.items():
        logits = ask(frames)
        rows.append({"set": name, **judge(logits, labels, temperature, settings.seed, settings.draws)})
        for kind, theirs in asked.items():
            found = tell_apart(logits, theirs, temperature)
            apart.append({"digits": name, "strangers": kind, "n": len(theirs), "scores": found})
    result = {
        "data": "bare network on " + " and ".join(digits),
        "n": sum(row["n"] for row in rows),
        "seed": settings.seed,
        "draws": settings.draws,
        "sites": sites,
        "notes": notes_on(recognizer, sites, digits.keys() | none),
        "digits": rows,
        "strangers": apart,
    }
    Result(path=path, kind="calibration", figures=result, part=settings.part, data=DATA, code=NETWORK).write()
    draw(result, results_dir() / "figures" / f"{recognizer.name}{settings.part}")
    for row in rows:
        before, after = (f"{row[when]['ece']:.2%}" for when in ("before", "after"))
        print(f"{row['set']}: {row['accuracy']:.2%} of {row['n']:,} right; ECE {before}, calibrated {after}")
    for row in apart:
        areas = ", ".join(f"{way} {found['auroc']:.4f}" for way, found in row["scores"].items())
        print(f"{row['digits']} against {row['strangers']}: AUROC by {areas}")
    print(*result["notes"], sep="\n", end="\n" if result["notes"] else "")


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
