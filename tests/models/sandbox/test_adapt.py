"""Strangers' models are put into the form of ours, and what fits no form is refused."""

import keras
import numpy as np
import pytest

from digits.models.calibration import softmax
from digits.models.runtimes import keras_runtime
from digits.models.sandbox import adapt

FRAMES = np.random.default_rng(3).random((5, 28, 28, 1), np.float32)


def sequential(*layers, takes=(28, 28, 1)):
    return keras.Sequential([keras.Input(takes), *layers])


@pytest.mark.parametrize("takes", [(28, 28, 1), (28, 28), (784,)])
@pytest.mark.parametrize("activation", [None, "softmax"])
def test_each_form_gives_the_same_probabilities(takes, activation):
    dense = keras.layers.Dense(10, activation)
    flat = [] if takes == (784,) else [keras.layers.Flatten()]
    model = adapt.as_ours(sequential(*flat, dense, takes=takes))
    kernel, bias = dense.get_weights()
    expected = softmax(FRAMES.reshape(5, -1) @ kernel + bias)
    assert np.array(model(FRAMES, training=False)) == pytest.approx(expected, abs=1e-5)
    assert softmax(keras_runtime(model)(FRAMES)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("scale", "offset", "values"),
    [(1 / 255, 0, None), (1 / 127.5, -1, None), (1.0, 0, (0, 255)), (1.0, 0, (-1, 1))],
)
def test_values_are_brought_to_the_range_that_a_model_expects(scale, offset, values):
    seen = sequential(keras.layers.Rescaling(scale, offset), keras.layers.Flatten(), keras.layers.Dense(10))
    low, high = values or (0, 255)
    expected = softmax(np.array(seen(low + FRAMES * (high - low))))
    assert np.array(adapt.as_ours(seen, values)(FRAMES)) == pytest.approx(expected, abs=1e-4)


def test_a_model_like_ours_is_left_alone_and_a_rescaling_of_another_kind_is_no_sign_of_bytes(tiny_model):
    assert adapt.as_ours(tiny_model) is tiny_model
    model = sequential(
        keras.layers.Rescaling(2.0, -1), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")
    )
    assert adapt.as_ours(model) is model


def test_the_model_itself_is_not_edited():
    model = sequential(keras.layers.Flatten(), keras.layers.Dense(10), takes=(28, 28))
    before, config = np.array(model(FRAMES[..., 0])), model.get_config()
    adapt.as_ours(model)
    assert np.array_equal(model(FRAMES[..., 0]), before)
    assert model.get_config() == config


@pytest.mark.parametrize("takes", [(28, 28, 3), (785,)])
def test_other_shapes_are_refused(takes):
    model = sequential(keras.layers.Flatten(), keras.layers.Dense(10), takes=takes)
    with pytest.raises(
        ValueError, match=r"expected \(None, 28, 28, 1\) or \(None, 28, 28\) or \(None, 784\)"
    ):
        adapt.as_ours(model)


def test_answers_that_are_no_probabilities_are_refused():
    with pytest.raises(ValueError, match="expected probabilities: end the model with a softmax"):
        adapt.as_ours(sequential(keras.layers.Flatten(), keras.layers.Dense(10, "sigmoid")))
    dense = keras.layers.Dense(10)
    model = sequential(keras.layers.Flatten(), dense)
    dense.set_weights([np.full((784, 10), 3e38, np.float32), np.zeros(10, np.float32)])
    with pytest.raises(ValueError, match="NaN or infinite"):
        adapt.as_ours(model)


def test_the_inside_of_an_adapted_model_can_be_looked_at():
    from digits.models.layer_graph import LayerGraph

    layers = [keras.layers.Conv2D(4, 3, name="conv"), keras.layers.Flatten(), keras.layers.Dense(10)]
    model = sequential(keras.layers.Reshape((28, 28, 1)), *layers, takes=(28, 28))
    (found,) = LayerGraph.of(adapt.as_ours(model)).convolutions
    assert found.name.endswith("/conv")
