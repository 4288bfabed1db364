"""Exported models, asked: frames (N, 28, 28, 1) -> named outputs (N, 10). One opener per kind of file.

A .tflite or .onnx file needs one small package and no TensorFlow; the others need it.
"""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from digits.files import read_json
from digits.network import export_notes
from digits.network.checkpoints import Card
from digits.network.runtimes import Runtime, log_probabilities

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


def reader(path: Path) -> tuple[Runtime, Card | None]:
    """Open a .tflite or .onnx file for the front door, without TensorFlow.

    Returns:
        frames -> logits (N, 10), and the card from inside the file.

    Raises:
        ValueError: it cannot be opened, was not made by us, or its package is missing; one sentence.
    """
    ask = opened(path)
    card = export_notes.card_of(export_notes.read(path), path.name)
    return lambda frames: _logits(ask(frames)), card


def opened(path: Path) -> Ask:
    """Open an export by its ending; see `digits.network.exports.FORMATS`.

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

    loaded = tf.saved_model.load(str(path / export_notes.VERSION))
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
