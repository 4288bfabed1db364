"""Does teaching pay off? One hand's few digits, taught in each way there is, and all its others judged.

    python -m evaluation.judges.personalization                    # hours: 6 sites, 5 numbers, 3 methods
    python -m evaluation.judges.personalization --methods memory   # ten minutes
    python -m evaluation.judges.personalization --by writer --sites aga app --methods memory

For every site of the UNIPEN digits (several people in one place): so many digits of each class are drawn by
lot and taught, as a memory beside the model (`digits.train.memory`), by fine-tuning as the app does it
(`digits.train.finetune --effort quick` on folders of pictures, which holds a fifth of them out itself), or
both; then the site's other digits are read before and after, MNIST's test digits, and letters and scribbles,
of which none is one. What the script refuses changes nothing: what was there stays. UNIPEN does not name the
writers of its digits: with --by writer, stretches of a site's file stand for them. Killed? The same line goes
on where it was. Writes evaluation/results/personalise.json and a figure.
"""

import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import tyro
from scipy.stats import t

from digits import config, experiment
from digits.config import CLASSES, ROOT, SIDE, find_data, results_dir, runs_dir
from digits.data import handwriting
from digits.data.handwriting import load_folder
from digits.data.mnist_test import load_test
from digits.files import atomic_path, read_json, sha256, write_json
from digits.models import checkpoints
from digits.models.leaderboard import Result
from digits.models.memory import Said
from digits.recognizer import Recognizer
from digits.train import trainer
from digits.train.memory import represented, study

DATA = ("handwriting/unipen", "handwriting/not_digits_strokes.npz", "mnist.npz")
MODULE = "digits.train.finetune"
METHODS = ("memory", "finetuning", "both")
"""The shipped one first."""

STRETCH = 150
"""Digits of a site's file that stand for a writer, about."""

STRANGERS = 1000
"""Letters and scribbles that are asked."""

FIGURES = ("error_before", "error_after", "mnist_drop", "seconds", "caught_before", "caught_after")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Teach a model the digits of one site after the other, and judge it on that site's others."""

    base: str = "mnist_advanced"
    """The model to teach: a name in models/ or a path. Sites that it has learnt from are left out."""
    sites: tuple[str, ...] = ()
    """Which sites (None named: all)."""
    by: Literal["site", "writer"] = "site"
    """What a hand is."""
    methods: tuple[str, ...] = METHODS
    """In which ways it is taught."""
    per_class: tuple[int, ...] = (1, 3, 5, 10, 20)
    """How many digits of each class are taught; fine-tuning is left out below 3."""
    draws: int = 3
    """How often digits are drawn by lot, for each hand and number."""
    effort: str = "quick"
    """As in training/finetune_on_custom.py."""

    def __post_init__(self):
        config.check_least(self, draws=1)
        config.check("--per-class", self.per_class, min(self.per_class, default=0) >= 1, "1 or more")
        known = bool(self.methods) and set(self.methods) <= set(METHODS)
        config.check("--methods", self.methods, known, f"some of {', '.join(METHODS)}")


@dataclass(frozen=True)
class Site:
    """All digits of one hand: of one place, or a stretch of them."""

    name: str
    paths: np.ndarray
    labels: np.ndarray
    frames: np.ndarray

    def draw(self, per_class: int, draw: int) -> np.ndarray:
        """Return which digits are taught, (N,) bool: so many of each class, by lot."""
        rng, taught = np.random.default_rng([per_class, draw]), np.zeros(len(self.labels), bool)
        for label in range(CLASSES):
            taught[rng.permutation(np.flatnonzero(self.labels == label))[:per_class]] = True
        return taught

    def stretches(self) -> "list[Site]":
        """Return it in parts of about `STRETCH` digits, in the order of its file."""
        order = np.argsort([path.stem.rsplit("_", 1)[-1] for path in self.paths], kind="stable")
        parts = np.array_split(order, max(1, round(len(order) / STRETCH)))
        return [
            Site(f"{self.name} {i + 1}", self.paths[part], self.labels[part], self.frames[part])
            for i, part in enumerate(parts)
        ]


def sites_of(settings: Settings, seen: list[str]) -> list[Site]:
    """Return the sites asked for, framed, without those that the base has seen."""
    data = find_data("handwriting", "unipen")
    if data is None:
        raise ValueError("There is no handwriting/unipen where the data is.")
    own = handwriting.load(data)
    paths = np.array(load_folder(data).paths)
    known = sorted(set(own.sources) - set(seen))
    for name in settings.sites:
        config.check(
            "--sites", name, name in known, f"some of {', '.join(known)}, which the base has not seen"
        )
    found = []
    for name in settings.sites or known:
        here = own.part(own.sources == name)
        site = Site(name, paths[here.ids], here.labels, here.frames)
        found += site.stretches() if settings.by == "writer" else [site]
    return found


