"""The tables of attacks, made from results alone."""

from tables import named_result, results_of

from digits.contract import results_dir
from digits.files import read_json
from digits.network import checkpoints
from digits.results import table

PLAIN, ROBUST = "mnist_plain", "mnist_robust"
"""The same network, trained without and with attacks."""

EPSILONS = (0.1, 0.2, 0.3)


def adversarial_table() -> str:
    """Return accuracy by epsilon: clean, then under FGSM and PGD before and after adversarial training."""
    entries = {entry.name: entry for entry in checkpoints.entries()}
    sides = [
        named_result("adversarial", entries[name]) if name in entries else None for name in (PLAIN, ROBUST)
    ]
    if not all(sides):
        return f"Not measured yet for both `{PLAIN}` and `{ROBUST}`: `evaluate_adversarial.py` does."
    before, after = ({row["epsilon"]: row for row in result["rows"]} for _, result in sides)
    rows = []
    for epsilon in EPSILONS:
        shares = [f"{side[epsilon][method]:.1%}" for method in ("fgsm", "pgd") for side in (before, after)]
        rows.append([f"{epsilon:g}", *(f"{result['clean']:.1%}" for _, result in sides), *shares])
    columns = [f"{attack} {time}" for attack in ("clean", "FGSM", "PGD") for time in ("before", "after")]
    names = " and ".join(name for name, _ in sides)
    return f"Before is {names.replace(' and ', ', after ')}.\n\n{table(['epsilon', *columns], rows)}"


def attacks_table() -> str:
    """Return what every model keeps under attack, and which checks of the attack's own strength hold."""
    rows = []
    for name, result in results_of("adversarial").items():
        by_epsilon = {row["epsilon"]: row["pgd"] for row in result["rows"]}
        cells = [f"{by_epsilon[epsilon]:.1%}" if epsilon in by_epsilon else "-" for epsilon in EPSILONS]
        strongest = result["strongest"]
        hardest = "{:.1%} ({:.1%} to {:.1%})".format(strongest["accuracy"], *strongest["interval_95"])
        broken = [check.replace("_", " ") for check, found in result["checks"].items() if not found["holds"]]
        rows.append(
            [
                name,
                f"{result['n']:,}",
                f"{result['clean']:.1%}",
                *cells,
                hardest,
                ", ".join(broken) or "all hold",
            ]
        )
    columns = [f"PGD, epsilon {epsilon:g}" for epsilon in EPSILONS]
    return table(["model", "n", "clean", *columns, "attacked harder (95 %)", "checks that fail"], rows)


def comparison_table() -> str:
    """Return our attacks beside those of a published implementation, for the models compared."""
    rows, published = [], ""
    for path in sorted(results_dir().glob("*.attack_comparison.json")):
        result = read_json(path)
        published = result["published"]
        for row in result["rows"]:
            shares = [f"{row[side]:.1%}" for side in ("own", "published")]
            points = f"{row['difference_points']:+.2f}"
            rows.append(
                [f"`{result['model']}`", row["method"].upper(), f"{row['epsilon']:g}", *shares, points]
            )
    if not rows:
        return "Not compared yet: `python evaluation/compare_attacks.py` does."
    return table(["model", "attack", "epsilon", "ours", published, "points apart"], rows)
