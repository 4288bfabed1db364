"""Questions whose answer is a number: one choice is right, and no other reads the same."""

import doctest

import numpy as np
import pytest

from app.learn import facts
from digits.plots import text


@pytest.mark.parametrize("value", [0.0, 0.004, 0.33, 0.5, 0.996, 1.0])
def test_brightness_has_three_choices_far_apart(value):
    asked = facts.brightness_quiz(value)
    offered = sorted(map(float, asked.choices))
    assert asked.answer == f"{value:.2f}"
    assert len(offered) == 3
    assert np.diff(offered).min() > 0.3
    assert 0 <= offered[0] <= offered[-1] <= 1


def test_a_product_may_be_nothing_and_still_has_a_wrong_choice():
    assert facts.product_quiz(0.0, 0.4) == (("0.00", "0.40"), "0.00")
    assert facts.product_quiz(0.96, -0.25) == (("-0.24", "0.24", "0.71"), "-0.24")


def test_a_window_offers_its_own_numbers_once_each():
    window = np.array([[1.0, 2.0], [2.001, 0.0]])
    assert facts.window_quiz(window, 2.001) == (("0.00", "1.00", "2.00"), "2.00")
    assert facts.window_quiz(window, 1.25).choices == ("0.00", "1.00", "1.25", "2.00")  # the mean


def test_digits_are_in_order_and_few():
    assert facts.digit_quiz(4, [9, 4, 7, 1]) == (("4", "7", "9"), "4")


def test_numbers_read_as_people_say_them():
    assert text.two_digits(-0.001) == "0.00"
    assert [text.about(value) for value in (13.6, 3.16, 0.42)] == ["14", "3", "0.4"]


def test_the_examples_in_its_docstrings_hold():
    assert doctest.testmod(facts).failed == doctest.testmod(text).failed == 0
