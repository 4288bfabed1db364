"""The tables of a hand collected and taught, each made from results alone."""

from tables import results_of

from digits.contract import results_dir
from digits.files import read_json, sha256
from digits.network import checkpoints
from digits.results import table


def personalise_table() -> str:
    """Return a row per site: the share misread before, and after teaching so many digits of each class."""
    path = results_dir() / "personalise.json"
    if not path.exists():
        return "Not measured yet: `python evaluation/personalise.py` does."
    result = read_json(path)
    counts = sorted({row["per_class"] for row in result["rows"]})
    by_site = {}
    for row in result["rows"]:
        by_site.setdefault(row["site"], {})[row["per_class"]] = row
    ordered = sorted(by_site, key=lambda site: -by_site[site][counts[0]]["error_before"])
    rows = [
        [site, f"{by_site[site][counts[0]]['error_before']:.2%}"]
        + [_after(by_site[site][count]) for count in counts]
        for site in ordered
    ]
    means = {mean["per_class"]: mean for mean in result["means"]}
    first = means[counts[0]]
    rows.append(["**mean of all**", f"**{first['error_before']:.2%}**", *(_mean(means[n]) for n in counts)])
    for words, key, form in (("MNIST lost, points", "mnist_drop", ".2f"), ("seconds", "seconds", ".0f")):
        rows.append([words, "-", *(_plain(means[count], key, form) for count in counts)])
    header = ["site", "misread before", *(f"after {count} of each digit" for count in counts)]
    return f"{_about(result)}\n\n" + table(header, rows)


def sheets_table() -> str:
    """Return a row per set of photos of filled sheets: what was found on them, and what was read."""
    rows = [
        [
            f"{found['words']} ({name})",
            f"{found['sheets_found']} of {found['photos']}",
            f"{found['found']:.1%}",
            f"{found['taken_for_written']} of {found['empty_boxes']}",
            "**{:.2%}** ({:.2%} to {:.2%})".format(found["accuracy"], *found["interval_95"]),
            f"{found['clean_accuracy']:.2%}",
            f"{found['n']:,}",
        ]
        for name, result in results_of("sheets").items()
        for found in result["sets"]
    ]
    header = ["photos", "sheets found", "written boxes found", "empty boxes taken for written"]
    return table([*header, "digits read as their label", "same strokes on a canvas", "of"], rows)


def _about(result: dict) -> str:
    known = {entry.name: sha256(entry.path) for entry in checkpoints.entries()}
    stale = "" if known.get(result["base"]) == result["sha256"] else " *stale: of another file*"
    draws = {row["site"]: row["draws"] for row in result["rows"]}
    usual = min(draws.values())
    more = [f"{number} times for {site}" for site, number in draws.items() if number > usual]
    often = ", ".join([f"{usual} times per site and number", *more])
    refused = sum(row["refused"] for row in result["rows"])
    lessons = sum(row["draws"] for row in result["rows"])
    return (
        f"`{result['base']}`{stale} taught with digits drawn by lot, {often}, and "
        f"judged on all others of that site ({result['effort']} effort, {result['machine']}; "
        f"{refused} of {lessons} lessons were refused by the script, and count as they left things):"
    )


def _after(row: dict) -> str:
    change = row["error_after"] / row["error_before"] - 1 if row["error_before"] else 0.0
    return f"{row['error_after']:.2%} ({change:+.0%} errors)"


def _mean(mean: dict) -> str:
    low, high = mean["error_after_95"]
    return f"**{mean['error_after']:.2%}** ({max(0, low):.2%} to {high:.2%})"


def _plain(mean: dict, key: str, form: str) -> str:
    low, high = mean[f"{key}_95"]
    return f"{mean[key]:{form}} ({low:{form}} to {high:{form}})"
