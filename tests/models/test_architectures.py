"""Every network has the landmarks that explanations and calibration rely on."""

import numpy as np
import pytest

from digits.models import architectures


@pytest.mark.parametrize("name", architectures.REGISTRY)
def test_landmarks_shapes_sums_and_the_size_its_docstring_says(name):
    model = architectures.build(name)
    assert model.input_shape == (None, 28, 28, 1)
    names = [layer.name for layer in model.layers]
    assert {"last_conv", "logits", "probabilities"} <= set(names)
    assert names[-1] == "probabilities"
    assert not any(type(layer).__name__.startswith("Random") for layer in model.layers)
    found = np.array(model(np.zeros((3, 28, 28, 1), np.float32)))
    assert found.shape == (3, 10)
    assert found.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert f"{model.count_params():,} parameters" in architectures.REGISTRY[name].__doc__


def test_the_standard_network_has_the_size_that_its_plan_gives():
    # 3x3 kernels: 9*(1*32 + 32*32 + 32*64 + 64*64 + 64*128 + 128*128), four numbers per normalised channel,
    # and the last layer 128*10 + 10.
    kernels = 9 * (32 + 32 * 32 + 32 * 64 + 64 * 64 + 64 * 128 + 128 * 128)
    expected = kernels + 4 * 2 * (32 + 64 + 128) + 128 * 10 + 10
    assert architectures.build("cnn").count_params() == expected == 289_066


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="'resnet'.*cnn"):
        architectures.build("resnet")
