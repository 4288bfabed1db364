"""Train the finder and write models/finder.keras with its card.

    python training/train_finder.py                                      # one to two hours on two cores
    python training/train_finder.py --limit 100 --epochs 1 --steps 5     # a quick try: a minute

The finder sees ink, centres, signs and what belongs together on a grey picture. It learns from scenes that
are made while it does: pen digits and letters and MNIST's digits, written as people write, on paper as it is.
Killed? The same line with --resume goes on at the last finished epoch.
"""

from dataclasses import dataclass
from pathlib import Path

import tyro

from digits import config, experiment

HELD = 25
"""Batches of scenes that validate."""

CLIP = 5.0
"""Gradients are no longer than this."""


@dataclass(frozen=True, kw_only=True)
class Settings(experiment.Settings):
    """Train the finder on made scenes."""

    SCRIPT = "train_finder"
    NAME = "finder"

    epochs: int = 20
    """Times --steps batches; the rate falls along a cosine to zero over all of them."""
    batch_size: int = 12
    """Lines per step; steps with single digits or blocks have as many points."""
    limit: int | None = None
    """A quick try: write with MNIST's first so many digits only (None: all 54,000), beside those of pens."""
    steps: int = 1000
    """Batches per epoch."""
    base: Path | None = None
    """Begin with the weights of this finder (None: from chance)."""
    digits: Path | None = None
    """Strokes file of digits (None: handwriting/unipen_strokes.npz in the data folder)."""
    letters: Path | None = None
    """Strokes file of letters (None: handwriting/letters_strokes.npz)."""
    sites: tuple[str, ...] = ("ced", "ibm", "syn")
    """Whose digits are learnt from."""
    letter_sites: tuple[str, ...] = ("apa", "ced", "ibm", "syn")
    """Whose letters are learnt from."""
    hold_out: tuple[str, ...] = ("apa",)
    """Whose digits validate."""
    letter_hold_out: tuple[str, ...] = ("kai", "mot")
    """Whose letters validate."""
    learning_rate: float = 2e-3
    """AdamW's rate at the start."""
    weight_decay: float = 0.01
    """AdamW's pull of all weights towards zero."""
    makers: int = 2
    """Processes that make scenes."""

    def __post_init__(self):
        super().__post_init__()
        config.check_least(self, steps=1, makers=1)
        experiment.check_rate(self.learning_rate)
        config.check("--weight-decay", self.weight_decay, 0 <= self.weight_decay < 1, "0 to below 1")
        for flag, learnt, held in (
            ("--hold-out", self.sites, self.hold_out),
            ("--letter-hold-out", self.letter_sites, self.letter_hold_out),
        ):
            both = ", ".join(sorted({*learnt} & {*held}))
            config.check(flag, both, not both, "sites that are not learnt from")
        config.check("--base", self.base, self.base is None or self.base.is_file(), "the file of a finder")


def main(settings: Settings) -> None:
    """Run the training from seeds to saved model."""
    import keras  # late: --help answers without TensorFlow

    from digits.models import finder as network
    from digits.train import finder, fit, losses

    learnt, held = finder.writing_of(settings)
    folder = experiment.start(settings)
    print(experiment.describe(settings, folder))
    model = network.build()
    if settings.base is not None:
        finder.begin_with(model, settings.base)
    print(f"{model.count_params():,} parameters")
    rate = losses.cosine(settings.learning_rate, settings.epochs, settings.steps)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay, clipnorm=CLIP)
    trained = keras.Model(model.inputs, model.outputs)  # so that the file knows nothing of the training
    trained.compile(optimizer, finder.LOSSES, jit_compile=keras.config.backend() == "jax")
    with finder.start_makers(settings.makers) as makers:
        scenes = finder.Scenes(makers, learnt, settings.steps, settings.batch_size)
        validation = finder.Scenes(makers, held, min(HELD, settings.steps), settings.batch_size, fixed=True)
        checkpoints = folder / "checkpoints"
        history = fit.fit(
            trained,
            scenes,
            validation,
            checkpoints,
            epochs=settings.epochs,
            seed=settings.seed,
            keep_best=False,
        )
        print(finder.finish(model, settings, folder, history, learnt, validation))


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
