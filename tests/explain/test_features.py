"""Features are what enters the last dense layer, in models of every make."""

import keras
import numpy as np
import pytest
from keras import layers

from digits.explain.feature_index import LOGITS, FeatureReader, unit

FRAMES = np.random.default_rng(1).random((3, 28, 28, 1), np.float32)


def sequential():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(2, 5, 5, activation="relu"),
            layers.Flatten(),
            layers.Dense(6, "relu", name="six"),
            layers.Dropout(0.5),
            layers.Dense(10, "softmax", name="answer"),
        ]
    )


def nested():
    frame = keras.Input((28, 28, 1))
    return keras.Model(frame, sequential()(layers.Rescaling(0.5)(frame)))


def test_own_networks_have_a_layer_of_that_name(tiny_model):
    read = FeatureReader(tiny_model)
    assert read.layer == "features"
    features, logits = read(FRAMES)
    inner = keras.Model(
        tiny_model.inputs[0],
        [tiny_model.get_layer("features").output, tiny_model.get_layer("logits").output],
    )
    for found, expected in zip((features, logits), inner(FRAMES, training=False), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("build", [sequential, nested])
def test_foreign_networks_show_what_enters_their_last_dense_layer(build, tmp_path):
    model = build()
    path = tmp_path / "theirs.keras"
    model.save(path)
    loaded = keras.saving.load_model(path)
    read = FeatureReader(loaded)
    assert read.layer.endswith("six")
    features, logits = read(FRAMES)
    assert features.shape == (3, 6)
    part = loaded if build is sequential else loaded.layers[-1]
    weights = part.get_layer("answer").get_weights()
    np.testing.assert_allclose(features @ weights[0] + weights[1], logits, atol=1e-5)
    expected = np.array(model(FRAMES))
    np.testing.assert_allclose(np.array(keras.ops.softmax(logits)), expected, atol=1e-5)


def test_a_linear_network_has_its_pixels_for_features(linear_model):
    features, _ = FeatureReader(linear_model)(FRAMES)
    np.testing.assert_allclose(features, FRAMES.reshape(3, -1))


def test_without_a_dense_layer_the_logits_are_the_features():
    convolutions = [layers.Conv2D(10, 28), layers.Flatten(), layers.Softmax()]
    read = FeatureReader(keras.Sequential([keras.Input((28, 28, 1)), *convolutions]))
    features, logits = read(FRAMES)
    assert read.layer == LOGITS
    np.testing.assert_array_equal(features, logits)


def test_many_frames_and_none(linear_model):
    read = FeatureReader(linear_model)
    many = np.tile(FRAMES, (400, 1, 1, 1))
    features, logits = read(many)
    assert (features.shape, logits.shape) == ((1200, 784), (1200, 10))
    np.testing.assert_allclose(logits[-3:], logits[:3], atol=1e-4)
    features, logits = read(many[:0])
    assert (features.shape, logits.shape) == ((0, 784), (0, 10))


def test_directions_have_length_one_and_nothing_stays_nothing():
    directions = unit(np.array([[3, 4], [0, 0], [1e-3, 0]]))
    np.testing.assert_allclose(directions, [[0.6, 0.8], [0, 0], [1, 0]], atol=1e-6)
    assert directions.dtype == np.float32
