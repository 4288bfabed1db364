"""What charts and coloured pictures of the pages show, against values known beforehand."""

import base64
import io
import re

import numpy as np
from PIL import Image

from app.explain import charts
from app.models import leaderboard, mistakes
from app.shared import charts as bars
from digits.plots import pixels
from digits.plots.colours import DIGIT_COLOURS

CHANNELS = np.zeros((7, 7, 3), np.float32)
CHANNELS[1, 2] = (4, -2, 1)


def rows(chart) -> list[dict]:
    return chart.to_dict()["data"]["values"]


def picture(url: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))))


def test_bars_name_the_best_three_and_claim_no_certainty():
    probabilities = np.array([0.00005, 0, 0.1, 0, 0.8, 0.09, 0, 0, 0.00995, 0])
    seen = dict(
        re.findall(r'row">(\d)</th>.*?<span>([^<]+)</span>', bars.bars(probabilities).replace("</tr>", "\n"))
    )
    assert seen == {"4": "80.0 %", "2": "10.0 %", "5": "9.0 %"}
    assert bars.bars(np.eye(10)[3]).count("&gt; 99.9 %") == 1


def test_thumbnails_of_channels_stand_in_the_given_order_and_say_their_values():
    found = rows(charts.channel_chart(CHANNELS, np.array([2, 0]), columns=1, side=28))
    assert [(row["channel"], row["row"], row["column"]) for row in found] == [(2, 0, 0), (0, 1, 0)]
    assert (found[1]["largest"], found[1]["smallest"], found[1]["mean"]) == (4, 0, 0.08163)
    seen = picture(found[1]["url"])
    assert seen.shape == (28, 28, 3)
    assert seen[4:8, 8:12].reshape(-1, 3).tolist() == [[255, 140, 0]] * 16
    assert seen[:4].max() == 0
    (shared,) = rows(charts.channel_chart(CHANNELS, np.array([2]), side=7, together=True))
    assert picture(shared["url"])[1, 2].tolist() == [64, 35, 0]  # a quarter of the largest of all


def test_a_change_of_ink_is_coloured_and_signed():
    before, changed = np.zeros((2, 28, 28), np.float32)
    before[3, 3:6], changed[3, 5:8] = 1, 1
    erased, added = np.clip(before - changed, 0, None), np.clip(changed - before, 0, None)
    colours = pixels.ink_change_map(changed, erased, added)
    assert colours[3, 4:7].tolist() == [[213, 94, 0], [200, 200, 200], [0, 158, 115]]
    assert colours[0].max() == 0


def test_ones_own_digit_has_room_on_the_map_and_lines_to_its_guides():
    places = np.array([[0, 0], [1, 2], [-1, 4]], np.float32)
    labels, answers = np.array([3, 4, 4], np.uint8), np.array([3, 4, 9], np.uint8)
    numbers = np.array([10, 11, 1200])
    chart = charts.map_chart(places, labels, answers, numbers, (5.0, 1.0), "yours", (1, 2), ("", ""))
    digits, lines, star = chart.to_dict()["layer"]
    assert digits["data"]["values"][2]["words"] == "test digit No 1,200, label 4, read as 9"
    assert star["data"]["values"] == [{"x": 5, "y": 1, "words": "yours"}]
    assert [(row["x"], row["x2"], row["y2"]) for row in lines["data"]["values"]] == [(5, 1, 2), (5, -1, 4)]
    assert digits["encoding"]["x"]["scale"]["domain"][1] > 5


def brightness(colour):
    """Return the relative luminance of WCAG 2.1."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


def test_digits_on_the_map_are_legible_on_light_and_dark_pages():
    assert len(set(DIGIT_COLOURS)) == 10
    for colour in DIGIT_COLOURS:
        for page in ("#ffffff", "#0e1117"):
            bright, dark = sorted((brightness(colour), brightness(page)), reverse=True)
            assert (bright + 0.05) / (dark + 0.05) >= 3, (colour, page)


def test_the_confusion_chart_counts_and_says_it_in_words():
    confusion = np.zeros((10, 10), int)
    confusion[4, 4], confusion[4, 9] = 94, 6
    right, wrong = rows(mistakes.confusion_chart(confusion))
    assert (right["right"], right["count"]) == (True, 94)
    assert (wrong["words"], wrong["count"], wrong["share"]) == ("label 4 read as 9", 6, 0.06)


def test_names_in_the_scatter_chart_keep_their_distance():
    model = {"place": 0, "low": None, "high": None, "n": 100, "stale": False, "size": 2e4}
    models = [model | {"model": f"m{i}", "value": 0.99 + i / 1e6} for i in range(6)]
    models.append(model | {"model": "a", "value": 0.7, "stale": True})
    chart = leaderboard.size_scatter(models, "parameters", "MNIST test: read right", "share")
    heights = [row["name_y"] for row in rows(chart)]
    bottom, top = chart.to_dict()["layer"][2]["encoding"]["y"]["scale"]["domain"]
    assert min(np.diff(heights)) > 0.04 * (top - bottom)
    assert bottom < min(heights) < max(heights) < top
    assert [row["name"] for row in rows(chart)][:2] == ["a (stale)", "m0"]
