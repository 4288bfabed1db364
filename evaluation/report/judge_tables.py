"""The tables that only REPORT.md has, each made from results and cards alone.

The tables of attacks, made from results alone.
"""

from digits.config import results_dir
from digits.files import read_json
from digits.models import checkpoints
from digits.models.leaderboard import requirements, standings, table
from digits.robustness.corruptions import KINDS
from evaluation.report.tables import STALE, named_result, results_of


def doubted_table() -> str:
    """Return the price and the gain of doubt: what is called unsure among MNIST's test digits."""
    rows = []
    for name, result in results_of("").items():
        caught = result["errors_called_unsure"]
        errors = f"{result['errors']} of {result['n']:,}"
        rows.append([name, errors, f"{result['unsure']:.2%}", "none" if caught is None else f"{caught:.0%}"])
    return table(["model", "read wrong", "called unsure", "of the wrong ones"], rows)


def promises_table() -> str:
    """Return what each model's card promises, and whether that is kept."""
    rows = [
        [f"`{model.name}`", promise.words, "kept" if promise.kept else "**not kept**"]
        for model in standings()
        for promise in requirements(model)
    ]
    return table(["model", "its card", ""], rows)


def damage_table() -> str:
    """Return the mean accuracy over severities 1 to 5, a row per kind of damage and a column per model."""
    return _by_kind({name: result["kinds"] for name, result in results_of("robustness").items()})


def mnist_c_table() -> str:
    """Return the accuracy at the severities of MNIST-C, a row per kind and a column per model."""
    return _by_kind({name: result["mnist_c"]["kinds"] for name, result in results_of("robustness").items()})


def _by_kind(models: dict[str, list[dict]]) -> str:
    """Return a table of `kind` and `accuracy`; each model's worst is bold."""
    rows = []
    for kind, about in KINDS.items():
        cells = []
        for found in models.values():
            worst = min(row["accuracy"] for row in found)
            share = next((row["accuracy"] for row in found if row["kind"] == kind), None)
            text = "-" if share is None else f"{share:.1%}"
            cells.append(f"**{text}**" if share == worst else text)
        if set(cells) != {"-"}:
            rows.append([kind.replace("_", " "), about.words, *cells])
    return table(["kind", "what happens", *models], rows)


def server_table() -> str:
    """Return how many requests a second the server answers, and how long the clients wait."""
    rows = [
        [
            name,
            f"{row['clients']}",
            f"{row['per_second']:.0f}",
            *(f"{row[key]:.0f} ms" for key in ("p50_ms", "p95_ms", "p99_ms", "largest_ms")),
            f"{row['together']:.1f}",
            f"{row['errors']} of {row['requests']:,}",
            result["machine"],
        ]
        for name, result in results_of("server").items()
        for row in result["rows"]
    ]
    header = ["model", "clients", "answers a second", "half within", "95 % within", "99 % within"]
    return table([*header, "longest", "read together", "errors", "machine"], rows)


def batch_table() -> str:
    """Return how fast, how faithful and how large reading in bulk is."""
    rows = []
    for name, result in results_of("batch").items():
        for row in result["rows"]:
            who = f"{row['source']}, {row['engine']}, {row['jobs']} at a time"
            same = f"{row['agreement']:.1%} of {result['some']:,}, {row['largest_difference']:.1e}"
            rows.append([name, who, f"{row['pictures_per_second']:.0f} pictures a second", same])
        door = result["front_door"]
        same = f"{door['agreement']:.1%} of {door['n']:,}, {door['largest_difference']:.1e}"
        rows.append([name, "`Recognizer.read_digit`, TensorFlow", "-", same])
        kept = "reached" if result["peak_mb"] <= result["asked"]["peak_mb"] else "**missed**"
        size = f"{result['peak_mb']:.0f} MB at most (asked: {result['asked']['peak_mb']}, {kept})"
        size += f", {result['peak_mb_first_tenth']:.0f} in the first tenth of the time"
        rows.append([name, f"{result['n']:,} of a folder, 2 at a time", size, "-"])
    return table(["model", "source and engine", "measured", "equal answers, largest difference"], rows)


