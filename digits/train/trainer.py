"""The shared second half of every training script: judge and calibrate on validation digits, report, save."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
from sklearn.metrics import classification_report

from digits import config, experiment, metrics
from digits.data.mnist import TrainVal
from digits.files import write_json, write_text
from digits.models import calibration, checkpoints
from digits.models.alphabet import DIGITS
from digits.models.architectures import logits_model
from digits.models.card import Card
from digits.plots import curves, sheets
from digits.preprocessing.frame import as_batch

MNIST = {
    "name": "MNIST",
    "licence": "CC BY-SA 3.0",
    "attribution": "Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits",
}

UNIPEN = {
    "name": "UNIPEN train_r01_v07, digits",
    "licence": "CC BY 4.0",
    "attribution": "I. Guyon, L. Schomaker, R. Plamondon, M. Liberman, S. Janet: UNIPEN project of on-line "
    "data exchange and recognizer benchmarks, 1994; doi 10.5281/zenodo.1195803",
}

LETTERS = UNIPEN | {"name": "UNIPEN train_r01_v07, letters"}


def source_of(data: Path) -> dict[str, str]:
    """Return what a card says of own digits: who is owed attribution for data known by its name."""
    if data.stem.startswith("unipen"):
        return UNIPEN
    if data.stem in ("not_digits_strokes", "letters_strokes"):
        return LETTERS
    return {"name": data.name, "licence": "the owner's", "attribution": "the writers of these digits"}


def logits_of(model: keras.Model, images: np.ndarray, batch_size: int = 500) -> np.ndarray:
    """Return the logits (N, 10) float32 of `images` (N, 28, 28) uint8."""
    return _logits_model(model).predict(as_batch(images), batch_size=batch_size, verbose=0)


_logits_model = lru_cache(maxsize=4)(logits_model)  # each new one would be traced anew


Provenance = tuple[list[dict[str, str]], dict[str, list[str]]]
"""Where a model's knowledge comes from: name, licence and attribution of each data set; and by data set the
sources of own digits that training or a choice saw, which no evaluation may count."""


def provenance(
    bases: Iterable[Card | None] = (),
    own: Mapping[Path, Iterable[str]] | None = None,
    first: Iterable[dict[str, str]] = (),
) -> Provenance:
    """Return where a model's knowledge comes from.

    Args:
        bases: cards of the models that it is made from.
        own: files or folders of own digits or letters, with the sources seen of each.
        first: data sets beside those.
    """
    sets, learnt = list(first), dict[str, set[str]]()
    for card in bases:
        if card:
            sets += card.trained_on
            for name, sources in card.config.get("learnt_from", {}).items():
                learnt[name] = learnt.get(name, set()) | set(sources)
    for data, sources in (own or {}).items():
        sets.append(source_of(data))
        learnt[sets[-1]["name"]] = learnt.get(sets[-1]["name"], set()) | set(sources)
    each_once = {one["name"]: one for one in sets}
    return list(each_once.values()), {name: sorted(found) for name, found in learnt.items()}


@dataclass(frozen=True)
class Judged:
    """What validation digits say of a trained model."""

    temperature: float
    """Under which its confidence is right."""
    probabilities: np.ndarray
    """(N, 10), calibrated."""
    figures: dict[str, float]
    """n, accuracy, loss, and the calibration error before and after."""
    operating_points: list[dict[str, float]]
    """Thresholds and their price; none for what judges no readings."""


def calibrate(
    model: keras.Model,
    data: TrainVal,
    outliers: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> Judged:
    """Judge a model on the validation digits, and calibrate its confidence on them.

    Args:
        model: trained, up to its probabilities.
        data: whose validation digits judge.
        outliers: (M, 28, 28) uint8, no digits, held out: they set below which energy there is no digit.
        weights: (N,) what each validation digit counts where confidence is calibrated (None: all alike).
    """
    logits, labels = logits_of(model, data.x_val), data.y_val
    temperature = calibration.fit_temperature(logits, labels, weights)
    probabilities, plain = calibration.softmax(logits, temperature), calibration.softmax(logits)
    figures = {
        "n": len(labels),
        "accuracy": round(metrics.accuracy(probabilities, labels), 5),
        "loss": round(calibration.negative_log_likelihood(logits, labels), 5),
        "ece_before": round(metrics.expected_calibration_error(plain, labels), 5),
        "ece": round(metrics.expected_calibration_error(probabilities, labels), 5),
    }
    of_outliers = None if outliers is None else calibration.energy(logits_of(model, outliers))
    points = calibration.operating_points(probabilities, calibration.energy(logits), labels, of_outliers)
    return Judged(temperature, probabilities, figures, points)


def report(
    folder: Path,
    data: TrainVal,
    history: list[dict[str, float]],
    judged: Judged,
    labels: Sequence[str] = DIGITS,
) -> None:
    """Write a run's history, classification report and figures into its folder."""
    predictions = judged.probabilities.argmax(axis=1)
    write_json(folder / "history.json", history)
    every = range(len(labels))
    table = classification_report(
        data.y_val, predictions, labels=every, target_names=labels, digits=4, zero_division=0
    )
    write_text(folder / "classification_report.txt", table)
    confusion = metrics.confusion_matrix(predictions, data.y_val, len(labels))
    figures = {
        "training_curves_acc": curves.training_curve(history, "accuracy"),
        "training_curves_loss": curves.training_curve(history, "loss"),
        "confusion_matrix": curves.confusion_matrix(confusion, labels),
        "misclassified": sheets.misclassified(data.x_val, data.y_val, judged.probabilities, labels),
    }
    for name, figure in figures.items():
        curves.save(figure, folder / f"{name}.png")


