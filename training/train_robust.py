"""Train a network that withstands attacks and write models/mnist_robust.keras with its card.

    python training/train_robust.py                            # about 10 minutes on two cores
    python training/train_robust.py --limit 2000 --epochs 1 --fast-epochs 1    # a quick try: half a minute

Adversarial training on MNIST alone: first against one large step from a random start (fast FGSM), cheap, then
against several smaller ones (PGD), strong. Validation digits are attacked too, and choose the epoch.
Killed? The same line with --resume goes on at the last finished epoch.
"""

from dataclasses import dataclass
from functools import partial

import tyro

from digits import config, experiment


@dataclass(frozen=True, kw_only=True)
class Settings(experiment.Settings):
    """Train a network that withstands attacks on MNIST."""

    SCRIPT = "train_robust"
    NAME = "mnist_robust"

    epochs: int = 16
    """Epochs against PGD."""
    fast_epochs: int = 10
    """Epochs against fast FGSM before that, over half of which the attack grows to its full strength."""
    epsilon: float = 0.3
    """Largest change of a pixel, of 1."""
    steps: int = 7
    """Steps of PGD in training."""
    clean: float = 0.25
    """Share of each batch that is not attacked while training against PGD."""
    width: int = 32
    """Channels of the first convolution."""
    hidden: int = 100
    """Units of the first dense layer."""
    learning_rate: float = 1e-3
    """Adam's first rate in either stage; it falls along a cosine to zero."""

    def __post_init__(self):
        super().__post_init__()
        config.check_least(self, fast_epochs=0, steps=1, width=1, hidden=1)
        config.check("--epsilon", self.epsilon, 0 <= self.epsilon <= 1, "0 to 1")
        config.check("--clean", self.clean, 0 <= self.clean < 1, "a share from 0 to below 1")
        experiment.check_rate(self.learning_rate)


def main(settings: Settings) -> None:
    """Run the training from seeds to saved model."""
    import keras  # late: --help answers without TensorFlow

    from digits.data.mnist import load_train_val
    from digits.models import architectures
    from digits.models.architectures import logits_model
    from digits.robustness import attacks
    from digits.robustness.attacks import pgd
    from digits.train import adversarial, fit, losses, trainer

    data = load_train_val(settings.limit)
    folder = experiment.start(settings)
    print(experiment.describe(settings, folder))
    model = architectures.build("plain", width=settings.width, hidden=settings.hidden)
    bare = logits_model(model)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
    gradient = attacks.input_gradient(bare, loss)
    batches = fit.Batches(data.x_train, data.y_train, settings.batch_size)
    print(f"{model.count_params():,} parameters, {len(data.y_train):,} training digits")

    def attack(frames, labels, start, epsilon, steps):
        # One step of 1.25 epsilon from a random start is that of fast FGSM; several share 2.5 epsilon.
        step = epsilon * (1.25 if steps == 1 else 2.5 / steps)
        return pgd(gradient, frames, labels, epsilon, step=step, steps=steps, start=start)

    history = []
    stages = ("fgsm", settings.fast_epochs, 1), ("pgd", settings.epochs, settings.steps)
    for stage, epochs, steps in stages:
        clean = settings.clean if stage == "pgd" else 0.0
        training = adversarial.AdversarialTraining(bare, partial(attack, steps=steps), clean, settings.seed)
        rate = losses.cosine(settings.learning_rate, epochs, len(batches))
        whole_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        fit.compile_training(training, keras.optimizers.Adam(rate), whole_loss)
        ramp = adversarial.RampEpsilon(settings.epsilon, epochs // 2 if stage == "fgsm" else 0)
        history += fit.fit(
            training,
            batches,
            (data.x_val, data.y_val),
            folder / "checkpoints" / stage,
            epochs=epochs,
            seed=settings.seed,
            callbacks=[ramp],
            keep_best=stage == "pgd",  # a weaker attack leaves a smaller loss: no choice while it grows
        )
    print(trainer.finish(model, settings, folder, data, history))


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
