"""Readings spell themselves: lines, marks, doubts, corrections."""

import numpy as np
import pytest

from digits.reading import NumberReading, Reading, no_idea, nothing


def sure(digit, status="digit"):
    probabilities = np.full(10, 0.01, np.float32)
    probabilities[digit] = 0.91
    return Reading(digit, probabilities, status, np.zeros((28, 28), np.float32), box=(1, 2, 3, 4))


def letter():
    return Reading(None, no_idea(), "not_a_digit", np.zeros((28, 28), np.float32))


def test_a_number_is_spelled_line_by_line():
    number = NumberReading([[sure(4), sure(0)], [sure(7)]])
    assert number.lines == ["40", "7"]
    assert number.text == "407"
    assert [reading.digit for reading in number.digits] == [4, 0, 7]


def test_marks_stand_where_they_were_written_and_keep_lines_apart():
    number = NumberReading([["-", sure(1), ".", sure(5)], [sure(1), " ", sure(2)]], marks=True)
    assert number.lines == ["-1.5", "1 2"]
    assert number.text == "-1.5\n1 2"
    assert [reading.digit for reading in number.digits] == [1, 5, 1, 2]


def test_doubtful_digits_are_spelled_and_letters_are_question_marks():
    number = NumberReading([[sure(3, "unsure"), letter(), sure(8)]])
    assert number.text == "3?8"
    assert len(number.digits) == 3


def test_corrections_are_counted_over_all_lines():
    number = NumberReading([[sure(1), ".", letter()], [sure(7)]], marks=True)
    assert number.spelled({1: 0, 2: 9}) == ["1.0", "9"]
    assert number.spelled({}) == number.lines == ["1.?", "7"]  # and change nothing
    assert number.spelled({99: 1}) == number.lines


def test_equal_digits_are_corrected_one_by_one():
    number = NumberReading([[sure(1), sure(1), sure(1)]])
    assert number.spelled({1: 7}) == ["171"]


def test_an_empty_page_has_no_text():
    for marks in (False, True):
        assert NumberReading([], marks).text == ""
        assert NumberReading([], marks).lines == NumberReading([], marks).digits == []


def test_confidence_and_ranking_of_a_reading():
    reading = sure(6)
    assert reading.confidence == pytest.approx(0.91)
    assert reading.ranking == [6, 0, 1, 2, 3, 4, 5, 7, 8, 9]


def test_nothing_is_no_digit_and_has_no_favourite():
    reading = nothing("blank", {})
    assert (reading.digit, reading.status, reading.confidence, reading.box) == (None, "blank", 0.0, None)
    assert reading.probabilities == pytest.approx(np.full(10, 0.1))
    assert reading.framed.shape == (28, 28)
    assert not reading.framed.any()