def exports_table() -> str:
    """Return how large each model's exports are, and how well they agree with it."""
    rows = [
        [
            name,
            row["format"],
            f"{row['bytes'] / 1000:,.0f} kB",
            f"{row['agreement']:.1%} of {row['n']:,}",
            f"{row['largest_difference']:.1e}",
            f"{row['ms']:.2f}",
        ]
        for name, result in results_of("exports").items()
        for row in result["exports"]
    ]
    return table(["model", "form", "size", "reads as the model", "largest difference", "ms a frame"], rows)


def calibration_table() -> str:
    """Return what temperature scaling does to each model's confidence, and what doubt tells apart."""
    rows = []
    for name, result in results_of("calibration").items():
        for row in result["digits"]:
            errors = [
                f"{when['ece']:.2%} (" + "{:.2%} to {:.2%})".format(*when["ece_by_chance_95"])
                for when in (row["before"], row["after"])
            ]
            letters = next(
                (
                    f"{found['scores']['evidence']['auroc']:.4f}"
                    for found in result["strangers"]
                    if (found["digits"], found["strangers"]) == (row["set"], "letters")
                ),
                "-",
            )
            temperature = f"{row['after']['temperature']:.2f}"
            rows.append(
                [name, row["set"], f"{row['n']:,}", temperature, *errors, f"{row['aurc']:.3%}", letters]
            )
    header = ["model", "digits", "n", "temperature", "ECE before (by chance)", "ECE after (by chance)"]
    return table([*header, "area under risk", "letters told apart (AUROC)"], rows)


def explanations_table() -> str:
    """Return, per model and method, how well a map knows what counts, and how much it owes to learning."""
    rows = []
    for name, result in results_of("explanations").items():
        complete, changes = result["completeness"], result["changes"]
        for method, found in result["methods"].items():
            words = method.replace("_", " ")
            if method == "integrated_gradients":
                words += f"; within 1 % complete: {complete['within_one_percent']:.1%} of {complete['n']:,}"
            alike, empty = found["randomised_correlation"], found["randomised_empty"]
            like = "all empty" if alike is None else f"{alike:.2f}" + f" ({empty:.0%} empty)" * (empty > 0)
            erased = (f"{found[key]:.2f}" for key in ("deletion_score", "random_deletion_score"))
            rows.append([name, words, *erased, like, f"{result['n']:,}"])
        words = f"smallest change of ink found: {changes['any']['found']:.0%}"
        words += f"; towards a digit by lot: {changes['towards']['found']:.0%}"
        rows.append([name, words, "-", "-", "-", f"{result['n']:,}"])
    header = ["model", "method", "answer left while ink is erased by the map", "in random order"]
    return table([*header, "like shuffled weights", "n"], rows)


def label_noise_table() -> str:
    """Return each model's accuracy with and without the test digits whose label is doubted."""
    path = results_dir() / "label_noise.json"
    if not path.exists():
        return "Not measured yet: `python -m evaluation.judges.label_noise` does."
    result = read_json(path)
    if not isinstance(result, dict) or "models" not in result:
        return "Not measured yet as it is now: `python -m evaluation.judges.label_noise` does."
    shas = {entry.name: entry.card.sha256 for entry in checkpoints.entries() if entry.card}
    columns = {
        "all": "all test digits",
        "without_doubted": "without those doubted",
        "without_doubted_by_others": "without those that other models doubt",
        "without_rejected_by_people": "without those that people rejected",
    }
    rows = []
    for row in result["models"]:
        stale = "" if shas.get(row["model"]) == row["sha256"] else STALE
        rows.append([f"`{row['model']}`{stale}", *(_share_and_errors(row.get(key)) for key in columns)])
    said = f"{len(result['doubted'])} of {result['n']:,} test digits have a label that most models doubt"
    if people := result["rejected_by_people"]:
        both = sum(row["rejected_by_people"] for row in result["doubted"])
        said += f"; {both} of the {len(people)} that people rejected (arXiv:2103.14749) are among them"
    return f"{said}.\n\n{table(['model', *columns.values()], rows)}"


def _share_and_errors(found: dict | None) -> str:
    return f"{found['accuracy']:.2%}, {found['errors']} wrong" if found else "-"


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