def teach(settings: Settings, site: Site, taught: np.ndarray, draw: int, folder: Path) -> tuple[Path, float]:
    """Run the script on the digits in `taught`; return the model it wrote, or the base, and the seconds."""
    for path, label in zip(site.paths[taught], site.labels[taught], strict=True):
        (folder / "own" / str(label)).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / "own" / str(label))
    out = folder / "taught.keras"
    flags = ["--data", folder / "own", "--base", settings.base, "--effort", settings.effort]
    begin = time.perf_counter()
    line = [sys.executable, "-m", MODULE, *flags, "--seed", str(draw), "--out", out]
    done = subprocess.run(line, capture_output=True, text=True, cwd=ROOT)
    if done.returncode not in (0, 1) or (done.returncode == 1 and "was not written" not in done.stderr):
        raise ValueError(f"{MODULE} failed: {done.stderr.strip().splitlines()[-1:]}")
    return out if done.returncode == 0 else checkpoints.find(settings.base), time.perf_counter() - begin


@dataclass(frozen=True)
class Judged:
    """A reader, with what is asked of it whichever hand it learns."""

    reader: Recognizer
    mnist: tuple[np.ndarray, np.ndarray]
    """MNIST's test digits (N, 28, 28) uint8 and labels (N,)."""
    strangers: np.ndarray
    """(N, 28, 28) uint8, of which none is a digit."""

    @classmethod
    def load(cls, path: Path, mnist: tuple, strangers: np.ndarray) -> "Judged":
        """Load a model."""
        return cls(Recognizer.load(path), mnist, strangers)

    def measure(self, frames: np.ndarray, labels: np.ndarray, reader: Recognizer | None = None) -> dict:
        """Return the shares of a hand's digits and of MNIST's that are misread, and of strangers that are
        caught, unsure or none; `reader` is the same one with a memory."""
        memory = reader.memory if reader else None
        said = [
            Said(logits, memory.votes(features) if memory else None)
            for features, logits in (represented(self.reader, frames), *self._looked)
        ]
        own, mnist = (
            float(np.mean(each.taught.argmax(axis=1) != right))
            for each, right in zip(said, (labels, self.mnist[1]), strict=False)
        )
        sure = [opinion["status"] == "digit" for opinion in map(self.reader._answer, _each(said[2]))]
        return {"error": own, "mnist": mnist, "caught": 1 - float(np.mean(sure))}

    @cached_property
    def _looked(self) -> list[tuple[np.ndarray, np.ndarray]]:
        return [self.reader.represent(frames) for frames in (self.mnist[0], self.strangers)]


def _each(said: Said) -> Iterator[Said]:
    return (said[i] for i in range(len(said.logits)))


def measure(settings: Settings, base: Judged, site: Site, per_class: int, draw: int, method: str) -> dict:
    """Teach once, in one way, and return what it brought."""
    taught, path = site.draw(per_class, draw), checkpoints.find(settings.base)
    others, own = (site.frames[~taught], site.labels[~taught]), (site.frames[taught], site.labels[taught])
    judged, seconds = base, 0.0
    with tempfile.TemporaryDirectory() as folder:
        model = path
        if method != "memory":
            model, seconds = teach(settings, site, taught, draw, Path(folder))
        if model != path:
            judged = Judged.load(model, base.mnist, base.strangers)
        reader = None
        if method != "finetuning":
            judged.reader.represent(own[0][:1])  # compiled once, however often a hand is learnt
            begin = time.perf_counter()
            reader = judged.reader.with_memory(study(judged.reader, *own).memory)
            seconds += time.perf_counter() - begin
        before, after = base.measure(*others), judged.measure(*others, reader)
    return {
        "refused": method != "memory" and model == path,
        "n": int((~taught).sum()),
        "error_before": before["error"],
        "error_after": after["error"],
        "mnist_drop": 100 * (after["mnist"] - before["mnist"]),
        "seconds": seconds,
        "caught_before": before["caught"],
        "caught_after": after["caught"],
    }


def row(site: str, per_class: int, method: str, draws: list[dict]) -> dict:
    """Return the means over the draws of one hand, number and method, and of what is read after with
    Student's 95 % interval over them."""
    means = {key: round(float(np.mean([draw[key] for draw in draws])), 5) for key in FIGURES}
    means["error_after_95"] = interval([draw["error_after"] for draw in draws])
    means["mnist_worst"] = round(max(draw["mnist_drop"] for draw in draws), 5)
    counts = {"n": draws[0]["n"], "draws": len(draws), "refused": sum(draw["refused"] for draw in draws)}
    return {"site": site, "per_class": per_class, "method": method} | counts | means


