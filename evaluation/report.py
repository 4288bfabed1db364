"""Turn results into the tables of the README, so that no number there is typed by hand.

python evaluation/report.py            # writes the tables between the markers in README.md
python evaluation/report.py --check    # exits with 1 if the README is out of date
"""

from dataclasses import dataclass
from pathlib import Path

import tyro

from digits import runs
from digits.contract import ROOT, results_dir
from digits.files import read_json, write_text
from digits.network import checkpoints
from digits.results import summary


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Write the tables of the README from the results."""

    readme: Path = ROOT / "README.md"
    """File with the markers `<!-- NAME -->` and `<!-- /NAME -->` around each table."""
    check: bool = False
    """Change nothing; exit with 1 if a table is out of date."""


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def results_table() -> str:
    """Return one row per model with a current result on the MNIST test digits."""
    rows = []
    for entry in checkpoints.entries():
        result = _current(entry.name, entry)
        if result:
            low, high = result["interval_95"]
            rows.append(
                [
                    f"`{entry.name}`",
                    f"{entry.card.parameters:,}",
                    f"**{result['accuracy']:.2%}** ({low:.2%} to {high:.2%})",
                    f"{result['errors']} of {result['n']:,}",
                    f"{result['weighted_f1']:.4f}",
                    f"{result['ece']:.2%}",
                    f"{result['unsure']:.2%}, with {_share(result['errors_called_unsure'])} of the errors",
                ]
            )
    header = ["model", "parameters", "MNIST test accuracy (95 % interval)", "errors", "weighted F1"]
    return table([*header, "calibration error", "called unsure"], rows)


def training_table() -> str:
    """Return one row per training command: what to expect of it."""
    rows = []
    for path in sorted(results_dir().glob("baseline_*.json")):
        result = read_json(path)
        model, data = result["model"].split(" on ")
        command = f"python training/train_baseline.py --data {data} --model {model}"
        if data == "mnist" and result["n_train"] < 54_000:
            command += f" --limit {result['n_train']}"
        rows.append(
            [f"`{command}`", f"{result['minutes']:.1f}", f"{result['accuracy']:.2%} ({result['data']})"]
        )
    for entry in checkpoints.entries():
        config = entry.card.config if entry.card else {}
        if config.get("script") and config.get("limit") is None:
            accuracy = entry.card.validation["accuracy"]
            command = f"`python training/{config['script']}.py`"
            rows.append([command, f"{entry.card.minutes:.0f}", f"{accuracy:.2%} (MNIST validation)"])
    return table(["command", "minutes on two cores", "expected accuracy"], rows)


def canvas_table() -> str:
    """Return, per model, the accuracy lost or won with the size of a digit and the brush."""
    parts = []
    for entry in checkpoints.entries():
        result = _current(f"{entry.name}.canvas", entry)
        if not result:
            continue
        brushes = sorted({row["brush"] for row in result["rows"]})
        rows = []
        for size in sorted({row["size"] for row in result["rows"]}):
            cells = [row for row in result["rows"] if row["size"] == size]
            rows.append([f"{size:.0%}", *(_cell(row) for row in cells)])
        centred = result["centred"]["accuracy"]
        parts.append(
            f"`{entry.name}`: drawn at 100 % in the middle with brush 18, {centred:.2%} of "
            f"{result['n']:,} are read right. Anywhere else, in percentage points against that:\n\n"
            + table(["size", *(f"brush {brush}" for brush in brushes)], rows)
        )
    return "\n\n".join(parts)


def _share(share: float | None) -> str:
    return "none" if share is None else f"{share:.0%}"


def _cell(row: dict) -> str:
    text = f"{row['difference_points']:+.2f}"
    return text if row["readable"] else f"({text})"


def _current(name: str, entry: checkpoints.Entry) -> dict | None:
    """Return a result of a model with a card, unless it was measured on another file."""
    return summary(name, entry.card.sha256) if entry.card else None


def fill(text: str, tables: dict[str, str]) -> str:
    """Return `text` with each table between its markers.

    Raises:
        ValueError: a marker is missing; the message names it.
    """
    for name, content in tables.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"The README lacks the markers {begin} and {end}, once each.")
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{content}\n{end}{rest.split(end)[1]}"
    return text


def main(settings: Settings) -> None:
    """Fill the tables in, or check them."""
    old = settings.readme.read_text(encoding="utf-8")
    new = fill(old, {"results": results_table(), "training": training_table(), "canvas": canvas_table()})
    if settings.check:
        if new != old:
            raise SystemExit(f"{settings.readme} is out of date; run: python evaluation/report.py")
        print(f"{settings.readme} is up to date")
        return
    write_text(settings.readme, new)
    print(f"wrote {settings.readme}")


if __name__ == "__main__":
    runs.command(lambda: main(tyro.cli(Settings)))
