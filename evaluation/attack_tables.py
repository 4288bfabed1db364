"""The tables of attacks, made from results alone."""

from tables import current

from digits.network import checkpoints
from digits.results import table

PLAIN, ROBUST = "mnist_plain", "mnist_robust"
"""The same network, trained without and with attacks."""

EPSILONS = (0.1, 0.2, 0.3)


def adversarial_table() -> str:
    """Return accuracy by epsilon: clean, then under FGSM and PGD before and after adversarial training."""
    entries = {entry.name: entry for entry in checkpoints.entries()}
    found = [current("adversarial", entries[name]) if name in entries else None for name in (PLAIN, ROBUST)]
    if not all(found):
        return f"Not measured yet for both `{PLAIN}` and `{ROBUST}`: `evaluate_adversarial.py` does."
    before, after = ({row["epsilon"]: row for row in result["rows"]} for result in found)
    rows = []
    for epsilon in EPSILONS:
        shares = [f"{side[epsilon][method]:.1%}" for method in ("fgsm", "pgd") for side in (before, after)]
        rows.append([f"{epsilon:g}", *(f"{result['clean']:.1%}" for result in found), *shares])
    columns = [f"{attack} {time}" for attack in ("clean", "FGSM", "PGD") for time in ("before", "after")]
    return table(["epsilon", *columns], rows)


def attacks_table() -> str:
    """Return what every model keeps under the strongest attack."""
    rows = []
    for entry in checkpoints.entries():
        if result := current("adversarial", entry):
            by_epsilon = {row["epsilon"]: row["pgd"] for row in result["rows"]}
            cells = [f"{by_epsilon[epsilon]:.1%}" if epsilon in by_epsilon else "-" for epsilon in EPSILONS]
            rows.append([f"`{entry.name}`", f"{result['n']:,}", f"{result['clean']:.1%}", *cells])
    return table(["model", "n", "clean", *(f"PGD, epsilon {epsilon:g}" for epsilon in EPSILONS)], rows)
