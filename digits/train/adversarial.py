"""Adversarial training: each batch is attacked with the weights of its step, under TensorFlow and JAX."""

from collections.abc import Callable

import keras
from keras import ops


class AdversarialTraining(keras.Model):
    """Train a model on attacked frames, attacked anew in every step with the weights of that step.

    Madry et al., 2018, arXiv:1706.06083; with one step and a random start: Wong, Rice and Kolter, "Fast is
    better than free", 2020, arXiv:2001.03994.

    Args:
        model: frames (N, 28, 28, 1) -> logits (N, 10).
        attack: (frames, labels, start, epsilon) -> attacked frames.
        clean: share of each training batch that is not attacked, in [0, 1).
        seed: of the random starts.
    """

    def __init__(self, model: keras.Model, attack: Callable, clean: float = 0.0, seed: int = 0):
        super().__init__()
        self.model, self.attack, self.clean = model, attack, clean
        self.epsilon = self.add_weight(name="epsilon", shape=(), initializer="zeros", trainable=False)
        self.seed_generator = keras.random.SeedGenerator(seed)
        # Built now, since a resumed run loads weights before the first step.
        self(ops.zeros((1, *model.input_shape[1:])))

    def call(self, frames, training=False):
        """Logits of frames as they are."""
        return self.model(frames, training=training)

    def train_step(self, *arguments):
        """Attack the batch, then train on it as usual."""
        return super().train_step(*self._attacked(*arguments, clean=self.clean))

    def test_step(self, *arguments):
        """Attack the batch, then judge on it: validation shows what is left under attack."""
        return super().test_step(*self._attacked(*arguments))

    def _attacked(self, *arguments, clean: float = 0.0):
        """Return a step's arguments, which under JAX begin with the state, with attacked frames."""
        *states, (frames, labels) = arguments
        if not states:
            return [(self._attack(frames, labels, clean), labels)]
        trainable, fixed, *rest = states[0]
        given = [*zip(self.trainable_variables, trainable, strict=True)]
        given += zip(self.non_trainable_variables, fixed, strict=True)
        with keras.StatelessScope(state_mapping=given) as scope:
            frames = self._attack(frames, labels, clean)
        fixed = [scope.get_current_value(variable) for variable in self.non_trainable_variables]
        return [(trainable, fixed, *rest), (frames, labels)]

    def _attack(self, frames, labels, clean: float):
        noise = keras.random.uniform(ops.shape(frames), -1.0, 1.0, seed=self.seed_generator)
        attacked = self.attack(frames, labels, frames + self.epsilon * noise, self.epsilon)
        if not clean:
            return attacked
        number = ops.cast(clean * ops.cast(ops.shape(frames)[0], "float32"), "int32")
        return ops.where(ops.arange(ops.shape(frames)[0])[:, None, None, None] < number, frames, attacked)


class RampEpsilon(keras.callbacks.Callback):
    """Raise the strength of the attack over the first epochs: at full strength at once, nothing is learnt.

    Args:
        epsilon: largest change of a pixel, reached after `epochs`.
        epochs: how many it takes; 0 starts at full strength.
    """

    def __init__(self, epsilon: float, epochs: int):
        super().__init__()
        self.epsilon, self.epochs = epsilon, epochs

    def on_epoch_begin(self, epoch, logs=None):
        """Set the strength of this epoch."""
        share = min(1.0, (epoch + 1) / (self.epochs + 1))
        self.model.epsilon.assign(self.epsilon * share)
