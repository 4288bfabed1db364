"""What training minimises, and at which rate: losses over logits and schedules that Keras does not have."""

from collections.abc import Callable

import keras
from keras import ops

from digits.config import CLASSES


def smoothed_crossentropy(smoothing: float) -> Callable:
    """Return the cross-entropy of labels (N,) and logits (N, K) with label smoothing.

    (Keras smooths one-hot labels only.) Szegedy et al., "Rethinking the Inception Architecture", 2016,
    arXiv:1512.00567.

    Args:
        smoothing: the share of the target that goes to all classes alike, in [0, 1).
    """

    def loss(labels, logits):
        """Labels (N,) and logits (N, K) -> nats (N,)."""
        classes = logits.shape[-1]
        target = (1 - smoothing) * ops.one_hot(_flat(labels), classes) + smoothing / classes
        return ops.categorical_crossentropy(target, logits, from_logits=True)

    return loss


def crossentropy_with_outliers(smoothing: float) -> Callable:
    """Return the cross-entropy of K classes and outliers, with one class more, the last one "no digit".

    Its logit is fixed at 0, so the network keeps its K outputs: softmax over these says which
    digit it is, and sigmoid(logsumexp(logits)) whether it is one. That score is the energy of Liu et al.,
    "Energy-based Out-of-distribution Detection", 2020, arXiv:2010.03759, taught with known outliers as in
    Hendrycks et al., "Deep Anomaly Detection with Outlier Exposure", 2019, arXiv:1812.04606.

    Args:
        smoothing: the share of a digit's target that goes to all classes alike, in [0, 1); outliers,
            whose label is K, have no share in any.
    """

    def loss(labels, logits):
        """Labels (N,) from 0 to K and logits (N, K) -> nats (N,)."""
        classes = logits.shape[-1]
        hard = ops.one_hot(_flat(labels), classes + 1)
        soft = (1 - smoothing) * hard[:, :classes] + smoothing / classes * (1 - hard[:, classes:])
        target = ops.concatenate([soft, hard[:, classes:]], axis=1)
        with_none = ops.concatenate([logits, ops.zeros_like(logits[:, :1])], axis=1)
        return ops.categorical_crossentropy(target, with_none, from_logits=True)

    return loss


def accuracy_with_outliers(labels, logits):
    """Return which rows (N,) are right: digits by their largest logit, outliers by energy below 0."""
    labels = _flat(labels)
    right = ops.cast(ops.argmax(logits, axis=1), "int32") == labels
    refused = ops.logsumexp(logits, axis=1) < 0
    return ops.cast(ops.where(labels == logits.shape[-1], refused, right), "float32")


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
    return ops.one_hot(_flat(labels), CLASSES)


def _flat(labels):
    return ops.cast(ops.reshape(labels, (-1,)), "int32")


def cosine_restarts(rate: float, epochs: int, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Return a rate that falls along a cosine to zero by a third of the training, restarts, and falls again.

    Warm restarts: Loshchilov and Hutter, "SGDR", 2017, arXiv:1608.03983.

    Args:
        rate: at the start; the second fall begins at 0.7 times as much.
        epochs: of the whole training.
        steps: per epoch.
    """
    first = max(1, round(epochs / 3)) * steps
    rest = max(1, epochs * steps - first)
    return keras.optimizers.schedules.CosineDecayRestarts(rate, first, t_mul=rest / first, m_mul=0.7)


def cosine(rate: float, epochs: int, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Return a rate that falls along a cosine from `rate` to zero in `epochs` of `steps` steps."""
    return keras.optimizers.schedules.CosineDecay(rate, max(1, epochs * steps))
