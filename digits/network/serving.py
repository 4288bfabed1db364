"""A SavedModel for TensorFlow Serving: one network, asked in two ways."""

from pathlib import Path

from digits.contract import SIDE

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
