"""Attacks on a network: the smallest changes of frames that turn its answer, or lead it to a digit.

`pgd`, `input_gradient` and `margin` are Keras operations only: the same code runs inside a compiled
training step and in an evaluation. `Attacker` turns them on a finished model.
"""

from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import logsumexp

from digits.config import CLASSES, SIDE, check
from digits.models import checkpoints
from digits.models.layer_graph import LayerGraph
from digits.models.runtimes import compile_model

Tensor = Any  # of the Keras backend, or a NumPy array

Gradient = Callable[[Tensor, Tensor], Tensor]
"""frames (N, 28, 28, 1) and labels (N,) -> how the loss grows with every pixel, (N, 28, 28, 1)."""

METHODS = ("fgsm", "pgd")

BATCH = 250
"""Frames per call of the network, fewer of a large one: bounds memory; see `LayerGraph.together`."""

ROUND = 10
"""Steps of PGD between two looks at the answers: those already turned need no more of them."""


def pgd(
    gradient: Gradient,
    frames: Tensor,
    labels: Tensor,
    epsilon: Tensor,
    *,
    step: Tensor,
    steps: int,
    start: Tensor = None,
    toward: bool = False,
) -> Tensor:
    """Return frames after projected gradient steps on the loss (Madry et al., 2018, arXiv:1706.06083).

    Args:
        gradient: of the loss, e.g. from `input_gradient`.
        frames: (N, 28, 28, 1) in [0, 1].
        labels: (N,) the digits to lead away from: the steps go uphill.
        epsilon: largest change of a pixel, in [0, 1].
        step: change of a pixel per step.
        steps: how many.
        start: where to begin, like `frames` (None: at the frames).
        toward: lead toward `labels` instead: the steps go downhill (Kurakin et al., 2017, arXiv:1607.02533).

    Returns:
        (N, 28, 28, 1) in [0, 1], nowhere more than `epsilon` from `frames`.
    """
    from keras import ops  # late: importing this module needs no TensorFlow

    low, high = ops.maximum(frames - epsilon, 0.0), ops.minimum(frames + epsilon, 1.0)
    attacked = frames if start is None else ops.clip(start, low, high)
    stride = -step if toward else step
    for _ in range(steps):
        attacked = ops.clip(attacked + stride * ops.sign(gradient(attacked, labels)), low, high)
    return attacked


def input_gradient(model: Any, loss: Callable[[Tensor, Tensor], Tensor]) -> Gradient:
    """Return the function (frames, labels) -> gradient of the summed loss by the frames, same shape.

    Meant to be traced: call it inside `tf.function`, `jax.jit` or a training step.

    Args:
        model: frames (N, 28, 28, 1) -> logits (N, K), run as for prediction.
        loss: of labels (N,) and logits (N, K), (N,).

    Raises:
        ValueError: the Keras backend is neither TensorFlow nor JAX.
    """
    import keras

    def total(frames: Tensor, labels: Tensor) -> Tensor:
        return keras.ops.sum(loss(labels, model(frames, training=False)))

    backend = keras.config.backend()
    check("The Keras backend", backend, backend in ("tensorflow", "jax"), "tensorflow or jax")
    if backend == "jax":
        import jax

        return jax.grad(total)
    import tensorflow as tf

    def gradient(frames: Tensor, labels: Tensor) -> Tensor:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(frames)
            value = total(frames, labels)
        return tape.gradient(value, frames)

    return gradient


def margin(labels: Tensor, logits: Tensor) -> Tensor:
    """Return how far (N,) the best wrong logit lies above that of the labels (N,), of logits (N, K).

    It stays steep where cross-entropy is flat, as after label smoothing: Carlini and Wagner, 2017,
    arXiv:1608.04644.
    """
    from keras import ops

    hot = ops.one_hot(ops.cast(ops.reshape(labels, (-1,)), "int32"), logits.shape[-1])
    return ops.max(logits - 1e9 * hot, axis=1) - ops.sum(logits * hot, axis=1)


