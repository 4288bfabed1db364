"""Training on scenes that other processes make while the network learns, each once."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
from keras import ops

from digits import experiment
from digits.config import CLASSES, find_data
from digits.data.hands import Writing
from digits.files import atomic_path, write_json
from digits.models import checkpoints
from digits.models.card import Card
from digits.plots import curves
from digits.train import fit, losses, trainer

AHEAD = 8
"""Batches that wait for the network, at most."""

HELD = 25
"""Batches of scenes that validate."""

CLIP = 5.0
"""Gradients are no longer than this."""

WORST = 60.0
"""No line loses more, in nats: one that is too long for its columns would lose everything."""


@dataclass(frozen=True)
class Task:
    """What a network learns of scenes."""

    build: Callable[[], keras.Model]
    make: Callable[[Writing, list[int], int], tuple[np.ndarray, Any]]
    """Makes a batch: what is written, chance, how many lines' points it has."""
    losses: Any
    """One, or by the network's outputs."""
    judge: Callable[[keras.Model, Any], dict[str, float]]
    """Its figures on batches of scenes; `n` and `accuracy` are among them."""
    input: dict[str, Any]
    """For its card."""
    validate: Callable[[Writing, list[int], int], tuple[np.ndarray, Any]] | None = None
    """Makes a batch that validates (None: as `make` does)."""
    sources: tuple[dict[str, str], ...] = ()
    """Data sets beside writing, for its card."""


def text_loss(truth, logits):
    """CTC of the digits from left to right, for each digit, where there is one line; `truth` as in
    `scene_targets.targets`."""
    truth = ops.cast(truth, "int32")  # Keras makes it fractions
    length, columns, digits = truth[:, 0], truth[:, 1], truth[:, 2:]
    known = ops.cast(length >= 0, "float32")
    length = ops.maximum(length, 0)
    lost = ops.minimum(ops.ctc_loss(digits, logits, length, columns, mask_index=CLASSES), WORST)
    each = lost * known / ops.cast(ops.maximum(length, 1), "float32")
    return ops.sum(each) / (ops.sum(known) + 1)


def start_makers(number: int) -> ProcessPoolExecutor:
    """Return processes that make scenes, to be closed as a context; Keras is in none of them."""
    return ProcessPoolExecutor(number, get_context("spawn"), cv2.setNumThreads, (1,))


class Scenes(keras.utils.PyDataset):
    """Batches of scenes, each made once from the seed, the epoch and its number.

    Args:
        makers: processes that make them, see `start_makers`.
        make: see `Task`.
        writing: what is written.
        steps: batches per epoch.
        lines: how many lines' points a batch has.
        fixed: whether every epoch has the same scenes, which are kept, as for validation.
    """

    def __init__(self, makers: ProcessPoolExecutor, make, writing: Writing, steps, lines, fixed=False):
        super().__init__(workers=AHEAD, max_queue_size=AHEAD)  # threads that wait for the processes
        self.makers, self.make, self.writing, self.fixed = makers, make, writing, fixed
        self.steps, self.lines = steps, lines
        self.chance = [0, 0]
        self.made: dict[int, tuple[np.ndarray, Any]] = {}

    def __len__(self):
        return self.steps

    def __getitem__(self, index):
        if index in self.made:
            return self.made[index]
        made = self.makers.submit(self.make, self.writing, [*self.chance, index], self.lines).result()
        if self.fixed:
            self.made[index] = made
        return made

    def shuffle(self, seed: int, epoch: int) -> None:
        """Take the scenes of an epoch."""
        self.chance = [seed, epoch]


