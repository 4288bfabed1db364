"""The steps of a network in words, with numbers worked out by hand."""

import numpy as np
import pytest

from digits.explain.trace import ActivationFunction, Convolution, Normalisation, Pooling, Trace


@pytest.fixture
def words(canvas):
    """Return what puts a step into words."""
    from app.shared import steps  # late: the fixture makes the app importable

    return steps


def convolution(products: list[float], bias: float = 0.0) -> Convolution:
    grid = np.reshape(products, (1, -1, 1))
    total = float(grid.sum()) + bias
    return Convolution("look", 0, (0, 0), (0, 0), grid, None, grid, bias, total)


def test_a_sum_and_its_bias(words):
    assert words.of_step(convolution([0.2, 0.7])) == "The 2 products add up to 0.9."
    assert words.of_step(convolution([0.2, 0.7], -0.2)) == (
        "The 2 products add up to 0.9; with the bias of -0.2 that makes 0.7."
    )


def test_normalisation_can_be_worked_out_anew(words):
    step = Normalisation("even", 1, 0.2, 0.08, 0.01, 3, 0.5, 8.5)
    moved = "(1 - 0.2) / √(0.08 + 0.01) × 3 + 0.5 = 8.5"
    assert words.of_step(step) == f"Batch normalisation brings it to the usual range: {moved}."
    below = Normalisation("even", 1, -0.2, 0.08, 0.01, 3, -0.5, 11.5)
    assert "(1 - (-0.2)) / √(0.08 + 0.01) × 3 + (-0.5) = 11.5" in words.of_step(below)


@pytest.mark.parametrize(
    ("function", "before", "after", "expected"),
    [
        ("relu", 0.7, 0.7, "ReLU lets it pass, since it is not below 0: 0.7."),
        ("relu", -0.2, 0.0, "ReLU makes 0 of -0.2, since it is below 0."),
        ("tanh", 0.5, 0.46212, "The activation function tanh makes 0.462 of 0.5."),
    ],
)
def test_activation_functions(words, function, before, after, expected):
    assert words.of_step(ActivationFunction("bend", function, before, after)) == expected


def test_a_walk_names_all_its_steps_in_order(words):
    pooling = Pooling("pool", 0, (0, 0), (0, 0), np.array([[8.5, 0], [0, 0]]), "max", 8.5)
    walk = Trace(convolution([0.9]), (ActivationFunction("bend", "relu", 0.9, 0.9),), pooling)
    said = words.of_walk(walk)
    assert len(said) == 3
    assert said[-1] == "Of 8.5, 0, 0 and 0 the largest is kept: 8.5."
    mean = Pooling("pool", 0, (0, 0), (0, 0), np.array([[1.0, 2.0]]), "mean", 1.5)
    assert words.of_step(mean) == "Of 1 and 2 the mean is taken: 1.5."
