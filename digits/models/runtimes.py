"""Model files behind one call: frames (N, 28, 28, 1) float32 in [0, 1] -> logits (N, K), and features.

A Keras model becomes one compiled call, which costs a fortieth of `model.predict` for a single frame. A
.tflite or .onnx file needs one small package and no TensorFlow.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from digits.config import CLASSES, SIDE, need
from digits.files import sha256
from digits.models import checkpoints
from digits.models.card import Card
from digits.models.export import metadata
from digits.models.sandbox import gate

if TYPE_CHECKING:
    import keras

Logits = Callable[[np.ndarray], np.ndarray]
"""frames (N, 28, 28, 1) -> logits (N, K), K the number of its labels."""

Look = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""frames (N, 28, 28, 1) -> features (N, D) and logits (N, 10), both float32."""

Ask = Callable[[np.ndarray], dict[str, np.ndarray]]
"""frames (N, 28, 28, 1) -> "probabilities" (N, K) and, where the file has them, "logits" and
`REPRESENTATION`."""

REPRESENTATION = "representation"
"""The output of light copies that has the features: what `digits.models.representation` finds in a model."""

ONNX_BATCH = 32
"""What fits into a processor's cache: half as long per frame as with 500."""


class Runtime:
    """A model that answers. Safe to share between threads.

    Args:
        logits: answers.
        look: makes what also tells from which features; asked for when first needed, once. None: nothing can.
    """

    def __init__(self, logits: Logits, look: Callable[[], Look] | None = None):
        self._logits = logits
        self._make = look
        self._made: Look | None = None
        self._lock = Lock()

    @property
    def looks(self) -> bool:
        """Whether it can tell from which features it answers."""
        return self._make is not None

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        """Return logits (N, 10) of frames (N, 28, 28, 1)."""
        return self._logits(frames)

    def look(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return features (N, D) and logits (N, 10), both float32, of frames (N, 28, 28, 1).

        Raises:
            ValueError: the file has no such output, as exports of before had none.
        """
        if self._make is None:
            raise ValueError(
                f"The model answers without its {REPRESENTATION}, which a memory needs: export it again."
            )
        with self._lock:
            self._made = self._made or self._make()
        return self._made(frames)


def compile_model(model: "keras.Model") -> Callable[[np.ndarray], list[np.ndarray]]:
    """Compile a model into a call that is safe in many threads; the first one takes a moment.

    Args:
        model: frames (N, 28, 28, 1) in [0, 1] -> one output, or several; or what else one input takes.

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
        input_signature=[tf.TensorSpec(model.input_shape, tf.float32)],
    )
    return lambda frames: listed(call(tf.constant(frames, tf.float32)))


def keras_runtime(model: "keras.Model") -> Runtime:
    """Compile a model into a runtime.

    Own models answer with their `logits` layer; others with the logarithm of their probabilities, which is
    the same but for a constant.
    """
    from digits.models.architectures import logits_model
    from digits.models.representation import Representation  # late: it compiles models as well

    def look() -> Look:
        return Representation(model)

    if ends_in_softmax_of_logits(model):
        bare = compile_model(logits_model(model))
        return Runtime(lambda frames: bare(frames)[0], look)
    whole = compile_model(model)
    return Runtime(lambda frames: log_probabilities(whole(frames)[0]), look)


def ends_in_softmax_of_logits(model: "keras.Model") -> bool:
    """Tell whether a model is built like ours; an untrusted one's layer may bear the name by chance."""
    from keras import layers

    last = model.layers[-1]
    named = [layer for layer in model.layers if layer.name == "logits"]
    return bool(named) and isinstance(last, layers.Softmax) and last.input is named[0].output


def log_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """Return logits (N, K) that stand for probabilities (N, K): the same but for a constant."""
    return np.log(np.clip(probabilities, 1e-9, 1.0))


