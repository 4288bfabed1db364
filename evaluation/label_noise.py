"""Find MNIST test digits whose label the models doubt together, and judge the models without them.

    python evaluation/label_noise.py        # half a minute

A digit is doubted when more than half of the models read the same other digit, not all of them of one family,
and the mean of all models' calibrated probabilities gives that digit `--least` or more. So a label must be
contradicted with confidence, and by models that never trained on the digit, as in Northcutt et al.,
"Confident Learning", 2021, arXiv:1911.00068. Models settle no label: of MNIST's, people rejected 15
(Northcutt, Athalye & Mueller, 2021, arXiv:2103.14749), and it is counted how many of those are among them.

A model without the digits that it doubts itself is flattered. So each is also judged without those that the
other families doubt, a family being models that learnt from one another, and without those that people
rejected. Writes evaluation/results/label_noise.json and figures/label_noise.png.
"""

from dataclasses import dataclass
from pathlib import Path

import label_votes as votes
import numpy as np
import tyro

from digits import Recognizer, figures, runs
from digits.contract import results_dir
from digits.data.frames import as_batch
from digits.data.mnist_test import load_test
from digits.files import sha256, write_json
from digits.network import checkpoints
from digits.trust import confidence


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Find test digits whose label the models doubt together."""

    models: tuple[str, ...] = ()
    """Names in models/ or paths (none: all that have a card); a choice is kept apart."""
    least: float = 0.5
    """Mean probability of the other digit from which a label is doubted; another one is kept apart."""

    def __post_init__(self):
        runs.check("--models", self.models, len(self.models) != 1, "two or more: one cannot agree")
        runs.check("--least", self.least, 0 < self.least <= 1, "a probability above 0, up to 1")

    @property
    def part(self) -> str:
        """What the result's name says of anything but the usual."""
        return ".some" if self != Settings() else ""


def draw(result: dict, images: np.ndarray, path: Path) -> None:
    """Draw the doubted digits of images (N, 28, 28), each with its label, what is read, how many agree, how
    sure, and whether people doubt it too; none, no file."""
    if not result["doubted"]:
        path.unlink(missing_ok=True)
        return
    captions = [
        f"#{row['index']}  label {row['label']} → {row['read_as']}\n"
        f"{row['agree']} of {len(result['models'])}, {row['confidence']:.0%}"
        + ("\npeople doubt it too" if row["rejected_by_people"] else "")
        for row in result["doubted"]
    ]
    pictures = [images[row["index"]] for row in result["doubted"]]
    figures.save(figures.contact_sheet(pictures, captions, columns=6), path)


def main(settings: Settings) -> None:
    """Ask all models, find, judge, write, draw, print."""
    paths = [checkpoints.find(name) for name in settings.models]
    paths = paths or [entry.path for entry in checkpoints.entries() if entry.card]
    names = [path.stem for path in paths]
    runs.check("--models", ", ".join(names) or "empty", len(names) >= 2, "two models with a card or more")
    runs.check("--models", ", ".join(names), len(set(names)) == len(names), "models of different names")
    images, labels = load_test()
    readers = [Recognizer.load(path) for path in paths]
    frames = as_batch(images)
    said = np.stack([confidence.softmax(reader.logits(frames), reader.temperature) for reader in readers])
    configs = [reader.card.config if reader.card else {} for reader in readers]
    family = votes.families_of(dict(zip(names, configs, strict=True)))
    rows = votes.doubted(said, labels, family, settings.least)
    rejected = votes.rejected(labels)
    result = {
        "data": "MNIST test, bare networks",
        "n": len(labels),
        "seed": None,
        "least": settings.least,
        "rejected_by_people": rejected or None,
        "models": [
            {"model": names[i], "sha256": sha256(path), "family": int(family[i])}
            | votes.judge(i, said, labels, family, settings.least)
            for i, path in enumerate(paths)
        ],
        "doubted": votes.describe(rows, names, said, labels),
    }
    result |= {"created": runs.now(), "versions": runs.versions()}
    write_json(results_dir() / f"label_noise{settings.part}.json", result)
    draw(result, images, results_dir() / "figures" / f"label_noise{settings.part}.png")

    print(f"{len(rows)} of {len(labels):,} labels are doubted.")
    if rejected:
        print(f"People rejected {len(rejected)}; {np.isin(rejected, rows).sum()} of them are doubted.")
    for row in result["models"]:
        shares = [f"{value['accuracy']:.2%} ({key})" for key, value in row.items() if isinstance(value, dict)]
        print(f"{row['model']:>16}  " + ", ".join(shares))


if __name__ == "__main__":
    runs.command(lambda: main(tyro.cli(Settings)))
