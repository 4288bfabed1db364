"""Learning rates that fall while a network learns."""

import keras


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
