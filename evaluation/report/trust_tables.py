"""What was tested for trust, in one table: hostile files, many visitors, faults.

The tables of a hand collected and taught, each made from results alone.
"""

from digits.config import results_dir
from digits.files import read_json, sha256
from digits.models import checkpoints
from digits.models.leaderboard import table
from evaluation.report.schemas import problems
from evaluation.report.tables import results_of

FAULTS = {
    "models": "models replaced, deleted and half copied while the app and the server use them",
    "disk": "a full disk while training, exporting, keeping digits",
    "kills": "killed at random moments: trainings, and processes that keep digits",
    "readonly": "a checkout that cannot be written",
    "offline": "no internet",
    "two": "two apps on one folder",
}
"""Sections of faults.json in words."""


def trust_table() -> str:
    """Return what was tried, what was asked, and what came of it; what has no result is left out."""
    rows = []
    for name, lines in {"gate": _gate, "fuzz": _fuzz, "load": _load, "faults": _faults}.items():
        path = results_dir() / f"{name}.json"
        if path.exists():
            result = read_json(path)
            broken = problems(name, result)
            rows += [[f"`{path.name}`", "-", f"**does not count**: {broken[0]}"]] if broken else lines(result)
    return table(["tried", "asked", "found"], rows) if rows else "Not measured yet."


def _gate(result: dict) -> list[list[str]]:
    found = (
        f"**{result['refused']} of {result['n']}** refused, none ran code; the slowest in "
        f"{result['slowest_ms'] / 1000:.1f} s, at most {result['most_mib']:.0f} MiB in the program and "
        f"{result['most_child_mib']:.0f} in the process that tries them"
    )
    return [["hostile or broken model files", "all refused in one sentence; 5 s, 1 GiB", found]]


def _fuzz(result: dict) -> list[list[str]]:
    found = (
        f"**{len(result['harms'])} of {result['n']:,}** did harm ({len(result['kinds'])} kinds of files and "
        f"arrays); the slowest step took {result['slowest_ms'] / 1000:.1f} s ({result['slowest_kind']}), the "
        f"largest {result['peak_mib']:.0f} MiB ({result['peak_kind']})"
    )
    tried = f"bent pictures down the whole road, {result['minutes']:g} minutes"
    return [[tried, "no crash; 5 s a step, 1 GiB", found]]


def _load(result: dict) -> list[list[str]]:
    settings, asked = result["settings"], result["asked"]
    crowd = (
        f"{settings['sessions']} visitors by protocol and {settings['browsers']} in Chromium, each a stroke "
        f"every {settings['pause']:g} s, {settings['minutes']:g} minutes"
    )
    waits = "; ".join(
        f"{who}: half within {result[name]['p50_s']:.2f} s, 95 % within {result[name]['p95_s']:.2f} s"
        for name, who in (("sessions", "by protocol"), ("browsers", "in Chromium"))
    )
    errors = sum(len(result[name]["errors"]) for name in ("sessions", "browsers"))
    rows = [
        [crowd, "no error", f"**{errors} errors** in {result['n']:,} answers; from stroke to answer {waits}"]
    ]
    weighed = {
        "memory": "the app's memory after the first of these minutes",
        "app_alone": f"the app's memory over {settings['predictions']:,} more predictions",
        "reader_alone": f"a reader's memory over {settings['predictions']:,} more predictions",
    }
    for name, words in weighed.items():
        seen = result[name]
        found = f"{seen['warm_mib']:.0f} to {seen['end_mib']:.0f} MiB (**{seen['growth_mib']:+.0f}**)"
        rows.append([words, f"flat: {asked['growth_mib']:g} MiB at most", found])
    beside = result["beside_sweep"]
    found = (
        f"95 % within **{beside['with']['p95_s']:.2f} s** beside it, {beside['without']['p95_s']:.2f} s "
        f"without it; {len(beside['with']['errors'])} errors"
    )
    rows.append([f"{settings['drawers']} who draw while another one sweeps", "not blocked", found])
    return rows


def _faults(result: dict) -> list[list[str]]:
    rows = []
    for section, words in FAULTS.items():
        states = [row["state"] for row in result["rows"] if row["section"] == section]
        if not states:
            continue
        skipped = f", {states.count('skipped')} skipped" if "skipped" in states else ""
        found = f"**{states.count('ok')} of {len(states)}** checks held{skipped}"
        if section == "kills":
            words += f" ({result['asked']['kills']} each)"
        rows.append([words, "nothing acknowledged is lost, all loads", found])
    return rows


def personalise_table() -> str:
    """Return a row per site: the share misread before, and after teaching so many digits of each class."""
    path = results_dir() / "personalise.json"
    if not path.exists():
        return "Not measured yet: `python -m evaluation.judges.personalization` does."
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
