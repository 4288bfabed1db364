"""Train the standard convolutional network on MNIST and write models/mnist_cnn.keras with its card.

    python training/train_cnn.py                            # about 30 minutes on two cores
    python training/train_cnn.py --limit 2000 --epochs 1    # a quick try: half a minute

Killed? The same line with --resume goes on at the last finished epoch.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import tyro

from digits import experiment
from digits.config import check, check_least
from digits.files import read_json


@dataclass(frozen=True, kw_only=True)
class Settings(experiment.Settings):
    """Train the standard convolutional network on MNIST."""

    SCRIPT = "train_cnn"
    NAME = "mnist_cnn"

    config: Path | None = None
    """JSON file of settings, as tune.py writes it; flags given beside it win."""
    width: int = 32
    """Channels of the first block; the third has four times as many."""
    depth: int = 2
    """Convolutions in each of the three blocks."""
    dropout: float = 0.4
    """Share of features dropped before the last layer."""
    learning_rate: float = 1e-3
    """Adam's first rate; times 0.4 after 4 epochs without a better validation loss."""
    augment: float = 1.0
    """Strength of the augmentation: 0 none, 1 as tuned."""
    patience: int = 12
    """Stop after so many epochs without a better validation loss."""

    def __post_init__(self):
        super().__post_init__()
        check_least(self, width=1, patience=1)
        check("--depth", self.depth, 1 <= self.depth <= 26, "1 to 26")
        check("--dropout", self.dropout, 0 <= self.dropout < 1, "a share from 0 to below 1")
        experiment.check_rate(self.learning_rate)
        check("--augment", self.augment, 0 <= self.augment <= 2, "0 to 2")


def main(settings: Settings) -> None:
    """Run the training from seeds to saved model."""
    import keras  # late: --help answers without TensorFlow

    from digits.data.mnist import load_train_val
    from digits.models import architectures
    from digits.train import augmentation, fit, trainer

    data = load_train_val(settings.limit)
    folder = experiment.start(settings)
    print(experiment.describe(settings, folder))

    model = architectures.build("cnn", width=settings.width, depth=settings.depth, dropout=settings.dropout)
    training = fit.with_augmentation(model, augmentation.light(settings.seed, settings.augment))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    fit.compile_training(training, keras.optimizers.Adam(settings.learning_rate), loss)
    print(f"{model.count_params():,} parameters, {len(data.y_train):,} training digits")
    batches = fit.Batches(data.x_train, data.y_train, settings.batch_size)
    history = fit.fit(
        training,
        batches,
        (data.x_val, data.y_val),
        folder / "checkpoints",
        epochs=settings.epochs,
        seed=settings.seed,
        callbacks=[
            keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.4, patience=4, min_lr=1e-5),
            keras.callbacks.EarlyStopping("val_loss", patience=settings.patience),
        ],
    )
    print(trainer.finish(model, settings, folder, data, history))


def settings_of(parse: Callable[..., Settings]) -> Settings:
    """Return the settings of a command line that may name a file of settings with --config.

    Args:
        parse: reads the command line; its argument `default` is what that leaves unsaid.

    Raises:
        ValueError: the file is not JSON, or names a setting that there is not.
    """
    usual = Settings()
    path = parse(default=usual).config
    if path is None:
        return parse(default=usual)
    values = read_json(path)
    known = {key: value for key, value in usual.as_dict().items() if isinstance(value, int | float)}
    if not isinstance(values, dict) or not values.keys() <= known.keys():
        unknown = sorted(values.keys() - known.keys()) if isinstance(values, dict) else values
        raise ValueError(f"{path} has {unknown}; expected some of: {', '.join(sorted(known))}.")
    for key, value in values.items():
        kinds = (int, float) if type(known[key]) is float else (type(known[key]),)
        check(f"{key} in {path}", repr(value), type(value) in kinds, f"like {known[key]!r}")
    return parse(default=dataclasses.replace(usual, **values))


if __name__ == "__main__":
    experiment.command(lambda: main(settings_of(partial(tyro.cli, Settings))))
