"""Maps draw each digit as itself, where it lies, and one's own as a star."""

import numpy as np
from PIL import Image

from app.explain import charts
from digits.plots import curves
from digits.plots.colours import DIGIT_COLOURS

PLACES = np.array([[0, 0], [1, 2], [-1, 4]], np.float32)
LABELS, ANSWERS = np.array([3, 4, 4], np.uint8), np.array([3, 4, 9], np.uint8)


def brightness(colour):
    """Return the relative luminance of WCAG 2.1."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


def test_digits_are_legible_on_light_and_dark_pages():
    assert len(set(DIGIT_COLOURS)) == 10
    for colour in DIGIT_COLOURS:
        for page in ("#ffffff", "#0e1117"):
            bright, dark = sorted((brightness(colour), brightness(page)), reverse=True)
            assert (bright + 0.05) / (dark + 0.05) >= 3, (colour, page)


def test_each_digit_is_drawn_as_itself_with_what_was_read():
    chart = charts.map_chart(PLACES, LABELS, ANSWERS).to_dict()
    (digits,), rows = chart["layer"], chart["data"]["values"]
    assert [(row["x"], row["y"], row["label"]) for row in rows] == [(0, 0, "3"), (1, 2, "4"), (-1, 4, "4")]
    assert [row["words"] for row in rows] == [
        "test digit, label 3",
        "test digit, label 4",
        "test digit, label 4, read as 9",
    ]
    assert digits["mark"]["type"] == "text"
    low, high = digits["encoding"]["y"]["scale"]["domain"]
    assert low < 0 < 4 < high


def test_ones_own_digit_is_a_star_joined_to_its_guides():
    chart = charts.map_chart(PLACES, LABELS, ANSWERS, (5.0, 1.0), "your digit, read as 4", guides=(1, 2))
    digits, lines, star = chart.to_dict()["layer"]
    assert star["data"]["values"] == [{"x": 5, "y": 1, "words": "your digit, read as 4"}]
    assert [(row["x"], row["x2"], row["y2"]) for row in lines["data"]["values"]] == [(5, 1, 2), (5, -1, 4)]
    assert digits["encoding"]["x"]["scale"]["domain"][1] > 5  # the map makes room


def test_digits_in_one_spot_are_a_map_too():
    (digits,) = charts.map_chart(np.zeros((3, 2)), LABELS, ANSWERS).to_dict()["layer"]
    low, high = digits["encoding"]["x"]["scale"]["domain"]
    assert low < 0 < high


def test_the_map_is_a_file(tmp_path):
    figure = curves.map_plot(PLACES, LABELS, (5.0, 1.0), (1, 2), ("first", "second"))
    assert [text.get_text() for text in figure.axes[0].texts] == ["3", "4", "4"]
    assert figure.axes[0].get_xlim()[1] > 5
    curves.save(figure, tmp_path / "map.png")
    assert Image.open(tmp_path / "map.png").width > 400
