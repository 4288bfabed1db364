"""A collection in parts that a page can show."""

import numpy as np
import pytest

from app.teach.transfer import PAGE, balance, in_order, page_of


def test_doubtful_ones_come_first_when_asked(keep, store):
    keep(1, answer=1, status="digit")
    keep(2, answer=7, status="digit")
    keep(3)
    keep(4, answer=4, status="unsure")
    keep(5, status="not_a_digit")
    keep(6, answer=6, status="digit")
    labels = [sample.label for sample in in_order(store.samples())]
    assert labels == [6, 5, 4, 3, 2, 1]
    assert [sample.label for sample in in_order(store.samples(), True)] == [5, 4, 2, 6, 3, 1]


@pytest.mark.parametrize(
    ("number", "of", "expected"),
    [
        (0, 0, (0, 0, 0)),
        (0, 5, (0, 0, 5)),
        (3, 5, (0, 0, 5)),
        (-1, 50, (0, 0, PAGE)),
        (1, 2 * PAGE, (1, PAGE, 2 * PAGE)),
        (2, 2 * PAGE, (1, PAGE, 2 * PAGE)),
    ],
)
def test_pages(number, of, expected):
    assert page_of([None] * of, number) == expected


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([1] + [0] * 9, "1 digit. There is no 1, 2, 3, 4, 5, 6, 7, 8 or 9 yet."),
        ([3] * 10, "30 digits. All ten are there, about equally often."),
        ([9, 4, 9, 9, 4, 9, 9, 9, 9, 9], "80 digits. Of 1 or 4 there are fewest: write some more."),
    ],
)
def test_balance_in_words(counts, words):
    assert balance(np.array(counts)) == words
