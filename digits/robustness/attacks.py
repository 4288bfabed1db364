"""An attacker who knows a network: small changes of frames that turn its answer, or lead it to a digit.

Attacks on a network: the smallest changes of a picture that turn the answer.

`gradient` is a function of frames (N, 28, 28, 1) and labels (N,) that returns how the loss grows with every
pixel, (N, 28, 28, 1); `digits.train.adversarial` makes one. Keras operations only, so that the same code runs
inside a compiled training step and in an evaluation.
"""

import itertools
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from scipy.special import logsumexp

from digits.config import CLASSES, SIDE, check
from digits.models import checkpoints
from digits.models.runtimes import ends_in_softmax_of_logits
from digits.train.losses import _one_hot

Gradient = Callable


def fgsm(gradient: Gradient, frames, labels, epsilon, *, toward: bool = False):
    """Return frames after one step of `epsilon` (Goodfellow et al., 2015, arXiv:1412.6572).

    Args:
        gradient: see above.
        frames: (N, 28, 28, 1) in [0, 1].
        labels: (N,) the digits to lead away from.
        epsilon: largest change of a pixel, in [0, 1].
        toward: lead toward `labels` instead.
    """
    return pgd(gradient, frames, labels, epsilon, step=epsilon, steps=1, toward=toward)


