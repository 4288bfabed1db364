"""Does a model's confidence mean what it says, and does it tell digits from what is none?

    python evaluation/evaluate_calibration.py --model mnist_cnn        # one minute

On MNIST's test digits and, where the data is, on pen digits of sites that no training saw, the bare network:
the calibration error before and after the card's temperature, the reliability diagram, and what answering
only the surest costs. Then both against letters of the same sites and strangers made from test digits, by
the largest probability (Hendrycks & Gimpel, 2017, arXiv:1610.02136) and by the evidence (Liu et al., 2020,
arXiv:2010.03759). Writes evaluation/results/<name>.calibration.json and, under figures/, the reliability
diagram and the risk-coverage curves.
"""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import calibration_scores as scores
import numpy as np
import tyro
from evaluate_pen import TEST_SITES

from digits import Recognizer, figures, own_digits, practice, results, runs
from digits.contract import DEFAULT_MODEL, find_data, results_dir
from digits.data.frames import as_batch
from digits.data.mnist_test import load_test
from digits.data.strangers import KINDS, make_strangers
from digits.network import checkpoints
from digits.trust import intervals

MNIST, PEN, LETTERS = "MNIST test", "pen, unseen sites", "letters"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Judge a model's confidence, and how it tells digits from what is none."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    limit: int | None = None
    """Judge on the first so many test digits only; the result is kept apart."""
    each: int = 500
    """Strangers of each kind that are made; another number is kept apart."""
    draws: int = intervals.DRAWS
    """How often chance is played anew for an interval; another number is kept apart."""
    seed: int = 1
    """Start of everything left to chance: pens, strangers, intervals; another one is kept apart."""

    def __post_init__(self):
        runs.check("--limit", self.limit, self.limit is None or self.limit >= 10, "10 or more")
        runs.check("--each", self.each, self.each >= 10, "10 or more")
        runs.check("--draws", self.draws, self.draws >= 10, "10 or more")
        runs.check("--seed", self.seed, self.seed >= 0, "0 or more")

    @property
    def part(self) -> str:
        """What the result's name says of anything but the whole."""
        usual = dataclasses.replace(self, model=DEFAULT_MODEL, limit=None) == Settings()
        return ("" if usual else ".some") + ("" if self.limit is None else f".first{self.limit}")


def load_digits(settings: Settings, sites: list[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return by data set frames (N, 28, 28) uint8 and labels (N,): MNIST's, and pen digits of the sites."""
    found = {MNIST: load_test(settings.limit)}
    file = find_data("handwriting", "unipen_strokes.npz")
    if file and sites:
        pen = own_digits.load(file, settings.seed)
        pen = pen.part(np.isin(pen.sources, sites))
        found |= {PEN: (pen.frames, pen.labels)} if len(pen) else {}
    return found


def load_strangers(settings: Settings, sites: list[str], mnist: tuple) -> dict[str, np.ndarray]:
    """Return by kind frames (M, 28, 28) uint8 of no digit: letters of the sites, and some made of MNIST's."""
    found, rng = {}, np.random.default_rng(settings.seed)
    file = find_data("handwriting", "not_digits_strokes.npz")
    if file and sites:
        written = own_digits.load_strangers(file, settings.seed)
        written = written.part(np.isin(written.sources, sites))
        found |= {LETTERS: written.frames} if len(written) else {}
    for kind in KINDS:
        made = make_strangers(*mnist, settings.each, rng, (kind,))
        found["drawn letter" if kind == "letter" else kind] = practice.framed(made)
    return found


def notes_on(recognizer: Recognizer, sites: list[str], shown: set[str]) -> list[str]:
    """Return what a reader of the result has to know, a sentence each."""
    notes, name = [], recognizer.name
    if "not_a_digit_below" in recognizer.thresholds:
        notes.append(f"{name} was trained on other strangers of the same making: the made ones flatter it.")
    if seen := [site for site in TEST_SITES if site not in sites]:
        notes.append(f"{name} has seen the site {' and '.join(seen)}, which is left out.")
    if missing := [name for name in (PEN, LETTERS) if name not in shown]:
        notes.append(f"Not judged, since the data is not here: {' and '.join(missing)}.")
    return notes


def draw(result: dict, stem: Path) -> None:
    """Draw the reliability diagram and the risk-coverage curves, files named after `stem`."""
    panels, curves = {}, {}
    for row in result["digits"]:
        panels[f"{row['set']}, n = {row['n']:,}"] = {
            f"{when}: T = {row[when]['temperature']:.2f}, ECE {row[when]['ece']:.2%}": row[when]["bins"]
            for when in ("before", "after")
        }
        curves[f"{row['set']}, n = {row['n']:,}\narea {row['aurc']:.3%}"] = row["risk_coverage"]
    figures.save(figures.reliability(panels), stem.with_name(f"{stem.name}_reliability.png"))
    figures.save(figures.risk_coverage(curves), stem.with_name(f"{stem.name}_risk_coverage.png"))


def main(settings: Settings) -> None:
    """Judge, write, draw, print."""
    path = checkpoints.find(settings.model)
    recognizer = Recognizer.load(path)
    learnt_from = recognizer.card.config.get("learnt_from", {}) if recognizer.card else {}
    sites = [site for site in TEST_SITES if not any(site in seen for seen in learnt_from.values())]
    digits = load_digits(settings, sites)
    strangers = load_strangers(settings, sites, digits[MNIST])

    def ask(frames: np.ndarray) -> np.ndarray:
        return recognizer.logits(as_batch(frames))

    temperature, rows, apart = recognizer.temperature, [], []
    strange = {kind: ask(frames) for kind, frames in strangers.items()}
    for name, (frames, labels) in digits.items():
        logits = ask(frames)
        rows.append({"set": name, **scores.judge(logits, labels, temperature, settings.seed, settings.draws)})
        for kind, theirs in strange.items():
            found = scores.tell_apart(logits, theirs, temperature)
            apart.append({"digits": name, "strangers": kind, "n": len(theirs), "scores": found})
    result = {
        "data": "bare network on " + " and ".join(digits),
        "n": sum(row["n"] for row in rows),
        "seed": settings.seed,
        "draws": settings.draws,
        "sites": sites,
        "notes": notes_on(recognizer, sites, digits.keys() | strangers),
        "digits": rows,
        "strangers": apart,
    }
    results.write(path, "calibration", result, settings.part)
    draw(result, results_dir() / "figures" / f"{recognizer.name}{settings.part}")
    for row in rows:
        before, after = (f"{row[when]['ece']:.2%}" for when in ("before", "after"))
        print(f"{row['set']}: {row['accuracy']:.2%} of {row['n']:,} right; ECE {before}, calibrated {after}")
    for row in apart:
        areas = ", ".join(f"{way} {found['auroc']:.4f}" for way, found in row["scores"].items())
        print(f"{row['digits']} against {row['strangers']}: AUROC by {areas}")
    print(*result["notes"], sep="\n", end="\n" if result["notes"] else "")


if __name__ == "__main__":
    runs.command(lambda: main(tyro.cli(Settings)))
