"""The charts of the Models page show the values they are given."""

import numpy as np
import pytest

from app.models import cards, leaderboard

ROWS = [
    {
        "model": "b",
        "place": 1,
        "value": 0.99,
        "low": 0.98,
        "high": 0.995,
        "n": 100,
        "stale": False,
        "size": 2e4,
    },
    {
        "model": "a",
        "place": 0,
        "value": 0.7,
        "low": None,
        "high": None,
        "n": None,
        "stale": True,
        "size": 3e5,
    },
]


def values(chart):
    return chart.to_dict()["data"]["values"]


def scale(chart, layer, axis):
    return chart.to_dict()["layer"][layer]["encoding"][axis]["scale"]


def test_bars_begin_at_nothing_and_show_what_is_read_wrong():
    chart = leaderboard.measure_bars(ROWS, "MNIST test: read wrong", "share", flipped=True)
    first, second = values(chart)
    assert (first["model"], first["words"]) == ("b", "1.00%")
    assert [first[key] for key in ("low", "value", "high")] == pytest.approx([0.005, 0.01, 0.02])
    assert (second["model"], second["words"], second["low"]) == ("a", "30.00% (stale)", None)
    assert scale(chart, 0, "x")["domain"][0] == 0


def test_bars_of_a_time_are_not_turned_round():
    rows = [row | {"value": 11.2, "low": None, "high": None} for row in ROWS]
    chart = leaderboard.measure_bars(rows, "Time (milliseconds)", "ms", flipped=False)
    assert [row["words"] for row in values(chart)] == ["11.2 ms", "11.2 ms (stale)"]


def test_all_at_nothing_is_still_a_chart():
    rows = [row | {"value": 1.0, "low": 1.0, "high": 1.0} for row in ROWS]
    low, high = scale(leaderboard.measure_bars(rows, "", "share", flipped=True), 0, "x")["domain"]
    assert (low, high > 0) == (0, True)


def test_a_model_has_the_same_colour_in_all_charts():
    bars = leaderboard.measure_bars(ROWS[:1], "", "share", flipped=True)
    dots = leaderboard.size_scatter(ROWS, "", "", "share")
    assert scale(bars, 0, "color") == {"domain": ["b"], "range": ["#e69f00"]}
    assert scale(dots, 0, "color") == {"domain": ["b", "a"], "range": ["#e69f00", "#0072b2"]}


def test_names_in_a_scatter_chart_keep_their_distance():
    rows = [ROWS[0] | {"model": f"m{i}", "value": 0.99 + i / 1e6} for i in range(6)] + ROWS[1:]
    chart = leaderboard.size_scatter(rows, "parameters", "MNIST test: read right", "share")
    heights = [row["name_y"] for row in values(chart)]
    bottom, top = scale(chart, 2, "y")["domain"]
    assert min(np.diff(heights)) > 0.04 * (top - bottom)
    assert bottom < min(heights) < max(heights) < top
    assert [row["name"] for row in values(chart)][:2] == ["a (stale)", "m0"]


def test_a_single_model_is_a_scatter_chart_too():
    (row,) = values(leaderboard.size_scatter(ROWS[1:], "parameters", "MNIST test", "share"))
    assert (row["size"], row["value"]) == (3e5, 0.7)


def test_the_confusion_chart_counts_and_says_it_in_words():
    confusion = np.zeros((10, 10), int)
    confusion[4, 4], confusion[4, 9] = 94, 6
    right, wrong = values(cards.confusion_chart(confusion))
    assert (right["right"], right["count"]) == (True, 94)
    assert (wrong["words"], wrong["count"], wrong["share"]) == ("label 4 read as 9", 6, 0.06)


HISTORIES = {
    "staged": [
        {"epoch": 1, "accuracy": 0.8, "loss": 0.5, "val_accuracy": 0.9, "val_loss": 0.4},
        {"epoch": 1, "accuracy": 0.9, "loss": 0.2, "val_accuracy": 1.0, "val_loss": 0.0},
        {"epoch": 2, "accuracy": 0.95, "loss": 0.1},
    ],
    "other": [{"epoch": 1, "accuracy": 0.5, "loss": 2.0}],
}


def test_training_curves_go_on_from_stage_to_stage():
    spec = cards.training_chart(HISTORIES, "staged", "accuracy").to_dict()
    borders, lines = (layer["data"]["values"] for layer in spec["layer"])
    assert borders == [{"run": 1.5}]
    points = [(row["curve"], row["run"], row["stage"], round(row["value"], 6)) for row in lines]
    assert points == [
        ("training", 1, 1, 0.2),
        ("validation", 1, 1, 0.1),
        ("training", 2, 2, 0.1),
        ("validation", 2, 2, 0.0001),  # no mistake: a logarithmic axis has no 0
        ("training", 3, 2, 0.05),
    ]


def test_training_curves_have_the_same_axes_for_all_models():
    for metric in ("accuracy", "loss"):
        one, other = (cards.training_chart(HISTORIES, name, metric) for name in HISTORIES)
        assert scale(one, 1, "y") == scale(other, 1, "y")
        assert scale(one, 1, "x")["domain"] == scale(other, 1, "x")["domain"] == [0, 3]
    assert scale(one, 1, "y")["domain"] == [0.0001, 2.0]