class Attacker:
    """A bare network, without calibration or refusals, and its gradient. Safe to share between threads.

    The losses are those of logits: on probabilities they are flat where a network is sure, and would hide
    what an attack can do (Carlini et al., 2019, arXiv:1902.06705).

    Args:
        model: a Keras model (N, 28, 28, 1) -> (N, K) probabilities.
        name: what to call it.

    Raises:
        ValueError: the Keras backend is not TensorFlow.
    """

    def __init__(self, model: Any, name: str):
        import keras

        backend = keras.config.backend()
        check("The Keras backend", backend, backend == "tensorflow", "tensorflow")
        import tensorflow as tf

        self.name = name
        graph = LayerGraph.of(model)
        self.classes = graph.classes
        self._batch, bare = graph.together(BATCH), graph.recorder([])
        crossentropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
        self._logits = compile_model(bare)
        # Signatures, so that every number of frames shares one compiled function.
        frames, labels = tf.TensorSpec((None, SIDE, SIDE, 1), tf.float32), tf.TensorSpec((None,), tf.int32)
        self._gradients = [
            tf.function(input_gradient(bare, loss), input_signature=[frames, labels])
            for loss in (crossentropy, margin)
        ]

    @classmethod
    def load(cls, model: str | Path) -> "Attacker":
        """Load a model to attack by its name in models/, or by the path of a .keras file.

        Raises:
            ValueError: there is no such model, or it cannot be loaded; one sentence that says why.
        """
        path = checkpoints.find(model)
        return cls(checkpoints.shared(path)[0], path.stem)

    def logits(self, frames: np.ndarray) -> np.ndarray:
        """Return the logits (N, K) float32 of frames (N, 28, 28, 1) in [0, 1].

        Raises:
            ValueError: the frames have another shape or range.
        """
        frames = _checked_frames(frames)
        parts = [self._logits(frames[i : i + self._batch])[0] for i in range(0, len(frames), self._batch)]
        return np.concatenate(parts or [np.zeros((0, self.classes), np.float32)])

    def attack(
        self,
        frames: np.ndarray,
        labels: np.ndarray,
        epsilon: float,
        *,
        method: str = "pgd",
        toward: int | np.ndarray | None = None,
        steps: int = 40,
        step: float | None = None,
        restarts: int = 1,
        seed: int = 1,
    ) -> np.ndarray:
        """Return the frames, changed by at most `epsilon` to make the network misread them.

        FGSM is a single step from the frame (Goodfellow et al., 2015, arXiv:1412.6572). PGD (Madry et al.,
        2018, arXiv:1706.06083) leaves digits that are misread as they are, and starts anew from another
        random point for those that withstood, in turn on the cross-entropy and on the margin of the logits.
        Of each digit it returns the first picture seen that turned the answer, else the one with the largest
        cross-entropy.

        Args:
            frames: (N, 28, 28, 1) float32 in [0, 1].
            labels: (N,) what they show, 0 to 9; of letters, the places of their labels.
            epsilon: largest change of a pixel, 0 to 1.
            method: "fgsm" or "pgd".
            toward: the digit, or (N,) the digits, to be read instead; None: any but the label.
            steps: of PGD from each start, 1 or more.
            step: change of a pixel per step of PGD (None: 2.5 epsilon / steps, as in that paper).
            restarts: random starts of PGD, 1 or more.
            seed: of the random starts.

        Returns:
            (N, 28, 28, 1) float32 in [0, 1], nowhere more than `epsilon` from `frames`.

        Raises:
            ValueError: an argument is out of range; the message says which.
        """
        frames = _checked_frames(frames)
        goals = _checked_digits("labels", labels, len(frames), self.classes)
        if toward is not None:
            wanted = np.full(len(frames), toward) if np.ndim(toward) == 0 else np.asarray(toward)
            goals = _checked_digits("toward", wanted, len(frames), self.classes)
        check("method", repr(method), method in METHODS, f"one of {', '.join(METHODS)}")
        check("epsilon", epsilon, 0 <= epsilon <= 1, "0 to 1")
        check("steps", steps, steps >= 1, "1 or more")
        check("step", step, step is None or 0 < step <= 1, "above 0, up to 1")
        check("restarts", restarts, restarts >= 1, "1 or more")
        check("seed", seed, seed >= 0, "0 or more")
        if epsilon == 0:
            return frames.copy()
        epsilon, is_led = float(epsilon), toward is not None
        pace: dict[str, Any] = {"steps": steps, "step": step or 2.5 * epsilon / steps}
        changed = []
        for first in range(0, len(frames), self._batch):
            some = frames[first : first + self._batch], goals[first : first + self._batch], epsilon
            if method == "fgsm":
                one = pgd(self._gradients[0], *some, step=epsilon, steps=1, toward=is_led)
                changed.append(np.asarray(one))
            else:
                changed.append(self._pgd(*some, is_led, restarts=restarts, seed=seed, **pace))
        return np.concatenate(changed or [frames])

    def _pgd(
        self,
        frames: np.ndarray,
        goals: np.ndarray,
        epsilon: float,
        toward: bool,
        *,
        steps: int,
        step: float,
        restarts: int,
        seed: int,
    ) -> np.ndarray:
        """Attack a batch until the answers have turned, from every start by another loss in turn."""
        rng = np.random.default_rng(seed)  # anew in every batch, so that more restarts repeat the first ones
        best = frames.copy()
        gain, done = self._judge(frames, goals, toward)
        for gradient in islice(cycle(self._gradients), restarts):
            attacked = frames + rng.uniform(-epsilon, epsilon, frames.shape).astype(np.float32)
            for first in range(0, steps, ROUND):
                left = np.flatnonzero(~done)
                if not len(left):
                    return best
                way: dict[str, Any] = {"step": step, "steps": min(ROUND, steps - first), "toward": toward}
                attacked[left] = pgd(
                    gradient, frames[left], goals[left], epsilon, start=attacked[left], **way
                )
                gains, turned = self._judge(attacked[left], goals[left], toward)
                better = turned | (gains > gain[left])
                best[left[better]], gain[left[better]] = attacked[left[better]], gains[better]
                done[left] = turned
        return best

    def _judge(self, frames: np.ndarray, goals: np.ndarray, toward: bool) -> tuple[np.ndarray, np.ndarray]:
        """Return what the attack has gained (N,), in nats of loss, and where the answer has turned (N,)."""
        logits = self.logits(frames)
        loss = logsumexp(logits, axis=1) - logits[np.arange(len(goals)), goals]
        answered = logits.argmax(axis=1) == goals
        return (-loss, answered) if toward else (loss, ~answered)


def _checked_frames(frames: np.ndarray) -> np.ndarray:
    frames = np.asarray(frames, np.float32)
    check("The shape of the frames", frames.shape, frames.shape[1:] == (SIDE, SIDE, 1), "(N, 28, 28, 1)")
    low, high = (frames.min(), frames.max()) if len(frames) else (0, 0)
    check("The range of the frames", f"{low} to {high}", low >= 0 and high <= 1, "0 to 1")  # false for NaN
    return frames


def _checked_digits(name: str, digits: np.ndarray, n: int, classes: int) -> np.ndarray:
    digits = np.asarray(digits)
    check(f"The shape of {name}", digits.shape, digits.shape == (n,), f"({n},)")
    others = np.setdiff1d(digits, range(classes))
    words = "digits, 0 to 9" if classes == CLASSES else f"0 to {classes - 1}, the places of labels"
    check(name, others.tolist(), not len(others), words)
    return digits.astype(np.int32)