def pgd(gradient: Gradient, frames, labels, epsilon, *, step, steps: int, start=None, toward: bool = False):
    """Return frames after projected gradient steps on the loss (Madry et al., 2018, arXiv:1706.06083).

    Args:
        gradient: see above.
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
    low, high = ops.maximum(frames - epsilon, 0.0), ops.minimum(frames + epsilon, 1.0)
    attacked = frames if start is None else ops.clip(start, low, high)
    stride = -step if toward else step
    for _ in range(steps):
        attacked = ops.clip(attacked + stride * ops.sign(gradient(attacked, labels)), low, high)
    return attacked


METHODS = ("fgsm", "pgd")

BATCH = 250
"""Frames per call of the network: bounds memory."""

ROUND = 10
"""Steps of PGD between two looks at the answers: those already turned need no more of them."""


class Attacker:
    """A bare network, without calibration or refusals, and its gradient. Safe to share between threads.

    The losses are those of logits: on probabilities they are flat where a network is sure, and would hide
    what an attack can do (Carlini et al., 2019, arXiv:1902.06705).

    Args:
        model: a Keras model (N, 28, 28, 1) -> (N, 10) probabilities.
        name: what to call it.

    Raises:
        ValueError: the Keras backend is not TensorFlow.
    """

    def __init__(self, model, name: str):
        import keras  # late: importing this module needs no TensorFlow

        pass

        check(
            "The Keras backend", keras.config.backend(), keras.config.backend() == "tensorflow", "tensorflow"
        )
        import tensorflow as tf

        self.name = name
        bare = _bare(model)
        crossentropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
        frames, labels = tf.TensorSpec((None, SIDE, SIDE, 1), tf.float32), tf.TensorSpec((None,), tf.int32)
        # Signatures, so that every number of frames shares one compiled function.
        self._logits = tf.function(lambda frames: bare(frames, training=False), input_signature=[frames])
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
        """Return the logits (N, 10) float32 of frames (N, 28, 28, 1) in [0, 1].

        Raises:
            ValueError: the frames have another shape or range.
        """
        frames = _checked_frames(frames)
        parts = [self._logits(frames[i : i + BATCH]).numpy() for i in range(0, len(frames), BATCH)]
        return np.concatenate(parts or [np.zeros((0, CLASSES), np.float32)])

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

        FGSM is a single step from the frame. PGD (Madry et al., 2018, arXiv:1706.06083) leaves digits that
        are misread as they are, and starts anew from another random point for those that withstood, in turn
        on the cross-entropy and on the margin of the logits. Of each digit it returns the first picture seen
        that turned the answer, else the one with the largest cross-entropy.

        Args:
            frames: (N, 28, 28, 1) float32 in [0, 1].
            labels: (N,) what they show, 0 to 9.
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
        goals = _checked_digits("labels", labels, len(frames))
        if toward is not None:
            wanted = np.full(len(frames), toward) if np.ndim(toward) == 0 else np.asarray(toward)
            goals = _checked_digits("toward", wanted, len(frames))
        _check_way(method, epsilon, steps, step, restarts, seed)
        if epsilon == 0:
            return frames.copy()
        pass  # late: it needs Keras

        way: dict[str, Any] = {"epsilon": float(epsilon), "toward": toward is not None}
        one: Any
        if method == "fgsm":
            one = partial(fgsm, self._gradients[0], **way)
        else:
            step = step or 2.5 * epsilon / steps
            moves = [partial(pgd, gradient, step=step, **way) for gradient in self._gradients]
            one = partial(self._pgd, moves, steps=steps, restarts=restarts, seed=seed, **way)
        parts = (slice(first, first + BATCH) for first in range(0, len(frames), BATCH))
        changed = [np.asarray(one(frames[part], goals[part])) for part in parts]
        return np.concatenate(changed or [frames])

    def _pgd(self, moves, frames, goals, *, epsilon, toward, steps, restarts, seed) -> np.ndarray:
        """Attack a batch until the answers have turned; `moves`, in turn, take some steps from a start."""
        rng = np.random.default_rng(seed)  # anew in every batch, so that more restarts repeat the first ones
        best = frames.copy()
        gain, done = self._judge(frames, goals, toward)
        for _, move in zip(range(restarts), itertools.cycle(moves), strict=False):
            attacked = frames + rng.uniform(-epsilon, epsilon, frames.shape).astype(np.float32)
            for first in range(0, steps, ROUND):
                left = np.flatnonzero(~done)
                if not len(left):
                    return best
                number = min(ROUND, steps - first)
                attacked[left] = move(frames[left], goals[left], start=attacked[left], steps=number)
                gains, turned = self._judge(attacked[left], goals[left], toward)
                better = turned | (gains > gain[left])
                best[left[better]], gain[left[better]] = attacked[left[better]], gains[better]
                done[left] = turned
        return best

    def _judge(self, frames, goals, toward) -> tuple[np.ndarray, np.ndarray]:
        """Return what the attack has gained (N,), in nats of loss, and where the answer has turned (N,)."""
        logits = self.logits(frames)
        loss = logsumexp(logits, axis=1) - logits[np.arange(len(goals)), goals]
        answered = logits.argmax(axis=1) == goals
        return (-loss, answered) if toward else (loss, ~answered)


def _bare(model):
    """Return the function frames -> logits; of a model not built like ours, the log of its probabilities."""
    from keras import ops

    from digits.models.architectures import logits_model

    if ends_in_softmax_of_logits(model):
        return logits_model(model)
    # Keras' own 1e-7 would cut off the way to a digit that is thought impossible.
    return lambda frames, training: ops.log(ops.maximum(model(frames, training=training), 1e-30))


def _check_way(method: str, epsilon: float, steps: int, step: float | None, restarts: int, seed: int) -> None:
    check("method", repr(method), method in METHODS, f"one of {', '.join(METHODS)}")
    check("epsilon", epsilon, 0 <= epsilon <= 1, "0 to 1")
    check("steps", steps, steps >= 1, "1 or more")
    check("step", step, step is None or 0 < step <= 1, "above 0, up to 1")
    check("restarts", restarts, restarts >= 1, "1 or more")
    check("seed", seed, seed >= 0, "0 or more")


def _checked_frames(frames: np.ndarray) -> np.ndarray:
    frames = np.asarray(frames, np.float32)
    check("The shape of the frames", frames.shape, frames.shape[1:] == (SIDE, SIDE, 1), "(N, 28, 28, 1)")
    low, high = (frames.min(), frames.max()) if len(frames) else (0, 0)
    check("The range of the frames", f"{low} to {high}", low >= 0 and high <= 1, "0 to 1")  # false for NaN
    return frames


def _checked_digits(name: str, digits: np.ndarray, n: int) -> np.ndarray:
    digits = np.asarray(digits)
    check(f"The shape of {name}", digits.shape, digits.shape == (n,), f"({n},)")
    strangers = np.setdiff1d(digits, range(CLASSES))
    check(name, strangers.tolist(), not len(strangers), "digits, 0 to 9")
    return digits.astype(np.int32)


def input_gradient(model: keras.Model, loss: Callable) -> Callable:
    """Return the function (frames, labels) -> gradient of the summed loss by the frames, same shape.

    Meant to be traced: call it inside `tf.function`, `jax.jit` or a training step.

    Args:
        model: frames (N, 28, 28, 1) -> logits (N, 10), run as for prediction.
        loss: of labels (N,) and logits (N, 10), (N,).

    Raises:
        ValueError: the Keras backend is neither TensorFlow nor JAX.
    """

    def total(frames, labels):
        return ops.sum(loss(labels, model(frames, training=False)))

    if keras.config.backend() == "jax":
        import jax

        return jax.grad(total)
    if keras.config.backend() != "tensorflow":
        raise ValueError(f"Keras runs on {keras.config.backend()}; expected tensorflow or jax.")
    import tensorflow as tf

    def gradient(frames, labels):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(frames)
            value = total(frames, labels)
        return tape.gradient(value, frames)

    return gradient


def margin(labels, logits):
    """Return how far (N,) the best wrong logit lies above that of the labels (N,), of logits (N, 10).

    It stays steep where cross-entropy is flat, as after label smoothing: Carlini and Wagner, 2017,
    arXiv:1608.04644.
    """
    hot = _one_hot(labels)
    return ops.max(logits - 1e9 * hot, axis=1) - ops.sum(logits * hot, axis=1)
