"""How the models stand: every measure that a leaderboard, a report or a promise can name, in one place.

What evaluation/ writes about the models, for the README and for pages. Standard library only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from digits import config
from digits.config import models_dir, results_dir
from digits.files import read_json, sha256, write_json
from digits.models import checkpoints
from digits.models.checkpoints import Entry


def write(path: Path, kind: str, result: dict, part: str = "", judged: str | None = None) -> dict:
    """Write what was measured on a model to `evaluation/results/<name>.<kind>.json`, or `<name>.json`.

    Args:
        path: of the model's file, whose SHA-256 goes along, so that a stale result can be told.
        kind: what was measured, e.g. "robustness"; empty for MNIST's test digits.
        result: the figures, with `data`, `n` and `seed` (None where nothing was left to chance).
        part: of a partial run, e.g. ".first100": it goes to a file of its own and cannot pass for the whole.
            So does a model outside models/ or exported, which may bear the name of one inside.
        judged: SHA-256 of the file when it was loaded, where judging takes long (None: not long).

    Returns:
        The result with model, sha256, created and versions.

    Raises:
        ValueError: the result does not say on what, on how many or with which seed it was measured, or the
            file was replaced meanwhile.
    """
    if missing := {"data", "n", "seed"} - result.keys():
        raise ValueError(f"A result on {path.stem} lacks {', '.join(sorted(missing))}.")
    about = {"model": path.stem, "sha256": sha256(path)}
    if judged not in (None, about["sha256"]):
        raise ValueError(f"{path} was replaced while the one before it was judged: judge it again.")
    if path.resolve() != models_dir().resolve() / f"{path.stem}.keras":
        part = f".outside{part}"
    whole = about | result | {"created": config.now(), "versions": config.versions()}
    write_json(results_dir() / f"{'.'.join(filter(None, (path.stem, kind)))}{part}.json", whole)
    return whole


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


class Found(NamedTuple):
    """A result on a model of this name."""

    figures: dict
    stale: bool
    """Measured on another file than the one that now bears the name."""


def find(model: str, kind: str, sha256: str) -> Found | None:
    """Return what was measured on a model, or None.

    Args:
        model, kind: see `write`.
        sha256: of the model's file as it is now.

    Raises:
        ValueError: the result is not JSON, or not an object.
    """
    path = results_dir() / f"{'.'.join(filter(None, (model, kind)))}.json"
    if not path.exists():
        return None
    result = read_json(path)
    if not isinstance(result, dict):
        raise ValueError(f"{path} holds no result but a {type(result).__name__}.")
    return Found(result, result.get("sha256") != sha256)


STRONGEST = 0.3
"""The largest change of a pixel in the attack that counts."""


@dataclass(frozen=True)
class Measure:
    """One figure of merit of a model."""

    words: str
    """Its name for people."""
    hint: str
    """What it means, in one sentence."""
    kind: str
    """Of the result that it is taken from; see `digits.models.leaderboard.write`."""
    pick: Callable[[dict], dict]
    """From that result to `accuracy` (or another value by `key`), and `n` and `interval_95` where known."""
    key: str = "accuracy"
    unit: str = "share"
    """"share" (shown in percent) or "ms"."""
    less_is_better: bool = False

    def say(self, value: float) -> str:
        """Return a value in words, e.g. "99.64%" or "11.2 ms"."""
        return f"{value:.2%}" if self.unit == "share" else f"{value:.1f} {self.unit}"

    def keeps(self, value: float, limit: float) -> bool:
        """Tell whether a value is as good as a promised limit."""
        return value <= limit if self.less_is_better else value >= limit


def _whole(result: dict) -> dict:
    return result


def _attacked(result: dict) -> dict:
    strongest = result.get("strongest", {})
    return strongest if strongest.get("epsilon") == STRONGEST else {}


def _calibration(result: dict) -> dict:
    return {key: result[key] for key in ("ece", "n") if key in result}  # the interval is of the accuracy


MEASURES: dict[str, Measure] = {
    "mnist": Measure("MNIST test", "Share of the 10,000 test digits that is read right.", "", _whole),
    "pen": Measure(
        "Handwriting",
        "Pen drawings by writers whom no training saw, read the whole road from picture to answer.",
        "pen",
        lambda result: result.get("held_out", {}),
    ),
    "corrupted": Measure(
        "MNIST-C",
        "Mean over the fifteen kinds of damage of MNIST-C, made by our own code, bare network.",
        "robustness",
        lambda result: result.get("mnist_c", {}),
        key="mean_accuracy",
    ),
    "damaged": Measure(
        "All damage",
        "Mean over 24 kinds of damage at five severities each, bare network.",
        "robustness",
        _whole,
        key="mean_accuracy",
    ),
    "attacked": Measure(
        "Attacked",
        f"Read right though an attacker who knows the network changed pixels by up to {STRONGEST} (PGD, 200 "
        "steps from nine starts).",
        "adversarial",
        _attacked,
    ),
    "ece": Measure(
        "Calibration error",
        "Mean gap between how sure an answer sounds and how often it is right (ECE), MNIST test digits.",
        "",
        _calibration,
        key="ece",
        less_is_better=True,
    ),
    "milliseconds": Measure(
        "Time",
        "Median time to read one canvas, from picture to answer, on the machine named in the result.",
        "speed",
        _whole,
        key="canvas_ms",
        unit="ms",
        less_is_better=True,
    ),
}


class Value(NamedTuple):
    """What was measured."""

    value: float
    interval: tuple[float, float] | None
    n: int | None
    stale: bool


@dataclass(frozen=True)
class Standing:
    """A model with all its measures."""

    entry: Entry
    megabytes: float
    values: dict[str, Value]
    """By the names of `MEASURES`, those measured."""

    @property
    def name(self) -> str:
        """The model's."""
        return self.entry.name

    @property
    def parameters(self) -> int | None:
        """How many numbers it has learnt, where a card says so."""
        return self.entry.card.parameters if self.entry.card else None


