"""Model files behind one call: frames (N, 28, 28, 1) -> logits (N, 10).

A Keras model as one compiled call, which costs a fortieth of `model.predict` for a single picture.

Exported models, asked: frames (N, 28, 28, 1) -> named outputs (N, 10). One opener per kind of file.

A .tflite or .onnx file needs one small package and no TensorFlow; the others need it.
"""

import contextlib
import io
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from digits.config import SIDE
from digits.files import read_json
from digits.models.card import Card
from digits.models.export import metadata

Call = Callable[[np.ndarray], list[np.ndarray]]


def compile_model(model: Any) -> Call:
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


Runtime = Callable[[np.ndarray], np.ndarray]

ONNX_BATCH = 32
"""What fits into a processor's cache: half as long per frame as with 500."""


def keras_runtime(model) -> Runtime:
    """Compile `model` into one call that is safe in many threads; see `digits.models.runtimes`.

    Own models answer with their `logits` layer; others with the logarithm of their probabilities, which is
    the same but for a constant.
    """
    model, to_logits = _bare(model)
    call = compile_model(model)
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
    from digits.models.architectures import logits_model

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


Ask = Callable[[np.ndarray], dict[str, np.ndarray]]
"""frames (N, 28, 28, 1) float32 in [0, 1] -> "probabilities" (N, 10) and, where it has them, "logits"."""

INSTALL = {"tensorflowjs": "pip install --no-deps tensorflowjs==4.22.0"}
"""TF.js' converter pins half a dozen packages that it does not need here and that fight with ours."""

USUAL_INSTALL = "pip install -e '.[export]'"


def need(module: str, what: str) -> None:
    """Insist on a package.

    Raises:
        ValueError: it is not installed; the message has the line that installs it.
    """
    if find_spec(module) is None:
        line = INSTALL.get(module, USUAL_INSTALL)
        raise ValueError(f"{what} needs {module}, which is not installed: {line}")


def readable(path: Path) -> bool:
    """Tell whether the packages that a kind of file is read with are here."""
    return all(find_spec(module) for module in _NEEDS.get(path.suffix, ()))


def load_exported(path: Path) -> tuple[Runtime, Card | None]:
    """Open a .tflite or .onnx file for the front door, without TensorFlow.

    Returns:
        frames -> logits (N, 10), and the card from inside the file.

    Raises:
        ValueError: it cannot be opened, was not made by us, or its package is missing; one sentence.
    """
    ask = opened(path)
    card = metadata.card_of(metadata.read(path), path.name)
    return lambda frames: _logits(ask(frames)), card


def opened(path: Path) -> Ask:
    """Open an export by its ending; see `digits.models.export.formats.FORMATS`.

    Raises:
        ValueError: it cannot be opened, does not answer as a digit reader does, or a package is missing.
    """
    for module in _NEEDS.get(path.suffix, ()):
        need(module, f"Reading {path.name}")
    try:
        ask = _OPENERS[path.suffix](path)
        answers = ask(np.zeros((1, 28, 28, 1), np.float32))
    except Exception as error:  # every library raises kinds of its own
        raise ValueError(f"{path.name} cannot be opened ({str(error).splitlines()[0][:200]}).") from error
    shapes = {name: answers[name].shape for name in answers}
    if "probabilities" not in shapes or set(shapes.values()) != {(1, 10)}:
        raise ValueError(f"{path.name} answers {shapes}; expected ten probabilities.")
    return ask


def _logits(answers: dict[str, np.ndarray]) -> np.ndarray:
    return answers["logits"] if "logits" in answers else log_probabilities(answers["probabilities"])


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

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (frames_in,) = session.get_inputs()
    names = [output.name for output in session.get_outputs()]
    return lambda frames: dict(zip(names, session.run(names, {frames_in.name: frames}), strict=True))


def _saved_model(path: Path) -> Ask:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path / metadata.VERSION))
    (name,) = loaded.signatures["serving_default"].structured_input_signature[1]

    def ask(frames: np.ndarray) -> dict[str, np.ndarray]:
        serve = loaded.signatures["serving_default"]  # from `loaded`, whose variables live as long as it does
        return {key: value.numpy() for key, value in serve(**{name: tf.constant(frames)}).items()}

    return ask


def _keras(path: Path) -> Ask:
    import keras

    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    return lambda frames: {"probabilities": np.asarray(model(frames, training=False))}


def _tfjs(path: Path) -> Ask:
    """Run the graph of a TF.js model with TensorFlow: its operations have the same names there."""
    import tensorflow as tf
    from google.protobuf import json_format
    from tensorflow.core.framework import graph_pb2

    model = read_json(path / "model.json")
    weights = _weights(path, model["weightsManifest"])
    topology = model["modelTopology"]
    for node in topology["node"]:
        attributes = node.get("attr", {})
        node["attr"] = {key: value for key, value in attributes.items() if not key.startswith("_")}
        if node["name"] in weights:
            proto = tf.make_tensor_proto(weights[node["name"]])
            node["attr"]["value"] = {"tensor": json_format.MessageToDict(proto)}
    graph = json_format.ParseDict({"node": topology["node"]}, graph_pb2.GraphDef())
    names = model["userDefinedMetadata"]["structuredOutputKeys"]
    (frames_in,) = (entry["name"] for entry in model["signature"]["inputs"].values())
    ends = [entry["name"] for entry in model["signature"]["outputs"].values()]
    wrapped = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(graph, name=""), [])
    call = wrapped.prune(frames_in, ends)
    return lambda frames: {
        name: value.numpy() for name, value in zip(names, call(tf.constant(frames)), strict=True)
    }


def _weights(path: Path, manifest: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    found = {}
    for group in manifest:
        data = b"".join((path / shard).read_bytes() for shard in group["paths"])
        start = 0
        for entry in group["weights"]:
            kept_as = np.dtype(entry.get("quantization", entry)["dtype"])
            count = int(np.prod(entry["shape"], dtype=int))
            values = np.frombuffer(data, kept_as, count, start).reshape(entry["shape"])
            found[entry["name"]] = values.astype(entry["dtype"])
            start += count * kept_as.itemsize
    return found


_NEEDS = {".tflite": ["ai_edge_litert"], ".onnx": ["onnxruntime"]}
_OPENERS: dict[str, Callable[[Path], Ask]] = {
    ".tflite": _tflite,
    ".onnx": _onnx,
    ".savedmodel": _saved_model,
    ".keras": _keras,
    ".h5": _keras,
    ".tfjs": _tfjs,
}
