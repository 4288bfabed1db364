"""Training that can be killed at any moment and goes on at the last finished epoch.

Everything random in an epoch (order of the digits, augmentation, dropout) follows from the seed and the
number of the epoch, so a resumed run sees what an uninterrupted one sees.
"""

import io
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras.callbacks import Callback

from digits import experiment
from digits.files import atomic_path, read_json, write_json
from digits.models.architectures import logits_model

REMEMBERED = ("wait", "best", "best_epoch", "cooldown_counter", "stopped_epoch", "_ema_weights_in_model")

Redraw = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]
"""Frames (B, 28, 28) float32 in [0, 1], labels (B,), chance -> frames: augmentation that must see labels."""


class Batches(keras.utils.PyDataset):
    """Batches of frames (B, 28, 28, 1) float32 in [0, 1] and labels (B,), in the given order at first.

    Args:
        images: (N, 28, 28) uint8.
        labels: (N,), or (N, K) with more for the loss to see beside the label.
        batch_size: B; the last batch may be smaller.
        redraw: changes each batch, with chance that follows from `shuffle`'s seed, its epoch and the batch.
        weights: (N,) how often each digit comes, relative to the others (None: each once per epoch).
        per_epoch: digits drawn per epoch, with `weights` only.
    """

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        batch_size: int,
        redraw: Redraw | None = None,
        weights: np.ndarray | None = None,
        per_epoch: int | None = None,
    ):
        super().__init__()
        self.images, self.labels, self.batch_size, self.redraw = images, labels, batch_size, redraw
        self.weights, self.per_epoch = weights, per_epoch
        self.chance = [0, 0]
        self.order = np.arange(len(labels))
        if weights is not None:
            self.shuffle(0, 0)

    def __len__(self):
        return -(-len(self.order) // self.batch_size)

    def __getitem__(self, index):
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        frames, labels = self.images[rows].astype("float32") / 255, self.labels[rows]
        if self.redraw is not None:
            frames = self.redraw(frames, labels, np.random.default_rng([*self.chance, index]))
        return frames[..., None], labels

    def shuffle(self, seed: int, epoch: int) -> None:
        """Put the digits into the order of an epoch, or with weights draw those of an epoch."""
        self.chance = [seed, epoch]
        rng = np.random.default_rng(self.chance)
        if self.weights is None:
            self.order = rng.permutation(len(self.labels))
        else:
            share = self.weights / self.weights.sum()
            self.order = rng.choice(len(self.labels), self.per_epoch or len(self.labels), p=share)


class SeedEpochs(Callback):
    """Set the order of the digits and every random generator in the model from `seed` and the epoch.

    (Not in `Batches.on_epoch_end`: Keras also calls that before the first epoch.)
    """

    def __init__(self, seed: int, batches: Batches):
        super().__init__()
        self.seed, self.batches = seed, batches

    def on_epoch_begin(self, epoch, logs=None):
        """Shuffle; reseed dropout and augmentation."""
        self.batches.shuffle(self.seed, epoch)
        for number, generator in enumerate(_generators(self.model)):
            # Each draw adds one to the second word: neighbouring states would soon repeat each other's draws.
            state = np.random.SeedSequence([self.seed, epoch, number]).generate_state(2, np.uint32)
            generator.state.assign(state)

    def __deepcopy__(self, memo):
        """Copy for another training of the same batches, as Keras Tuner does for every trial."""
        return SeedEpochs(self.seed, self.batches)


class KeepBest(Callback):
    """Save the weights of each epoch with a smaller validation loss than all before, or of every epoch."""

    def __init__(self, folder: Path, every: bool):
        super().__init__()
        self.folder, self.every = folder, every
        self.best: float | None = None

    def on_epoch_end(self, epoch, logs=None):
        """Save them, named after the epoch, counted from 1."""
        loss = float(logs["val_loss"])
        is_better = math.isfinite(loss) and (self.best is None or loss < self.best)
        if is_better:
            self.best = loss
        if is_better or self.every:
            _save_weights(self.model, self.folder / f"best-{epoch + 1:03d}.weights.h5")


class KeepState(Callback):
    """After each epoch save weights, optimizer, history and what the other callbacks remember.

    Place it last: other callbacks forget everything in `on_train_begin`, which comes before this one's.
    """

    def __init__(self, folder: Path, others: Sequence[Callback]):
        super().__init__()
        self.folder, self.others = folder, others
        self.state = load_state(folder)

    def on_epoch_begin(self, epoch, logs=None):
        """Note the time."""
        self.begin = time.monotonic()

    def on_train_begin(self, logs=None):
        """Give the other callbacks their memory back."""
        for other in self.others:
            for key, value in self.state["callbacks"].get(type(other).__name__, {}).items():
                setattr(other, key, value)

    def on_epoch_end(self, epoch, logs=None):
        """Save the state of the finished epoch; state.json names the weights, so both change at once."""
        old = self.state["weights"]
        new = f"last-{epoch:03d}.weights.h5"
        _save_weights(self.model, self.folder / new)
        logs = {key: float(value) for key, value in (logs or {}).items()}
        logs["seconds"] = round(time.monotonic() - self.begin, 2)
        self.state = {
            "epoch": epoch + 1,
            "stopped": bool(self.model.stop_training),
            "weights": new,
            "history": [*self.state["history"], {"epoch": epoch + 1, **logs}],
            "callbacks": {type(other).__name__: _memory(other) for other in self.others},
        }
        write_json(self.folder / "state.json", self.state)
        if old is not None and old != new:
            (self.folder / old).unlink(missing_ok=True)


def load_state(folder: Path) -> dict:
    """Return the saved state of a run, or that of a run which has not finished an epoch.

    Raises:
        ValueError: the state is damaged.
    """
    fresh: dict[str, Any] = {"epoch": 0, "stopped": False, "weights": None, "history": [], "callbacks": {}}
    path = folder / "state.json"
    if not path.exists():
        return fresh
    state = read_json(path)
    if not isinstance(state, dict) or fresh.keys() != state.keys():
        raise ValueError(f"{path} is damaged; start without --resume.")
    return state


class _Memory(io.BytesIO):
    """A file in memory that Keras takes for one of weights, by its name."""

    def __str__(self):
        return "memory.weights.h5"


def _save_weights(model: keras.Model, path: Path) -> None:
    # Not straight to the disk: where that is full, HDF5 raises what is no OSError, or ends the process.
    memory = _Memory()
    model.save_weights(memory)
    with atomic_path(path) as temporary:
        temporary.write_bytes(memory.getbuffer())


def _load_weights(model: keras.Model, path: Path) -> None:
    try:
        model.load_weights(path)
    except Exception as error:  # Keras and h5py raise many kinds
        raise ValueError(f"{path} is missing or damaged; start without --resume.") from error


def with_augmentation(model: keras.Model, augment: keras.layers.Layer) -> keras.Model:
    """Return the model to train: `augment`, then `model` up to its logits. It shares `model`'s weights."""
    inputs = keras.Input(model.input_shape[1:])
    return keras.Model(inputs, logits_model(model)(augment(inputs)), name="training")


def verbosity() -> int:
    """Return Keras' `verbose`: a progress bar on a terminal, one line per epoch in a log file."""
    return 1 if sys.stdout.isatty() else 2


def compile_training(model: keras.Model, optimizer, loss, accuracy="accuracy") -> None:
    """Compile a model for training; its accuracy comes as `accuracy` and `val_accuracy`."""
    jit = keras.config.backend() == "jax"  # TensorFlow's XLA slows convolutions down on CPUs
    model.compile(optimizer, loss, metrics=[accuracy], jit_compile=jit)


def fit(
    model: keras.Model,
    batches: Batches,
    val: tuple[np.ndarray, np.ndarray] | keras.utils.PyDataset,
    folder: Path,
    *,
    epochs: int,
    seed: int,
    callbacks: Sequence[Callback] = (),
    keep_best: bool = True,
    verbose: int | None = None,
) -> list[dict[str, float]]:
    """Train a compiled `model`, resuming what `folder` holds, and leave it with its best weights.

    Args:
        model: compiled, with `val_loss` among its logs.
        batches: the digits to train on.
        val: images (N, 28, 28) uint8 and labels (N,) for validation, whose loss chooses the best epoch; or
            batches of them.
        folder: where checkpoints go; empty at the start of a new run.
        callbacks: further Keras callbacks, e.g. EarlyStopping; they come before what saves weights.
        keep_best: False takes the last epoch instead of the best, where `val` must not choose.
        verbose: as in `keras.Model.fit` (None: a bar on a terminal, one line per epoch in a log file).

    Returns:
        One dict per epoch: epoch (from 1), loss, accuracy, val_loss, val_accuracy, seconds.
    """
    experiment.claim_process(experiment.TRAINS)
    folder.mkdir(parents=True, exist_ok=True)
    best = KeepBest(folder, every=not keep_best)
    keep = KeepState(folder, [best, *callbacks])
    begin = keep.state["epoch"]
    if keep.state["weights"]:
        model.optimizer.build(model.trainable_variables)  # else its state in the file has no place to go
        _load_weights(model, folder / keep.state["weights"])
    if begin < epochs and not keep.state["stopped"]:
        model.fit(
            batches,
            validation_data=val if isinstance(val, keras.utils.PyDataset) else Batches(val[0], val[1], 500),
            epochs=epochs,
            initial_epoch=begin,
            callbacks=[SeedEpochs(seed, batches), *callbacks, best, keep],
            shuffle=False,  # Keras would draw the order of the batches from a generator of its own
            verbose=verbosity() if verbose is None else verbose,
        )
    history = keep.state["history"]
    if not history:  # a stage of no epochs
        return []
    sound = [row for row in history if math.isfinite(row["val_loss"])]
    if not sound:
        raise ValueError(
            "Training diverged: no epoch has a finite validation loss; try a smaller learning rate."
        )
    winner = min(sound, key=lambda row: row["val_loss"]) if keep_best else sound[-1]
    _load_weights(model, folder / f"best-{winner['epoch']:03d}.weights.h5")
    return history


def _generators(model: keras.Model) -> list[keras.random.SeedGenerator]:
    found = [model.seed_generator] if hasattr(model, "seed_generator") else []
    for layer in model.layers:
        if hasattr(layer, "seed_generator"):
            found.append(layer.seed_generator)
        found += _generators(layer) if hasattr(layer, "layers") else []
    return found


def _memory(callback: Callback) -> dict[str, float]:
    values = {key: getattr(callback, key, None) for key in REMEMBERED}
    return {key: float(value) for key, value in values.items() if value is not None}
