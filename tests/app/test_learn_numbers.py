"""Numbers that the steps show and ask for, against numbers worked out by hand."""

import doctest
from dataclasses import replace

import numpy as np
import pytest

from app.learn import demonstrations, steps
from app.learn.scene import EPSILONS, OpenNetwork
from app.shared import steps as network_steps
from digits.explain.activations import Kernel
from digits.explain.trace import ActivationFunction, Convolution, Normalisation, Pooling, Trace
from digits.plots import text


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


def test_choices_never_read_alike():
    window = [1.0, 2.0, 2.001, 0.0]
    assert steps.among(2.001, window, text.two_digits) == (("0.00", "1.00", "2.00"), "2.00")
    assert steps.among(1.25, window, text.two_digits).offered == ("0.00", "1.00", "1.25", "2.00")
    assert steps.among(0.0, [-0.0, 0.4], text.two_digits) == (("0.00", "0.40"), "0.00")
    assert steps.among_digits(4, [9, 4, 7, 1]) == (("4", "7", "9"), "4")
    assert doctest.testmod(steps).failed == doctest.testmod(text).failed == 0


# Steps of a network as sentences and tables.


def test_a_trace_is_told_with_numbers_that_can_be_worked_out_anew():
    look = convolution([[1.0, 0.5]], [[0.2, 1.4]])
    assert network_steps.in_words(look) == "The 2 products add up to 0.9."
    biased = replace(look, bias=-0.2, total=0.7)
    assert network_steps.in_words(biased) == (
        "The 2 products add up to 0.9; with the bias of -0.2 that makes 0.7."
    )
    even = Normalisation("even", 1, -0.2, 0.08, 0.01, 3, -0.5, 11.5)
    assert "(1 - (-0.2)) / √(0.08 + 0.01) × 3 + (-0.5) = 11.5" in network_steps.in_words(even)
    kept = Pooling("pool", 0, (0, 0), (0, 0), np.array([[8.5, 0], [0, 0]]), "max", 8.5)
    passed, cut = (ActivationFunction("bend", "relu", before, max(0, before)) for before in (0.9, -0.2))
    assert network_steps.all_in_words(Trace(look, (even, passed), kept))[2:] == [
        "ReLU lets it pass, since it is not below 0: 0.9.",
        "Of 8.5, 0, 0 and 0 the largest is kept: 8.5.",
    ]
    assert network_steps.in_words(cut) == "ReLU makes 0 of -0.2, since it is below 0."


def test_a_hidden_number_keeps_its_grey_but_no_signed_colour():
    values = np.array([[0.0, 1.0], [0.5, -0.001]])
    grey = network_steps.number_table("A <title>", values, marked=(1, 0), hidden=True)
    assert "A &lt;title&gt;" in grey
    assert [cell in grey for cell in ("background:#ffffff;color:#000", "#808080;color:#000")] == [True, True]
    assert [number in grey for number in (">0.00<", ">1.00<", ">?<", "0.50")] == [True, True, True, False]
    low, high = (
        network_steps.number_table("a", np.array([[value, 1.0]]), signed=True, marked=(0, 0), hidden=True)
        for value in (-1.0, 0.9)
    )
    assert low == high


# A network opened up: its numbers are those of the digit, and it is not edited.


def test_an_open_network_shows_what_it_does_and_stays_as_it_was(tiny_model, tiny_digits):
    weights = [weight.copy() for weight in tiny_model.get_weights()]
    frame = tiny_digits[0][3, ..., 0]
    network = OpenNetwork(tiny_model, "tiny")
    step = network.convolution(frame)
    row, column = step.corner
    height, width, _ = step.patch.shape
    seen = np.pad(frame, 5)[row + 5 : row + 5 + height, column + 5 : column + 5 + width]
    np.testing.assert_array_equal(step.patch[..., 0], seen)
    assert step.total == pytest.approx((seen * step.kernel.weights[..., 0]).sum() + step.bias, rel=1e-4)
    assert network.convolution_shape()[2] == 4
    step, before, after = network.pooling(frame)
    row, column = step.corner
    np.testing.assert_array_equal(step.window, before[row : row + 2, column : column + 2])
    assert step.result == after[step.place] == step.window.max()
    network.attack(frame, 3)
    for old, new in zip(weights, tiny_model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_linear_network_has_nothing_to_open_but_can_be_attacked(linear_model, tiny_digits):
    images, labels = tiny_digits
    network, frame = OpenNetwork(linear_model, "linear"), images[3, ..., 0]
    assert network.convolution(frame) is network.pooling(frame) is None
    attacked = network.attack(frame, int(labels[3]))
    assert attacked.epsilon in EPSILONS
    assert np.abs(attacked.picture - frame).max() <= attacked.epsilon + 1e-6
    assert attacked.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert attacked.probabilities.argmax() != labels[3] or attacked.epsilon == EPSILONS[-1]
