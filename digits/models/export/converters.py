"""A model's way into each form that other programs take. Only this file and quantising.py know converters.

Every form but .keras and .h5, which are the model itself, answers twice: `probabilities`, and the `logits`
behind them, without which nobody can tell what is no digit (see `digits.models.calibration.evidence`).

A network in whole numbers of eight bits: a quarter of the size, and quicker on small processors.

The scheme is that of Jacob et al., "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference", 2018, arXiv:1712.05877, fitted to sample digits after training.

A SavedModel for TensorFlow Serving: one network, asked in two ways.
"""

import contextlib
import dataclasses
import io
import json
import logging
import os
import shutil
import sys
import tempfile
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from digits.config import SIDE
from digits.files import atomic_path, read_json, sha256, write_json, write_text
from digits.models import card as checkpoints
from digits.models.export import metadata


def to_int8(saved: Path, samples: np.ndarray) -> bytes:
    """Convert a SavedModel; its first convolution and its last layer stay float32.

    They have few weights, and much hangs on them: what the first rounds away is lost to all others, and
    after the last, in steps of an eighth, two digits often tie. Of 6,000 validation digits, mnist_tiny reads
    2 otherwise in whole numbers throughout and none like this, mnist_plain 3 and 1.

    Args:
        saved: the folder.
        samples: (N, 28, 28, 1) float32 in [0, 1]; their range of values in each layer becomes -128 to 127.

    Returns:
        A .tflite file's bytes.
    """
    import tensorflow as tf

    def some() -> Iterator[list[np.ndarray]]:
        return ([frame[None]] for frame in np.asarray(samples, np.float32))

    def converter(*operations: tf.lite.OpsSet) -> tf.lite.TFLiteConverter:
        made = tf.lite.TFLiteConverter.from_saved_model(str(saved))
        made.optimizations = [tf.lite.Optimize.DEFAULT]
        made.representative_dataset = some
        made.target_spec.supported_ops = list(operations)
        return made

    kept = _ends(converter(tf.lite.OpsSet.TFLITE_BUILTINS_INT8).convert())
    experts = tf.lite.experimental  # the only door to leaving layers out
    mixed = converter(tf.lite.OpsSet.TFLITE_BUILTINS_INT8, tf.lite.OpsSet.TFLITE_BUILTINS)
    left_out = experts.QuantizationDebugOptions(denylisted_nodes=kept)
    debugger = experts.QuantizationDebugger(converter=mixed, debug_dataset=some, debug_options=left_out)
    return debugger.get_nondebug_quantized_model()


def _ends(model: bytes) -> list[str]:
    """Return the names of what the first convolution of a .tflite file and its last layers give."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=model)
    names = {tensor["index"]: tensor["name"] for tensor in interpreter.get_tensor_details()}
    steps = interpreter._get_ops_details()  # not public, but the package is pinned
    convolutions = [names[step["outputs"][0]] for step in steps if step["op_name"] == "CONV_2D"]
    return convolutions[:1] + [output["name"] for output in interpreter.get_output_details()]


FRAMES, FILES = "serving_default", "files"
"""The signatures: frames as numbers, or as files, which JSON carries as {"b64": ...}: far less to send."""


def save(served, path: Path) -> None:
    """Write a model with named outputs as a SavedModel, batches of any length.

    Its signatures are `serving_default`, whose input `frames` is (N, 28, 28, 1) float32 in [0, 1], and
    `files`, whose input `image_bytes` is (N,) strings: PNG files of 28 x 28 grey pixels, bright ink on black.

    Args:
        served: frames (N, 28, 28, 1) -> outputs by name.
        path: of the folder to write.
    """
    import keras
    import tensorflow as tf

    def of_frames(frames):
        return served(frames, training=False)

    def of_files(image_bytes):
        shape = tf.TensorSpec((SIDE, SIDE, 1), tf.float32)
        return served(tf.map_fn(frame, image_bytes, fn_output_signature=shape), training=False)

    def frame(data):
        grey = tf.io.decode_png(data, channels=1)
        return tf.ensure_shape(tf.cast(grey, tf.float32) / 255, (SIDE, SIDE, 1))

    archive = keras.export.ExportArchive()
    archive.track(served)
    frames = keras.InputSpec(shape=(None, SIDE, SIDE, 1), dtype="float32", name="frames")
    archive.add_endpoint(FRAMES, of_frames, [frames])
    archive.add_endpoint(FILES, of_files, [tf.TensorSpec((None,), tf.string, name="image_bytes")])
    archive.write_out(path, verbose=False)


UNUSED = (
    "tensorflow_decision_forests",
    "tf_keras",
    "tensorflow_hub",
    "jax",
    "jax.experimental",
    "jax.experimental.jax2tf",
)
"""What TF.js' converter imports, but does not need for a SavedModel."""


@dataclass(frozen=True)
class Source:
    """A model on its way out."""

    path: Path
    """Of the .keras file."""
    model: Any
    card: checkpoints.Card | None
    samples: np.ndarray | None = None
    """Frames (N, 28, 28, 1) float32 that integers are fitted to."""

    @cached_property
    def served(self):
        """The model with named outputs, on the same layers and weights."""
        import keras

        from digits.models.runtimes import ends_in_softmax_of_logits

        outputs = {"probabilities": self.model.outputs[0]}
        if ends_in_softmax_of_logits(self.model):
            outputs["logits"] = self.model.get_layer("logits").output
        served = keras.Model(self.model.inputs[0], outputs, name="served")
        served(np.zeros((1, SIDE, SIDE, 1), np.float32), training=False)  # ONNX wants to have seen it called
        return served

    @cached_property
    def notes(self) -> dict[str, Any]:
        """What goes along inside the file."""
        return metadata.about(self.path.stem, sha256(self.path), self.card, sorted(self.served.output))

    def convert(self, to: Path, kind: str, **settings) -> None:
        """Let Keras convert the served model, batches of any length, without a word on the screen."""
        import keras

        frames = keras.InputSpec(shape=(None, SIDE, SIDE, 1), dtype="float32", name="frames")
        with quiet():
            self.served.export(to, format=kind, input_signature=[frames], verbose=False, **settings)


