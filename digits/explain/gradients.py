"""How the logits of a model change with the frame and with what its layers show of it."""

from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np

from digits.config import SIDE, check
from digits.models.layer_graph import FRAME, LayerGraph
from digits.models.runtimes import compile_model

BATCH = 256
"""Frames per call of the network, fewer of a large one: bounds memory; see `LayerGraph.together`."""


class Gradients:
    """A model with the gradients of its logits, compiled once. Safe to share between threads; the model is
    never edited.

    Args:
        model: a Keras model (N, 28, 28, 1) -> (N, K) probabilities, of any make: see `LayerGraph`.

    Raises:
        ValueError: the Keras backend is not TensorFlow.
    """

    def __init__(self, model: Any):
        import keras  # late: importing this module needs no TensorFlow

        backend = keras.config.backend()
        check("The Keras backend", backend, backend == "tensorflow", "tensorflow")
        self.graph = LayerGraph.of(model)
        self._batch = self.graph.together(BATCH)
        self._logits = compile_model(self.graph.recorder([]))
        self._functions: dict[tuple[str, ...], Callable] = {}
        self._building = Lock()

    def logits(self, frames: np.ndarray) -> np.ndarray:
        """Return the logits (N, K) float32 of frames (N, 28, 28); see `LayerGraph.recorder`."""
        found = [self._logits(part[..., None])[0] for part in self._parts(frames)]
        return np.concatenate(found or [np.zeros((0, self.graph.classes), np.float32)])

    def of_frames(self, frames: np.ndarray, target: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients of a logit by frames, and the logit of each.

        Args:
            frames: (N, 28, 28) float32, N at least 1.
            target: the digit whose logit is meant, 0 to 9.

        Returns:
            (N, 28, 28) and (N,), float32.
        """
        found = [self._differentiate([FRAME], part, target) for part in self._parts(frames)]
        gradients = np.concatenate([gradients[0].numpy() for _, gradients, _ in found])[..., 0]
        return gradients, np.concatenate([logits.numpy() for *_, logits in found])[:, target]

    def of_layer(self, name: str, frame: np.ndarray, target: int) -> tuple[np.ndarray, np.ndarray]:
        """Return what a layer shows of a frame (28, 28), and the gradient of a logit by that.

        Args:
            name: of a layer of `graph` that makes maps.
            frame: (28, 28) float32.
            target: the digit whose logit is meant, 0 to 9.

        Returns:
            Both (h, w, channels) float32.
        """
        # All maps in one function: it runs in a few milliseconds, and a second layer needs no compilation.
        names = [layer.name for layer in self.graph.layers if layer.is_map]
        outputs, gradients, _ = self._differentiate(names, frame[None], target)
        place = names.index(name)
        return outputs[place].numpy()[0], gradients[place].numpy()[0]

    def _differentiate(self, names: list[str], frames: np.ndarray, target: int) -> tuple:
        import tensorflow as tf

        with self._building:
            if tuple(names) not in self._functions:
                self._functions[tuple(names)] = self._build(names)
        batch = tf.constant(np.asarray(frames, np.float32)[..., None])
        return self._functions[tuple(names)](batch, tf.constant(target, tf.int32))

    def _build(self, names: list[str]) -> Callable:
        import tensorflow as tf

        recorder = self.graph.recorder(names)

        def differentiate(frames: Any, target: Any) -> tuple:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(frames)
                *outputs, logits = recorder(frames, training=False)
                logits = tf.cast(logits, tf.float32)
                # Each frame has a logit of its own, so the gradient of their sum is the gradient of each.
                score = tf.reduce_sum(tf.gather(logits, target, axis=1))
            zero = tf.UnconnectedGradients.ZERO  # of a layer that no answer depends on
            gradients = tape.gradient(score, outputs, unconnected_gradients=zero)
            both = [[tf.cast(x, tf.float32) for x in some] for some in (outputs, gradients)]
            return (*both, logits)

        frames, target = tf.TensorSpec((None, SIDE, SIDE, 1), tf.float32), tf.TensorSpec((), tf.int32)
        return tf.function(differentiate, input_signature=[frames, target]).get_concrete_function()

    def _parts(self, frames: np.ndarray) -> list[np.ndarray]:
        return [frames[first : first + self._batch] for first in range(0, len(frames), self._batch)]
