"""Does teaching pay off? One writer's few digits, taught as the app does it, and all the others judged.

    python -m evaluation.judges.personalization   # an hour: 6 sites; 5, 10, 20 digits; 2 to 5 times
    python -m evaluation.judges.personalization --base handwriting --sites aga app

For every site of the UNIPEN digits (several people in one place): so many digits of each class are drawn by
lot and put into folders, as the app keeps them; `digits.train.finetune --effort quick` teaches them to a
model, and holds a fifth of them out itself; then the site's other digits are read before and after, and
MNIST's test digits. What the script refuses changes nothing: what was there stays. Killed? The same
line goes on where it was. Writes evaluation/results/personalise.json.
"""

import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from scipy.stats import t

from digits import config, experiment
from digits.config import CLASSES, ROOT, find_data, runs_dir
from digits.data import handwriting
from digits.data.handwriting import load_folder
from digits.data.mnist_test import load_test
from digits.files import read_json, sha256, write_json
from digits.models import checkpoints
from digits.models.leaderboard import Result
from digits.train import trainer

DATA = ("handwriting/unipen", "mnist.npz")
MODULE = "digits.train.finetune"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Teach a model the digits of one site after the other, and judge it on that site's others."""

    base: str = "mnist_advanced"
    """The model to teach: a name in models/ or a path. Sites that it has learnt from are left out."""
    sites: tuple[str, ...] = ()
    """Which sites (None named: all)."""
    per_class: tuple[int, ...] = (5, 10, 20)
    """How many digits of each class are taught."""
    draws: int = 2
    """How often digits are drawn by lot, for each site and number."""
    draws_of_worst: int = 5
    """The same for the site that the base reads worst: there the lot decides most."""
    effort: str = "quick"
    """As in training/finetune_on_custom.py."""

    def __post_init__(self):
        config.check_least(self, draws=1, draws_of_worst=1)
        config.check("--per-class", self.per_class, min(self.per_class, default=0) >= 3, "3 or more")


@dataclass(frozen=True)
class Site:
    """All digits of one place."""

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
        found.append(Site(name, paths[here.ids], here.labels, here.frames))
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


def errors(path: Path, frames: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of frames (N, 28, 28) uint8 that a model reads wrong."""
    return float(np.mean(trainer.logits_of(checkpoints.load(path)[0], frames).argmax(axis=1) != labels))


def measure(
    settings: Settings, site: Site, per_class: int, draw: int, mnist: tuple, mnist_before: float
) -> dict:
    """Teach once, and return what it brought; `mnist_before` is the base's share misread of `mnist`."""
    base, taught = checkpoints.find(settings.base), site.draw(per_class, draw)
    others = site.frames[~taught], site.labels[~taught]
    with tempfile.TemporaryDirectory() as folder:
        model, seconds = teach(settings, site, taught, draw, Path(folder))
        return {
            "refused": model == base,
            "n": int((~taught).sum()),
            "error_before": errors(base, *others),
            "error_after": errors(model, *others),
            "mnist_drop": 100 * (errors(model, *mnist) - mnist_before),
            "seconds": seconds,
        }


def row(site: str, per_class: int, draws: list[dict]) -> dict:
    """Return the means over the draws of one site and number."""
    means = {
        key: round(float(np.mean([draw[key] for draw in draws])), 5)
        for key in ("error_before", "error_after", "mnist_drop", "seconds")
    }
    counts = {"n": draws[0]["n"], "draws": len(draws), "refused": sum(draw["refused"] for draw in draws)}
    return {"site": site, "per_class": per_class} | counts | means


def mean_over_sites(rows: list[dict], per_class: int) -> dict:
    """Return the means over the sites, each with Student's 95 % interval: there are only a few sites."""
    chosen = [row for row in rows if row["per_class"] == per_class]
    result = {"per_class": per_class, "sites": len(chosen)}
    for key in ("error_before", "error_after", "mnist_drop", "seconds"):
        values = np.array([row[key] for row in chosen])
        spread = (
            values.std(ddof=1) / len(values) ** 0.5 * t.ppf(0.975, len(values) - 1) if len(values) > 1 else 0
        )
        mean = float(values.mean())
        result |= {key: round(mean, 5), f"{key}_95": [round(mean - spread, 5), round(mean + spread, 5)]}
    return result


def main(settings: Settings) -> None:
    """Teach, judge, write, print."""
    base = checkpoints.find(settings.base)
    card, judged = checkpoints.inspect(base).card, sha256(base)
    seen = card.config.get("learnt_from", {}).get(trainer.UNIPEN["name"], []) if card else []
    mnist, rows = load_test(), []
    mnist_before = errors(base, *mnist)
    kept = runs_dir() / f"personalise-{judged[:12]}-{settings.effort}.json"
    known = read_json(kept) if kept.exists() else {}
    sites = sites_of(settings, seen)
    draws = {site.name: settings.draws for site in sites}
    draws[max(sites, key=lambda site: errors(base, site.frames, site.labels)).name] = settings.draws_of_worst
    for draw, site, per_class in itertools.product(
        range(1, max(draws.values()) + 1), sites, settings.per_class
    ):
        key = f"{site.name} {per_class} {draw}"
        if draw <= draws[site.name] and key not in known:
            known[key] = measure(settings, site, per_class, draw, mnist, mnist_before)
            write_json(kept, known)
    for site, per_class in itertools.product(sites, settings.per_class):
        lots = range(1, draws[site.name] + 1)
        rows.append(row(site.name, per_class, [known[f"{site.name} {per_class} {draw}"] for draw in lots]))
        before, after = (f"{rows[-1][key]:.2%}" for key in ("error_before", "error_after"))
        print(f"{site.name} {per_class:2}: {before} -> {after}, {rows[-1]['seconds']:.0f} s")
    result = {
        "base": base.stem,
        "data": "UNIPEN digits drawn on a canvas, whole road; mnist_drop in points, of MNIST's test digits",
        "n": sum(row["n"] for row in rows),
        "seed": 1,  # of the first lot
        "effort": settings.effort,
        "machine": config.hardware(),
        "rows": rows,
        "means": [mean_over_sites(rows, per_class) for per_class in settings.per_class],
    }
    part = "" if settings == Settings() else f".{base.stem}"
    about = {"part": part, "judged": judged, "data": DATA, "of_program": True}
    Result(path=base, kind="personalise", figures=result, **about).write()


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
