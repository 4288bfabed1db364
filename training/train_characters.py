r"""Train a network that reads letters and digits, and write models/characters.keras with its card.

    python training/train_characters.py                            # about an hour on two cores
    python training/train_characters.py --limit 2000 --epochs 1    # a quick try: some minutes
    python training/train_characters.py --alphabet upper --out models/capitals.keras
    python training/train_characters.py --base models/characters.keras --augment 0.4 --damage 0.4 \
        --epochs 8 --learning-rate 1e-3 --seed 2                   # go on, with gentler changes

Letters and digits written with pens (UNIPEN) are drawn anew with every pen, slant and scan there is, beside
MNIST's digits; signs and scribbles teach what is neither. Whole sites are held out: those named by --hold-out
choose the epoch and calibrate, all others that are not named by --sites are never seen. Labels that networks
of other sites hold for wrong are left out. Of digits there are more than of letters: alone, a bar is a 1.
Killed? The same line with --resume goes on at the last finished epoch.
"""

from dataclasses import dataclass
from pathlib import Path

import tyro

from digits import config, experiment
from digits.models import alphabet

SHARES = "joined", "digit_share", "strangers", "dropout", "weight_decay", "smoothing", "averaging"
"""Settings that are shares."""


@dataclass(frozen=True, kw_only=True)
class Settings(experiment.StrongSettings):
    """Train a network that reads letters and digits."""

    SCRIPT = "train_characters"
    NAME = "characters"

    epochs: int = 18
    """Times --per-epoch drawings; the rate falls along a cosine to zero over all of them."""
    limit: int | None = None
    """A quick try: learn from so many letters, digits and MNIST digits each (None: all)."""
    alphabet: str = "47"
    """digits, letters, upper, 47 (cases that look alike are one), 62, or all its characters, e.g. ABC123."""
    base: Path | None = None
    """Begin with the weights of this network of the same alphabet and size (None: from chance)."""
    joined: float = 0.3
    """Share of the small letters that are written with strokes in and out, as in a joined hand."""
    letters: Path | None = None
    """Strokes file of letters (None: handwriting/letters_strokes.npz in the data folder)."""
    digits: Path | None = None
    """Strokes file of digits (None: handwriting/unipen_strokes.npz)."""
    sites: tuple[str, ...] = ("apa", "app", "ced", "ibm")
    """Whose letters and digits are learnt from."""
    hold_out: tuple[str, ...] = ("aga", "mot")
    """Whose letters and digits choose the epoch and calibrate."""
    renders: int = 4
    """How often each letter is drawn; digits of pens three times as often."""
    per_epoch: int = 60_000
    """Drawings shown in an epoch."""
    digit_share: float = 0.4
    """Share of these that are digits, half of them MNIST's."""
    strangers: float = 0.1
    """Share that is neither digit nor letter."""
    width: int = 80
    """Channels after the stem; the last stage has three times as many."""
    depth: int = 2
    """Residual blocks in the first stage; the last has one more."""
    dropout: float = 0.2
    """Share of features dropped before the last layer."""
    learning_rate: float = 2e-3
    """AdamW's rate at the start."""
    weight_decay: float = 0.02
    """AdamW's pull of all weights towards zero."""
    smoothing: float = 0.05
    """Label smoothing: share of each target that goes to all labels alike."""
    averaging: float = 0.995
    """Momentum of the running mean of the weights, which is what is judged and saved."""

    def __post_init__(self):
        super().__post_init__()
        alphabet.of(self.alphabet)
        config.check_least(self, renders=1, per_epoch=self.batch_size, width=2, depth=1)
        experiment.check_rate(self.learning_rate)
        for name in SHARES:
            value = getattr(self, name)
            config.check(f"--{name.replace('_', '-')}", value, 0 <= value < 1, "0 to below 1")
        share = self.digit_share + self.strangers
        config.check("--digit-share and --strangers together", share, share < 1, "less than 1")
        config.check("--base", self.base, self.base is None or self.base.is_file(), "the file of a network")
        both = ", ".join(sorted({*self.sites} & {*self.hold_out}))
        config.check("--hold-out", both, not both, "sites that are not learnt from")


def main(settings: Settings) -> None:
    """Run the training from seeds to saved model."""
    import keras  # late: --help answers without TensorFlow

    from digits.models import architectures
    from digits.train import characters, fit, losses, photometric

    folder = experiment.start(settings)
    print(experiment.describe(settings, folder))
    data = characters.load(settings, folder)
    print(data.told)

    model = architectures.build(
        "separable",
        width=settings.width,
        depth=settings.depth,
        dropout=settings.dropout,
        classes=len(data.labels),
    )
    print(f"{model.count_params():,} parameters, {len(data.labels)} labels")
    if settings.base:
        characters.begin_with(model, data.labels, settings.base)
    augment = photometric.photometric_augmentation(settings.seed, settings.augment, settings.damage)
    training = fit.with_augmentation(model, augment)
    optimizer = keras.optimizers.AdamW(
        losses.cosine(settings.learning_rate, settings.epochs, len(data.batches)),
        weight_decay=settings.weight_decay,
        use_ema=True,
        ema_momentum=settings.averaging,
    )
    accuracy = keras.metrics.MeanMetricWrapper(losses.accuracy_with_outliers, name="accuracy")
    loss = losses.crossentropy_with_outliers(settings.smoothing)
    fit.compile_training(training, optimizer, loss, accuracy)
    history = fit.fit(
        training,
        data.batches,
        (data.held.x_val, data.held.y_val),
        folder / "checkpoints",
        epochs=settings.epochs,
        seed=settings.seed,
        callbacks=[keras.callbacks.SwapEMAWeights(swap_on_epoch=True)],
    )
    print(characters.finish(model, settings, folder, data, history))


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
