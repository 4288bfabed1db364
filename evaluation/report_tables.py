"""The tables that only REPORT.md has, each made from results and cards alone."""

from tables import current, measured

from digits.contract import results_dir
from digits.files import read_json
from digits.network import checkpoints
from digits.results import table
from digits.standings import MEASURES, standings
from digits.trust.corruptions import KINDS


def doubted_table() -> str:
    """Return the price and the gain of doubt: what is called unsure among MNIST's test digits."""
    rows = []
    for entry in checkpoints.entries():
        if result := current("", entry):
            errors = f"{result['errors']} of {result['n']:,}"
            rows.append(
                [
                    f"`{entry.name}`",
                    errors,
                    f"{result['unsure']:.2%}",
                    _share(result["errors_called_unsure"]),
                ]
            )
    return table(["model", "read wrong", "called unsure", "of the wrong ones"], rows)


def promises_table() -> str:
    """Return what each model's card promises, and whether that is kept."""
    rows = []
    for model in standings():
        for name, limit in (model.entry.card.promises if model.entry.card else {}).items():
            measure, value = MEASURES[name], model.values.get(name)
            asked = f"{'at most' if measure.less_is_better else 'at least'} {measure.say(limit)}"
            verdict = "**not measured**"
            if value and not value.stale:
                verdict = "kept" if measure.keeps(value.value, limit) else "**not kept**"
            rows.append([f"`{model.name}`", measure.words, asked, measured(measure, value), verdict])
    return table(["model", "measure", "promised", "measured", ""], rows)


def damage_table() -> str:
    """Return the mean accuracy over severities 1 to 5, a row per kind of damage and a column per model."""
    sweeps = sweep_results()
    means = {name: {row["kind"]: row["accuracy"] for row in found["kinds"]} for name, found in sweeps.items()}
    rows = []
    for kind, about in KINDS.items():
        cells = [f"{mean[kind]:.1%}" if kind in mean else "-" for mean in means.values()]
        rows.append([kind.replace("_", " "), about.words, *cells])
    return table(["kind", "what happens", *(f"`{name}`" for name in means)], rows)


def sweep_results() -> dict[str, dict]:
    """Return the current robustness result of each model that has one."""
    found = {entry.name: current("robustness", entry) for entry in checkpoints.entries()}
    return {name: result for name, result in found.items() if result and "kinds" in result}


def calibration_table() -> str:
    """Return what temperature scaling does to each model's confidence, and what doubt tells apart."""
    rows = []
    for entry in checkpoints.entries():
        result = current("calibration", entry) or {"digits": []}
        for row in result["digits"]:
            before, after = row["before"], row["after"]
            errors = [
                f"{when['ece']:.2%} ({{:.2%}} to {{:.2%}})".format(*when["ece_interval_95"])
                for when in (before, after)
            ]
            apart = {
                found["strangers"]: found["scores"]
                for found in result["strangers"]
                if found["digits"] == row["set"]
            }
            letters = apart.get("letters", {}).get("evidence", {}).get("auroc")
            cells = [
                f"{after['temperature']:.2f}",
                *errors,
                f"{row['aurc']:.3%}",
                f"{letters:.4f}" if letters else "-",
            ]
            rows.append([f"`{entry.name}`", row["set"], f"{row['n']:,}", *cells])
    header = [
        "model",
        "digits",
        "n",
        "temperature",
        "ECE before (95 %)",
        "ECE after (95 %)",
        "area under risk",
    ]
    return table([*header, "letters told apart (AUROC)"], rows)


def label_noise_table() -> str:
    """Return each model's accuracy with and without the test digits whose label is doubted."""
    path = results_dir() / "label_noise.json"
    if not path.exists():
        return "Not measured yet: `python evaluation/label_noise.py` does."
    result = read_json(path)
    shas = {entry.name: entry.card.sha256 for entry in checkpoints.entries() if entry.card}
    columns = {
        "all": "all test digits",
        "without_doubted": "without those doubted",
        "without_doubted_by_others": "without those that other models doubt",
        "without_rejected_by_people": "without those that people rejected",
    }
    rows = []
    for row in result["models"]:
        stale = "" if shas.get(row["model"]) == row["sha256"] else " *stale: of another file*"
        rows.append([f"`{row['model']}`{stale}", *(_share_and_errors(row.get(key)) for key in columns)])
    said = f"{len(result['doubted'])} of {result['n']:,} test digits have a label that most models doubt"
    if people := result["rejected_by_people"]:
        both = sum(row["rejected_by_people"] for row in result["doubted"])
        said += f"; {both} of the {len(people)} that people rejected (arXiv:2103.14749) are among them"
    return f"{said}.\n\n{table(['model', *columns.values()], rows)}"


def _share_and_errors(found: dict | None) -> str:
    return f"{found['accuracy']:.2%}, {found['errors']} wrong" if found else "-"


def _share(share: float | None) -> str:
    return "none" if share is None else f"{share:.0%}"
