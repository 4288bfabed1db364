"""Figures draw what they are given."""

import io

import numpy as np
import pytest
from PIL import Image

from digits.plots import curves, pixels, sheets
from digits.plots.pixels import scale_colours


def test_a_thumbnail_is_centred_and_keeps_its_proportions():
    picture = np.ones((20, 10), np.float32)
    square = np.asarray(Image.open(io.BytesIO(pixels.thumbnail_png(picture, 80))))
    assert square.shape == (80, 80)
    assert square[:, 20:60].min() == 255
    assert square[:, :20].max() == square[:, 60:].max() == 0


def test_misclassified_shows_the_surest_mistake_first(tmp_path):
    probabilities = np.eye(10)[[1, 2, 3]] * 0.5 + 0.05
    probabilities[1] = np.eye(10)[2]
    figure = sheets.misclassified(np.zeros((3, 28, 28), np.uint8), np.array([1, 5, 4]), probabilities)
    captions = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert captions == ["5 → 2  100%", "4 → 3  55%"]
    curves.save(figure, tmp_path / "wrong.png")
    assert Image.open(tmp_path / "wrong.png").width > 100
    none = sheets.misclassified(np.zeros((0, 28, 28)), np.zeros(0, int), np.zeros((0, 10)))
    assert not any(
        axis.images for axis in [*none.axes, *sheets.confused_pairs(np.zeros((0, 28, 28)), []).axes]
    )


def test_a_contact_sheet_of_photos_stays_small(tmp_path):
    rng = np.random.default_rng(1)
    photos = [rng.integers(0, 255, (300, 500, 3), dtype=np.uint8) for _ in range(16)]
    figure = sheets.contact_sheet([*photos[:15], photos[15][..., 0]], [f"{i}" for i in range(16)], columns=4)
    assert [axis.texts[0].get_text() for axis in figure.axes] == [f"{i}" for i in range(16)]
    curves.save(figure, tmp_path / "sheet.png", dpi=100)
    assert (tmp_path / "sheet.png").stat().st_size < 200_000  # pure noise; paper needs a third of it


def test_reliability_has_a_panel_for_each_data_set_on_the_same_scale(tmp_path):
    bins = [{"confidence": 0.9, "accuracy": 0.8, "n": 10, "interval_95": [0.5, 0.9]}]
    figure = curves.reliability({"MNIST": {"before": bins, "after": bins}, "pen": {"before": []}})
    above = figure.axes[:2]
    assert {axis.get_xlim() + axis.get_ylim() for axis in above} == {(0, 1.03, 0, 1.03)}
    names = [[text.get_text() for text in axis.get_legend().get_texts()] for axis in above]
    assert names == [["perfect", "before", "after"], ["perfect", "before"]]
    curves.save(figure, tmp_path / "reliability.png")
    assert (tmp_path / "reliability.svg").exists()


def test_accuracy_under_attack_is_drawn_over_epsilon_with_its_intervals(tmp_path):
    sides = {"fgsm_interval_95": [0.5, 0.7], "pgd_interval_95": [0.1, 0.3]}
    rows = [{"epsilon": epsilon, "fgsm": 0.6, "pgd": 0.2, **sides} for epsilon in (0.0, 0.1, 0.3)]
    figure = curves.attacks(rows)
    lines = {line.get_label(): line.get_xydata().tolist() for line in figure.axes[0].lines}
    assert lines == {"FGSM": [[0, 0.6], [0.1, 0.6], [0.3, 0.6]], "PGD": [[0, 0.2], [0.1, 0.2], [0.3, 0.2]]}
    curves.save(figure, tmp_path / "attacks.png")
    assert (tmp_path / "attacks.svg").exists()


def test_a_change_is_blue_where_darker_orange_where_lighter_and_grey_elsewhere():
    before = np.full((2, 2), 0.5, np.float32)
    after = before + np.array([[-0.02, 0.02], [0, 0.01]], np.float32)
    change = pixels.change_map(before, after).astype(int)
    (darker, lighter), (same, half) = change
    assert darker[2] > 150 > darker[0]  # blue
    assert lighter[0] == 255
    assert lighter[2] < 50  # orange
    assert len(set(same)) == 1
    np.testing.assert_allclose(half, (lighter + same) / 2, atol=1)
    assert np.ptp(pixels.change_map(before, before)) == 0


