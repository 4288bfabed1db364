"""Train the advanced network on MNIST alone and write models/mnist_advanced.keras with its card.

    python training/train_advanced.py                            # about an hour on two cores
    python training/train_advanced.py --limit 2000 --epochs 1 --gentle-epochs 1    # a quick try: a minute

MNIST's digits are redrawn in styles that MNIST lacks (slashed zeros, flagged ones, crossed sevens) and
damaged as pictures are (noise, blur, uneven paper, lines), so that the network holds on other people's
writing; the last epochs see gentler changes, so that it ends on digits as they mostly are.
Killed? The same line with --resume goes on at the last finished epoch.
"""

from dataclasses import dataclass
from functools import partial

import tyro

from digits import config, experiment


@dataclass(frozen=True, kw_only=True)
class Settings(experiment.StrongSettings):
    """Train the advanced network on MNIST with strong augmentation."""

    SCRIPT = "train_advanced"
    NAME = "mnist_advanced"

    gentle_epochs: int = 12
    """Epochs after --epochs that see gentler augmentation."""
    gentle: float = 0.5
    """How gentle: times --augment and --damage."""
    width: int = 64
    """Channels after the stem; the last stage has three times as many."""
    depth: int = 2
    """Residual blocks in the first stage; the last has one more."""
    dropout: float = 0.2
    """Share of features dropped before the last layer."""
    learning_rate: float = 2e-3
    """AdamW's rate at the start; it falls along a cosine to zero, restarts lower, and falls again."""
    weight_decay: float = 0.02
    """AdamW's pull of all weights towards zero."""
    smoothing: float = 0.05
    """Label smoothing: share of each target that goes to all ten digits alike."""
    averaging: float = 0.995
    """Momentum of the running mean of the weights, which is what is judged and saved."""

    def __post_init__(self):
        super().__post_init__()
        config.check_least(self, gentle_epochs=0, width=2, depth=1)
        config.check("--gentle", self.gentle, 0 <= self.gentle <= 1, "0 to 1")
        config.check("--dropout", self.dropout, 0 <= self.dropout < 1, "a share from 0 to below 1")
        experiment.check_rate(self.learning_rate)
        config.check("--weight-decay", self.weight_decay, 0 <= self.weight_decay < 1, "0 to below 1")
        config.check("--smoothing", self.smoothing, 0 <= self.smoothing < 1, "a share from 0 to below 1")
        config.check("--averaging", self.averaging, 0 <= self.averaging < 1, "0 to below 1")


def main(settings: Settings) -> None:
    """Run the training from seeds to saved model."""
    import keras  # late: --help answers without TensorFlow

    from digits.data.augment import add_styles
    from digits.data.mnist import load_train_val
    from digits.models import architectures
    from digits.train import fit, losses, photometric, trainer

    data = load_train_val(settings.limit)
    folder = experiment.start(settings)
    print(experiment.describe(settings, folder))

    model = architectures.build(
        "separable", width=settings.width, depth=settings.depth, dropout=settings.dropout
    )
    print(f"{model.count_params():,} parameters, {len(data.y_train):,} training digits")
    history = []
    stages = ("strong", settings.epochs, 1.0), ("gentle", settings.gentle_epochs, settings.gentle)
    for stage, epochs, share in stages:
        styles = partial(add_styles, strength=share * settings.augment)
        batches = fit.Batches(data.x_train, data.y_train, settings.batch_size, styles)
        augment = photometric.photometric_augmentation(
            settings.seed, share * settings.augment, share * settings.damage
        )
        training = fit.with_augmentation(model, augment)
        if stage == "strong":
            rate = losses.cosine_restarts(settings.learning_rate, epochs, len(batches))
        else:
            rate = losses.cosine(settings.learning_rate / 2, epochs, len(batches))
        optimizer = keras.optimizers.AdamW(
            rate, weight_decay=settings.weight_decay, use_ema=True, ema_momentum=settings.averaging
        )
        fit.compile_training(training, optimizer, losses.smoothed_crossentropy(settings.smoothing))
        history += fit.fit(
            training,
            batches,
            (data.x_val, data.y_val),
            folder / "checkpoints" / stage,
            epochs=epochs,
            seed=settings.seed,
            callbacks=[keras.callbacks.SwapEMAWeights(swap_on_epoch=True)],
        )
    print(trainer.finish(model, settings, folder, data, history))


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
