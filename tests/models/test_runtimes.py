"""Runtimes give the same answers."""

import keras
import numpy as np
import pytest

from digits.models.runtimes import keras_runtime, onnx_runtime

FRAMES = np.random.default_rng(1).random((70, 28, 28, 1), dtype=np.float32)


def foreign() -> keras.Model:
    """A model whose last layer is a softmax of its own."""
    keras.utils.set_random_seed(2)
    layers = [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    return keras.Sequential(layers)


@pytest.mark.parametrize("kind", ["own", "foreign"])
def test_onnx_runtime_answers_as_keras_does(kind, tiny_model):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tf2onnx")
    model = tiny_model if kind == "own" else foreign()
    expected = keras_runtime(model)(FRAMES)
    assert onnx_runtime(model)(FRAMES) == pytest.approx(expected, abs=1e-4)
    assert expected.shape == (70, 10)
