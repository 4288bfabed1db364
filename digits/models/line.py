"""The line reader: a small convolutional network that reads a line of digits as a whole, without cutting it.

It says at every column whether a digit comes next, and which (CTC; Graves et al., "Connectionist Temporal
Classification", 2006). Keras layers only: it runs wherever the readers run.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from digits.config import CLASSES
from digits.models import networks

if TYPE_CHECKING:
    import keras

NAME = "line"
"""Of its files in models/."""

ROWS, HIGH = 48, 26.0
"""How high what is shown to it is, in points, and how high the digits of the line are in it, about."""

COLUMN = 2
"""Points that a column of its answer spans."""

INPUT = {
    "shape": [ROWS, None, 2],
    "range": [-networks.STRONGEST, networks.STRONGEST],
    "what": "a line, evened grey, and 1 inside",
}
"""What it takes, for its card."""


def build(widths: tuple[int, ...] = (32, 48, 80, 128, 160), depth: int = 5) -> "keras.Model":
    """Return an untrained line reader; its answer is as in `read`.

    Args:
        widths: channels where a column has 24, 12, 6, 3 and 1 rows.
        depth: residual convolutions along the line.
    """
    import keras
    from keras import layers, ops

    def normed(x: Any) -> Any:
        return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))

    def convolved(x: Any, width: int, strides: int | tuple[int, int] = 1) -> Any:
        return normed(layers.Conv2D(width, 3, strides=strides, padding="same", use_bias=False)(x))

    shown = keras.Input((ROWS, None, 2), name="line")
    x, strides = shown, (2, COLUMN)
    for width in widths[:-1]:
        x = convolved(x, width, strides)
        x = layers.Add()([x, convolved(convolved(x, width), width)])
        strides = (2, 1)
    width = widths[-1]
    x = normed(layers.Conv2D(width, (ROWS // 2 ** (len(widths) - 1), 1), use_bias=False)(x))
    x = ops.squeeze(x, axis=1)
    for place in range(depth):
        far = 2 ** (place % 3)
        more = layers.Conv1D(width, 3, padding="same", dilation_rate=far, use_bias=False)(x)
        x = layers.Add()([x, normed(more)])
    return keras.Model(shown, layers.Conv1D(CLASSES + 1, 1, name="text")(x), name=NAME)


def read(shown: np.ndarray) -> np.ndarray:
    """Read lines.

    Args:
        shown: (N, 48, W, 2) float32, W even: evened grey, and 1 inside.

    Returns:
        (N, W / 2, 11) float32, logits of the digit that comes next at a column, the last that none does.

    Raises:
        ValueError: its file is missing, or the package that it needs.
    """
    (text,) = networks.load(NAME)(shown)
    return text
