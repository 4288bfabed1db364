"""How the logits of a model change with what its layers show: compiled once, for any number of threads.

Pixel maps from a network's answers and gradients, in plain numpy: the network is a function.
"""

from collections.abc import Callable
from threading import Lock

import numpy as np

from digits.config import CLASSES, SIDE, check
from digits.explain.layer_graph import FRAME, LayerGraph
from digits.models.runtimes import compile_model

BATCH = 256
"""Frames per call of the network: bounds memory."""


class Gradients:
    """A model with the gradients of its logits. Safe to share between threads; the model is never edited.

    Args:
        model: a Keras model (N, 28, 28, 1) -> (N, 10) probabilities, of any make: see `anatomy`.

    Raises:
        ValueError: the Keras backend is not TensorFlow.
    """

    def __init__(self, model):
        import keras  # late: importing this module needs no TensorFlow

        backend = keras.config.backend()
        check("The Keras backend", backend, backend == "tensorflow", "tensorflow")
        self.anatomy = LayerGraph.of(model)
        self._functions: dict[str, Callable] = {}
        self._building = Lock()

    def logits(self, frames: np.ndarray) -> np.ndarray:
        """Return the logits (N, 10) float32 of frames (N, 28, 28); see `LayerGraph.recorder`."""
        function = self._function("logits", lambda: compile_model(self.anatomy.recorder([])))
        parts = [frames[first : first + BATCH] for first in range(0, len(frames), BATCH)]
        found = [function(part[..., None])[0] for part in parts]
        return np.concatenate(found or [np.zeros((0, CLASSES), np.float32)])

    def of_frames(self, frames: np.ndarray, target: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients of a logit by frames, and all logits.

        Args:
            frames: (N, 28, 28) float32, N at least 1.
            target: the digit whose logit is meant, 0 to 9.

        Returns:
            (N, 28, 28) and (N, 10), float32.
        """
        parts = [frames[first : first + BATCH] for first in range(0, len(frames), BATCH)]
        found = [self._differentiate([FRAME], part, target) for part in parts]
        slopes = np.concatenate([slopes[0].numpy() for _, slopes, _ in found])[..., 0]
        return slopes, np.concatenate([logits.numpy() for *_, logits in found])

    def of_layer(self, name: str, frame: np.ndarray, target: int) -> tuple[np.ndarray, np.ndarray]:
        """Return what a layer shows of a frame (28, 28), and the gradient of a logit by that.

        Args:
            name: of a layer of `anatomy` that makes maps.
            frame: (28, 28) float32.
            target: the digit whose logit is meant, 0 to 9.

        Returns:
            Both (h, w, channels) float32.
        """
        # All maps in one function: it runs in a few milliseconds, and a second layer needs no compilation.
        names = [layer.name for layer in self.anatomy.layers if layer.is_map]
        outputs, slopes, _ = self._differentiate(names, frame[None], target)
        place = names.index(name)
        return outputs[place].numpy()[0], slopes[place].numpy()[0]

    def _differentiate(self, names: list[str], frames: np.ndarray, target: int) -> tuple:
        import tensorflow as tf

        function = self._function(f"slopes of {', '.join(names)}", lambda: self._build_slopes(names))
        return function(_batch(frames), tf.constant(target, tf.int32))

    def _function(self, key: str, build: Callable) -> Callable:
        with self._building:
            if key not in self._functions:
                self._functions[key] = build()
            return self._functions[key]

    def _build_slopes(self, names: list[str]) -> Callable:
        import tensorflow as tf

        recorder = self.anatomy.recorder(names)

        def differentiate(frames, target):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(frames)
                *outputs, logits = recorder(frames, training=False)
                logits = tf.cast(logits, tf.float32)
                # Each frame has a logit of its own, so the gradient of their sum is the gradient of each.
                score = tf.reduce_sum(tf.gather(logits, target, axis=1))
            zero = tf.UnconnectedGradients.ZERO  # of a layer that no answer depends on
            slopes = tape.gradient(score, outputs, unconnected_gradients=zero)
            both = [[tf.cast(x, tf.float32) for x in some] for some in (outputs, slopes)]
            return (*both, logits)

        frames, target = tf.TensorSpec((None, SIDE, SIDE, 1), tf.float32), tf.TensorSpec((), tf.int32)
        return tf.function(differentiate, input_signature=[frames, target]).get_concrete_function()


def _batch(frames: np.ndarray):
    import tensorflow as tf

    return tf.constant(np.asarray(frames, np.float32)[..., None])


TOLERANCE, PROMISE = 0.005, 0.01
"""Integrated gradients stop when their sum is the first share away from the logit difference; where that
takes more than `MANY` times the gradients asked for, the second will do."""

MANY, MOST = 8, 40
"""At the second of these many times the gradients asked for they stop in any case, unless told otherwise: a
logit that ends where it began has a difference of nearly nothing, of which 1 % is less than can be found."""


def integrated_gradients(
    ask: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    frame: np.ndarray,
    steps: int,
    most: int = MOST,
) -> np.ndarray:
    """Integrate gradients from black to a frame (Sundararajan et al., 2017, arXiv:1703.01365).

    On the straight way, by the trapezoid rule. Gradients of a network of ReLUs jump, most of all near black:
    50 at equal distances leave an error of a tenth. So they begin closer together near black, and more are
    taken where the logits, which come with the gradients, show that the rule is wrong. These logits only
    choose the places and the end: what is summed is gradients alone, and where these are not the slope of
    the logit, no number of places makes the sum complete.
    Weighing the gradients by the logits too, as if there were one jump between two places, would make the
    sum right and the map worse: there are many jumps, and it comes out half as far again from the limit.

    Args:
        ask: frames (N, 28, 28) -> gradients (N, 28, 28) of the logit, and the logits (N,).
        frame: (28, 28) float32 in [0, 1].
        steps: gradients taken at first, 2 or more.
        most: at about so many times as many it ends.

    Returns:
        (28, 28) float32, signed; sums to the frame's logit less that of black, but for `PROMISE` of that
        where so many gradients suffice.
    """
    places = np.linspace(0, 1, steps) ** 2
    gradients, logits = _along(ask, frame, places)
    while True:
        slopes, widths = (gradients * frame).sum(axis=(1, 2)), np.diff(places)
        errors = np.diff(logits) - widths * (slopes[1:] + slopes[:-1]) / 2
        allowed = TOLERANCE if len(places) < MANY * steps else PROMISE
        if abs(errors.sum()) <= allowed * abs(logits[-1] - logits[0]) or len(places) >= most * steps:
            means = (gradients[1:] + gradients[:-1]) / 2
            return (frame * np.tensordot(widths, means, axes=1)).astype(np.float32)
        worst = np.argsort(-np.abs(errors))[: max(1, steps // 2, len(places) // 4)]
        between = (places[worst] + places[worst + 1]) / 2
        more, theirs = _along(ask, frame, between)
        order = np.argsort(np.concatenate([places, between]))
        places = np.concatenate([places, between])[order]
        gradients = np.concatenate([gradients, more])[order]
        logits = np.concatenate([logits, theirs])[order]


def occlusion(
    ask: Callable[[np.ndarray], np.ndarray], frame: np.ndarray, size: int, stride: int
) -> np.ndarray:
    """Cover a frame with a black square, place by place (Zeiler & Fergus, 2014, arXiv:1311.2901).

    Args:
        ask: frames (N, 28, 28) -> logits (N,).
        frame: (28, 28) float32 in [0, 1].
        size: side of the square, 1 to 28 pixels.
        stride: from place to place, in pixels; the last place in a row touches the edge.

    Returns:
        (28, 28) float32, signed: by how much the logit falls, the mean over the squares that cover a pixel.
    """
    starts = np.unique([*range(0, SIDE - size + 1, stride), SIDE - size])
    squares = [np.s_[top : top + size, left : left + size] for top in starts for left in starts]
    inked = [square for square in squares if frame[square].any()]  # the others change nothing
    covered = np.repeat(frame[None], len(inked) + 1, axis=0)
    for one, square in zip(covered[1:], inked, strict=True):
        one[square] = 0
    logits = np.asarray(ask(covered), np.float64)
    falls, counts = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE))
    for square, logit in zip(inked, logits[1:], strict=True):
        falls[square] += logits[0] - logit
    for square in squares:
        counts[square] += 1
    return (falls / np.maximum(1, counts)).astype(np.float32)


def _along(ask: Callable, frame: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    gradients, logits = ask(frame * places[:, None, None].astype(np.float32))
    return np.asarray(gradients, np.float64), np.asarray(logits, np.float64)
