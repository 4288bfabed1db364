"""The shared second half of every training script: judge on validation, report, save.

It joins rooms that do not know each other: fitting, metrics, confidence, figures and checkpoints.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import keras
import numpy as np
from sklearn.metrics import classification_report

from digits import config, experiment, metrics
from digits.data.mnist import TrainVal
from digits.files import write_json, write_text
from digits.models import calibration, checkpoints
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
    if data.stem == "not_digits_strokes":
        return LETTERS
    return {"name": data.name, "licence": "the owner's", "attribution": "the writers of these digits"}


def sources_of(cards: list[Card | None]) -> list[dict[str, str]]:
    """Return the data sets behind models that others are made from, each once."""
    return _each_once([source for card in cards if card for source in card.trained_on])


def learnt_from(cards: list[Card | None], data: Path | None = None, seen: Iterable[str] = ()) -> dict:
    """Return the sources of own digits that a model or those it is made from have seen, by data set."""
    found = {source_of(data)["name"]: set(seen)} if data else {}
    for card in cards:
        for name, sources in (card.config.get("learnt_from", {}) if card else {}).items():
            found[name] = found.get(name, set()) | set(sources)
    return {name: sorted(sources) for name, sources in found.items()}


def verbosity() -> int:
    """Return Keras' `verbose`: a progress bar on a terminal, one line per epoch in a log file."""
    return 1 if sys.stdout.isatty() else 2


def logits_of(model: keras.Model, images: np.ndarray, batch_size: int = 500) -> np.ndarray:
    """Return the logits (N, 10) float32 of `images` (N, 28, 28) uint8."""
    return logits_model(model).predict(as_batch(images), batch_size=batch_size, verbose=0)


def finish(
    model: keras.Model,
    settings: experiment.Settings,
    data: TrainVal,
    history: list[dict[str, float]],
    folder: Path,
    trained_on: list[dict[str, str]],
    further: dict[str, float] | None = None,
    learnt_from: dict[str, list[str]] | None = None,
    minutes_before: float = 0.0,
    strangers: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    final: list[np.ndarray] | None = None,
) -> dict[str, float]:
    """Judge `model` on the validation digits, fill the run's folder, and save the model with its card.

    Args:
        model: trained, up to its probabilities.
        data: whose validation digits judge, and calibrate the confidence.
        history: from `fitting.fit`.
        settings, folder: of the script, and of its run.
        trained_on: name, licence and attribution of each data set.
        further: figures of the script's own, for the card's validation.
        learnt_from: sources of own digits that training or a choice saw, by data set.
        minutes_before: what the script did before its first epoch, where that took long.
        strangers: (M, 28, 28) uint8, no digits, held out: they set below which evidence there is no digit.
        weights: (N,) what each validation digit counts where confidence is calibrated (None: all alike).
        final: weights to save in place of those judged, where the digits that judged were learnt afterwards.

    Returns:
        The validation figures, also in metrics.json, which marks the run as finished.

    Raises:
        SystemExit: validation accuracy is under `settings.min_accuracy`; nothing is saved then.
    """
    out = settings.checkpoint(folder)
    logits = logits_of(model, data.x_val)
    temperature = calibration.fit_temperature(logits, data.y_val, weights)
    probabilities = calibration.softmax(logits, temperature)
    result = _validation_figures(logits, probabilities, data.y_val) | (further or {})
    _write_report(folder, history, probabilities, data)
    _insist(result["accuracy"], settings.min_accuracy, out)
    rows = _trade_off(model, strangers, logits, probabilities, data.y_val)
    card = Card(
        name=out.stem,
        architecture=model.name,
        parameters=model.count_params(),
        trained_on=_each_once(trained_on),
        config=_config(settings) | {"learnt_from": learnt_from or {}},
        seed=settings.seed,
        validation=result,
        temperature=round(temperature, 4),
        thresholds=rows[calibration.USUAL],
        created=config.now(),
        versions=config.versions(),
        minutes=round(minutes_before + sum(row["seconds"] for row in history) / 60, 1),
        hardware=config.hardware(),
        trade_off=rows,
        promises=_promises_of(out),
        history=[{key: round(value, 5) for key, value in row.items()} for row in history],
    )
    if final is not None:
        model.set_weights(final)
    checkpoints.save(model, card, out)
    write_json(folder / "metrics.json", result | {"epochs": len(history), "minutes": card.minutes})
    return result


def _promises_of(path: Path) -> dict[str, float]:
    """Return what the model that is about to be replaced promised: its successor must keep it."""
    card = checkpoints.inspect(path).card if path.exists() else None
    return card.promises if card else {}


def _config(settings: experiment.Settings) -> dict:
    return {"script": settings.SCRIPT, **settings.as_dict(full_paths=False)}


def _insist(accuracy: float, least: float, out: Path) -> None:
    if accuracy < least:
        raise SystemExit(
            f"Validation accuracy {accuracy:.4f} is under --min-accuracy {least}: {out} was not written."
        )


def _each_once(sources: list[dict[str, str]]) -> list[dict[str, str]]:
    return list({source["name"]: source for source in sources}.values())


def _validation_figures(
    logits: np.ndarray, probabilities: np.ndarray, labels: np.ndarray
) -> dict[str, float]:
    return {
        "n": len(labels),
        "accuracy": round(metrics.accuracy(probabilities, labels), 5),
        "loss": round(calibration.negative_log_likelihood(logits, labels), 5),
        "ece_before": round(metrics.expected_calibration_error(calibration.softmax(logits), labels), 5),
        "ece": round(metrics.expected_calibration_error(probabilities, labels), 5),
    }


def _trade_off(
    model: keras.Model,
    strangers: np.ndarray | None,
    logits: np.ndarray,
    probabilities: np.ndarray,
    labels: np.ndarray,
) -> list[dict[str, float]]:
    heard = None if strangers is None else calibration.energy(logits_of(model, strangers))
    return calibration.operating_points(probabilities, calibration.energy(logits), labels, heard)


def _write_report(folder: Path, history: list[dict], probabilities: np.ndarray, data: TrainVal) -> None:
    predictions = probabilities.argmax(axis=1)
    write_json(folder / "history.json", history)
    report = classification_report(data.y_val, predictions, digits=4, zero_division=0)
    write_text(folder / "classification_report.txt", report)
    curves.save(curves.training_curve(history, "accuracy"), folder / "training_curves_acc.png")
    curves.save(curves.training_curve(history, "loss"), folder / "training_curves_loss.png")
    confusion = metrics.confusion_matrix(predictions, data.y_val)
    curves.save(curves.confusion_matrix(confusion), folder / "confusion_matrix.png")
    wrong = sheets.misclassified(data.x_val, data.y_val, probabilities)
    curves.save(wrong, folder / "misclassified.png")
