"""Model files behind one call: frames (N, 28, 28, 1) -> logits (N, 10)."""

import contextlib
import io
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from digits.calls import compiled
from digits.contract import SIDE

Runtime = Callable[[np.ndarray], np.ndarray]

ONNX_BATCH = 32
"""What fits into a processor's cache: half as long per frame as with 500."""


def keras_runtime(model) -> Runtime:
    """Compile `model` into one call that is safe in many threads; see `digits.calls`.

    Own models answer with their `logits` layer; others with the logarithm of their probabilities, which is
    the same but for a constant.
    """
    model, to_logits = _bare(model)
    call = compiled(model)
    return lambda frames: to_logits(call(frames)[0])


def onnx_runtime(model) -> Runtime:
    """Return the same answers by ONNX Runtime: on a processor half as long for many frames.

    Needs the packages of the extra `judge`: `pip install -e ".[judge]"`.

    Raises:
        ValueError: its answers differ from those of Keras, or a package is missing; the message says what.
    """
    try:
        import onnxruntime
        import tf2onnx  # noqa: F401 - Keras needs it to write the file
    except ImportError as error:
        raise ValueError(f"{error.name} is not installed; pip install -e '.[judge]' does.") from None

    bare, to_logits = _bare(model)
    some = np.random.default_rng(0).random((ONNX_BATCH, SIDE, SIDE, 1), dtype=np.float32)
    expected = to_logits(np.asarray(bare(some, training=False)))
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        path = Path(folder) / "model.onnx"
        bare.export(path, format="onnx", verbose=False)
        # One thread a batch and a batch a core: sharing a small batch among cores costs twice the time.
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def call(frames: np.ndarray) -> np.ndarray:
        parts = np.split(frames, range(ONNX_BATCH, len(frames), ONNX_BATCH))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            answers = pool.map(lambda part: session.run(None, {name: part})[0], parts)
            return to_logits(np.concatenate(list(answers)))

    if (off := np.abs(call(some) - expected).max()) > 1e-3:
        raise ValueError(f"The logits of ONNX Runtime differ by {off:.2g} from those of Keras.")
    return call


def _bare(model) -> tuple:
    """Return a model without its softmax where that can be told, and what turns its answers into logits."""
    from digits.network.architectures import logits_model

    if ends_in_softmax_of_logits(model):
        return logits_model(model), np.asarray
    return model, log_probabilities


def ends_in_softmax_of_logits(model) -> bool:
    """Tell whether a model is built like ours; a stranger's layer may bear the name by chance."""
    from keras import layers

    last = model.layers[-1]
    named = [layer for layer in model.layers if layer.name == "logits"]
    return bool(named) and isinstance(last, layers.Softmax) and last.input is named[0].output


def log_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """Return logits (N, 10) that stand for probabilities (N, 10): the same but for a constant."""
    return np.log(np.clip(probabilities, 1e-9, 1.0))