def test_heat_leaves_what_is_zero_as_it_is():
    frame = np.array([[0, 0.2], [0.4, 1]], np.float32)
    grey = np.repeat(np.round(255 * frame)[..., None], 3, axis=2)
    for signed in (True, False):
        assert np.array_equal(pixels.heat_overlay(frame, np.zeros((2, 2)), 1, signed), grey)
    attribution = np.array([[0, -2], [1, 4]], np.float32)
    assert np.array_equal(pixels.heat_overlay(frame, attribution, 0, True), grey)
    (same, against), (weak, strong) = pixels.heat_overlay(frame, attribution, 1, signed=True).astype(int)
    assert same.tolist() == [0, 0, 0]
    assert against[2] > against[0] + 50  # blue
    assert strong.tolist() == [255, 140, 0]  # orange, and none of the frame is left
    assert weak[2] > strong[2]
    (same, below), (weak, strong) = pixels.heat_overlay(frame, attribution, 1, signed=False).astype(int)
    assert below.tolist() == [51, 51, 51]
    assert strong.tolist() == [253, 231, 37]  # the top of viridis


@pytest.mark.parametrize("signed", [True, False])
def test_the_scale_of_heat_shows_what_the_overlay_does(signed):
    colours = scale_colours(0.7, signed)
    least = -1 if signed else 0
    for place, ground in enumerate((0.0, 0.5, 1.0)):
        for row, value in ((0, least), (255, 1), (200, least + 200 / 255 * (1 - least))):
            frame, attribution = np.full((1, 2), ground), np.array([[value, 1.0]])
            shown = pixels.heat_overlay(frame, attribution, 0.7, signed)[0, 0].astype(int)
            assert np.abs(colours[row, place] - shown).max() <= 1


def test_bars_before_and_after_bear_the_best_three():
    probabilities = np.array([0.9, 0.05, 0.03, *[0.02 / 7] * 7])
    figure = curves.probability_plot({"Before": probabilities, "After": probabilities[::-1]})
    first, second = figure.axes
    assert [text.get_text() for text in first.texts] == ["90.0 %", "5.0 %", "3.0 %"]
    assert [bar.get_height() for bar in second.patches] == pytest.approx(probabilities[::-1])
    assert second.get_title() == "After"


def test_a_frame_stands_beside_its_heat(tmp_path):
    frame = np.random.default_rng(1).random((28, 28))
    for name, attribution, signed in (
        ("cam", frame, False),
        ("signed", frame - 0.5, True),
        ("no", 0 * frame, False),
    ):
        figure = sheets.heat_figure(frame, attribution, "Why 7", 0.7, signed)
        assert len(figure.axes) == 3
        low, high = figure.axes[2].get_ylim()
        assert low == (-high if signed else 0)
        curves.save(figure, tmp_path / f"{name}.png")
        assert Image.open(tmp_path / f"{name}.png").width > 400


def test_a_png_keeps_points_and_colours():
    colours = np.random.default_rng(1).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    np.testing.assert_array_equal(Image.open(io.BytesIO(pixels.png(colours))), colours)
    grey = np.array([[0, 0.5, 1]], np.float32)
    assert np.asarray(Image.open(io.BytesIO(pixels.png(grey)))).tolist() == [[0, 128, 255]]


def test_sheets_of_channels_numbers_and_ink_show_what_they_are_given(tmp_path):
    channels = np.dstack([np.zeros((3, 3)), np.eye(3), -np.eye(3)])
    sheet = sheets.channel_sheet(channels, np.array([2, 0]), "conv1")
    assert [axis.get_title() for axis in sheet.axes[:3]] == ["2", "0", ""]
    assert sheet.axes[0].images[0].get_array()[0, 0].tolist() == [51, 128, 255]  # blue
    grids = sheets.number_grids({"patch": np.array([[0.5, -0.001]]), "kernel": np.eye(9)}, ["They add up."])
    assert [[text.get_text() for text in axis.texts] for axis in grids.axes] == [["0.50", "0.00"], []]
    changed, erased, added = (np.zeros((28, 28), np.float32) for _ in range(3))
    changed[4] = erased[10] = 1
    change = sheets.ink_change(changed, erased, added, ("Read as 4", "The change", "Read as 9"))
    assert change.axes[0].images[0].get_array()[10].min() == 1
    assert [text.get_text() for text in change.legends[0].get_texts()] == ["- erased"]
    places = np.array([[0.0, 0], [1, 1]])
    drawn = curves.map_plot(places, np.array([3, 8]), (0.5, 0.5), (1,), ("", "")).axes[0]
    assert [text.get_text() for text in drawn.texts] == ["3", "8"]
    assert drawn.lines[0].get_xydata().tolist() == [[0.5, 0.5], [1, 1]]
    curves.save(change, tmp_path / "change.png")
    assert not (tmp_path / "change.svg").exists()
