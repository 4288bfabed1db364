"""What was measured on the models: results, how the models stand by them, and what is required of them.

What is required stands in `evaluation/requirements.toml` alone.

A result is `evaluation/results/<model>.<kind>.json`, or `<model>.json` for MNIST's test digits; what was
measured on the program rather than on a model is `<kind>.json`. `Result.write` is the only writer: it stamps
each with the model's SHA-256 and with digests of the data, the code and, on the whole road, the networks
beside the model that it rests on. `staleness` alone says what no longer counts.
"""

import ast
import hashlib
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from digits import config, metrics
from digits.config import ROOT, find_data, models_dir, results_dir
from digits.files import read_json, sha256, stamp, write_json
from digits.models import checkpoints, networks
from digits.models.checkpoints import Entry

NETWORK = ("models/calibration.py",)
"""The code in digits/ that a figure of a bare network rests on."""

ROAD = ("preprocessing", "numbers.py", "recognizer.py", *NETWORK)
"""The code in digits/ that a figure of the whole road, from picture to answer, rests on."""

BESIDE = tuple(f"{name}{ending}" for name in networks.NAMES for ending in (".keras", ".tflite"))
"""The files in models/ that it rests on beside the model's own."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was measured on a model, and what that rests on."""

    path: Path
    """Of the model's file."""
    kind: str
    """What was measured, e.g. "robustness"; empty for MNIST's test digits."""
    figures: dict
    """With `data` (in words), `n` and `seed` (None where nothing was left to chance)."""
    part: str = ""
    """Of a partial run, e.g. ".first100": it goes to a file of its own and cannot pass for the whole."""
    judged: str | None = None
    """SHA-256 of the model's file when it was loaded, where judging takes long (None: not long)."""
    data: tuple[str, ...] = ()
    """Files and folders that `config.find_data` finds and the figures rest on, e.g. "mnist.npz"."""
    code: tuple[str, ...] = ROAD
    """Files and folders in digits/ that the figures rest on."""
    of_program: bool = False
    """Measured on the program rather than on a model, which answered in it."""

    def write(self) -> dict:
        """Write it; return the figures with model, sha256, stamps, created and versions.

        A model outside models/ or exported may bear the name of one inside: it gets a file of its own.

        Raises:
            ValueError: the figures do not say on what, on how many or with which seed they were measured, or
                the model's file was replaced meanwhile.
        """
        name = self.path.stem
        if missing := {"data", "n", "seed"} - self.figures.keys():
            raise ValueError(f"A result on {name} lacks {', '.join(sorted(missing))}.")
        about = {"model": name, "sha256": sha256(self.path)}
        if self.judged not in (None, about["sha256"]):
            raise ValueError(f"{self.path} was replaced while the one before it was judged: judge it again.")
        beside = BESIDE if set(ROAD) <= {*self.code} else ()
        stamps = {
            "data": _digests(self.data, find_data),
            "code": _digests(self.code, _source),
            "networks": _digests(beside, _network),
        }
        if unknown := [name for name in self.code if not stamps["code"][name]]:
            raise ValueError(f"digits/ has no {', '.join(unknown)}, on which a result on {name} is to rest.")
        made = {"stamps": stamps, "created": config.now(), "versions": config.versions()}
        part = self.part
        if self.path.resolve() != models_dir().resolve() / f"{name}.keras":
            part = f".outside{part}"
        stem = _stem("" if self.of_program else name, self.kind)
        write_json(results_dir() / f"{stem}{part}.json", about | self.figures | made)
        return about | self.figures | made


class Found(NamedTuple):
    """A result on a model of this name."""

    figures: dict
    stale: str
    """Of what it is that was replaced since, e.g. "of another file"; empty where it still counts."""


def find(model: str, kind: str, digest: str) -> Found | None:
    """Return what was measured on a model, or None.

    Args:
        model: its name; empty for what was measured on the program.
        kind: see `Result`.
        digest: SHA-256 of the model's file as it is now.

    Raises:
        ValueError: the result is not JSON, or not an object.
    """
    path = results_dir() / f"{_stem(model, kind)}.json"
    if not path.exists():
        return None
    result = read_json(path)
    if not isinstance(result, dict):
        raise ValueError(f"{path} holds no result but a {type(result).__name__}.")
    return Found(result, staleness(result, digest))


