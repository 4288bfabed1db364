"""What was tested for trust, in one table: hostile files, many visitors, faults."""

from schemas import problems

from digits.contract import results_dir
from digits.files import read_json
from digits.results import table

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
