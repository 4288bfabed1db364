"""How the line reader learns, and its judge."""

from collections.abc import Sequence

import keras
import numpy as np

from digits.data.scene_targets import Lines, strips
from digits.models import line
from digits.preprocessing.ctc import likeliest
from digits.train.scenes import Task, text_loss

PREFIXES = 5
"""Texts that are compared at a time."""


def judge(model: keras.Model, held: Sequence[Lines]) -> dict[str, float]:
    """Return how many lines are read, `n`, and the share of them that is right as a whole, `accuracy`."""
    right = []
    for shown, truth in (held[index] for index in range(len(held))):
        answers = np.asarray(model.predict_on_batch(shown))
        for logits, (length, columns, *text) in zip(answers, truth.tolist(), strict=True):
            right.append(likeliest(logits[:columns], PREFIXES)[0] == tuple(text[:length]))
    return {"n": len(right), "accuracy": round(float(np.mean(right)), 5)}


TASK = Task(line.build, strips, text_loss, judge, line.INPUT)
