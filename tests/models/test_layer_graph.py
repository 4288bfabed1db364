"""Models of every make come apart into the same layers, saved or not, and stay as they are."""

import keras
import model_makes
import numpy as np
import pytest
from scipy.special import softmax

from digits.models.layer_graph import FRAME, MOST_HELD, LayerGraph

FRAMES = np.random.default_rng(1).random((3, 28, 28, 1), dtype=np.float32)


@pytest.mark.parametrize("make", model_makes.MAKES)
def test_every_make_has_its_convolutions_and_its_logits(make, tmp_path):
    model = model_makes.reloaded(make, tmp_path)
    config, weights = model.to_json(), model.get_weights()
    answers = np.asarray(model(FRAMES, training=False))
    graph = LayerGraph(model)
    first, second = graph.convolutions
    assert [layer.name.split("/")[-1] for layer in (first, second)] == ["early", "late"]
    assert [layer.shape for layer in (first, second)] == [(26, 26, 4), (11, 11, 6)]
    assert first.sources == (FRAME,)
    assert len({layer.name for layer in graph.layers}) == len(graph.layers)
    frames, early, logits = graph.recorder([FRAME, first.name])(FRAMES, training=False)
    assert np.array_equal(frames, FRAMES)
    assert early.shape == (3, 26, 26, 4)
    assert softmax(np.asarray(logits), axis=1) == pytest.approx(answers, abs=1e-5)
    assert model.to_json() == config
    assert np.array_equal(model(FRAMES, training=False), answers)
    assert all(map(np.array_equal, model.get_weights(), weights))


def test_a_layer_used_twice_and_one_with_two_sources_are_told_apart():
    frame = keras.Input((28, 28, 1))
    same = keras.layers.Conv2D(1, 3, padding="same", name="same")
    both = keras.layers.Add(name="both")([same(same(frame)), frame])
    answers = keras.layers.Dense(10, "softmax", name="answers")(keras.layers.Flatten(name="flat")(both))
    layers = LayerGraph(keras.Model(frame, answers)).layers
    assert {layer.name: layer.sources for layer in layers} == {
        "same": (FRAME,),
        "same:2": ("same",),
        "both": ("same:2", FRAME),
        "flat": ("both",),
        "answers": ("flat",),
    }
    assert [layer.is_map for layer in layers] == [True, True, True, False, False]
    assert [layer.is_convolution for layer in layers] == [True, True, False, False, False]


def test_without_a_softmax_at_the_end_logits_are_logarithms():
    steps = [keras.layers.Flatten(), keras.layers.Dense(10, "softmax"), keras.layers.Reshape((10,))]
    model = keras.Sequential([keras.Input((28, 28, 1)), *steps])
    logits = np.asarray(LayerGraph(model).recorder([])(FRAMES, training=False))
    assert logits == pytest.approx(np.log(np.asarray(model(FRAMES, training=False))), abs=1e-5)


def test_an_unknown_layer_is_refused_with_the_names_of_the_others(linear_model):
    with pytest.raises(ValueError, match=r"no layer 'conv9'; expected one of: \w+, logits, probabilities"):
        LayerGraph(linear_model).recorder(["conv9"])


def test_however_many_look_at_a_model_its_layers_are_called_anew_once(tmp_path):
    model = model_makes.reloaded("functional", tmp_path)
    first = LayerGraph.of(model)
    calls = [len(layer._inbound_nodes) for layer in model.layers]
    assert LayerGraph.of(model) is first
    assert [len(layer._inbound_nodes) for layer in model.layers] == calls


def test_the_gradients_of_a_large_model_are_asked_of_few_frames_at_a_time():
    frame = keras.Input((28, 28, 1))
    large = keras.layers.UpSampling2D(12)(frame)  # 112,896 values
    for _ in range(17):
        large = keras.layers.Activation("tanh")(large)
    answers = keras.layers.Dense(10, "softmax")(keras.layers.GlobalAveragePooling2D()(large))
    graph = LayerGraph(keras.Model(frame, answers))
    assert graph.together(256) * 18 * 112_896 <= MOST_HELD
    assert graph.together(256) > 100
    small = LayerGraph(keras.Sequential([frame, keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]))
    assert small.together(256) == 256