def _stem(model: str, kind: str) -> str:
    return ".".join(filter(None, (model, kind)))


def staleness(result: dict, digest: str | None) -> str:
    """Return why a result no longer counts, see `Found`, by the SHA-256 of the model's file as it is now.

    What carries no stamps is judged by the model alone; data that is not here may be the same.
    """
    if result.get("sha256") != digest:
        return "of another file"
    stamps = result.get("stamps", {})
    for what, where in (("data", find_data), ("code", _source), ("networks", _network)):
        then = stamps.get(what, {})
        now = _digests(tuple(then), where)
        if any(then[name] != seen for name, seen in now.items()):
            return f"of other {what}"
    return ""


def _digests(names: tuple[str, ...], where: Callable[[str], Path | None]) -> dict[str, str]:
    """Return a digest of each file or folder of these names that is there."""
    found = {name: where(name) for name in names}
    return {name: _digest(path, stamp(path)) for name, path in found.items() if path}


def _source(name: str) -> Path:
    return ROOT / "digits" / name


def _network(name: str) -> Path:
    return ROOT / "models" / name


@lru_cache(maxsize=64)
def _digest(path: Path, _: Any) -> str:
    """Return the SHA-256 of a file, or of all in a folder with their names; of Python, of what it does. Empty
    where there is none."""
    if not path.exists():
        return ""
    whole = hashlib.sha256()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file() and file.suffix != ".pyc":
            whole.update(file.relative_to(path).as_posix().encode())
            whole.update(_meaning(file) if file.suffix == ".py" else file.read_bytes())
    return whole.hexdigest()


def _meaning(file: Path) -> bytes:
    """Return what stays the same of Python code when only comments, docstrings and layout change."""
    return "\n".join(_tokens(ast.parse(file.read_text(encoding="utf-8")))).encode()


