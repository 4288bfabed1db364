"""Numbers picked out for lessons, against numbers worked out by hand."""

import numpy as np
import pytest

from app.learn import demonstrations
from digits.explain.activations import Kernel
from digits.explain.trace import Convolution, Pooling


def convolution(patch, weights) -> Convolution:
    patch, weights = (np.array(values, np.float32)[..., None] for values in (patch, weights))
    kernel = Kernel(weights, 0.0, np.array([0]), (1, 1), (1, 1), "same")
    products = patch * weights
    return Convolution("conv", 0, (0, 0), (0, 0), patch, kernel, products, 0.0, float(products.sum()))


def test_the_patch_lies_on_the_edge_with_a_grey_in_its_middle():
    frame = np.zeros((28, 28), np.float32)
    frame[:, 10:] = 1
    frame[12, 10] = 0.5
    patch = demonstrations.edge_patch(frame)
    assert patch.corner == (10, 8)
    assert patch.centre == 0.5
    np.testing.assert_array_equal(patch.values, frame[10:15, 8:13])


def test_a_patch_without_greys_still_shows_the_edge():
    frame = np.zeros((28, 28), np.float32)
    frame[:, 10:] = 1
    assert demonstrations.edge_patch(frame).values.std() > 0.4
    assert demonstrations.edge_patch(np.zeros((28, 28), np.float32)).centre == 0


def test_the_largest_product_may_be_negative():
    step = convolution([[0.5, 1.0], [0.0, 1.0]], [[0.2, 0.1], [9.0, -0.3]])
    place, number, weight = demonstrations.largest_product(step)
    assert place == (1, 1)
    assert (number, weight) == (1.0, pytest.approx(-0.3))


def test_max_pooling_keeps_one_place_and_the_mean_none():
    window = np.array([[0.1, 0.4], [0.3, 0.2]], np.float32)
    step = Pooling("pool", 0, (0, 0), (0, 0), window, "max", 0.4)
    assert demonstrations.kept_place(step) == (0, 1)
    assert demonstrations.kept_place(Pooling("pool", 0, (0, 0), (0, 0), window, "mean", 0.25)) is None


def test_a_small_picture_in_a_corner_keeps_its_paper():
    picture = np.ones((40, 60), np.float32)
    picture[10:30, 20:40] = 0
    small = demonstrations.small_in_corner(picture)
    assert small.shape == (40, 60)
    assert small.dtype == np.uint8
    assert (small[5:15, 10:20] == 0).all()
    assert (small[20:] == 255).all()
    assert (small[:, 30:] == 255).all()


def test_a_square_adds_black():
    assert (
        demonstrations.square(np.ones((2, 5), np.float32)).tolist()
        == [[0] * 5] + [[1] * 5] * 2 + [[0] * 5] * 2
    )


def test_the_rest_is_what_the_best_leaves():
    probabilities = np.array([0.1, 0.7, 0.2] + [0] * 7, np.float32)
    said = demonstrations.Scores(np.log(np.maximum(probabilities, 1e-9)), probabilities)
    assert said.best == 1
    assert said.rest == pytest.approx(0.3)


def test_histories_are_counted_in_hundred():
    history = [
        {"epoch": 1, "accuracy": 0.86, "loss": 1},
        {"epoch": 2, "loss": 1},
        {"epoch": 3, "accuracy": 0.97},
    ]
    assert demonstrations.wrong_in_hundred(history) == pytest.approx([14, 3])


def test_mix_ups_are_of_the_digit_or_of_the_one_most_mistaken():
    confusion = 10 * np.eye(10, dtype=int)
    confusion[7, [1, 2]] = 3, 5
    confusion[4, 9] = 1
    result = {
        "confusion": confusion.tolist(),
        "most_confused": [{"label": 7, "read_as": 2, "count": 5, "examples": [11, 12]}],
    }
    mixed = demonstrations.mix_ups(result, 7)
    assert mixed == (7, {2: 5, 1: 3}, 18, [11, 12])
    assert list(mixed.counts) == [2, 1]
    assert demonstrations.mix_ups(result, 4) == (4, {9: 1}, 11, [])
    assert demonstrations.mix_ups(result, 0).label == 7
    assert demonstrations.mix_ups({}, 0) is None
    assert demonstrations.mix_ups({"confusion": np.eye(10, dtype=int).tolist()}, 3) is None
