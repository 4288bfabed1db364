"""Measure all shipped models and turn results and cards into tables, so that no number is typed by hand.

    python -m evaluation.report            # writes evaluation/results/REPORT.md and the pages' tables
    python -m evaluation.report --check    # exits with 1 if one of them is out of date
    python -m evaluation.report --gate     # exits with 1 if a model breaks a promise of its card
    python -m evaluation.report --all      # first runs what is missing or stale: up to half an hour a model

Stopped? The same line goes on where it was.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import tyro

from digits import config, experiment
from digits.config import ROOT, results_dir
from digits.files import write_text
from digits.models import checkpoints, leaderboard
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
    """Exit with 1 if a model falls under what its card promises."""

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
    """Return a sentence for each model that cannot be used, has another file's card, or breaks a promise."""
    entries = checkpoints.entries()
    failures = [] if entries else ["There is no model to hold to its promises."]
    for entry in entries:
        if entry.problem:
            failures.append(f"{entry.name}: {entry.problem}")
        elif not entry.card and entry.path.with_suffix(".json").exists():
            failures.append(f"{entry.name}: its card belongs to another file.")
    return failures + [
        broken for model in leaderboard.standings() for broken in leaderboard.unmet_requirements(model)
    ]


def main(settings: Settings) -> None:
    """Measure if asked to, write or check the pages, hold the models to their promises."""
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
