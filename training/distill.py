"""Let the best models teach a small one and write models/mnist_tiny.keras with its card.

    python training/distill.py                            # about 25 minutes on two cores
    python training/distill.py --limit 2000 --epochs 1    # a quick try: half a minute

The teachers look once at several augmented copies of MNIST; the pupil practises on those for many epochs and
learns the teachers' probabilities beside the labels (Hinton, Vinyals and Dean, 2015, arXiv:1503.02531). With
--data it also learns from own digits. Killed? The same line with --resume goes on at the last finished epoch.
"""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import tyro

from digits import config, experiment


@dataclass(frozen=True, kw_only=True)
class Settings(experiment.StrongSettings):
    """Let the best models teach a small one."""

    SCRIPT = "distill"
    NAME = "mnist_tiny"

    teachers: tuple[str, ...] = ("handwriting", "mnist_advanced")
    """Names in models/ or paths; their logits are averaged."""
    data: Path | None = None
    """Own digits beside MNIST: a folder with the folders 0 to 9, or a strokes file."""
    leave_out: tuple[str, ...] = ()
    """Sources of own digits that are for an evaluation later."""
    renders: int = 3
    """How often each strokes sample is drawn, with another pen each time."""
    copies: int = 5
    """Augmented copies of each digit that the teachers look at."""
    epochs: int = 10
    """Passes over all copies."""
    width: int = 16
    """Channels of the stem."""
    temperature: float = 3.0
    """Softens the teachers' probabilities, so that second choices count."""
    trust: float = 0.8
    """Share of the loss that comes from the teachers, the rest from the labels."""
    learning_rate: float = 4e-3
    """AdamW's rate at the start; it falls along a cosine to zero."""
    augment: float = 0.8
    damage: float = 0.5

    def __post_init__(self):
        super().__post_init__()
        config.check("--teachers", self.teachers, len(self.teachers) >= 1, "one model or more")
        good = self.data is not None or not self.leave_out
        config.check("--leave-out", self.leave_out, good, "--data beside it")
        config.check_least(self, renders=1, copies=1, width=1)
        config.check("--temperature", self.temperature, self.temperature > 0, "above 0")
        config.check("--trust", self.trust, 0 <= self.trust <= 1, "a share from 0 to 1")
        experiment.check_rate(self.learning_rate)


def with_own_digits(images: np.ndarray, labels: np.ndarray, settings: Settings):
    """Return MNIST's images and labels with the own digits behind them, and the sources of those."""
    from digits.data import handwriting

    own = handwriting.load(settings.data, settings.seed, settings.renders)
    if settings.leave_out:
        own = own.part(~handwriting.hold_out(own, settings.leave_out, 0, settings.seed))
    images, labels = np.concatenate([images, own.frames]), np.concatenate([labels, own.labels])
    return images, labels, sorted(set(own.sources.tolist()))


def main(settings: Settings) -> None:
    """Run the training from seeds to saved model."""
    import keras  # late: --help answers without TensorFlow

    from digits.data.augment import add_styles
    from digits.data.mnist import load_train_val
    from digits.files import sha256
    from digits.models import architectures, checkpoints
    from digits.train import fit, losses, photometric, trainer
    from digits.train.distillation import ask_teachers

    teachers = [checkpoints.load(checkpoints.find(name)) for name in settings.teachers]
    taught = {name: sha256(checkpoints.find(name)) for name in settings.teachers}
    models, cards = [model for model, _ in teachers], [card for _, card in teachers]
    data, own = load_train_val(settings.limit), {}
    x, y = data.x_train, data.y_train
    if settings.data:
        x, y, seen = with_own_digits(x, y, settings)
        own[settings.data] = seen
    folder = experiment.start(settings)
    print(experiment.describe(settings, folder))
    pupil = architectures.build("tiny", width=settings.width)
    print(f"{pupil.count_params():,} parameters, {len(y):,} training digits")

    augment = photometric.photometric_augmentation(settings.seed, settings.augment, settings.damage)
    styles = partial(add_styles, strength=settings.augment)
    begin = time.monotonic()
    frames, targets = ask_teachers(
        models, x, y, augment=augment, redraw=styles, copies=settings.copies, seed=settings.seed
    )
    minutes = (time.monotonic() - begin) / 60
    batches = fit.Batches(frames, targets, settings.batch_size)
    training = architectures.logits_model(pupil)
    rate = losses.cosine(settings.learning_rate, settings.epochs, len(batches))
    optimizer = keras.optimizers.AdamW(rate, weight_decay=1e-3, use_ema=True, ema_momentum=0.995)
    accuracy = keras.metrics.MeanMetricWrapper(losses.pupil_accuracy, name="accuracy")
    loss = losses.distillation(settings.temperature, settings.trust)
    fit.compile_training(training, optimizer, loss, accuracy)
    history = fit.fit(
        training,
        batches,
        ask_teachers(models, data.x_val, data.y_val),
        folder / "checkpoints",
        epochs=settings.epochs,
        seed=settings.seed,
        callbacks=[keras.callbacks.SwapEMAWeights(swap_on_epoch=True)],
    )
    origin = trainer.provenance(cards, own, first=[trainer.MNIST])
    print(
        trainer.finish(pupil, settings, folder, data, history, origin, minutes, {"teachers_sha256": taught})
    )


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
