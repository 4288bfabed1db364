"""All that was measured, gathered once as plain dictionaries and numbers, for the templates to lay out."""

from digits.config import DEFAULT_MODEL, results_dir
from digits.files import read_json, sha256
from digits.models import checkpoints, leaderboard
from digits.models.checkpoints import Entry
from digits.models.leaderboard import MEASURES, Standing
from digits.robustness.corruptions import KINDS
from evaluation.report.jobs import SCRIPTS, problems

PLAIN, ROBUST = "mnist_plain", "mnist_robust"
"""The same network, trained without and with attacks."""

PROGRAM = ("gate", "fuzz", "load", "siege", "faults")
"""Results on the program: hostile files, many visitors, clients who leave things half done, faults."""

FIGURES = ("reliability", "risk_coverage", "attacks", "pairs", "confusion")
"""The figures that every model may have."""


def gather() -> dict:
    """Return the context of the templates; what was not measured is an empty list or None."""
    entries = checkpoints.entries()
    names = [entry.name for entry in entries if entry.card]
    required, sets = leaderboard.required("models"), leaderboard.required("sets")
    most = leaderboard.required("calibration").get("sets", 1.0)
    judged = {kind or "mnist": judged_on(kind, entries) for kind in (*SCRIPTS.values(), "canvas")}
    for found in judged["handwriting"]:
        found["sets"] = real_first(found)
        for one in found["sets"]:
            is_default = found["name"] == DEFAULT_MODEL
            one["asked"] = sets.get(one["set"]) if is_default else None
            one["ece_missed"] = is_default and (one["ece"] or 0) > most
    for found in judged["adversarial"]:
        found["asked"] = required.get(found["name"], {}).get("attacked")
    for found in judged["letters"]:
        asked, reached = leaderboard.required("letters").get(found["name"], {}), leaderboard.of_letters(found)
        found["asked"] = {kind: asked.get(kind) for kind in reached}
        found["missed"] = {kind: reached[kind] < asked.get(kind, 0) for kind in reached}
    attacked = {found["name"]: found for found in judged["adversarial"]}
    return {
        "default": DEFAULT_MODEL,
        "measures": MEASURES,
        "models": [_standing(model) for model in leaderboard.standings()],
        "judged": judged,
        "corrupted": by_kind([found["kinds"] for found in judged["robustness"]]),
        "mnist_c": by_kind([found["mnist_c"]["kinds"] for found in judged["robustness"]]),
        "before_and_after": [attacked[name] for name in (PLAIN, ROBUST) if name in attacked],
        "comparisons": [read_json(path) for path in sorted(results_dir().glob("*.attack_comparison.json"))],
        "program": {name: _of_program(name) for name in PROGRAM},
        "taught": _taught(entries),
        "label_noise": _label_noise(entries),
        "scores": _read("doubt"),
        "baselines": [read_json(path) for path in sorted(results_dir().glob("baseline_*.json"))],
        "trained": [entry for entry in entries if entry.card and entry.card.config.get("script")],
        "figures": {kind: _figures([f"{name}_{kind}" for name in names]) for kind in FIGURES},
        "all_figures": _figures(["all_models_robustness", "corruptions", "label_noise"]),
    }


def judged_on(kind: str, entries: list[Entry]) -> list[dict]:
    """Return a kind of result of each model that has one, with the model's `name` and `stale`; see `find`.

    A result that is not as schema.json says, e.g. of an older format, counts as none.
    """
    found = {
        entry.name: leaderboard.find(entry.name, kind, entry.card.sha256) for entry in entries if entry.card
    }
    return [
        result.figures | {"name": name, "stale": result.stale}
        for name, result in found.items()
        if result and not problems(kind, result.figures)
    ]


def real_first(found: dict) -> list[dict]:
    """Return the sets of a result on handwriting, those of real writing first.

    Older results do not say which are `real`, and know no other calibration error than that of pen canvases.
    """
    ece = {"pen": found.get("calibration", {}).get("ece")}
    rows = [
        {
            "real": one["set"] in ("ledger", "real_numbers"),
            "ece": ece.get(one["set"]),
            "ece_by_chance_95": None,
        }
        | one
        for one in found["sets"]
    ]
    return sorted(rows, key=lambda row: not row["real"])


def by_kind(models: list[list[dict]]) -> list[dict]:
    """Return a row per kind of corruption: its words, and of each model the share right and whether it is the
    model's worst.

    Args:
        models: for each the rows of its result, with `kind` and `accuracy`.
    """
    shares = [{row["kind"]: row["accuracy"] for row in rows} for rows in models]
    return [
        {
            "kind": kind.replace("_", " "),
            "words": about.words,
            "cells": [
                {"share": found.get(kind), "worst": found.get(kind) == min(found.values())}
                for found in shares
            ],
        }
        for kind, about in KINDS.items()
        if any(kind in found for found in shares)
    ]


def _standing(model: Standing) -> dict:
    return {
        "name": model.name,
        "parameters": model.parameters,
        "megabytes": model.megabytes,
        "measured": model.values,
        "promises": (promises := leaderboard.requirements(model)),
        "missed": {one.measure for one in promises if not one.kept},
    }


def _read(name: str) -> dict | None:
    path = results_dir() / f"{name}.json"
    return read_json(path) if path.exists() else None


def _of_program(name: str) -> dict | None:
    """Return a result on the program with what is wrong with it, or "", as `broken`."""
    result = _read(name)
    return None if result is None else {"broken": next(iter(problems(name, result)), ""), "found": result}


def _taught(entries: list[Entry]) -> dict | None:
    """Return what teaching brought, a row per site, the one misread most before first."""
    result = _read("personalise")
    if result is None:
        return None
    known = {entry.name: sha256(entry.path) for entry in entries}
    methods = [row.get("method") for row in result["rows"]]  # the shipped one's come first
    rows = [row for row in result["rows"] if row.get("method") == methods[0]]
    sites: dict[str, list[dict]] = {}
    for row in sorted(rows, key=lambda row: row["per_class"]):
        sites.setdefault(row["site"], []).append(row)
    draws = {site: rows[0]["draws"] for site, rows in sites.items()}
    usual = min(draws.values())
    return result | {
        "name": result["base"],
        "stale": leaderboard.staleness(result, known.get(result["base"])),
        "sites": sorted(sites.items(), key=lambda site: -site[1][0]["error_before"]),
        "method": methods[0],
        "means": sorted(
            (mean for mean in result["means"] if mean.get("method") == methods[0]),
            key=lambda mean: mean["per_class"],
        ),
        "usual_draws": usual,
        "more_draws": {site: number for site, number in draws.items() if number > usual},
        "refused": sum(row["refused"] for row in rows),
        "runs": sum(row["draws"] for row in rows),
    }


def _label_noise(entries: list[Entry]) -> dict | None:
    result = _read("label_noise")
    known = {entry.name: entry.card.sha256 for entry in entries if entry.card}
    for row in result["models"] if result else []:
        row |= {"name": row["model"], "stale": leaderboard.staleness(row, known.get(row["model"]))}
    return result


def _figures(stems: list[str]) -> list[str]:
    return [stem for stem in stems if (results_dir() / "figures" / f"{stem}.png").exists()]
