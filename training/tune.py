"""Search for better settings of train_cnn.py with Keras Tuner.

    python training/tune.py --trials 12 --limit 10000        # random search, about an hour on two cores
    python training/tune.py --search hyperband --epochs 9    # many short trials, the best go on

Width, depth, dropout, learning rate and augmentation; judged by validation accuracy. Leaves in its run folder
best.json, for `python training/train_cnn.py --config best.json`, trials.md and trials.png.
Killed? The same line with --resume goes on at the last finished trial.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import tyro

from digits import config, experiment

SPACE = ("width", "depth", "dropout", "learning_rate", "augment")


@dataclass(frozen=True, kw_only=True)
class Settings(experiment.Settings):
    """Search for better settings of train_cnn.py."""

    SCRIPT = "tune"
    SUFFIX = ".json"

    out: Path | None = None
    """JSON file for the best settings (None: best.json in the run's folder)."""

    search: Literal["random", "hyperband"] = "random"
    """Random search, or Hyperband: many short trials of which the best go on."""
    trials: int = 12
    """Trials of the random search; Hyperband sets its own number."""
    epochs: int = 5
    """Epochs per trial; for Hyperband, of the longest trials."""
    widths: tuple[int, ...] = (16, 24, 32, 40)
    """Channels of the first block to choose from."""
    limit: int | None = 10_000
    """Train on the first so many digits only."""

    def checkpoint(self, folder: Path) -> Path:
        """Return where to write the best settings."""
        return self.out or folder / "best.json"

    def __post_init__(self):
        super().__post_init__()
        config.check("--trials", self.trials, self.trials >= 1, "1 or more")
        good = len(self.widths) >= 1 and min(self.widths) >= 1
        config.check("--widths", self.widths, good, "numbers from 1")


def build(choose, settings: Settings):
    """Return a compiled model with the settings of a trial."""
    import keras

    from digits.models import architectures
    from digits.train import augmentation, fit

    keras.utils.set_random_seed(settings.seed)  # so that trials differ by their settings alone
    model = architectures.build(
        "cnn",
        width=choose.Choice("width", list(settings.widths)),
        depth=choose.Int("depth", 1, 3),
        dropout=choose.Float("dropout", 0.0, 0.6, step=0.1),
    )
    strength = choose.Float("augment", 0.0, 1.6, step=0.2)
    training = fit.with_augmentation(model, augmentation.light(settings.seed, strength))
    rate = choose.Float("learning_rate", 2e-4, 5e-3, sampling="log")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    fit.compile_training(training, keras.optimizers.Adam(rate), loss)
    return training


def search(settings: Settings, folder: Path, data) -> list[dict[str, float]]:
    """Run the trials that `folder` does not hold yet; return all, best first."""
    config.need("keras_tuner", "tune", "tune.py")
    import keras_tuner

    from digits.train import fit

    options = {
        "hypermodel": partial(build, settings=settings),
        "objective": keras_tuner.Objective("val_accuracy", "max"),
        "seed": settings.seed,
        "directory": folder,
        "project_name": "checkpoints",
        "overwrite": False,  # what is there is gone on with
    }
    if settings.search == "random":
        tuner = keras_tuner.RandomSearch(max_trials=settings.trials, **options)
    else:
        tuner = keras_tuner.Hyperband(max_epochs=settings.epochs, **options)
    batches = fit.Batches(data.x_train, data.y_train, settings.batch_size)
    tuner.search(
        batches,
        validation_data=fit.Batches(data.x_val, data.y_val, 500),
        epochs=settings.epochs,
        callbacks=[fit.SeedEpochs(settings.seed, batches)],
        shuffle=False,
        verbose=fit.verbosity(),
    )
    ended = [trial for trial in tuner.oracle.trials.values() if trial.score is not None]
    return [
        {name: trial.hyperparameters.get(name) for name in SPACE} | {"val_accuracy": round(trial.score, 5)}
        for trial in sorted(ended, key=lambda trial: -trial.score)
    ]


def _table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main(settings: Settings) -> None:
    """Search, then write the best settings, the table and the plot."""
    from digits.data.mnist import load_train_val
    from digits.files import write_json, write_text
    from digits.plots import curves  # late: --help answers at once

    data = load_train_val(settings.limit)
    folder = experiment.start(settings)
    print(experiment.describe(settings, folder))
    rows = search(settings, folder, data)
    trials = _table(list(rows[0]), [[f"{value:.4g}" for value in row.values()] for row in rows])
    write_text(folder / "trials.md", trials)
    curves.save(curves.trials(rows, list(SPACE), "val_accuracy"), folder / "trials.png")
    print(trials)
    best = rows[0]["val_accuracy"]
    if best < settings.min_accuracy:
        raise SystemExit(f"The best trial's {best:.4f} is under --min-accuracy {settings.min_accuracy}.")
    out = settings.checkpoint(folder)
    write_json(out, {name: rows[0][name] for name in SPACE})
    write_json(folder / "metrics.json", {"trials": rows, "n": len(data.y_val), "versions": config.versions()})
    print(f"Wrote {out}; use it with: python training/train_cnn.py --config {out}")


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
