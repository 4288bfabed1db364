"""Judge a bare network on corrupted MNIST test digits: the fifteen kinds of MNIST-C.

    python evaluation/evaluate_robustness.py --model mnist_advanced      # two minutes

Each kind at the severity of the paper, or at those named. Writes evaluation/results/<name>.robustness.json
and a strip of examples of each kind.
"""

from dataclasses import dataclass

import numpy as np
import tyro
from tqdm import tqdm

from digits import Recognizer, figures, results, runs
from digits.contract import DEFAULT_MODEL, results_dir
from digits.data.mnist_test import load_test
from digits.network import checkpoints
from digits.trust import metrics
from digits.trust.corruptions import KINDS, corrupt


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Judge a bare network on corrupted digits."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    kinds: tuple[str, ...] = tuple(KINDS)
    """Kinds of corruption."""
    severities: tuple[int, ...] = ()
    """Severities from 1 to 5 (None named: that of MNIST-C for each kind)."""
    seed: int = 1
    """Start of the corruptions' random choices."""
    limit: int | None = None
    """Judge on the first so many test digits only; the result is kept apart."""

    def __post_init__(self):
        runs.check("--limit", self.limit, self.limit is None or self.limit >= 1, "1 or more")
        strangers = [kind for kind in self.kinds if kind not in KINDS]
        good = bool(self.kinds) and not strangers
        runs.check("--kinds", strangers or "empty", good, f"some of {', '.join(KINDS)}")
        runs.check("--seed", self.seed, self.seed >= 0, "0 or more")
        good = all(severity in range(1, 6) for severity in self.severities)
        runs.check("--severities", self.severities, good, "numbers from 1 to 5")


def judge(recognizer: Recognizer, images: np.ndarray, labels: np.ndarray) -> dict:
    """Return n, accuracy and its interval for images (N, 28, 28) uint8."""
    probabilities = recognizer.probabilities(images[..., None].astype("float32") / 255)
    return metrics.share_right(int((probabilities.argmax(axis=1) == labels).sum()), len(labels))


def main(settings: Settings) -> None:
    """Corrupt, judge, write, print."""
    path = checkpoints.find(settings.model)
    recognizer = Recognizer.load(path)
    images, labels = load_test(settings.limit)
    rows, examples = [], {}
    for kind in tqdm(settings.kinds, unit="kind"):
        for severity in settings.severities or (KINDS[kind].paper,):
            corrupted = corrupt(images, kind, severity, settings.seed)
            rows.append({"kind": kind, "severity": severity, **judge(recognizer, corrupted, labels)})
            examples[f"{kind} {severity}"] = corrupted[:10]
    worst = min(rows, key=lambda row: row["accuracy"])
    result = {
        "data": "MNIST test, corrupted as in MNIST-C (own implementation), bare network",
        "seed": settings.seed,
        "clean": judge(recognizer, images, labels),
        "mean_accuracy": round(float(np.mean([row["accuracy"] for row in rows])), 5),
        "worst": worst["kind"],
        "rows": rows,
    }
    usual = settings.kinds == tuple(KINDS) and not settings.severities
    part = "" if settings.limit is None else f".first{settings.limit}"
    results.write(path, "robustness", result, part if usual else f".some{part}")
    if usual and not part:
        figures.save(figures.strips(examples), results_dir() / "figures" / "corruptions.png")
    for row in rows:
        print(f"{row['kind']:>14} {row['severity']}  {row['accuracy']:.2%}")
    print(f"{recognizer.name}: mean {result['mean_accuracy']:.2%}, clean {result['clean']['accuracy']:.2%}")


if __name__ == "__main__":
    runs.command(lambda: main(tyro.cli(Settings)))
