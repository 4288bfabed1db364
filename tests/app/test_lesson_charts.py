"""Tables of numbers and charts of lessons."""

import re

import numpy as np

from app.shared import tables

VALUES = np.array([[0.0, 1.0], [0.5, -0.001]])


def cells(table: str) -> list[tuple[str, str, str]]:
    return re.findall(r"<td[^>]*background:(#\w+);color:(#\w+)\">(.*?)</td>", table)


def test_numbers_stand_on_their_grey_in_letters_that_differ_from_it():
    table = tables.number_table("A <title>", VALUES)
    assert cells(table) == [
        ("#000000", "#fff", "0.00"),
        ("#ffffff", "#000", "1.00"),
        ("#808080", "#fff", "0.50"),
        ("#000000", "#fff", "0.00"),
    ]
    assert "A &lt;title&gt;" in table


def test_a_hidden_number_keeps_its_grey_but_no_signed_colour():
    grey = tables.number_table("a", VALUES, marked=(1, 0), hidden=True)
    assert cells(grey)[2] == ("#808080", "#fff", "?")
    assert grey.count('class="marked"') == 1
    low, high = (
        tables.number_table("a", np.array([[value, 1.0]]), signed=True, marked=(0, 0), hidden=True)
        for value in (-1.0, 0.9)
    )
    assert low == high


def test_signed_numbers_are_orange_or_blue():
    (above, below) = (
        int(colour[1:3], 16) for colour, *_ in cells(tables.number_table("a", [[1, -1]], signed=True))
    )
    assert above == 255
    assert below < 100


def test_a_frame_stands_around_its_points_and_is_cut_off_at_the_rim():
    large = tables.boxed(np.zeros((4, 4), np.float32), (1, 1), (2, 2))
    assert large.shape == (32, 32, 3)
    assert (large[8, 8:24] == (255, 140, 0)).all()
    assert not large[11:21, 11:21].any()
    assert not large[:8].any()
    assert tables.boxed(np.zeros((4, 4, 3), np.uint8), (-1, -1), (3, 3))[0, 0].any()


def test_scores_mark_the_best():
    table = tables.score_table(np.arange(10), ["?"] + ["under 0.1 %"] * 9, 9)
    assert table.count("<tr") == 11
    assert '<tr class="best"><th>9</th><td>9.0</td>' in table


def test_charts_begin_at_nought():
    learning = tables.learning_chart([14.0, 6.0]).to_dict()
    assert learning["encoding"]["y"]["scale"]["zero"]
    assert [row["wrong"] for row in learning["data"]["values"]] == [14.0, 6.0]
    counts = tables.count_chart({2: 5, 1: 3}, "7 read as").to_dict()
    (values,) = (data["values"] for data in [counts.get("data") or counts["layer"][0]["data"]])
    assert values == [{"digit": 1, "count": 3}, {"digit": 2, "count": 5}]
