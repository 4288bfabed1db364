"""Judge a model on MNIST's 10,000 test digits.

    python -m evaluation.judges.accuracy --model mnist_cnn        # half a minute

Writes evaluation/results/<name>.json, and figures beside it: the confusion matrix, the most confused pairs
with their digits, and the digits that were misread.
"""

from dataclasses import dataclass

import numpy as np
import tyro

from digits import Recognizer, config, experiment, metrics
from digits.config import DEFAULT_MODEL, results_dir
from digits.data.mnist_test import load_test
from digits.models import calibration, checkpoints
from digits.models.leaderboard import NETWORK, Result
from digits.plots import curves, sheets
from digits.preprocessing.frame import as_batch


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Judge a model on the MNIST test digits."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    limit: int | None = None
    """Judge on the first so many test digits only; the result is kept apart."""
    min_accuracy: float = 0.0
    """Exit with 1 when the accuracy is below this share, e.g. 0.9955."""

    def __post_init__(self):
        config.check("--limit", self.limit, self.limit is None or self.limit >= 1, "1 or more")
        config.check("--min-accuracy", self.min_accuracy, 0 <= self.min_accuracy <= 1, "a share from 0 to 1")


def figures_of(right: np.ndarray, unsure: np.ndarray) -> dict:
    """Return n, accuracy, interval, errors, and how many of all and of the errors are unsure; (N,) bool."""
    return {
        **metrics.share_right(int(right.sum()), len(right)),
        "errors": int((~right).sum()),
        "unsure": round(float(unsure.mean()), 5),
        "errors_called_unsure": round(float(unsure[~right].mean()), 5) if (~right).any() else None,
    }


def judge(recognizer: Recognizer, images: np.ndarray, labels: np.ndarray) -> tuple[dict, np.ndarray]:
    """Return the figures of merit and the calibrated probabilities (N, 10) for images (N, 28, 28) uint8."""
    logits = recognizer.logits(as_batch(images))
    probabilities = calibration.softmax(logits, recognizer.temperature)
    confusion = metrics.confusion_matrix(probabilities.argmax(axis=1), labels)
    asked = zip(probabilities, calibration.energy(logits), strict=True)
    statuses = [calibration.decide_status(*one, recognizer.thresholds) for one in asked]
    unsure = np.array([status != "digit" for status in statuses])
    return {
        **figures_of(probabilities.argmax(axis=1) == labels, unsure),
        "weighted_f1": round(metrics.weighted_f1(confusion), 5),
        "f1_per_class": [round(float(f1), 5) for f1 in metrics.f1_scores(confusion)],
        "ece": round(metrics.expected_calibration_error(probabilities, labels), 5),
        "ece_uncalibrated": round(metrics.expected_calibration_error(calibration.softmax(logits), labels), 5),
        "most_confused": metrics.with_examples(metrics.most_confused(confusion), probabilities, labels),
        "confusion": confusion.tolist(),
    }, probabilities


def main(settings: Settings) -> None:
    """Judge, write JSON and figures, print the essence."""
    path = checkpoints.find(settings.model)
    recognizer = Recognizer.load(path)
    if recognizer.has_letters:
        raise ValueError(
            f"{recognizer.name} reads letters too; expected a model of digits: see judges.letters."
        )
    images, labels = load_test(settings.limit)
    figures_of_merit, probabilities = judge(recognizer, images, labels)
    result = {"data": "MNIST test", "seed": None, "temperature": recognizer.temperature, **figures_of_merit}
    # A partial run must not pass for the published figures.
    part = "" if settings.limit is None else f".first{settings.limit}"
    Result(path=path, kind="", figures=result, part=part, data=("mnist.npz",), code=NETWORK).write()
    stem = recognizer.name + part
    folder = results_dir() / "figures"
    confusion = np.array(result["confusion"])
    curves.save(curves.confusion_matrix(confusion), folder / f"{stem}_confusion.png")
    curves.save(sheets.confused_pairs(images, result["most_confused"]), folder / f"{stem}_pairs.png")
    wrong = sheets.misclassified(images, labels, probabilities)
    curves.save(wrong, folder / f"{stem}_misclassified.png")

    low, high = result["interval_95"]
    print(
        f"{recognizer.name}: {result['accuracy']:.2%} of {result['n']:,} MNIST test digits "
        f"(95 % interval {low:.2%} to {high:.2%}), "
        f"weighted F1 {result['weighted_f1']:.4f}, ECE {result['ece']:.4f}"
    )
    if result["accuracy"] < settings.min_accuracy:
        raise SystemExit(f"That is under --min-accuracy {settings.min_accuracy}.")


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