def _tokens(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for one in node:
            yield from _tokens(one)
    elif not isinstance(node, ast.AST):
        yield repr(node)
    elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        yield type(node).__name__
        for name, value in ast.iter_fields(node):
            if value not in (None, []):  # other versions of Python have other empty fields
                yield name
                yield from _tokens(value)


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
    """Of the result that it is taken from; see `Result`."""
    pick: Callable[[dict], dict]
    """From that result to `accuracy` (or another value by `key`), and `n` and `interval_95` where known."""
    key: str = "accuracy"
    unit: str = "share"
    """"share" (shown in percent) or "ms"."""
    less_is_better: bool = False
    other: str = ""
    """The kind of a smaller result that will do where the whole one is not there."""

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


def _pooled(result: dict, *names: str) -> dict:
    """Return what was read right of several sets of one result, together."""
    sets = [one for one in result.get("sets", []) if one["set"] in names and "errors" in one]
    n = sum(one["n"] for one in sets)
    return metrics.share_right(n - sum(one["errors"] for one in sets), n) if n else {}


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
    "real": Measure(
        "Real writing",
        "Digits of old ledgers and in the cells of exam papers, as they were found, read the whole road.",
        "handwriting",
        lambda result: _pooled(result, "ledger", "exam_cells"),
        other="handwriting.some",
    ),
    "letters": Measure(
        "Letters caught",
        "Share of letters, drawn by people, that is called no digit.",
        "handwriting",
        lambda result: _pooled(result, "letters"),
        other="handwriting.some",
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
        f"Read right though an attacker who knows the network changed pixels by up to {STRONGEST} (PGD: 40 "
        "steps from three starts, and what withstands, 200 from six more).",
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
    stale: str
    """See `Found`."""


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
    kinds = {kind for measure in MEASURES.values() for kind in (measure.kind, measure.other)}
    found = {kind: find(entry.name, kind, digest) for kind in kinds}
    values = {}
    for name, measure in MEASURES.items():
        result = found[measure.kind] or (found[measure.other] if measure.other else None)
        figures = measure.pick(result.figures) if result else {}
        if result and measure.key in figures:
            interval = figures.get("interval_95")
            known = tuple(interval) if interval else None
            values[name] = Value(figures[measure.key], known, figures.get("n"), result.stale)
    return Standing(entry, entry.path.stat().st_size / 1e6, values)


def strengths(model: Standing, other: Standing) -> list[str]:
    """Return what a model is better at than another by more than chance, in words with both figures."""
    found = []
    for name, measure in MEASURES.items():
        own, theirs = model.values.get(name), other.values.get(name)
        if own and theirs and not own.stale and not theirs.stale and _is_better(measure, own, theirs):
            found.append(
                f"{measure.words} ({measure.say(own.value)}, {other.name} {measure.say(theirs.value)})"
            )
    return found


def _is_better(measure: Measure, own: "Value", theirs: "Value") -> bool:
    """Tell whether a value is better, and beyond both intervals where these are known."""
    sign = -1 if measure.less_is_better else 1
    if own.interval and theirs.interval:
        near, far = (0, 1) if sign > 0 else (1, 0)
        return sign * (own.interval[near] - theirs.interval[far]) > 0
    return sign * (own.value - theirs.value) > 0


def standings() -> list[Standing]:
    """Return how all usable models of digits in models/ stand, by name."""
    return [standing(entry) for entry in checkpoints.entries() if not (entry.problem or entry.has_letters)]


def of_letters(figures: dict[str, Any]) -> dict[str, float]:
    """Return what a result on letters says of what is required: letters with all sites alike, and digits."""
    digits = figures.get("digits", {}).get("accuracy", 0.0)
    return {"letters": figures["letters"]["sites_alike"]["accuracy"], "digits": digits}


class Requirement(NamedTuple):
    """What is required, in words, and whether a current result meets it."""

    words: str
    kept: bool
    measure: str = ""
    """Of `MEASURES`, that it is about."""


def required(part: str) -> dict[str, Any]:
    """Return a part of `evaluation/requirements.toml`: of "models" by name the limits of measures, of
    "letters" by name those of letters and digits, of "sets" of handwriting, and of "calibration", limits by
    name. Without the file nothing is required.

    Raises:
        ValueError: the file is no TOML, or a limit lacks its reason or date; one sentence.
    """
    path = results_dir().parent / "requirements.toml"
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no TOML file: {error}.") from error
    found = said.get(part, {})
    return {name: _limits(rules, f"{part}.{name}", path) for name, rules in found.items()}


def _limits(rules: dict[str, Any], name: str, path: Path) -> Any:
    if rules and all(isinstance(rule, dict) for rule in rules.values()):
        return {key: _limits(rule, f"{name}.{key}", path) for key, rule in rules.items()}
    if not {"limit", "since", "reason"} <= rules.keys() or not isinstance(rules["limit"], int | float):
        raise ValueError(f"{path}: {name} lacks its limit, since or reason.")
    return float(rules["limit"])


def requirements(model: Standing) -> list[Requirement]:
    """Return what is required of a model."""
    found = []
    for name, limit in required("models").get(model.name, {}).items():
        measure, value = MEASURES.get(name), model.values.get(name)
        if measure is None:
            found.append(
                Requirement(f"must reach {name!r}; expected one of: {', '.join(MEASURES)}", False, name)
            )
        elif value is None or value.stale:
            words = f"must reach {measure.words} {measure.say(limit)}, which was not measured on this file"
            found.append(Requirement(words, False, name))
        else:
            words = f"must reach {measure.words} {measure.say(limit)} and reaches {measure.say(value.value)}"
            found.append(Requirement(words, measure.keeps(value.value, limit), name))
    return found


def unmet_requirements(model: Standing) -> list[str]:
    """Return a sentence for each requirement that no current result of a model meets."""
    return [f"{model.name} {one.words}." for one in requirements(model) if not one.kept]
