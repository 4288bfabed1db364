"""An untrusted model in the form of ours: frames (N, 28, 28, 1) in [0, 1] -> ten probabilities.

It may take frames as (28, 28) or in a row of 784, expect values up to 255, and end without a softmax. What it
needs is put around it in a new model that shares its layers; the model itself is never edited.
"""

from typing import TYPE_CHECKING

from digits.config import CLASSES, SIDE
from digits.models.sandbox.container import Refusal
from digits.models.sandbox.outline import TAKES

if TYPE_CHECKING:
    import keras

RANGE = (0.0, 1.0)
"""Of a frame's values."""


def as_ours(model: "keras.Model", values: tuple[float, float] | None = None) -> "keras.Model":
    """Return a model that takes and gives what ours do: `model` itself where it does so already.

    Args:
        model: as Keras loaded it.
        values: the least and the largest value that it expects of a frame, from its card. None: 0 to 255
            where it begins with a Rescaling layer for that, else 0 to 1; nobody can tell otherwise.

    Raises:
        Refusal: it takes no frame, does not give ten numbers, or gives neither probabilities nor logits.
    """
    import keras  # late: importing this module needs no TensorFlow

    takes, gives = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    if not (isinstance(takes, tuple) and takes[1:] in TAKES and gives == (None, CLASSES)):
        wanted = " or ".join(str((None, *shape)) for shape in TAKES)
        raise Refusal(f"It maps {takes} to {gives}; expected {wanted} to (None, {CLASSES}).")
    before = []
    low, high = values or _values(model)
    if (low, high) != RANGE:
        before.append(keras.layers.Rescaling(high - low, low, name="values"))
    if takes[1:] != (SIDE, SIDE, 1):
        before.append(keras.layers.Reshape(takes[1:], name="form"))
    softmax = _needs_softmax(model, low, high)
    if not before and not softmax:
        return model
    inputs = x = keras.Input((SIDE, SIDE, 1), name="whole_frame")
    for layer in before:
        x = layer(x)
    x = model(x)
    if softmax:
        x = keras.layers.Softmax(name="probabilities_of_logits", dtype="float32")(x)
    return keras.Model(inputs, x, name="adapted")


def _values(model: "keras.Model") -> tuple[float, float]:
    """Guess what a model expects: who begins by dividing by 255, or about that, expects whole bytes."""
    import keras
    import numpy as np  # late, as below: what lists models needs none of this

    first = next((layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)), None)
    if isinstance(first, keras.layers.Rescaling) and np.ndim(first.scale) == 0 and 0 < first.scale < 0.05:
        return 0.0, 255.0
    return RANGE


def _needs_softmax(model: "keras.Model", low: float, high: float) -> bool:
    """Ask a few frames: an answer is ten probabilities, or else ten logits."""
    import numpy as np

    frames = np.zeros((4, SIDE, SIDE), np.float32)
    frames[1] = 1
    frames[2, 4:24, 12:16] = 1
    frames[3] = np.random.default_rng(1).random((SIDE, SIDE), np.float32)
    asked = (low + frames * (high - low)).reshape(4, *model.input_shape[1:]).astype(np.float32)
    answers = np.asarray(model(asked, training=False), np.float32)
    least, most, sums = answers.min(), answers.max(), answers.sum(axis=1)
    if not np.isfinite(answers).all():
        raise Refusal("It answers with NaN or infinite numbers; expected probabilities.")
    if least >= 0 and np.abs(sums - 1).max() < 1e-3:
        return False
    if least >= 0 and most <= 1:
        raise Refusal(
            f"Its ten outputs run from {least:.3g} to {most:.3g} and sum to {sums[0]:.3g}; "
            "expected probabilities: end the model with a softmax."
        )
    return True
