"""Measure all shipped models and turn results and cards into tables, so that no number is typed by hand.

    python -m evaluation.report            # writes evaluation/results/REPORT.md and the READMEs' tables
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
from evaluation.report import jobs, page
from evaluation.report.judge_tables import batch_table, server_table
from evaluation.report.tables import (
    canvas_table,
    doubt_table,
    handwriting_table,
    results_table,
    speed_table,
    training_table,
)
from evaluation.report.trust_tables import personalise_table, trust_table


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Write the report and the tables of the READMEs from results and cards."""

    root: Path = ROOT
    """Folder of README.md, SECURITY.md and training/README.md, with `<!-- NAME -->` marks around tables."""
    all: bool = False
    """First run every script for every model with a card whose result is missing or stale."""
    scripts: tuple[str, ...] = (*jobs.SCRIPTS, jobs.TOGETHER)
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
        known = (*jobs.SCRIPTS, jobs.TOGETHER)
        strange = [script for script in self.scripts if script not in known]
        config.check("--scripts", strange, not strange, f"some of {', '.join(known)}")
        config.check("--models", self.models, self.all or not self.models, "to be used with --all")


def fill(text: str, tables: dict[str, str]) -> str:
    """Return `text` with each table between its markers.

    Raises:
        ValueError: a marker is missing; the message names it.
    """
    for name, content in tables.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"A page lacks the markers {begin} and {end}, once each.")
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{content}\n{end}{rest.split(end)[1]}"
    return text


def measure(settings: Settings) -> list[str]:
    """Run what is missing; return a line for each script that failed."""
    models = settings.models or tuple(entry.name for entry in checkpoints.entries() if entry.card)
    return list(jobs.run(jobs.waiting(settings.scripts, models, settings.again)))


def pages(root: Path) -> dict[Path, str]:
    """Return the content that each file shall have."""
    tables = {
        root / "README.md": {
            "results": results_table(),
            "handwriting": handwriting_table(),
            "canvas": canvas_table(),
            "personalise": personalise_table(),
            "batch": batch_table(),
            "server": server_table(),
            "speed": speed_table(),
            "trust": trust_table(),
        },
        root / "SECURITY.md": {"trust": trust_table()},
        root / "training" / "README.md": {"training": training_table(), "doubt": doubt_table()},
    }
    filled = {readme: fill(readme.read_text(encoding="utf-8"), content) for readme, content in tables.items()}
    return filled | {results_dir() / "REPORT.md": page.write()}


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
    failures = measure(settings) if settings.all else []
    page.draw(write=not settings.check)
    for path, content in pages(settings.root).items():
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
