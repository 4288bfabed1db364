"""Judge a model on pen drawings that come the whole road, by the place where they were written.

    python -m evaluation.judges.pen --model handwriting      # two minutes

Reads pictures in the folders 0 to 9, whose names begin with the site, of the UNIPEN digits by default. Only
sites count that no training and no choice saw; the others are reported apart. Writes
evaluation/results/<name>.pen.json.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from tqdm import tqdm

from digits import Recognizer, config, experiment
from digits.config import DEFAULT_MODEL, find_data
from digits.data.handwriting import load_folder, source_of
from digits.files import sha256
from digits.models import checkpoints
from digits.models.leaderboard import Result
from digits.preprocessing.decode import open_picture
from digits.train import trainer
from evaluation.judges.accuracy import figures_of

BATCH = 256
TEST_SITES = ("aga", "app")
"""The sites of UNIPEN on which nothing was ever trained or chosen."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Judge a model on pen drawings, site by site."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    data: Path | None = None
    """A folder with the folders 0 to 9 (None: handwriting/unipen where the data is)."""
    every: int = 1
    """Judge on every so many-th picture only, e.g. 10 for a tenth; the result is kept apart."""

    def __post_init__(self):
        config.check("--every", self.every, self.every >= 1, "1 or more")


def read(recognizer: Recognizer, paths: list[Path], labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which pictures were read right, and which were refused or called unsure, both (N,) bool."""
    said: list[tuple] = []
    for first in tqdm(range(0, len(paths), BATCH), unit="batch"):
        readings = recognizer.read_digits([open_picture(path) for path in paths[first : first + BATCH]])
        said += [(reading.digit, reading.status) for reading in readings]
    right = np.array([digit == label for (digit, _), label in zip(said, labels, strict=True)])
    return right, np.array([status != "digit" for _, status in said])


def main(settings: Settings) -> None:
    """Read every picture, count by site, write, print."""
    path = checkpoints.find(settings.model)
    judged, recognizer = sha256(path), Recognizer.load(path)
    data = settings.data or find_data("handwriting", "unipen")
    if data is None:
        raise ValueError("There is no handwriting/unipen where the data is; name a folder with --data.")
    folder = load_folder(data)
    labels, paths = folder.labels[:: settings.every], folder.paths[:: settings.every]
    sites = np.array([source_of(file) for file in paths])
    right, doubted = read(recognizer, paths, labels)
    names = sorted(set(sites))
    seen = sites_seen(recognizer, data)
    counted = [str(site) for site in names if site not in seen]
    if settings.data is None:
        counted = [site for site in counted if site in TEST_SITES]
    held = np.isin(sites, counted)
    if not held.any():
        raise ValueError(f"{recognizer.name} has seen all of {', '.join(names)}: there is nothing to judge.")
    result = {
        "data": "UNIPEN digits drawn on a canvas, whole road" if settings.data is None else str(data),
        "n": int(held.sum()),
        "seed": None,
        "sites": counted,
        "held_out": figures_of(right[held], doubted[held]),
        "rows": [
            {"site": str(site), "held_out": site in counted}
            | figures_of(right[sites == site], doubted[sites == site])
            for site in names
        ],
    }
    part = ("" if settings.data is None else ".own") + (
        f".every{settings.every}" if settings.every > 1 else ""
    )
    about = {"part": part, "judged": judged, "data": () if settings.data else ("handwriting/unipen",)}
    Result(path=path, kind="pen", figures=result, **about).write()
    for row in result["rows"]:
        note = "" if row["held_out"] else "  (does not count)"
        print(f"{row['site']}  {row['accuracy']:.2%} of {row['n']:,}{note}")
    print(f"{recognizer.name}: {result['held_out']['accuracy']:.2%} of {result['held_out']['n']:,}")


def sites_seen(recognizer: Recognizer, data: Path) -> list[str]:
    """Return the sites of `data` that the model, or one it was made from, has seen, by its card."""
    seen = recognizer.card.config.get("learnt_from", {}) if recognizer.card else {}
    return seen.get(trainer.source_of(data)["name"], [])


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
