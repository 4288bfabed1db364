"""What a pupil learns from: augmented frames with the label and with what its teachers say to each.

The teachers are asked once per frame, not once per step, so that a small pupil can practise for long.
"""

import keras
import numpy as np

from digits.models.architectures import logits_model
from digits.train.fit import Batches, Redraw

BATCH = 256


def ask_teachers(
    teachers: list[keras.Model],
    images: np.ndarray,
    labels: np.ndarray,
    *,
    augment: keras.layers.Layer | None = None,
    redraw: Redraw | None = None,
    copies: int = 1,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Show teachers augmented copies of digits.

    Args:
        teachers: models with a layer `logits`; their logits are averaged.
        images: (N, 28, 28) uint8.
        labels: (N,).
        augment: changes frames, differently in each copy.
        redraw: augmentation that must see labels, before that.
        copies: how many of each digit.
        seed: of `redraw`; `augment` has its own.

    Returns:
        Frames (copies * N, 28, 28) uint8 and targets (copies * N, 11) float32: the label, then the logits.
    """
    inputs = keras.Input((*images.shape[1:], 1))
    answers = [
        logits_model(teacher, name=f"teacher{number}")(inputs, training=False)
        for number, teacher in enumerate(teachers)
    ]
    panel = keras.Model(inputs, keras.ops.mean(keras.ops.stack(answers), axis=0))
    shown, targets = [], []
    batches = Batches(images, labels, BATCH, redraw)
    for copy in range(copies):
        batches.shuffle(seed, copy)
        for index in range(len(batches)):
            frames, labels_of_batch = batches[index]
            if augment is not None:
                frames = keras.ops.convert_to_numpy(augment(frames, training=True))
            shown.append(np.round(frames[..., 0] * 255).astype(np.uint8))
            logits = panel.predict_on_batch(frames)
            targets.append(np.column_stack([labels_of_batch, logits]).astype(np.float32))
    return np.concatenate(shown), np.concatenate(targets)
