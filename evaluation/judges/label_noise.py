"""Find MNIST test digits whose label the models doubt together, and judge the models without them.

    python -m evaluation.judges.label_noise        # half a minute

A digit is doubted when more than half of the models read the same other digit, not all of them of one family,
and the mean of all models' calibrated probabilities gives that digit `--least` or more. So a label must be
contradicted with confidence, and by models that never trained on the digit, as in Northcutt et al.,
"Confident Learning", 2021, arXiv:1911.00068. Models settle no label: of MNIST's, people rejected 15
(Northcutt, Athalye & Mueller, 2021, arXiv:2103.14749), and it is counted how many of those are among them.

A model without the digits that it doubts itself is flattered. So each is also judged without those that the
other families doubt, a family being models that learnt from one another, and without those that people
rejected. Writes evaluation/results/label_noise.json and figures/label_noise.png.

What label_noise.py counts: which labels M models doubt, by their probabilities (M, N, 10) of N digits.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro

from digits import Recognizer, config, experiment, metrics
from digits.config import results_dir
from digits.data.mnist_test import load_test
from digits.files import sha256, write_json
from digits.models import calibration, checkpoints
from digits.plots import curves, sheets
from digits.preprocessing.frame import as_batch

REJECTED = [947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729]
"""MNIST's test digits whose label fewer than three of five people chose, from mturk/mnist_mturk.json of
github.com/cleanlab/label-errors."""
ALL = 10_000
"""How many test digits MNIST has."""


def families_of(configs: dict[str, dict]) -> np.ndarray:
    """Return a number (M,) for each model, the same for those that learnt from one another.

    Args:
        configs: by name from the models' cards; `base` and `teachers` name whom a model learnt from.
    """
    names = list(configs)
    family = np.arange(len(names))
    for child, settings in enumerate(configs.values()):
        for parent in (settings.get("base"), *settings.get("teachers", ())):
            if parent in names:
                family[family == family[child]] = family[names.index(parent)]
    return family


def opinion(probabilities: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the digit that speaks most against each label (N,), its mean probability (N,), and which models
    read it (M, N), from the probabilities (M, N, 10) of M models."""
    means = probabilities.mean(axis=0)
    means[np.arange(len(labels)), labels] = -1
    other = means.argmax(axis=1)
    return other, means.max(axis=1), probabilities.argmax(axis=2) == other


def doubted(probabilities: np.ndarray, labels: np.ndarray, family: np.ndarray, least: float) -> np.ndarray:
    """Return the rows (K,) of digits whose label is doubted, the surest first.

    Args:
        probabilities: (M, N, 10) of M models, calibrated.
        labels: (N,).
        family: (M,) numbers; two families have to agree, unless there is but one.
        least: mean probability of the other digit, over all models.
    """
    _, mean, agree = opinion(probabilities, labels)
    known = np.unique(family)
    agreeing = sum(agree[family == number].any(axis=0).astype(int) for number in known)
    enough = (agree.sum(axis=0) > len(agree) / 2) & (agreeing >= min(2, len(known)))
    rows = np.flatnonzero(enough & (mean >= least))
    return rows[np.argsort(-mean[rows], kind="stable")]


def describe(rows: np.ndarray, names: list[str], probabilities: np.ndarray, labels: np.ndarray) -> list[dict]:
    """Return for each of the rows (K,) its number, label and other digit, and what every model says."""
    other, mean, agree = opinion(probabilities, labels)
    people = rejected(labels)
    of_label = probabilities.mean(axis=0)[np.arange(len(labels)), labels]
    return [
        {
            "index": int(i),
            "label": int(labels[i]),
            "read_as": int(other[i]),
            "agree": int(agree[:, i].sum()),
            "confidence": round(float(mean[i]), 4),
            "confidence_of_label": round(float(of_label[i]), 4),
            "says": {
                name: {"digit": int(said.argmax()), "confidence": round(float(said.max()), 4)}
                for name, said in zip(names, probabilities[:, i], strict=True)
            },
            "rejected_by_people": int(i) in people if people else None,
        }
        for i in rows
    ]


