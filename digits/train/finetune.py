"""Fine-tuning a model on own digits without forgetting; each stage resumes where it was killed.

python -m digits.train.finetune --data my_digits/     # as training/finetune_on_custom.py, which says more
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
from keras import layers

from digits import experiment
from digits.data.handwriting import balance
from digits.files import write_json
from digits.models import alphabet, checkpoints
from digits.models.card import Card
from digits.train import acceptance, finetune_data, fit, losses, photometric, trainer
from digits.train.acceptance import Outcome, Scores
from digits.train.finetune_data import FinetuneData
from digits.train.finetune_settings import HEAD, Settings, Stage

BLENDS = (1, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Shares of `blend`, tried in this order until MNIST is kept."""

Weights = list[np.ndarray]
"""Of a model, from `get_weights`."""

log = logging.getLogger("digits.train.finetune")  # also where this module is the command


@dataclass(frozen=True)
class Finetuning:
    """A model that changes in place, and how it was before."""

    model: keras.Model
    settings: Settings
    folder: Path
    """Of the run."""
    untaught: Weights
    """Before."""
    before: Scores
    """How it did then."""

    def train(self, data: FinetuneData, stages: Sequence[Stage], often: np.ndarray) -> list[dict[str, float]]:
        """Train stage by stage; one that is there already is not done again.

        Args:
            data: what is learnt, and which digits held out measure after each epoch.
            stages: which.
            often: (N,) how often each own digit comes, see `FinetuneData.often`.

        Returns:
            The history of all stages, see `fit.fit`.
        """
        settings = self.settings
        augment = photometric.photometric_augmentation(settings.seed, settings.augment, settings.damage)
        training = fit.with_augmentation(self.model, augment)
        batches = data.batches(settings, often)
        loss, accuracy = losses.smoothed_crossentropy(0.05), "accuracy"
        if data.outliers is not None:
            loss = losses.crossentropy_with_outliers(0.05)
            accuracy = keras.metrics.MeanMetricWrapper(losses.accuracy_with_outliers, name="accuracy")
        history = []
        for stage in stages:
            freeze(self.model, all_but_head=stage.name == HEAD)
            rate = losses.cosine(stage.rate, stage.epochs, len(batches))
            fit.compile_training(training, keras.optimizers.AdamW(rate, weight_decay=0.02), loss, accuracy)
            history += fit.fit(
                training,
                batches,
                (data.held.frames, data.held.labels),
                self.folder / "checkpoints" / stage.name,
                epochs=stage.epochs,
                seed=settings.seed,
                keep_best=False,  # the digits held out must not choose
            )
        self.model.trainable = True
        return history

    def blend(self, data: FinetuneData) -> tuple[float, Scores]:
        """Blend the taught weights with those from before: that forgets less and gains almost as much.

        Wortsman et al., "Robust fine-tuning of zero-shot models", 2022, arXiv:2109.01903.

        Returns:
            The share of the taught weights in (0, 1], and how the model does now.
        """
        taught = self.model.get_weights()
        for part in BLENDS:
            share = part * self.settings.blend
            pairs = zip(self.untaught, taught, strict=True)
            self.model.set_weights([(1 - share) * old + share * new for old, new in pairs])
            after = data.judge(self.model)
            if not acceptance.forgets(self.before, after, self.settings.most_forgotten):
                break
        return round(share, 3), after

    def learn_the_rest(self, data: FinetuneData, taught: Weights) -> Weights | None:
        """Go on from the `taught` weights with all digits, those that have judged too.

        Nobody is left to judge what comes of it but MNIST: it is trusted because the model before it was
        good, and that stays in place.

        Returns:
            The weights, blended; None where too much of MNIST is forgotten.
        """
        judged, whole = self.model.get_weights(), data.whole()
        self.model.set_weights(self.untaught)
        often = whole.often(self.model, self.settings.misread)
        self.model.set_weights(taught)
        self.train(whole, [self.settings.last_stage()], often)
        _, after = self.blend(whole)
        final = self.model.get_weights()
        self.model.set_weights(judged)
        return None if acceptance.forgets(self.before, after, self.settings.most_forgotten) else final


