"""Attacks on a network: the smallest changes of a picture that turn the answer.

`gradient` is a function of frames (N, 28, 28, 1) and labels (N,) that returns how the loss grows with every
pixel, (N, 28, 28, 1); `digits.network.gradients` makes one. Keras operations only, so that the same code runs
inside a compiled training step and in an evaluation.
"""

from collections.abc import Callable

from keras import ops

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
