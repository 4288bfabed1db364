"""Losses over logits that Keras does not have in this form. Backend-neutral."""

from collections.abc import Callable

from keras import ops

from digits.contract import CLASSES


def smoothed_crossentropy(smoothing: float) -> Callable:
    """Return the cross-entropy of labels (N,) and logits (N, 10) with label smoothing.

    (Keras smooths one-hot labels only.) Szegedy et al., "Rethinking the Inception Architecture", 2016,
    arXiv:1512.00567.

    Args:
        smoothing: the share of the target that goes to all ten digits alike, in [0, 1).
    """

    def loss(labels, logits):
        """Labels (N,) and logits (N, 10) -> nats (N,)."""
        target = (1 - smoothing) * _one_hot(labels) + smoothing / CLASSES
        return ops.categorical_crossentropy(target, logits, from_logits=True)

    return loss


def distillation(temperature: float, trust: float) -> Callable:
    """Return the loss of a pupil that learns from labels and from its teachers' logits.

    Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015, arXiv:1503.02531.

    Args:
        temperature: softens both sides' probabilities.
        trust: share of the teachers in the loss, in [0, 1].

    Returns:
        A function of (N, 11), the label and the teachers' logits, and of the pupil's logits (N, 10).
    """

    def loss(targets, logits):
        """Targets (N, 11) and logits (N, 10) -> nats (N,)."""
        targets = ops.cast(targets, "float32")
        hard = ops.categorical_crossentropy(_one_hot(targets[:, 0]), logits, from_logits=True)
        teacher = targets[:, 1:] / temperature
        wanted = ops.softmax(teacher)
        soft = ops.categorical_crossentropy(wanted, logits / temperature, from_logits=True)
        least = ops.categorical_crossentropy(wanted, teacher, from_logits=True)
        return trust * temperature**2 * (soft - least) + (1 - trust) * hard

    return loss


def pupil_accuracy(targets, logits):
    """Return which rows (N,) of the pupil's logits (N, 10) have the label, the first of targets (N, 11)."""
    right = ops.cast(ops.argmax(logits, axis=1), "int32") == ops.cast(targets[:, 0], "int32")
    return ops.cast(right, "float32")


def _one_hot(labels):
    return ops.one_hot(ops.cast(ops.reshape(labels, (-1,)), "int32"), CLASSES)
