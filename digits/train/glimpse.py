"""How the glimpse reader learns, and its judge."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from digits.data.scene_targets import Lines, glimpses
from digits.models import glimpse
from digits.train.scenes import Task

SMOOTHING = 0.02
"""Share of a label that all answers have."""


def loss(truth, logits):
    """Cross-entropy with labels that are a little soft."""
    hard = ops.one_hot(ops.cast(truth[..., 0], "int32"), logits.shape[-1])
    soft = (1 - SMOOTHING) * hard + SMOOTHING / logits.shape[-1]
    return ops.mean(ops.categorical_crossentropy(soft, logits, from_logits=True))


def judge(model: keras.Model, held: Sequence[Lines]) -> dict[str, float]:
    """Return how many glimpses are read, `n`, and the share of them that is right, `accuracy`."""
    right = []
    for shown, labels in (held[index] for index in range(len(held))):
        right.append(np.asarray(model.predict_on_batch(shown)).argmax(axis=1) == labels[:, 0])
    found = np.concatenate(right or [np.zeros(0)])
    return {"n": len(found), "accuracy": round(float(found.mean()), 5)}


TASK = Task(glimpse.build, glimpses, loss, judge, glimpse.INPUT)