def interval(values: Sequence[float]) -> list[float]:
    """Return Student's 95 % interval of the mean of values."""
    mean, n = float(np.mean(values)), len(values)
    spread = float(np.std(values, ddof=1)) / n**0.5 * t.ppf(0.975, n - 1) if n > 1 else 0.0
    return [round(mean - spread, 5), round(mean + spread, 5)]


def mean_over_sites(rows: list[dict], per_class: int, method: str) -> dict:
    """Return the means over the hands, each with an interval: there are only a few."""
    chosen = [row for row in rows if (row["per_class"], row["method"]) == (per_class, method)]
    result = {"per_class": per_class, "method": method, "sites": len(chosen)}
    for key in FIGURES:
        values = [row[key] for row in chosen]
        result |= {key: round(float(np.mean(values)), 5), f"{key}_95": interval(values)}
    return result


def draw_figure(rows: list[dict], path: Path) -> None:
    """Draw how many errors are left after so many digits, a line for each method."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 4))
    for method in dict.fromkeys(row["method"] for row in rows):
        numbers = sorted({row["per_class"] for row in rows if row["method"] == method})
        means = [mean_over_sites(rows, number, method) for number in numbers]
        axes.plot(
            [0, *numbers],
            [100 * means[0]["error_before"], *(100 * mean["error_after"] for mean in means)],
            marker="o",
            label=method,
        )
    axes.set(xlabel="digits of each class", ylabel="misread, %", ylim=(0, None))
    axes.legend()
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=120, bbox_inches="tight")
    plt.close(figure)


def strangers_of() -> np.ndarray:
    """Return letters and scribbles (N, 28, 28) uint8; none where the file is not here."""
    file = find_data("handwriting", "not_digits_strokes.npz")
    if file is None:
        return np.zeros((1, SIDE, SIDE), np.uint8)
    frames = handwriting.load_outliers(file).frames
    return frames[np.random.default_rng(1).permutation(len(frames))[:STRANGERS]]


def main(settings: Settings) -> None:
    """Teach, judge, write, print."""
    path = checkpoints.find(settings.base)
    card, judged = checkpoints.inspect(path).card, sha256(path)
    seen = card.config.get("learnt_from", {}).get(trainer.UNIPEN["name"], []) if card else []
    base = Judged.load(path, load_test(), strangers_of())
    kept = runs_dir() / f"personalise-{judged[:12]}-{settings.by}-{settings.effort}.json"
    known = read_json(kept) if kept.exists() else {}
    sites = sites_of(settings, seen)
    asked = [
        (method, site, per_class)
        for method, site, per_class in itertools.product(METHODS, sites, settings.per_class)
        if method in settings.methods
        and (method == "memory" or per_class >= 3)
        and np.bincount(site.labels, minlength=CLASSES).max() > per_class
    ]
    for draw, (method, site, per_class) in itertools.product(range(1, settings.draws + 1), asked):
        key = f"{method} {site.name} {per_class} {draw}"
        if key not in known:
            known[key] = measure(settings, base, site, per_class, draw, method)
            write_json(kept, known)
    rows = []
    for method, site, per_class in asked:
        keys = [f"{method} {site.name} {per_class} {draw}" for draw in range(1, settings.draws + 1)]
        rows.append(row(site.name, per_class, method, [known[key] for key in keys]))
        before, after = (f"{rows[-1][key]:.2%}" for key in ("error_before", "error_after"))
        print(f"{method} {site.name} {per_class:2}: {before} -> {after}, {rows[-1]['seconds']:.1f} s")
    pairs = dict.fromkeys((each["per_class"], each["method"]) for each in rows)
    result = {
        "base": path.stem,
        "data": "UNIPEN digits drawn on a canvas, whole road; mnist_drop in points, of MNIST's test digits; "
        "caught: the share of letters and scribbles that are not read as sure digits",
        "n": sum(each["n"] for each in rows),
        "seed": 1,  # of the first lot
        "effort": settings.effort,
        "by": settings.by,
        "machine": config.hardware(),
        "rows": rows,
        "means": [mean_over_sites(rows, *pair) for pair in pairs],
    }
    some = "" if path.stem == Settings.base else f".{path.stem}"
    some += "" if settings.by == "site" else ".writer"
    whole = replace(settings, base=Settings.base, by="site", methods=METHODS) == Settings()
    part = some if whole else f"{some}.some"
    about = {"part": part, "judged": judged, "data": DATA, "of_program": True}
    Result(path=path, kind="personalise", figures=result, **about).write()
    draw_figure(rows, results_dir() / "figures" / f"personalise{part}.png")


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