def card_of(
    model: keras.Model,
    settings: experiment.Settings,
    out: Path,
    judged: Judged,
    history: list[dict[str, float]],
    origin: Provenance,
    minutes_before: float = 0.0,
    about: Mapping[str, Any] | None = None,
) -> Card:
    """Return the card of a model that is to be written to `out`.

    `minutes_before` is what the script did before its first epoch, where that took long; `about` is what else
    shall be known of how it was made.
    """
    trained_on, learnt_from = origin
    points = judged.operating_points
    config_ = {"script": settings.SCRIPT, **settings.as_dict(full_paths=False)}
    return Card(
        name=out.stem,
        architecture=model.name,
        parameters=model.count_params(),
        trained_on=trained_on,
        config=config_ | {"learnt_from": learnt_from, **(about or {})},
        seed=settings.seed,
        validation=judged.figures,
        temperature=round(judged.temperature, 4),
        thresholds=points[calibration.USUAL] if points else dict(calibration.NEUTRAL_THRESHOLDS),
        created=config.now(),
        versions=config.versions(),
        minutes=round(minutes_before + sum(row["seconds"] for row in history) / 60, 1),
        hardware=config.hardware(),
        trade_off=points,
        history=[{key: round(value, 5) for key, value in row.items()} for row in history],
    )


def save(model: keras.Model, card: Card, settings: experiment.Settings, folder: Path) -> None:
    """Save a model with its card, and metrics.json into the folder, which marks the run as finished.

    Raises:
        SystemExit: validation accuracy is under `settings.min_accuracy`; nothing is saved then.
    """
    out, accuracy, least = settings.checkpoint(folder), card.validation["accuracy"], settings.min_accuracy
    if accuracy < least:
        raise SystemExit(
            f"Validation accuracy {accuracy:.4f} is under --min-accuracy {least}: {out} was not written."
        )
    checkpoints.save(model, card, out)
    about = {"epochs": len(card.history), "minutes": card.minutes}
    write_json(folder / "metrics.json", card.validation | about)


def finish(
    model: keras.Model,
    settings: experiment.Settings,
    folder: Path,
    data: TrainVal,
    history: list[dict[str, float]],
    origin: Provenance | None = None,
    minutes_before: float = 0.0,
    about: Mapping[str, Any] | None = None,
) -> str:
    """Judge `model` on the validation digits, report, and save it with its card.

    Args:
        model: trained, up to its probabilities.
        settings, folder: of the script, and of its run.
        data: whose validation digits judge, and calibrate the confidence.
        history: from `fit.fit`.
        origin: of what it knows (None: MNIST alone).
        minutes_before, about: see `card_of`.

    Returns:
        What to say in the end: how good it is, and where it lies.
    """
    judged = calibrate(model, data)
    report(folder, data, history, judged)
    out, origin = settings.checkpoint(folder), origin or provenance(first=[MNIST])
    save(
        model, card_of(model, settings, out, judged, history, origin, minutes_before, about), settings, folder
    )
    accuracy, n = judged.figures["accuracy"], judged.figures["n"]
    return f"Validation accuracy {accuracy:.2%} on {n:,} digits\nWrote {out}"
