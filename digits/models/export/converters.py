"""A model's way into each form that other programs take.

Every form but .keras and .h5, which are the model itself, answers three times: `probabilities`, the `logits`
behind them, without which nobody can tell what is no digit (see `digits.models.calibration.energy`), and the
`representation` that these are made of, for a memory (see `digits.models.memory`).
"""

import contextlib
import io
import json
import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from digits.config import SIDE
from digits.files import atomic_path, sha256, temporary_path, write_json
from digits.models.card import Card
from digits.models.export import metadata, tfjs
from digits.models.runtimes import REPRESENTATION, ends_in_softmax_of_logits


@dataclass(frozen=True)
class Source:
    """A model on its way out."""

    path: Path
    """Of the .keras file."""
    model: Any
    card: Card | None
    samples: np.ndarray | None = None
    """Frames (N, 28, 28, 1) float32 that integers are fitted to."""

    @cached_property
    def served(self):
        """The model with named outputs, on the same layers and weights."""
        import keras

        outputs = {"probabilities": self.model.outputs[0]}
        if ends_in_softmax_of_logits(self.model):
            last = self.model.get_layer("logits")
            outputs["logits"] = last.output
            if len(last.input.shape) == 2:
                outputs[REPRESENTATION] = last.input
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

        shape = (None, *self.served.input_shape[1:])
        frames = keras.InputSpec(shape=shape, dtype="float32", name="frames")
        with _quiet():
            self.served.export(to, format=kind, input_signature=[frames], verbose=False, **settings)


def to_keras(source: Source, path: Path) -> None:
    """Copy the file as it is, so that its SHA-256 stays the one in the card beside it."""
    if path.resolve() == source.path.resolve():
        raise ValueError(f"{path} is the model itself; expected another folder to export to.")
    with atomic_path(path) as temporary:
        shutil.copyfile(source.path, temporary)
    if source.card:
        write_json(path.with_suffix(".json"), source.card.as_dict())


def to_h5(source: Source, path: Path) -> None:
    """Write the older form of Keras."""
    import h5py

    class InMemory(h5py.File):
        """What Keras takes for a file, by its name; on a full disk HDF5 may end the process."""

        def __str__(self):
            return "memory.h5"

    memory = io.BytesIO()
    with _quiet(), InMemory(memory, "w") as file:
        source.model.save(file)
        file.attrs[metadata.KEY] = json.dumps(source.notes)
    with atomic_path(path) as temporary:
        temporary.write_bytes(memory.getbuffer())


def to_saved_model(source: Source, path: Path) -> None:
    """Write a folder as TensorFlow Serving wants it: version 1, see `_serve`."""
    with _whole_folder(path) as temporary:
        version = temporary / metadata.VERSION
        with _quiet():
            _serve(source.served, version)
        write_json(version / "assets.extra" / metadata.FILE, source.notes)


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
        with _quiet():
            temporary.write_bytes(_quantise(Path(saved), source.samples))
        metadata.into_tflite(temporary, source.notes)


def to_onnx(source: Source, path: Path) -> None:
    """Write what ONNX Runtime and many others read."""
    with atomic_path(path) as temporary:
        source.convert(temporary, "onnx")
        metadata.into_onnx(temporary, source.notes)


def to_tfjs(source: Source, path: Path, weights: str | None = "float16") -> None:
    """Write a graph model for browsers, of half as much to download; other `weights` as in `tfjs.convert`."""
    with _whole_folder(path) as temporary, tempfile.TemporaryDirectory() as saved:
        source.convert(Path(saved), "tf_saved_model")
        tfjs.convert(Path(saved), temporary, weights, {metadata.KEY: source.notes})


def _serve(served, path: Path) -> None:
    """Write a model with named outputs as a SavedModel for TensorFlow Serving, batches of any length.

    Its signatures are `serving_default`, whose input `frames` is (N, 28, 28, 1) float32 in [0, 1], and
    `files`, whose input `image_bytes` is (N,) strings: PNG files of 28 x 28 grey pixels, bright ink on
    black, which JSON carries as {"b64": ...}: far less to send.

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
    archive.add_endpoint("serving_default", of_frames, [frames])
    archive.add_endpoint("files", of_files, [tf.TensorSpec((None,), tf.string, name="image_bytes")])
    archive.write_out(path, verbose=False)


def _quantise(saved: Path, samples: np.ndarray) -> bytes:
    """Convert a SavedModel to whole numbers of eight bits; its first convolution and last layer stay float32.

    The scheme is that of Jacob et al., "Quantization and Training of Neural Networks for Efficient
    Integer-Arithmetic-Only Inference", 2018, arXiv:1712.05877, fitted to sample digits after training. The
    two layers have few weights, and much hangs on them: what the first rounds away is lost to all others, and
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


@contextmanager
def _whole_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`, which takes its place when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_path(path)
    try:
        temporary.mkdir()
        yield temporary
        if path.is_dir():
            shutil.rmtree(path)
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep converters from talking: h5 is called old, NumPy is asked for names it no longer has."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