def freeze(model: keras.Model, all_but_head: bool) -> None:
    """Set what learns: the last layer alone, or everything but the statistics of batch normalisation.

    Few own digits would spoil those statistics; MNIST's serve other hands as well.
    """
    for layer in model.layers:
        if all_but_head:
            layer.trainable = layer.name == "logits"
        else:
            layer.trainable = not isinstance(layer, layers.BatchNormalization)


def finetune(settings: Settings) -> Outcome:
    """Teach a model own digits and judge it; save it unless that is refused; write outcome.json in any case.

    Raises:
        ValueError: settings or digits that cannot be used; the message names them.
        SystemExit: validation accuracy is under --min-accuracy.
    """
    began = time.monotonic()
    settings = settings.spelled_out()
    model, card = checkpoints.load(checkpoints.find(settings.base))
    if card and alphabet.has_letters(card.labels):
        raise ValueError(
            f"{settings.base} reads letters; expected a model of digits, which alone are taught."
        )
    data = finetune_data.load(settings)
    if settings.not_digits or (card and "not_a_digit_below" in card.thresholds):
        data = data.with_outliers(model, settings)
    folder = experiment.start(settings)
    run = Finetuning(model, settings, folder, model.get_weights(), data.judge(model))
    log.info(experiment.describe(settings, folder))
    log.info(
        f"{len(data.held)} own digits held out, {len(data.own)} to learn from ({balance(data.own.labels)})"
    )
    for reason in data.own.skipped[:5]:
        log.info(f"Left out: {reason}")
    log.info(f"Before: {run.before}")

    history = run.train(data, settings.stages(), data.often(model, settings.misread))
    taught = model.get_weights()
    share, after = run.blend(data)
    log.info(f"After:  {after} (with {share:.0%} of what was learnt)")
    refusal = acceptance.refusal(run.before, after, settings.most_forgotten, settings.not_digits is not None)
    outcome = Outcome(run.before, after, settings.checkpoint(folder), share, refusal)
    if refusal is None or settings.force:
        # A refused model is saved as it was judged: whoever takes it all the same knows its figures.
        final = run.learn_the_rest(data, taught) if settings.again and refusal is None else None
        outcome = replace(outcome, learnt_all=final is not None)
        _save(run, data, outcome, history, card, final)
    about = {"counts": data.counts(), "seconds": round(time.monotonic() - began, 1)}
    write_json(folder / "outcome.json", outcome.as_dict(data.held, data.mnist.y_val) | about)
    return outcome


def _save(
    run: Finetuning,
    data: FinetuneData,
    outcome: Outcome,
    history: list[dict[str, float]],
    base: Card | None,
    final: Weights | None,
) -> None:
    """Write the judged model with its card, or the `final` weights in its place; calibrated, either way, on
    digits that the weights which are written have not learnt."""
    model, settings, out = run.model, run.settings, outcome.out
    own = {settings.data: data.seen()}
    if settings.not_digits and data.outliers:
        own[settings.not_digits] = data.outliers.sources
    held = data.outliers.held if data.outliers else None
    if final is None:
        validation = data.validation()
        judged = trainer.calibrate(model, validation, held, data.weights())
    else:  # which know the own digits that were held out
        model.set_weights(final)
        validation = data.mnist
        judged = trainer.calibrate(model, validation, held)
    trainer.report(run.folder, validation, history, judged)
    previous = checkpoints.keep_previous(out)
    card = trainer.card_of(model, settings, out, judged, history, trainer.provenance([base], own))
    trainer.save(model, replace(card, validation=card.validation | outcome.for_card()), settings, run.folder)
    log.info(f"Wrote {out}" + (f"; the file before is {previous}" if previous else ""))


def main(settings: Settings) -> None:
    """Fine-tune as a command: a model that is not worth keeping ends it with status 1."""
    outcome = finetune(settings)
    if outcome.refusal and not settings.force:
        raise SystemExit(f"{outcome.refusal} {outcome.out} was not written; --force saves it all the same.")


if __name__ == "__main__":
    import tyro

    experiment.command(lambda: main(tyro.cli(Settings)))
