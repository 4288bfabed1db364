"""The baseline that every network must beat: scikit-learn on raw pixels.

    python training/train_baseline.py                              # seconds
    python training/train_baseline.py --data mnist --model svc --limit 10000

Held-out digits judge it: a stratified fifth of scikit-learn's own 1,797 digits of 8 x 8 points, or MNIST's
validation digits. Leaves a run folder with report and figures; no file in models/.
"""

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import tyro
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVC

from digits import config, experiment, metrics
from digits.data.mnist import load_train_val
from digits.files import write_json, write_text
from digits.plots import curves


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Train a classical baseline with scikit-learn."""

    data: Literal["digits", "mnist"] = "digits"
    """scikit-learn's small digits, or MNIST."""
    model: Literal["logistic", "svc"] = "logistic"
    """Logistic regression, or a support vector machine with RBF kernel."""
    seed: int = 1
    """Start of every random choice."""
    limit: int | None = None
    """Train on the first so many digits only; a support vector machine on all of MNIST takes long."""
    out: Path | None = None
    """Also write the figures of merit to this JSON file."""

    def __post_init__(self):
        experiment.check_sample(self.seed, self.limit)


def load(settings: Settings) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return images and labels to train on, then images and labels to judge on; images (N, h, w)."""
    if settings.data == "mnist":
        data = load_train_val(settings.limit)
        return data.x_train, data.y_train, data.x_val, data.y_val
    digits = load_digits()
    x_train, x_val, y_train, y_val = train_test_split(
        digits.images, digits.target, test_size=0.2, stratify=digits.target, random_state=settings.seed
    )
    return x_train[: settings.limit], y_train[: settings.limit], x_val, y_val


def build(settings: Settings) -> Pipeline:
    """Return an untrained pipeline: pixels to [0, 1], then the classifier."""
    if settings.model == "svc":
        return make_pipeline(MinMaxScaler(), SVC(C=10.0, gamma="scale", random_state=settings.seed))
    return make_pipeline(MinMaxScaler(), LogisticRegression(C=1.0, max_iter=500, random_state=settings.seed))


def main(settings: Settings) -> None:
    """Load, fit, judge, report."""
    experiment.claim_process(experiment.TRAINS)
    folder = experiment.new_folder("train_baseline")
    write_json(folder / "args.json", asdict(settings))
    print(f"Run folder: {folder}")
    x_train, y_train, x_val, y_val = load(settings)
    model = build(settings)
    begin = time.monotonic()
    model.fit(x_train.reshape(len(x_train), -1), y_train)
    minutes = (time.monotonic() - begin) / 60

    predictions = model.predict(x_val.reshape(len(x_val), -1))
    confusion = metrics.confusion_matrix(predictions, y_val)
    hits = int(np.trace(confusion))
    result = {
        "model": f"{settings.model} on {settings.data}",
        "data": "MNIST validation" if settings.data == "mnist" else "scikit-learn digits, held-out fifth",
        "n_train": len(y_train),
        "n": len(y_val),
        "errors": len(y_val) - hits,
        "accuracy": hits / len(y_val),
        "interval_95": [round(bound, 5) for bound in metrics.wilson_interval(hits, len(y_val))],
        "weighted_f1": round(metrics.weighted_f1(confusion), 5),
        "minutes": round(minutes, 2),
        "seed": settings.seed,
        "versions": config.versions(),
    }
    report = classification_report(y_val, predictions, digits=4, zero_division=0)
    print(report)
    write_text(folder / "classification_report.txt", report)
    curves.save(curves.confusion_matrix(confusion), folder / "confusion_matrix.png")
    write_json(folder / "metrics.json", result)
    if settings.out:
        write_json(settings.out, result)
    print(f"Accuracy {result['accuracy']:.2%} on {result['n']:,} held-out digits ({minutes:.1f} minutes)")


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
