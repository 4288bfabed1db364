"""Input gradients against finite differences; what adversarial training attacks, and how strongly."""

import keras
import numpy as np
import pytest

from digits.models.architectures import logits_model
from digits.robustness import attacks
from digits.train import adversarial

FRAMES = np.random.default_rng(1).uniform(0.2, 0.8, (8, 28, 28, 1)).astype(np.float32)
LABELS = np.arange(8)
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")


def test_the_gradient_agrees_with_finite_differences(tiny_model):
    model = logits_model(tiny_model)
    tensor = keras.ops.convert_to_tensor(FRAMES)
    slopes = np.array(attacks.input_gradient(model, LOSS)(tensor, LABELS))
    assert slopes.shape == FRAMES.shape
    direction = np.random.default_rng(2).normal(size=FRAMES.shape).astype(np.float32)
    direction /= np.linalg.norm(direction)

    def loss(step):
        return float(np.sum(LOSS(LABELS, model(FRAMES + step * direction, training=False))))

    assert (slopes * direction).sum() == pytest.approx((loss(0.02) - loss(-0.02)) / 0.04, rel=0.1, abs=2e-3)


class Recorder(keras.Model):
    """Keeps the sum of all pixels it is shown in its loss, so that a test can see what was attacked."""

    def __init__(self):
        super().__init__()
        self.scale = keras.layers.Dense(10)

    def call(self, frames, training=False):
        return self.scale(keras.ops.mean(frames, axis=(1, 2)))


def training(clean):
    def blacken(frames, labels, start, epsilon):
        return 0 * frames

    model = adversarial.AdversarialTraining(
        keras.Sequential([keras.Input((28, 28, 1)), Recorder()]), blacken, clean
    )
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    return model


def test_a_share_of_each_training_batch_is_spared_and_validation_attacked_whole():
    model = training(0.5)
    for clean, spared in ((0.0, 0), (0.25, 2), (0.5, 4)):
        frames = np.array(model._attack(keras.ops.convert_to_tensor(FRAMES), LABELS, clean))
        assert np.array_equal(frames[:spared], FRAMES[:spared])
        assert frames[spared:].max(initial=0) == 0
    black = model.loss(LABELS, model(np.zeros_like(FRAMES)))
    assert model.evaluate(FRAMES, LABELS, batch_size=8, verbose=0) == pytest.approx(float(black), rel=1e-5)


def test_the_attack_grows_to_its_full_strength():
    model, seen = training(0.0), []
    ramp = adversarial.RampEpsilon(0.3, epochs=2)
    ramp.set_model(model)
    for epoch in range(4):
        ramp.on_epoch_begin(epoch)
        seen.append(float(model.epsilon.numpy()))
    assert seen == pytest.approx([0.1, 0.2, 0.3, 0.3])
