"""An untrusted model in the form of ours: frames (N, 28, 28, 1) in [0, 1] -> its probabilities.

It may take frames as (28, 28) or in a row of 784, expect other values, and end without a softmax. What it
needs is put around it in a new model that shares its layers; the model itself is never edited. All that use
models get them from `checkpoints`, so: adapted.
"""

from typing import TYPE_CHECKING

from digits.config import CLASSES, SIDE
from digits.models.sandbox.container import Refusal
from digits.models.sandbox.inputs import BYTES, FORMS, UNIT, Form
from digits.models.sandbox.outline import TAKES

if TYPE_CHECKING:
    import keras
    import numpy as np

RANGE = (0.0, 1.0)
"""Of a frame's values."""


def as_ours(
    model: "keras.Model",
    values: tuple[float, float] | None = None,
    form: str | None = None,
    classes: int = CLASSES,
) -> "keras.Model":
    """Return a model that takes and gives what ours do: `model` itself where it does so already.

    Args:
        model: as Keras loaded it.
        values: the least and the largest value that it expects of a frame, from its card.
        form: one of `inputs.FORMS`, where that was found out or stands in its card. Without both: 0 to 255
            where it begins with a Rescaling layer for that, else 0 to 1; nobody can tell otherwise.
        classes: how many labels it has.

    Raises:
        Refusal: it takes no frame, does not give a number for each label, or gives neither probabilities nor
            logits.
    """
    import keras  # late: importing this module needs no TensorFlow

    takes, gives = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    if not (isinstance(takes, tuple) and takes[1:] in TAKES and gives == (None, classes)):
        wanted = " or ".join(str((None, *shape)) for shape in TAKES)
        raise Refusal(f"It maps {takes} to {gives}; expected {wanted} to (None, {classes}).")
    chosen = FORMS[form] if form else Form("", values) if values else FORMS[_likely(model)]
    before = chosen.layers()
    if takes[1:] != (SIDE, SIDE, 1):
        before = _fitted(takes[1:], before)
    softmax = _needs_softmax(model, chosen)
    if not before and not softmax:
        return model
    inputs = x = keras.Input((SIDE, SIDE, 1), name="whole_frame")
    for layer in before:
        x = layer(x)
    x = model(x)
    if softmax:
        x = keras.layers.Softmax(name="probabilities_of_logits", dtype="float32")(x)
    return keras.Model(inputs, x, name="adapted")


def _fitted(takes: tuple[int, ...], before: list) -> list:
    """Put what brings a frame into another shape beside what brings its values into another form."""
    from keras import layers

    if takes[0] > SIDE and len(takes) == 3:  # an edge is paper too: before anything is done to values
        return [layers.ZeroPadding2D((takes[0] - SIDE) // 2, name="form"), *before]
    return [*before, layers.Reshape(takes, name="form")]


def given(frames: "np.ndarray", takes: tuple[int, ...], form: Form) -> "np.ndarray":
    """Return what a model that takes (N, *takes) in some form is given for frames (N, 28, 28, 1) in [0,
    1]."""
    import numpy as np

    edge = (takes[0] - SIDE) // 2 if len(takes) == 3 else 0
    frames = np.pad(frames, ((0, 0), (edge, edge), (edge, edge), (0, 0)))
    return form.apply(frames).reshape(-1, *takes)


def _likely(model: "keras.Model") -> str:
    """Guess what a model expects: who begins by dividing by 255, or about that, expects whole bytes."""
    import keras
    import numpy as np  # late, as below: what lists models needs none of this

    passing = (keras.layers.InputLayer, keras.layers.Reshape, keras.layers.Flatten)
    first = next((layer for layer in model.layers if not isinstance(layer, passing)), None)
    if isinstance(first, keras.layers.Rescaling) and np.ndim(first.scale) == 0 and 0 < first.scale < 0.05:
        return BYTES
    return UNIT


def _needs_softmax(model: "keras.Model", form: Form) -> bool:
    """Ask a few frames: an answer is probabilities, or else logits."""
    import numpy as np

    frames = np.zeros((4, SIDE, SIDE), np.float32)
    frames[1] = 1
    frames[2, 4:24, 12:16] = 1
    frames[3] = np.random.default_rng(1).random((SIDE, SIDE), np.float32)
    asked = given(frames[..., None], model.input_shape[1:], form)
    answers = np.asarray(model(asked, training=False), np.float32)
    least, most, sums = answers.min(), answers.max(), answers.sum(axis=1)
    if not np.isfinite(answers).all():
        raise Refusal("It answers with NaN or infinite numbers; expected probabilities.")
    if least >= 0 and np.abs(sums - 1).max() < 1e-3:
        return False
    if least >= 0 and most <= 1:
        raise Refusal(
            f"Its {answers.shape[1]} outputs run from {least:.3g} to {most:.3g} and sum to {sums[0]:.3g}; "
            "expected probabilities: end the model with a softmax."
        )
    return True
