"""Fine-tuning a model, stage by stage, without forgetting; each stage resumes where it was killed.

It joins rooms that do not know each other: lessons, damage of pictures, and the loop of training.
"""

from pathlib import Path
from typing import NamedTuple, Protocol

import keras
import numpy as np

from digits.train import acceptance, finetune_data, fit, losses, photometric, trainer
from digits.train.acceptance import Scores
from digits.train.finetune_data import FinetuneData

BLENDS = (1, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Shares of `blend`, tried in this order until MNIST is kept."""


class Settings(Protocol):
    """What fine-tuning wants to know; training/finetune_on_custom.py says what each means."""

    seed: int
    batch_size: int
    epochs: int
    again: int
    per_epoch: int
    learning_rate: float
    replay: str
    misread: float
    augment: float
    damage: float
    strangers: float
    blend: float
    most_forgotten: float


class Stage(NamedTuple):
    """Some epochs in which the same layers learn."""

    name: str
    """Of the folder with its checkpoints; `digits.train.jobs.state` looks there."""
    epochs: int
    rate: float
    """AdamW's at the beginning."""
    head_alone: bool = False


def stages(settings: Settings) -> list[Stage]:
    """Return the stages of a lesson: the last layer alone, which settles first, then all layers."""
    rate = settings.learning_rate
    return [Stage("head", 1, 2 * rate, head_alone=True), Stage("all", settings.epochs, rate)]


def last_stage(settings: Settings) -> Stage:
    """Return the stage in which the digits that have judged are learnt too."""
    return Stage("again", settings.again, 0.7 * settings.learning_rate)


def train(
    model: keras.Model,
    lesson: FinetuneData,
    chosen: list[Stage],
    often: np.ndarray,
    settings: Settings,
    folder: Path,
) -> list[dict[str, float]]:
    """Train `model` stage by stage.

    Args:
        model: changes in place.
        lesson: what it learns, and which digits held out it is measured with after each epoch.
        chosen: the stages.
        often: (N,) how often each own digit comes, see `Lesson.often`.
        settings: of the script.
        folder: of its run; a stage that is there already is not done again.

    Returns:
        The history of all stages, see `fitting.fit`.
    """
    augment = photometric.photometric_augmentation(settings.seed, settings.augment, settings.damage)
    training = fit.with_augmentation(model, augment)
    batches = lesson.batches(
        settings.batch_size,
        settings.per_epoch,
        settings.replay == "mnist",
        settings.augment,
        settings.strangers,
        often,
    )
    loss, accuracy = losses.smoothed_crossentropy(0.05), "accuracy"
    if lesson.strangers is not None:
        loss = losses.crossentropy_with_outliers(0.05)
        accuracy = keras.metrics.MeanMetricWrapper(losses.accuracy_with_outliers, name="accuracy")
    history = []
    for stage in chosen:
        finetune_data.freeze(model, all_but_head=stage.head_alone)
        rate = losses.cosine(stage.rate, stage.epochs, len(batches))
        training.compile(
            optimizer=keras.optimizers.AdamW(rate, weight_decay=0.02),
            loss=loss,
            metrics=[accuracy],
            jit_compile=keras.config.backend() == "jax",
        )
        history += fit.fit(
            training,
            batches,
            (lesson.held.frames, lesson.held.labels),
            folder / "checkpoints" / stage.name,
            epochs=stage.epochs,
            seed=settings.seed,
            callbacks=[],
            keep_best=False,  # the digits held out must not choose
            verbose=trainer.verbosity(),
        )
    model.trainable = True
    return history


def blend(
    model: keras.Model, untaught: list[np.ndarray], lesson: FinetuneData, before: Scores, settings: Settings
) -> tuple[float, Scores]:
    """Blend the taught weights with those from before, so that MNIST is kept.

    Args:
        model: taught; changes in place.
        untaught: its weights before.
        lesson, before: judge it, and how it did before.
        settings: of the script.

    Returns:
        The share of the taught weights in (0, 1], and how the model does now.
    """
    taught = model.get_weights()
    for part in BLENDS:
        model.set_weights(taught)
        share = part * settings.blend
        finetune_data.blend(model, untaught, share)
        after = lesson.judge(model)
        if not acceptance.forgets(before, after, settings.most_forgotten):
            break
    return round(share, 3), after


def learn_the_rest(
    model: keras.Model,
    weights: tuple[list[np.ndarray], list[np.ndarray]],
    lesson: FinetuneData,
    before: Scores,
    settings: Settings,
    folder: Path,
) -> list[np.ndarray] | None:
    """Go on with all digits, those that have judged too.

    Nobody is left to judge what comes of it but MNIST: it is trusted because the model before it was good.

    Args:
        model: stays as it is.
        weights: taught, not blended, from which to go on; and those before the lesson.
        lesson, before, settings, folder: as in `train` and `blend`.

    Returns:
        The weights, blended; None where too much of MNIST is forgotten.
    """
    judged, (taught, untaught), whole = model.get_weights(), weights, lesson.whole()
    model.set_weights(untaught)
    often = whole.often(model, settings.misread)
    model.set_weights(taught)
    train(model, whole, [last_stage(settings)], often, settings, folder)
    _, after = blend(model, untaught, whole, before, settings)
    final = model.get_weights()
    model.set_weights(judged)
    return None if acceptance.forgets(before, after, settings.most_forgotten) else final
