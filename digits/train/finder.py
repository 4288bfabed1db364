"""How the finder learns: its losses, and its judge."""

from collections.abc import Sequence

import cv2
import keras
import numpy as np
from keras import ops

from digits.data.scene_targets import BORDERS, Batch, batch
from digits.models import finder
from digits.train.scenes import Task, text_loss

INK, HEAT, OFFSET, SIZE, LABEL = 3.0, 0.5, 2.0, 0.5, 0.5
"""What each part of the loss weighs; the text weighs 1."""

POINTS_HIT = 4
"""Points of a map at which a centre is hit, about: so many make one thing."""


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


LOSSES = {"ink": ink_loss, "maps": maps_loss, "labels": label_loss, "text": text_loss}
"""By the finder's outputs."""

TASK = Task(finder.build, batch, LOSSES, judge, finder.INPUT)
