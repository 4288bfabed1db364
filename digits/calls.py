"""A Keras model as one compiled call, which costs a fortieth of `model.predict` for a single picture."""

from collections.abc import Callable
from typing import Any

import numpy as np

from digits.contract import SIDE

Call = Callable[[np.ndarray], list[np.ndarray]]


def compiled(model: Any) -> Call:
    """Compile a model into a call that is safe in many threads; the first one takes a moment.

    Args:
        model: a Keras model, frames (N, 28, 28, 1) in [0, 1] -> one output, or several.

    Returns:
        frames (N, 28, 28, 1) -> its outputs, a list of float32 arrays (N, ...).
    """
    import keras  # late: importing this module needs no TensorFlow

    def listed(outputs: Any) -> list[np.ndarray]:
        return [np.asarray(output, np.float32) for output in keras.tree.flatten(outputs)]

    if keras.config.backend() != "tensorflow":
        return lambda frames: listed(model.predict_on_batch(frames))

    import tensorflow as tf

    call = tf.function(
        lambda frames: model(frames, training=False),
        input_signature=[tf.TensorSpec((None, SIDE, SIDE, 1), tf.float32)],
    )
    return lambda frames: listed(call(tf.constant(frames, tf.float32)))
