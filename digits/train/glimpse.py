"""How the glimpse reader learns, and its judge."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import keras
import numpy as np
from keras import ops

from digits.config import find_data
from digits.data import cells
from digits.data.scene_targets import Lines, glimpses
from digits.models import glimpse
from digits.train.scenes import Task

SMOOTHING = 0.02
"""Share of a label that all answers have."""

IMPOSSIBLE = 1e4
"""So much less, in nats, is what an answer cannot be."""

GRIDS = {
    "name": "Sudoku grids in newspapers",
    "licence": "CC BY 4.0",
    "attribution": "B. Wicht, J. Hennebert: Camera-based Sudoku Recognition with Deep Belief Network, SoCPaR "
    "2014; github.com/wichtounet/sudoku_dataset",
}


def loss(truth, logits):
    """Cross-entropy with labels that are a little soft; `truth` as in `scene_targets.glimpses` or
    `cells.mixed`."""
    truth = ops.cast(truth, "int32")
    possible = ops.ones_like(logits)
    if truth.shape[-1] == 2:
        nought = ops.cast(ops.arange(logits.shape[-1]) == 0, logits.dtype)
        possible = 1 - ops.cast(truth[:, 1:], logits.dtype) * nought
    hard = ops.one_hot(truth[..., 0], logits.shape[-1], dtype=logits.dtype)
    soft = (1 - SMOOTHING) * hard + SMOOTHING * possible / ops.sum(possible, axis=-1, keepdims=True)
    said = ops.log_softmax(logits - IMPOSSIBLE * (1 - possible))
    return -ops.mean(ops.sum(soft * possible * said, axis=-1))


def judge(model: keras.Model, held: Sequence[Lines], left_out: cells.Cells | None = None) -> dict[str, float]:
    """Return how many glimpses are read, `n`, and the share of them that is right, `accuracy`; and of real
    cells that were left out, `cells`."""
    right = [_right(model, shown, labels[:, 0]) for shown, labels in (held[i] for i in range(len(held)))]
    found = np.concatenate(right or [np.zeros(0)])
    said = {"n": len(found), "accuracy": round(float(found.mean()), 5)}
    if left_out:
        found = _right(model, left_out.shown.astype(np.float32), left_out.labels)
        said["cells"] = round(float(found.mean()), 5)
    return said


def _right(model: keras.Model, shown: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return np.asarray(model.predict(shown, batch_size=256, verbose=0)).argmax(axis=1) == labels


TASK = Task(glimpse.build, glimpses, loss, judge, glimpse.INPUT)


def task(share: float, left_out: int | None) -> Task:
    """Return what the glimpse reader learns.

    Args:
        share: of real cells of tables among what is shown.
        left_out: which part of the photos of tables is not learnt from, and judges.

    Raises:
        ValueError: real cells are asked for, and there are no photos of tables.
    """
    if not share:
        return TASK
    folder = find_data("handwriting", "grids")
    if folder is None:
        raise ValueError(
            f"--cells is {share}; expected handwriting/grids among the data, photos of tables, or 0."
        )
    parts = tuple(part for part in range(cells.PARTS) if part != left_out)
    judged = None if left_out is None else cells.load_cells(Path(folder), (left_out,))
    return replace(
        TASK,
        make=partial(cells.mixed, folder=Path(folder), share=share, parts=parts),
        judge=partial(judge, left_out=judged),
        validate=glimpses,
        sources=(GRIDS,),
    )