def run(settings: experiment.SceneSettings, task: Task) -> str:
    """Train a network from seeds to saved file, and say how good it is.

    Raises:
        ValueError: some setting names what is not there.
        SystemExit: its accuracy is under `settings.min_accuracy`; nothing is saved then.
    """
    learnt, held = _writing_of(settings)
    folder = experiment.start(settings)
    print(experiment.describe(settings, folder))
    model = task.build()
    base = None if settings.base is None else begin_with(model, settings.base)
    print(f"{model.count_params():,} parameters")
    rate = losses.cosine(settings.learning_rate, settings.epochs, settings.steps)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay, clipnorm=CLIP)
    trained = keras.Model(model.inputs, model.outputs)  # so that the file knows nothing of the training
    trained.compile(optimizer, task.losses, jit_compile=keras.config.backend() == "jax")
    with start_makers(settings.makers) as makers:
        scenes = Scenes(makers, task.make, learnt, settings.steps, settings.batch_size)
        check = task.validate or task.make
        validation = Scenes(makers, check, held, min(HELD, settings.steps), settings.batch_size, True)
        history = fit.fit(
            trained,
            scenes,
            validation,
            folder / "checkpoints",
            epochs=settings.epochs,
            seed=settings.seed,
            keep_best=False,
        )
        return _finish(model, task, settings, folder, history, learnt, validation, base)


def _writing_of(settings: experiment.SceneSettings) -> tuple[Writing, Writing]:
    """Return what is learnt from, and what validates."""
    digits = _file("--digits", settings.digits, "unipen_strokes.npz")
    letters = _file("--letters", settings.letters, "letters_strokes.npz")
    share = settings.printed
    learnt = Writing(
        digits, letters, settings.sites, settings.letter_sites, limit=settings.limit, printed=share
    )
    held = Writing(digits, letters, settings.hold_out, settings.letter_hold_out, scans=False, printed=share)
    for writing in (learnt, held):
        writing.load()  # what is wrong with it is said here, and not by another process
    return learnt, held


def _file(flag: str, given: Path | None, usual: str) -> Path:
    path = given or find_data("handwriting", usual)
    if path is None or not path.exists():
        raise ValueError(
            f"{flag} is {given}; expected a strokes file, or handwriting/{usual} among the data."
        )
    return path


def begin_with(model: keras.Model, base: Path) -> Card | None:
    """Give a network the weights of another; return the card of that, None where it has none.

    Raises:
        ValueError: it is of another shape, or its card is damaged.
    """
    try:
        card, _ = checkpoints.card_beside(base)
    except ValueError as error:
        raise ValueError(f"--base is {base}, and its card is damaged: {error}") from error
    try:
        model.load_weights(base)
    except Exception as error:  # Keras and h5py raise many kinds
        raise ValueError(f"--base is {base}; expected the file of a network of this shape.") from error
    return card


def _finish(
    model: keras.Model,
    task: Task,
    settings: experiment.SceneSettings,
    folder: Path,
    history: list[dict[str, float]],
    learnt: Writing,
    held: Scenes,
    base: Card | None,
) -> str:
    """Judge a network on the batches that were held out, and save it with its card and curves."""
    write_json(folder / "history.json", history)
    curves.save(curves.training_curve(history, "loss"), folder / "training_curves_loss.png")
    figures, out = task.judge(model, held), settings.checkpoint(folder)
    own = {learnt.digits: learnt.sites} | ({learnt.letters: learnt.letter_sites} if learnt.letters else {})
    origin = trainer.provenance([base], own, first=[trainer.MNIST, *task.sources])
    judged = trainer.Judged(1.0, np.zeros((0, CLASSES)), figures, [])
    card = trainer.card_of(model, settings, out, judged, history, origin)
    trainer.save(model, replace(card, input=task.input), settings, folder)
    out.with_suffix(".tflite").unlink(missing_ok=True)  # of the network before
    if keras.config.backend() == "tensorflow" and settings.limit is None:
        shown = keras.InputSpec(shape=(None, *model.input_shape[1:]), dtype="float32")
        with atomic_path(out.with_suffix(".tflite")) as light:
            model.export(str(light), format="litert", input_signature=[shown], verbose=False)
    shares = ", ".join(f"{name} {value:.2%}" for name, value in figures.items() if name != "n")
    return f"Of {figures['n']:,} that were held out: {shares}\nWrote {out}"
