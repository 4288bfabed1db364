"""Measure all shipped models and turn results and cards into tables, so that no number is typed by hand.

    python -m evaluation.report            # writes evaluation/results/REPORT.md and the pages' tables
    python -m evaluation.report --check    # exits with 1 if one of them is out of date
    python -m evaluation.report --gate     # exits with 1 if evaluation/requirements.toml is not met
    python -m evaluation.report --all      # first runs what is missing or stale: up to half an hour a model

Stopped? The same line goes on where it was.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import tyro

from digits import config, experiment
from digits.config import DEFAULT_MODEL, ROOT, results_dir
from digits.files import write_text
from digits.models import checkpoints, leaderboard
from digits.models.sandbox.gate import SHIPPED
from digits.plots import curves
from evaluation.report import jobs, pages
from evaluation.report.context import gather


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Write the report and the tables of the pages from results and cards."""

    root: Path = ROOT
    """Folder of the pages of `evaluation/report/pages.py`, with `<!-- NAME -->` marks around tables."""
    all: bool = False
    """First run every script for every model with a card whose result is missing or stale."""
    scripts: tuple[str, ...] = tuple(jobs.SCRIPTS)
    """With --all: only these."""
    models: tuple[str, ...] = ()
    """With --all: only these (none named: all with a card)."""
    again: bool = False
    """With --all: also run what is there already."""
    check: bool = False
    """Change nothing; exit with 1 if a file is out of date."""
    gate: bool = False
    """Exit with 1 if a model, or the default one on real writing, misses what is required."""

    def __post_init__(self):
        known = tuple(jobs.SCRIPTS)
        strange = [script for script in self.scripts if script not in known]
        config.check("--scripts", strange, not strange, f"some of {', '.join(known)}")
        config.check("--models", self.models, self.all or not self.models, "to be used with --all")


def draw(sweeps: list[dict]) -> None:
    """Draw the figure that needs the results of all models."""
    if sweeps:
        figure = curves.severity_curves({found["name"]: found for found in sweeps})
        curves.save(figure, results_dir() / "figures" / "all_models_robustness.png")


def gate() -> list[str]:
    """Return a sentence for each model that cannot be used, has another file's card, misses what is required,
    or of which nothing is though it is shipped; and for all letters and handwriting that are missed."""
    entries = checkpoints.entries()
    failures = [] if entries else ["There is no model of which anything is required."]
    for entry in entries:
        if entry.problem:
            failures.append(f"{entry.name}: {entry.problem}")
        elif not entry.card and entry.path.with_suffix(".json").exists():
            failures.append(f"{entry.name}: its card belongs to another file.")
    known = leaderboard.required("models") | leaderboard.required("letters")
    shipped = {name.removesuffix(".keras") for name in SHIPPED if name.endswith(".keras")}
    failures += [
        f"{entry.name} is shipped, and nothing is required of it."
        for entry in entries
        if entry.name in shipped and entry.name not in known
    ]
    there = {entry.name for entry in entries}
    failures += [f"{name} is required to be good and is not there." for name in known if name not in there]
    for model in leaderboard.standings():
        failures += leaderboard.unmet_requirements(model)
    return failures + missed_letters() + missed_sets()


def missed_letters() -> list[str]:
    """Return a sentence for each model of letters that misses what is required, or was not judged."""
    cards = {entry.name: entry.card for entry in checkpoints.entries() if entry.card}
    found = []
    for name, limits in leaderboard.required("letters").items():
        result = leaderboard.find(name, "letters", cards[name].sha256) if name in cards else None
        if result is None or result.stale:
            found.append(
                f"{name} was not judged on letters as it is now: python -m evaluation.judges.letters"
            )
            continue
        reached = leaderboard.of_letters(result.figures)
        found += [
            f"{name} must read {limit:.1%} of {kind}, and reaches {reached[kind]:.2%}."
            for kind, limit in limits.items()
            if reached[kind] < limit
        ]
    return found


def missed_sets() -> list[str]:
    """Return a sentence for each set of handwriting that the default model misses, or was not judged on."""
    wanted = leaderboard.required("sets")
    entry = next((entry for entry in checkpoints.entries() if entry.name == DEFAULT_MODEL), None)
    if not wanted or entry is None or entry.card is None:
        return []
    result = leaderboard.find(entry.name, "handwriting", entry.card.sha256)
    if result is None or result.stale:
        return [f"{entry.name} was not judged on handwriting as it is now: python -m evaluation.handwriting"]
    found = {row["set"]: row for row in result.figures["sets"]}
    most = leaderboard.required("calibration").get("sets", 1.0)
    unsure = [row for row in found.values() if (row.get("ece") or 0) > most]
    return [
        f"{entry.name} must be calibrated to {most:.0%} on {row['words']}, and is to {row['ece']:.2%}."
        for row in unsure
    ] + [
        f"{entry.name} must read {found[name]['words'] if name in found else name}: {limit:.1%}, and "
        + (f"reaches {found[name]['accuracy']:.2%}." if name in found else "was not judged.")
        for name, limit in wanted.items()
        if name not in found or found[name]["accuracy"] < limit
    ]


def main(settings: Settings) -> None:
    """Measure if asked to, write or check the pages, hold the models to what is required."""
    failures: list[str] = []
    if settings.all:
        models = settings.models or tuple(entry.name for entry in checkpoints.entries() if entry.card)
        failures += jobs.run(jobs.waiting(settings.scripts, models, settings.again))
    context = gather()
    if not settings.check:
        draw(context["judged"]["robustness"])
    for path, content in pages.fill(settings.root, context).items():
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if settings.check and content != old:
            raise SystemExit(f"{path} is out of date; run: python -m evaluation.report")
        if content != old:
            write_text(path, content)
        print(f"{path} is up to date")
    if settings.gate:
        failures += gate()
    if failures:
        sys.stderr.write("\n".join(failures) + "\n")
        raise SystemExit(1)


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
