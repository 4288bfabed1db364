"""Turn results and cards into the tables of the READMEs, so that no number there is typed by hand.

python evaluation/report.py            # writes the tables between the markers
python evaluation/report.py --check    # exits with 1 if a README is out of date
"""

from dataclasses import dataclass
from pathlib import Path

import tyro
from tables import canvas_table, doubt_table, handwriting_table, results_table, training_table

from digits import runs
from digits.contract import ROOT
from digits.files import write_text


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Write the tables of the READMEs from results and cards."""

    root: Path = ROOT
    """Folder of README.md and training/README.md, with `<!-- NAME -->` and `<!-- /NAME -->` around tables."""
    check: bool = False
    """Change nothing; exit with 1 if a table is out of date."""


def fill(text: str, tables: dict[str, str]) -> str:
    """Return `text` with each table between its markers.

    Raises:
        ValueError: a marker is missing; the message names it.
    """
    for name, content in tables.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"A README lacks the markers {begin} and {end}, once each.")
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{content}\n{end}{rest.split(end)[1]}"
    return text


def main(settings: Settings) -> None:
    """Fill the tables in, or check them."""
    tables = {
        settings.root / "README.md": {
            "results": results_table(),
            "handwriting": handwriting_table(),
            "canvas": canvas_table(),
        },
        settings.root / "training" / "README.md": {"training": training_table(), "doubt": doubt_table()},
    }
    for readme, content in tables.items():
        old = readme.read_text(encoding="utf-8")
        new = fill(old, content)
        if settings.check and new != old:
            raise SystemExit(f"{readme} is out of date; run: python evaluation/report.py")
        if new != old:
            write_text(readme, new)
        print(f"{readme} is up to date")


if __name__ == "__main__":
    runs.command(lambda: main(tyro.cli(Settings)))