def standing(entry: Entry) -> Standing:
    """Return how a model stands.

    Raises:
        ValueError: a result is not JSON.
    """
    digest = entry.card.sha256 if entry.card else sha256(entry.path)
    found = {kind: find(entry.name, kind, digest) for kind in {m.kind for m in MEASURES.values()}}
    values = {}
    for name, measure in MEASURES.items():
        result = found[measure.kind]
        figures = measure.pick(result.figures) if result else {}
        if result and measure.key in figures:
            interval = figures.get("interval_95")
            known = tuple(interval) if interval else None
            values[name] = Value(figures[measure.key], known, figures.get("n"), result.stale)
    return Standing(entry, entry.path.stat().st_size / 1e6, values)


def standings() -> list[Standing]:
    """Return how all usable models of models/ stand, by name."""
    return [standing(entry) for entry in checkpoints.entries() if not entry.problem]


class Requirement(NamedTuple):
    """What a card promises, in words, and whether a current result keeps it."""

    words: str
    kept: bool


def requirements(model: Standing) -> list[Requirement]:
    """Return what a model's card promises."""
    found = []
    for name, limit in (model.entry.card.promises if model.entry.card else {}).items():
        measure, value = MEASURES.get(name), model.values.get(name)
        if measure is None:
            found.append(Requirement(f"promises {name!r}; expected one of: {', '.join(MEASURES)}", False))
        elif value is None or value.stale:
            words = f"promises {measure.words} {measure.say(limit)}, which was not measured on this file"
            found.append(Requirement(words, False))
        else:
            words = f"promises {measure.words} {measure.say(limit)} and reaches {measure.say(value.value)}"
            found.append(Requirement(words, measure.keeps(value.value, limit)))
    return found


def unmet_requirements(model: Standing) -> list[str]:
    """Return a sentence for each promise in a model's card that no current result keeps."""
    return [f"{model.name} {promise.words}." for promise in requirements(model) if not promise.kept]
