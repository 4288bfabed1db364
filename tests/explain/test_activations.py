"""The numbers inside a network, recorded and worked out by hand: they are the same."""

import doctest

import keras
import numpy as np
import pytest
from keras import layers

from digits.explain import activations, trace
from digits.explain.activations import ActivationReader, by_activity, first_filters, one_channel
from digits.explain.trace import ActivationFunction, Normalisation, pool, trace_frame
from digits.models import architectures
from digits.models.layer_graph import FRAME, LayerGraph

ARCHITECTURES = {
    "cnn": {"width": 4},
    "separable": {"width": 4, "depth": 1},
    "plain": {"width": 4, "hidden": 5},
    "tiny": {"width": 4},
}
FRAME_OF_TWO = np.zeros((28, 28), np.float32)
FRAME_OF_TWO[3, 4], FRAME_OF_TWO[4, 4] = 0.5, 1.0


def shuffled(model: keras.Model, seed: int = 1) -> keras.Model:
    """Give a model weights that are all different, those of normalisation too."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.uniform(0.1, 0.6, w.shape) * rng.choice([1, 1, -1]) for w in model.get_weights()])
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.moving_variance.assign(rng.uniform(0.5, 2, layer.moving_variance.shape))
        elif hasattr(layer, "kernel"):
            layer.kernel.assign(rng.normal(0, 0.3, layer.kernel.shape))
    return model


def seen_by(model: keras.Model, frame: np.ndarray = FRAME_OF_TWO) -> activations.Activations:
    return ActivationReader(LayerGraph(model))(frame)


def network(*stack) -> keras.Model:
    """Return a network of some layers and an answer."""
    return keras.Sequential(
        [keras.Input((28, 28, 1)), *stack, layers.Flatten(), layers.Dense(10, "softmax", name="answer")]
    )


@pytest.fixture(scope="module")
def digit(tiny_digits):
    return tiny_digits[0][3, ..., 0]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_all_architectures_show_their_layers_and_every_convolution_is_worked_out(name, digit):
    model = shuffled(architectures.build(name, **ARCHITECTURES[name]))
    seen = seen_by(model, digit)
    assert np.array_equal(seen.maps[FRAME][..., 0], digit)
    logits = architectures.logits_model(model)(digit[None, ..., None], training=False)
    assert seen.logits == pytest.approx(np.asarray(logits)[0], abs=1e-4)
    convolutions = seen.graph.convolutions
    inside = keras.Model(model.inputs[0], [layer.keras_layer.output for layer in convolutions])
    rng = np.random.default_rng(0)
    for layer, found in zip(convolutions, inside(digit[None, ..., None]), strict=True):
        assert seen.map(layer.name) == pytest.approx(np.asarray(found)[0], abs=1e-4)
        height, width, channels = layer.shape
        for place in ((0, 0), (height - 1, width - 1), None):
            steps_are_the_networks_own(
                trace_frame(seen, layer.name, int(rng.integers(channels)), place), seen
            )
    one = trace_frame(seen)
    kinds = [ActivationFunction] if name == "plain" else [Normalisation, ActivationFunction]
    assert [type(step) for step in one.steps] == kinds
    assert one.steps[-1].function == "relu"
    assert one.steps[-1].after == pytest.approx(max(0, one.steps[-1].before), abs=1e-6)
    assert (one.pooling is not None) == (name != "plain")
    row, column = one.convolution.corner
    size, side = one.convolution.patch.shape[:2]
    padded = np.pad(digit, 4)[row + 4 : row + 4 + size, column + 4 : column + 4 + side]
    assert np.array_equal(one.convolution.patch[..., 0], padded)
    first, filters = first_filters(seen.graph)
    assert np.array_equal(filters, np.asarray(model.get_layer(first).kernel)[:, :, 0])


def steps_are_the_networks_own(one: trace.Trace, seen: activations.Activations) -> None:
    """Check that every number of a trace is the sum of its parts and what the network has made."""
    convolution = one.convolution
    at = (*convolution.place, convolution.channel)
    total = convolution.products.sum() + convolution.bias
    assert total == pytest.approx(convolution.total, abs=1e-4)
    before = convolution.total
    for step in one.steps:
        assert step.before == pytest.approx(before, abs=1e-4)
        assert step.after == pytest.approx(float(seen.map(step.layer)[at]), abs=1e-4)
        before = step.after
    if not one.steps or one.steps[0].layer != convolution.layer:
        assert convolution.total == pytest.approx(float(seen.map(convolution.layer)[at]), abs=1e-4)


def test_a_convolution_by_hand():
    model = network(layers.Conv2D(1, 3, padding="same", activation="relu", name="look"))
    kernel = np.arange(9, dtype=np.float32).reshape(3, 3, 1, 1) / 10
    model.get_layer("look").set_weights([kernel, np.array([-0.2], np.float32)])
    one = trace_frame(seen_by(model), place=(3, 4))
    convolution = one.convolution
    assert convolution.patch[..., 0].tolist() == [[0, 0, 0], [0, 0.5, 0], [0, 1, 0]]
    assert convolution.products[..., 0] == pytest.approx(np.array([[0, 0, 0], [0, 0.2, 0], [0, 0.7, 0]]))
    assert (convolution.corner, convolution.bias) == ((2, 3), pytest.approx(-0.2))
    assert convolution.total == pytest.approx(0.7)  # 0.5 * 0.4 + 1 * 0.7 - 0.2
    rim = trace_frame(seen_by(model), place=(0, 0))
    assert rim.convolution.corner == (-1, -1)
    assert rim.steps[0].after == 0


def test_normalisation_and_pooling_by_hand():
    stack = [
        layers.Conv2D(1, 1, use_bias=False, name="same"),
        layers.BatchNormalization(epsilon=0.01, name="even"),
        layers.ReLU(name="bend"),
        layers.MaxPooling2D(name="pool"),
    ]
    model = network(*stack)
    model.get_layer("same").set_weights([np.ones((1, 1, 1, 1))])
    model.get_layer("even").set_weights([np.array([x]) for x in (3.0, 0.5, 0.2, 0.08)])  # scale, shift, ...
    one = trace_frame(seen_by(model))
    even, bend = one.steps
    assert (one.convolution.place, one.convolution.total) == ((4, 4), 1.0)
    assert even.after == pytest.approx((1 - 0.2) / 0.3 * 3 + 0.5)  # 8.5
    assert (even.mean, even.scale, even.shift) == pytest.approx((0.2, 3, 0.5))
    assert bend.after == even.after
    assert (one.pooling.layer, one.pooling.place, one.pooling.corner) == ("pool", (2, 2), (4, 4))
    assert one.pooling.window == pytest.approx(np.array([[8.5, 0], [0, 0]]), abs=1e-5)
    assert one.pooling.result == pytest.approx(8.5)
    above = trace_frame(seen_by(model), place=(3, 4))
    assert above.pooling.window[1, 0] == pytest.approx((0.5 - 0.2) / 0.3 * 3 + 0.5)


@pytest.mark.parametrize(
    "look",
    [
        layers.Conv2D(6, (5, 2), strides=(3, 2), padding="valid"),
        layers.Conv2D(6, 3, dilation_rate=2, padding="same", activation="tanh"),
        layers.Conv2D(6, 3, groups=2),
        layers.DepthwiseConv2D(3, depth_multiplier=3, strides=2, padding="same", activation="relu"),
        layers.SeparableConv2D(5, 3, depth_multiplier=2, padding="same", activation="elu"),
    ],
    ids=lambda layer: layer.__class__.__name__,
)
def test_every_kind_of_kernel_gives_the_networks_own_numbers(look, digit):
    look = type(look).from_config(look.get_config() | {"name": "look"})
    model = shuffled(network(layers.Conv2D(4, 3, padding="same", activation="relu"), look))
    seen = seen_by(model, digit)
    height, width, channels = seen.map("look").shape
    for channel in range(channels):
        for place in ((0, 0), (height - 1, width - 1), (height // 2, width // 3)):
            assert trace_frame(seen, "look", channel, place) is not None  # it checks its own numbers
            one = one_channel(seen, "look", channel)
            assert one.inputs.shape[-1] == one.kernel.weights.shape[-1] == len(one.strongest)


@pytest.mark.parametrize(
    ("kind", "padding"), [(layers.MaxPooling2D, "same"), (layers.AveragePooling2D, "valid")]
)
def test_windows_of_pooling(kind, padding, digit):
    model = shuffled(network(layers.Conv2D(3, 2, name="look"), kind(3, 2, padding=padding, name="pool")))
    seen = seen_by(model, digit)
    height, width, channels = seen.map("pool").shape
    for place in ((0, 0), (height - 1, width - 1), (4, 5)):
        found = pool(seen, "pool", channels - 1, place)
        assert found.result == pytest.approx(float(seen.map("pool")[(*place, channels - 1)]))
        assert found.function == ("max" if kind is layers.MaxPooling2D else "mean")
    assert pool(seen, "look") is None


def test_what_has_no_such_form_is_none(digit):
    assert trace_frame(seen_by(network(layers.Dense(3)), digit)) is None  # no convolution at all
    seen = seen_by(network(layers.Conv2DTranspose(3, 3, name="wider")), digit)
    assert trace_frame(seen) is None
    assert first_filters(seen.graph) is None
    assert one_channel(seen, "wider").kernel is None

    class Doubled(layers.Conv2D):
        def call(self, inputs):
            return 2 * super().call(inputs)

    Doubled.__name__ = "Conv2D"  # looks like one, and is none: the numbers tell
    assert trace_frame(seen_by(shuffled(network(Doubled(2, 3))), digit)) is None


def test_channels_by_activity_and_what_they_were_made_of(digit):
    seen = seen_by(shuffled(architectures.build("cnn", width=4)), digit)
    order = by_activity(seen.map("conv1a_relu"))
    means = np.abs(seen.map("conv1a_relu")).mean(axis=(0, 1))
    assert (np.diff(means[order]) <= 0).all()
    one = one_channel(seen, "conv1b")
    assert one.number == by_activity(seen.map("conv1b"))[0]
    assert np.array_equal(one.inputs, seen.map("conv1a_relu"))
    assert one.kernel.weights.shape == (3, 3, 4)
    after = one_channel(seen, "conv1b_relu", 2)
    assert after.kernel is None
    assert np.array_equal(after.inputs[..., 0], seen.map("conv1b_bn")[..., 2])


def test_a_channel_of_several_layers_has_an_input_from_each(digit):
    frame = keras.Input((28, 28, 1))
    one, two = (layers.Conv2D(3, 3, padding="same", name=name)(frame) for name in ("one", "two"))
    added = layers.Add(name="sum")([one, two])
    beside = layers.Concatenate(name="beside")([added, two])
    weight = layers.Dense(6, name="weight")(layers.GlobalAveragePooling2D(keepdims=True, name="mean")(beside))
    scaled = layers.Multiply(name="scaled")([beside, weight])
    answer = layers.Dense(10, "softmax")(layers.Flatten()(scaled))
    seen = seen_by(shuffled(keras.Model(frame, answer)), digit)
    total = one_channel(seen, "sum", 2)
    assert total.origins == (("one", 2), ("two", 2))
    assert total.inputs.sum(axis=-1) == pytest.approx(total.output, abs=1e-5)
    second = one_channel(seen, "beside", 4)
    assert second.origins == (("two", 1),)
    assert np.array_equal(second.inputs[..., 0], second.output)
    assert one_channel(seen, "scaled", 4).origins == (("beside", 4),)  # the weight is no picture
    assert one_channel(seen, "one", 0).origins == ((FRAME, 0),)


def test_wrong_names_and_places_are_named(digit):
    reader = ActivationReader(LayerGraph(architectures.build("plain", width=2, hidden=3)))
    seen = reader(digit)
    with pytest.raises(ValueError, match="No layer 'features' makes pictures; expected one of: frame, conv1"):
        seen.map("features")
    with pytest.raises(ValueError, match="The channel of conv1 is 2; expected 0 to 1"):
        one_channel(seen, "conv1", 2)
    with pytest.raises(ValueError, match="rows 0 to 13, columns 0 to 13"):
        trace_frame(seen, "conv1", 0, (14, 0))
    with pytest.raises(ValueError, match="There is no layer 'conv9'"):
        trace_frame(seen, "conv9")
    for wrong in (np.zeros((27, 28)), np.full((28, 28), 2.0), np.full((28, 28), np.nan)):
        with pytest.raises(ValueError, match="of the frame"):
            reader(wrong)


def test_the_examples_hold():
    assert doctest.testmod(activations).failed == 0
