"""Does an exported model say what the model says? Asked on digits that are given, in numbers."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from digits.files import read_json
from digits.models import runtimes
from digits.models.calibration import softmax
from digits.models.export import metadata
from digits.models.export.formats import FORMATS
from digits.models.runtimes import Ask

EXACT = 1.0, 1e-4
"""Share of equal answers, at least, and largest difference of a probability, of forms in float32."""

ROUNDED = 0.999, 0.25
"""The same of forms whose numbers have fewer places. A larger difference is no rounding but a mistake."""

TURNS = 50  # frames asked one by one, for the time of one
BATCH = 250


@dataclass(frozen=True, kw_only=True)
class Check:
    """How one export did."""

    format: str
    file: str
    bytes: int
    """Of the file, or of all files in the folder."""
    n: int
    """Digits that it was asked."""
    agreement: float
    """Share of them that it reads as the model does."""
    largest_difference: float
    """Of any probability from the model's."""
    accuracy: float
    """Share of them that it reads right."""
    ms: float
    """Median milliseconds for one frame alone, in the program that asks it here."""
    passed: bool


def check(name: str, path: Path, frames: np.ndarray, labels: np.ndarray, expected: np.ndarray) -> Check:
    """Open an export and hold it against the model that it was made from.

    Where it answers with probabilities and logits, the worse of the two counts.

    Args:
        name: of its form in `FORMATS`.
        path: of its file or folder.
        frames: (N, 28, 28, 1) float32 in [0, 1].
        labels: (N,), what they are, by their places.
        expected: (N, K), the probabilities of the model for them.

    Raises:
        ValueError: there are no frames, or the file cannot be opened.
    """
    if not len(frames):
        raise ValueError(f"{path.name} was to be checked on no digits; expected some.")
    own = _OPENERS.get(path.suffix)
    classes = expected.shape[1]
    ask = runtimes.checked(own, path, classes) if own else runtimes.open_exported(path, classes)
    parts = [ask(frames[i : i + BATCH]) for i in range(0, len(frames), BATCH)]
    answers = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    said = [answers["probabilities"]]
    if "logits" in answers:
        said.append(softmax(answers["logits"]))
    least, most = limits(name)
    agreement = min(float((one.argmax(1) == expected.argmax(1)).mean()) for one in said)
    difference = max(float(np.abs(one - expected).max()) for one in said)
    return Check(
        format=name,
        file=path.name,
        bytes=sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file()),
        n=len(frames),
        agreement=agreement,
        largest_difference=difference,
        accuracy=min(float((one.argmax(1) == labels).mean()) for one in said),
        ms=round(_median_ms(ask, frames), 3),
        passed=agreement >= least and difference <= most,  # NaN, which compares as false, fails
    )


def limits(name: str) -> tuple[float, float]:
    """Return what a form must keep: the share of equal answers at least, the largest difference at most."""
    return EXACT if FORMATS[name].exact else ROUNDED


def _median_ms(ask: Ask, frames: np.ndarray) -> float:
    seconds = []
    for i in range(min(TURNS, len(frames))):
        begin = time.perf_counter()
        ask(frames[i : i + 1])
        seconds.append(time.perf_counter() - begin)
    return 1000 * float(np.median(seconds))


def _keras(path: Path) -> Ask:
    import keras

    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    return lambda frames: {"probabilities": np.asarray(model(frames, training=False))}


def _saved_model(path: Path) -> Ask:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path / metadata.VERSION))
    (name,) = loaded.signatures["serving_default"].structured_input_signature[1]

    def ask(frames: np.ndarray) -> dict[str, np.ndarray]:
        serve = loaded.signatures["serving_default"]  # from `loaded`, whose variables live as long as it does
        return {key: value.numpy() for key, value in serve(**{name: tf.constant(frames)}).items()}

    return ask


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


_OPENERS: dict[str, Callable[[Path], Ask]] = {
    ".keras": _keras,
    ".h5": _keras,
    ".savedmodel": _saved_model,
    ".tfjs": _tfjs,
}
"""Of what the front door does not read; see also `digits.models.runtimes`."""
