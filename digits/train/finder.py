"""How the finder learns: losses, batches of scenes that other processes make while it does, and its judge."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import cv2
import keras
import numpy as np
from keras import ops

from digits.config import CLASSES, find_data
from digits.data.hands import Writing
from digits.data.scene_targets import BORDERS, Batch, batch
from digits.files import atomic_path, write_json
from digits.models import checkpoints
from digits.plots import curves
from digits.preprocessing.finder import STRONGEST
from digits.train import trainer

INK, HEAT, OFFSET, SIZE, LABEL, TEXT = 3.0, 0.5, 2.0, 0.5, 0.5, 1.0
"""What each part of the loss weighs."""

POINTS_HIT = 4
"""Points of a map at which a centre is hit, about: so many make one thing."""

INPUT = {
    "shape": [None, None, 2],
    "range": [-STRONGEST, STRONGEST],
    "what": "evened grey, and 1 inside",
}
"""What a finder takes, for its card."""

WORST = 60.0
"""No line loses more, in nats: one that is too long for its columns would lose everything."""

AHEAD = 8
"""Batches that wait for the network, at most."""


def ink_loss(truth, logits):
    """Cross-entropy of the ink, soft at its rim; ink weighs more than paper."""
    ink, counts = truth[..., :1], truth[..., 1:]
    entropy = ops.binary_crossentropy(ink, ops.sigmoid(logits))
    return INK * ops.sum(entropy * counts * (1 + 2 * ink)) / ops.sum(counts)


def maps_loss(truth, maps):
    """Cross-entropy of the centres, absolute error of offsets and sizes."""
    heat, sure, offset, inked, size, sized = ops.split(truth, BORDERS, axis=-1)
    kinds = heat.shape[-1]
    entropy = ops.softplus(maps[..., :kinds]) - heat * maps[..., :kinds]
    centres = ops.sum(entropy * sure) / (ops.sum(heat) / POINTS_HIT + 1)
    missed = ops.abs(maps[..., kinds : kinds + 2] - offset) * inked
    wrong = ops.abs(maps[..., kinds + 2 :] - size) * sized
    return (
        HEAT * centres
        + OFFSET * ops.sum(missed) / (ops.sum(inked) + 1)
        + SIZE * ops.sum(wrong) / (ops.sum(sized) + 1)
    )


def label_loss(truth, logits):
    """Cross-entropy of the digits, where one is centred."""
    known = ops.cast(truth[..., 0] >= 0, "float32")
    entropy = ops.sparse_categorical_crossentropy(ops.maximum(truth[..., 0], 0), logits, from_logits=True)
    return LABEL * ops.sum(entropy * known) / (ops.sum(known) + 1)


def text_loss(truth, logits):
    """CTC of the digits from left to right, for each digit, where there is one line."""
    truth = ops.cast(truth, "int32")  # Keras makes it fractions
    length, columns, digits = truth[:, 0], truth[:, 1], truth[:, 2:]
    known = ops.cast(length >= 0, "float32")
    length = ops.maximum(length, 0)
    lost = ops.minimum(ops.ctc_loss(digits, logits, length, columns, mask_index=CLASSES), WORST)
    each = lost * known / ops.cast(ops.maximum(length, 1), "float32")
    return TEXT * ops.sum(each) / (ops.sum(known) + 1)


LOSSES = {"ink": ink_loss, "maps": maps_loss, "labels": label_loss, "text": text_loss}
"""By the finder's outputs."""


def start_makers(number: int) -> ProcessPoolExecutor:
    """Return processes that make scenes, to be closed as a context; Keras is in none of them."""
    return ProcessPoolExecutor(number, get_context("spawn"), cv2.setNumThreads, (1,))


class Scenes(keras.utils.PyDataset):
    """Batches of scenes, each made once from the seed, the epoch and its number.

    Args:
        makers: processes that make them, see `start_makers`.
        writing: what is written.
        steps: batches per epoch.
        lines: line scenes in a batch; batches of other shapes have as many points.
        fixed: whether every epoch has the same scenes, which are kept, as for validation.
    """

    def __init__(
        self, makers: ProcessPoolExecutor, writing: Writing, steps: int, lines: int, fixed: bool = False
    ):
        super().__init__(workers=AHEAD, max_queue_size=AHEAD)  # threads that wait for the processes
        self.makers, self.writing, self.steps, self.lines, self.fixed = makers, writing, steps, lines, fixed
        self.chance = [0, 0]
        self.made: dict[int, Batch] = {}

    def __len__(self):
        return self.steps

    def __getitem__(self, index):
        if index in self.made:
            return self.made[index]
        made = self.makers.submit(batch, self.writing, [*self.chance, index], self.lines).result()
        if self.fixed:
            self.made[index] = made
        return made

    def shuffle(self, seed: int, epoch: int) -> None:
        """Take the scenes of an epoch."""
        self.chance = [seed, epoch]


