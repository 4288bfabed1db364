"""Turn results and cards into the tables of the READMEs, so that no number there is typed by hand.

python evaluation/report.py            # writes the tables between the markers
python evaluation/report.py --check    # exits with 1 if a README is out of date
"""

from dataclasses import dataclass
from pathlib import Path

import tyro

from digits import runs
from digits.contract import ROOT, results_dir
from digits.files import read_json, write_text
from digits.network import checkpoints
from digits.results import summary, table


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Write the tables of the READMEs from results and cards."""

    root: Path = ROOT
    """Folder of README.md and training/README.md, with `<!-- NAME -->` and `<!-- /NAME -->` around tables."""
    check: bool = False
    """Change nothing; exit with 1 if a table is out of date."""


def results_table() -> str:
    """Return one row per model with a current result on the MNIST test digits."""
    rows = []
    for entry in checkpoints.entries():
        result = _current(entry.name, entry)
        if not result:
            continue
        rows.append(
            [
                f"`{entry.name}`",
                f"{entry.card.parameters:,}",
                f"{_interval(result)}; {result['errors']} of {result['n']:,} wrong",
                _pen(_current(f"{entry.name}.pen", entry)),
                _corrupted(_current(f"{entry.name}.robustness", entry)),
                _attacked(_current(f"{entry.name}.adversarial", entry)),
                f"{result['ece']:.2%}",
                f"{result['unsure']:.2%}, with {_share(result['errors_called_unsure'])} of the errors",
            ]
        )
    header = ["model", "parameters", "MNIST test (95 % interval)", "pen drawings", "corrupted", "attacked"]
    return table([*header, "calibration error", "called unsure"], rows)


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


def _interval(figures: dict) -> str:
    low, high = figures["interval_95"]
    return f"**{figures['accuracy']:.2%}** ({low:.2%} to {high:.2%})"


def _pen(result: dict | None) -> str:
    return f"{_interval(result['held_out'])} of {result['held_out']['n']:,}" if result else "-"


def _corrupted(result: dict | None) -> str:
    if not result:
        return "-"
    worst = min(result["rows"], key=lambda row: row["accuracy"])
    kind = worst["kind"].replace("_", " ")
    return f"**{result['mean_accuracy']:.2%}**, worst {worst['accuracy']:.1%} ({kind})"


def _attacked(result: dict | None) -> str:
    rows = {row["epsilon"]: row for row in result["rows"]} if result else {}
    return f"{rows[0.3]['pgd']:.1%} of {result['n']:,}" if 0.3 in rows else "-"


def _validation(figures: dict) -> str:
    if "own_after" not in figures:
        return f"{figures['accuracy']:.2%} of MNIST's {figures['n']:,}"
    return (
        f"own digits held out {figures['own_before']:.2%} before, {figures['own_after']:.2%} after; "
        f"MNIST {figures['mnist_before']:.2%} before, {figures['mnist_after']:.2%} after"
    )


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
            raise ValueError(f"A README lacks the markers {begin} and {end}, once each.")
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{content}\n{end}{rest.split(end)[1]}"
    return text


def main(settings: Settings) -> None:
    """Fill the tables in, or check them."""
    tables = {
        settings.root / "README.md": {"results": results_table(), "canvas": canvas_table()},
        settings.root / "training" / "README.md": {"training": training_table()},
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