def to_keras(source: Source, path: Path) -> None:
    """Copy the file as it is, so that its SHA-256 stays the one in the card beside it."""
    if path.resolve() == source.path.resolve():
        raise ValueError(f"{path} is the model itself; expected another folder to export to.")
    with atomic_path(path) as temporary:
        shutil.copyfile(source.path, temporary)
    if source.card:
        write_json(path.with_suffix(".json"), dataclasses.asdict(source.card))


def to_h5(source: Source, path: Path) -> None:
    """Write the older form of Keras."""
    import h5py

    class InMemory(h5py.File):
        """What Keras takes for a file, by its name; on a full disk HDF5 may end the process."""

        def __str__(self):
            return "memory.h5"

    memory = io.BytesIO()
    with quiet(), InMemory(memory, "w") as file:
        source.model.save(file)
    metadata.into_h5(memory, source.notes)
    with atomic_path(path) as temporary:
        temporary.write_bytes(memory.getbuffer())


def to_saved_model(source: Source, path: Path) -> None:
    """Write a folder as TensorFlow Serving wants it: version 1, with the signatures of serving.py."""
    with whole_folder(path) as temporary:
        version = temporary / metadata.VERSION
        with quiet():
            save(source.served, version)
        metadata.into_saved_model(version, source.notes)


def to_tflite(source: Source, path: Path, **settings) -> None:
    """Write float32 numbers; `settings` are the converter's."""
    with atomic_path(path) as temporary:
        source.convert(temporary, "litert", **settings)
        metadata.into_tflite(temporary, source.notes)


def to_tflite_f16(source: Source, path: Path) -> None:
    """Write weights as float16, half the size."""
    import tensorflow as tf

    half = {"supported_types": [tf.float16]}
    to_tflite(source, path, optimizations=[tf.lite.Optimize.DEFAULT], target_spec=half)


def to_tflite_int8(source: Source, path: Path) -> None:
    """Write whole numbers of eight bits, a quarter of the size; frames and answers stay float32."""
    if source.samples is None:
        raise ValueError("tflite-int8 is fitted to sample digits; expected some.")
    with atomic_path(path) as temporary, tempfile.TemporaryDirectory() as saved:
        source.convert(Path(saved), "tf_saved_model")
        with quiet():
            temporary.write_bytes(to_int8(Path(saved), source.samples))
        metadata.into_tflite(temporary, source.notes)


def to_onnx(source: Source, path: Path) -> None:
    """Write what ONNX Runtime and many others read."""
    with atomic_path(path) as temporary:
        source.convert(temporary, "onnx")
        metadata.into_onnx(temporary, source.notes)


def to_tfjs(source: Source, path: Path, half: bool = True) -> None:
    """Write a graph model for browsers, its weights as float16, half as much to download, or as they are."""
    with whole_folder(path) as temporary, tempfile.TemporaryDirectory() as saved:
        source.convert(Path(saved), "tf_saved_model")
        with quiet():
            _tfjs_converter().convert_tf_saved_model(
                saved,
                str(temporary),
                quantization_dtype_map={"float16": "*"} if half else None,
                use_structured_outputs_names=True,
                metadata={metadata.KEY: source.notes},
            )
        _order_outputs(temporary / "model.json")


def _tfjs_converter():
    import tensorflow  # noqa: F401 - before the converter, which would else meet half of it

    absent = [name for name in UNUSED if name not in sys.modules]
    sys.modules.update({name: types.ModuleType(name) for name in absent})
    try:
        from tensorflowjs.converters import tf_saved_model_conversion_v2
    finally:
        for name in absent:
            del sys.modules[name]
    tf_saved_model_conversion_v2.normalize_bias_add = types.SimpleNamespace(
        normalize_bias_add_op=_name_biases
    )
    return tf_saved_model_conversion_v2


def _order_outputs(path: Path) -> None:
    """List the outputs by name, the order that TF.js goes by: the converter leaves it to chance."""
    model = read_json(path)
    outputs = sorted(model["signature"]["outputs"].items())  # Identity, Identity_1
    model["signature"]["outputs"] = dict(outputs)
    write_text(path, json.dumps(model))


def _name_biases(graph):
    """Call the sum of a convolution and a constant a bias, which lets both become one step.

    The converter's own rule also takes the shortcut of a residual block for a bias; TensorFlow crashes over
    the outcome, and TF.js refuses it or not, by backend.
    """
    from tensorflowjs.converters.normalize_bias_add import normalize_bias_add_op

    sums = {node.name: node.op for node in graph.node if node.op in ("Add", "AddV2")}
    constants = {node.name for node in graph.node if node.op == "Const"}
    graph = normalize_bias_add_op(graph)
    for node in graph.node:
        if node.name in sums and node.op == "BiasAdd" and node.input[1] not in constants:
            node.op = sums[node.name]
            del node.attr["data_format"]
    return graph


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`, which takes its place when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".tmp-{os.getpid()}-{path.name}")
    try:
        temporary.mkdir()
        yield temporary
        if path.is_dir():
            shutil.rmtree(path)
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep converters from talking: h5 is called old, NumPy is asked for names it no longer has."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