def writing_of(settings) -> tuple[Writing, Writing]:
    """Return what the settings of train_finder.py learn from, and what validates.

    Raises:
        ValueError: a file is missing or no strokes file, a site is not in it, or a digit nobody wrote.
    """
    digits = _file("--digits", settings.digits, "unipen_strokes.npz")
    letters = _file("--letters", settings.letters, "letters_strokes.npz")
    learnt = Writing(digits, letters, settings.sites, settings.letter_sites, limit=settings.limit)
    held = Writing(digits, letters, settings.hold_out, settings.letter_hold_out, scans=False)
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


def begin_with(model: keras.Model, base: Path) -> None:
    """Give a model the weights of another finder.

    Raises:
        ValueError: it is none.
    """
    try:
        model.load_weights(base)
    except Exception as error:  # Keras and h5py raise many kinds
        raise ValueError(f"--base is {base}; expected the file of a finder of this shape.") from error


def finish(
    model: keras.Model, settings, folder: Path, history: list[dict[str, float]], learnt: Writing, held: Scenes
) -> str:
    """Judge a finder, save it with its card and curves, and say how good it is.

    Args:
        model: trained.
        settings, folder: of train_finder.py, and of its run.
        history: from `fit.fit`.
        learnt: what it was trained on.
        held: batches to judge it on.

    Raises:
        SystemExit: its accuracy is under `settings.min_accuracy`; nothing is saved then.
    """
    write_json(folder / "history.json", history)
    curves.save(curves.training_curve(history, "loss"), folder / "training_curves_loss.png")
    figures, out = judge(model, held), settings.checkpoint(folder)
    own = {learnt.digits: learnt.sites} | ({learnt.letters: learnt.letter_sites} if learnt.letters else {})
    bases = [] if settings.base is None else [checkpoints.inspect(settings.base).card]
    origin = trainer.provenance(bases, own, first=[trainer.MNIST])
    judged = trainer.Judged(1.0, np.zeros((0, CLASSES)), figures, [])
    card = trainer.card_of(model, settings, out, judged, history, origin)
    trainer.save(model, replace(card, input=INPUT), settings, folder)
    out.with_suffix(".tflite").unlink(missing_ok=True)  # of the network before
    if keras.config.backend() == "tensorflow" and settings.limit is None:
        shown = keras.InputSpec(shape=(None, None, None, 2), dtype="float32")
        with atomic_path(out.with_suffix(".tflite")) as light:
            model.export(str(light), format="litert", input_signature=[shown], verbose=False)
    return (
        f"Of {figures['n']:,} digits {figures['seen']:.2%} are seen, "
        f"{figures['accuracy']:.2%} and named rightly\nWrote {out}"
    )


def judge(model: keras.Model, held: Sequence[Batch]) -> dict[str, float]:
    """Return how well a finder does on batches of scenes.

    Returns:
        `n`, digits of which most is on a picture; `seen`, the share of them in whose middle it is surer than
        not that a digit's is; `accuracy`, the share that it sees and names rightly where it is surest.
    """
    seen, named = [], []
    for shown, truth in (held[index] for index in range(len(held))):
        _, maps, labels, _ = (np.asarray(part) for part in model.predict_on_batch(shown))
        for i, (heat, answer) in enumerate(zip(maps[..., 0], labels.argmax(axis=-1), strict=True)):
            number, middles = cv2.connectedComponents(truth["maps"][i, ..., 0].astype(np.uint8))
            for middle in range(1, number):
                rows, columns = np.nonzero(middles == middle)
                surest = heat[rows, columns].argmax()
                label = truth["labels"][i, rows // 2, columns // 2].max()
                seen.append(bool(heat[rows, columns].max() > 0))
                named.append(seen[-1] and answer[rows[surest] // 2, columns[surest] // 2] == label)
    shares = (round(float(np.mean(some or [0])), 5) for some in (named, seen))
    return {"n": len(seen), **dict(zip(("accuracy", "seen"), shares, strict=True))}