def load_exported(path: Path) -> tuple[Runtime, Card | None]:
    """Open a .tflite or .onnx file without TensorFlow.

    Returns:
        frames -> logits (N, K) and features, and the card from inside the file.

    Raises:
        ValueError: it cannot be opened, was not made by us, or its package is missing; one sentence.
    """
    opener = _opener(path)
    _asked(opener, path)  # what cannot be opened has no notes either
    card = metadata.card_of(metadata.read(path), path.name)
    ask = checked(opener, path, len(card.labels) if card else CLASSES)

    def said(answers: dict[str, np.ndarray]) -> np.ndarray:
        return answers["logits"] if "logits" in answers else log_probabilities(answers["probabilities"])

    def look(frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        answers = ask(frames)
        return answers[REPRESENTATION], said(answers)

    has_features = REPRESENTATION in ask(np.zeros((1, SIDE, SIDE, 1), np.float32))
    return Runtime(lambda frames: said(ask(frames)), (lambda: look) if has_features else None), card


def open_exported(path: Path, classes: int = CLASSES) -> Ask:
    """Open a .tflite or .onnx file of a model with so many labels.

    Raises:
        ValueError: it cannot be opened, does not answer as a digit reader does, or a package is missing.
    """
    return checked(_opener(path), path, classes)


def checked(opener: Callable[[Path], Ask], path: Path, classes: int = CLASSES) -> Ask:
    """Open a file and ask it once.

    Raises:
        ValueError: it cannot be opened, or does not answer as a digit reader does.
    """
    ask, shapes = _asked(opener, path)
    wide = shapes.pop(REPRESENTATION, (1, 1))
    if "probabilities" not in shapes or set(shapes.values()) != {(1, classes)} or len(wide) != 2:
        many = "ten" if classes == CLASSES else classes
        raise ValueError(f"{path.name} answers {shapes}; expected {many} probabilities.")
    return ask


def _opener(path: Path) -> Callable[[Path], Ask]:
    opener, package = _OPENERS[path.suffix]
    need(package, "export", f"Reading {path.name}")
    return opener


def _asked(opener: Callable[[Path], Ask], path: Path) -> tuple[Ask, dict[str, tuple[int, ...]]]:
    """Open a file, and return the shapes of what it answers to one frame as well."""
    try:
        ask = opener(path)
        answers = ask(np.zeros((1, SIDE, SIDE, 1), np.float32))
    except Exception as error:  # every library raises kinds of its own
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise ValueError(f"{path.name} cannot be opened ({said[:200]}).") from error
    return ask, {name: answers[name].shape for name in answers}


def find_copy(model: Path) -> Path:
    """Return what answers as a .keras model does without TensorFlow: an export of it that lies beside it.

    Only one that came with the project or was made and checked here: a stranger's file is not opened unasked.

    Returns:
        `<name>.tflite` or `<name>.onnx`, or `model` itself where there is none that fits it and its card.
    """
    known = (model.with_suffix(ending) for ending in checkpoints.EXPORTED)
    return next((copy for copy in known if copy.is_file() and _fits(copy, model)), model)


def _fits(copy: Path, model: Path) -> bool:
    """Tell whether an export is ours, can be read here, and was made from this model with this card."""
    try:
        if not readable(copy) or not gate.knows(sha256(copy)):
            return False
        said, card = metadata.read(copy), checkpoints.inspect(model).card
        return said == metadata.about(said["name"], sha256(model), card, said["outputs"])
    except (ValueError, KeyError, OSError):  # half copied, or without notes
        return False


def readable(path: Path) -> bool:
    """Tell whether the package that a .tflite or .onnx file is read with is here."""
    return find_spec(_OPENERS[path.suffix][1]) is not None


def _tflite(path: Path) -> Ask:
    from ai_edge_litert.interpreter import Interpreter

    interpreter, lock = Interpreter(str(path)), Lock()
    run = interpreter.get_signature_runner()
    (name,) = run.get_input_details()

    def ask(frames: np.ndarray) -> dict[str, np.ndarray]:
        with lock:  # one interpreter has one set of buffers
            return {key: value.copy() for key, value in run(**{name: frames}).items()}

    return ask


def _onnx(path: Path) -> Ask:
    import onnxruntime

    # One thread a batch and a batch a core: sharing a small batch among cores costs twice the time.
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    (frames_in,) = session.get_inputs()
    names = [output.name for output in session.get_outputs()]

    def run(frames: np.ndarray) -> list[np.ndarray]:
        return session.run(names, {frames_in.name: frames})

    def ask(frames: np.ndarray) -> dict[str, np.ndarray]:
        if len(frames) <= ONNX_BATCH:
            return dict(zip(names, run(frames), strict=True))
        parts = np.split(frames, range(ONNX_BATCH, len(frames), ONNX_BATCH))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            answers = zip(*pool.map(run, parts), strict=True)
            return {name: np.concatenate(found) for name, found in zip(names, answers, strict=True)}

    return ask


_OPENERS: dict[str, tuple[Callable[[Path], Ask], str]] = {
    ".tflite": (_tflite, "ai_edge_litert"),
    ".onnx": (_onnx, "onnxruntime"),
}
"""What opens a file by its ending, and the package that it needs."""