def rejected(labels: np.ndarray) -> list[int]:
    """Return the test digits whose label people rejected; none where the labels (N,) are not MNIST's."""
    return REJECTED if len(labels) == ALL else []


def without(right: np.ndarray, rows: np.ndarray) -> dict:
    """Return n, accuracy, its interval and errors of answers (N,) bool, leaving out the rows (K,)."""
    kept = np.delete(right, rows)
    return metrics.share_right(int(kept.sum()), len(kept)) | {"errors": int((~kept).sum())}


def judge(
    number: int, probabilities: np.ndarray, labels: np.ndarray, family: np.ndarray, least: float
) -> dict:
    """Return the accuracy of one model with all digits and without those doubted; see `doubted`."""
    right, others = probabilities[number].argmax(axis=1) == labels, family != family[number]
    rows = doubted(probabilities, labels, family, least)
    found = {"all": without(right, rows[:0]), "without_doubted": without(right, rows)}
    if others.any():
        rows = doubted(probabilities[others], labels, family[others], least)
        found |= {"doubted_by_others": rows.tolist(), "without_doubted_by_others": without(right, rows)}
    if people := rejected(labels):
        found["without_rejected_by_people"] = without(right, np.array(people))
    return found


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Find test digits whose label the models doubt together."""

    models: tuple[str, ...] = ()
    """Names in models/ or paths (none: all that have a card); a choice is kept apart."""
    least: float = 0.5
    """Mean probability of the other digit from which a label is doubted; another one is kept apart."""

    def __post_init__(self):
        config.check("--models", self.models, len(self.models) != 1, "two or more: one cannot agree")
        config.check("--least", self.least, 0 < self.least <= 1, "a probability above 0, up to 1")

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
    curves.save(sheets.contact_sheet(pictures, captions, columns=6), path)


def main(settings: Settings) -> None:
    """Ask all models, find, judge, write, draw, print."""
    paths = [checkpoints.find(name) for name in settings.models]
    paths = paths or [entry.path for entry in checkpoints.entries() if entry.card]
    names = [path.stem for path in paths]
    config.check("--models", ", ".join(names) or "empty", len(names) >= 2, "two models with a card or more")
    config.check("--models", ", ".join(names), len(set(names)) == len(names), "models of different names")
    images, labels = load_test()
    readers = [Recognizer.load(path) for path in paths]
    frames = as_batch(images)
    said = np.stack([calibration.softmax(reader.logits(frames), reader.temperature) for reader in readers])
    configs = [reader.card.config if reader.card else {} for reader in readers]
    family = families_of(dict(zip(names, configs, strict=True)))
    rows = doubted(said, labels, family, settings.least)
    doubtful = rejected(labels)
    result = {
        "data": "MNIST test, bare networks",
        "n": len(labels),
        "seed": None,
        "least": settings.least,
        "rejected_by_people": doubtful or None,
        "models": [
            {"model": names[i], "sha256": sha256(path), "family": int(family[i])}
            | judge(i, said, labels, family, settings.least)
            for i, path in enumerate(paths)
        ],
        "doubted": describe(rows, names, said, labels),
    }
    result |= {"created": config.now(), "versions": config.versions()}
    write_json(results_dir() / f"label_noise{settings.part}.json", result)
    draw(result, images, results_dir() / "figures" / f"label_noise{settings.part}.png")

    print(f"{len(rows)} of {len(labels):,} labels are doubted.")
    if rejected:
        print(f"People rejected {len(rejected)}; {np.isin(rejected, rows).sum()} of them are doubted.")
    for row in result["models"]:
        shares = [f"{value['accuracy']:.2%} ({key})" for key, value in row.items() if isinstance(value, dict)]
        print(f"{row['model']:>16}  " + ", ".join(shares))


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
