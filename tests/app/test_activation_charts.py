"""Channels, numbers and changes of ink are drawn as they are."""

import base64
import io

import numpy as np
from PIL import Image

from app.explain import charts
from digits.plots import curves, pixels, sheets

CHANNELS = np.zeros((7, 7, 3), np.float32)
CHANNELS[1, 2] = (4, -2, 1)


def marks(chart) -> list[dict]:
    return chart.to_dict()["layer"]


def rows(chart) -> list[dict]:
    drawn = chart.to_dict()
    return (drawn.get("data") or drawn["layer"][0]["data"])["values"]


def picture(url: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))))


def test_signed_colours_are_black_at_zero_orange_above_and_blue_below():
    values = np.array([[0, 2, -1]], np.float32)
    black, orange, blue = pixels.signed_colours(values)[0].tolist()
    assert black == [0, 0, 0]
    assert orange == [255, 140, 0]
    assert blue == [26, 64, 128]
    assert pixels.signed_colours(values, most=4)[0, 1].tolist() == [128, 70, 0]
    assert pixels.signed_colours(np.zeros((2, 2))).max() == 0


def test_thumbnails_stand_in_the_given_order_and_say_their_values():
    found = rows(charts.channel_chart(CHANNELS, np.array([2, 0]), columns=1, side=28))
    assert [(row["channel"], row["row"], row["column"]) for row in found] == [(2, 0, 0), (0, 1, 0)]
    assert (found[1]["largest"], found[1]["smallest"], found[1]["mean"]) == (4, 0, 0.08163)
    seen = picture(found[1]["url"])
    assert seen.shape == (28, 28, 3)
    assert seen[4:8, 8:12].reshape(-1, 3).tolist() == [[255, 140, 0]] * 16
    assert seen[:4].max() == 0


def test_thumbnails_may_share_a_scale():
    own, shared = (
        picture(rows(charts.channel_chart(CHANNELS, np.array([2]), side=7, together=together))[0]["url"])
        for together in (False, True)
    )
    assert own[1, 2].tolist() == [255, 140, 0]
    assert shared[1, 2].tolist() == [64, 35, 0]


def test_a_click_on_a_channel_selects_its_number():
    chart = charts.channel_chart(CHANNELS, np.arange(3)).to_dict()
    (chosen,) = chart["params"]
    assert (chosen["name"], chosen["select"]["fields"]) == ("channel", ["channel"])


def test_many_channels_stay_small():
    channels = np.random.default_rng(1).normal(size=(28, 28, 64))
    assert (
        len(charts.channel_chart(channels, np.arange(64)).to_json()) < 700_000
    )  # pure noise: most are a quarter


def test_every_value_can_be_pointed_at_and_few_are_written_out():
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    few = charts.value_chart(values, box=(-1, 2, 3, 3))
    squares, numbers, box = marks(few)
    assert [row["value"] for row in squares["data"]["values"]] == list(range(12))
    assert numbers["mark"]["type"] == "text"
    assert box["data"]["values"] == [{"row": 0, "column": 2, "below": 2, "beside": 4}]  # cut off at the rim
    assert [mark["mark"]["type"] for mark in marks(charts.value_chart(np.zeros((28, 28))))] == ["rect"]


def test_sheets_for_files_show_every_channel_and_every_number(tmp_path):
    sheet = sheets.channel_sheet(CHANNELS, np.array([2, 0]), "conv1", columns=2)
    assert [axis.get_title() for axis in sheet.axes] == ["2", "0"]
    grids = sheets.number_grids({"patch": np.array([[0.5, -0.001]]), "kernel": np.eye(2)}, ["They add up."])
    assert [text.get_text() for text in grids.axes[0].texts] == ["0.50", "0.00"]
    for name, figure in (("sheet", sheet), ("grids", grids)):
        curves.save(figure, tmp_path / f"{name}.png")
        assert Image.open(tmp_path / f"{name}.png").width > 100


def test_a_change_of_ink_is_coloured_signed_and_named(tmp_path):
    before, changed = np.zeros((2, 28, 28), np.float32)
    before[3, 3:6], changed[3, 5:8] = 1, 1
    erased, added = np.clip(before - changed, 0, None), np.clip(changed - before, 0, None)
    colours = pixels.ink_change_map(changed, erased, added)
    assert colours[3, 4].tolist() == [213, 94, 0]
    assert colours[3, 5].tolist() == [200, 200, 200]
    assert colours[3, 6].tolist() == [0, 158, 115]
    assert colours[0].max() == 0
    figure = sheets.ink_change(changed, erased, added, ("Read as 4", "The change", "Read as 9"))
    assert [axis.get_title() for axis in figure.axes] == ["Read as 4", "The change", "Read as 9"]
    assert np.array_equal(figure.axes[0].images[0].get_array(), before)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["- erased", "+ added"]
    only = sheets.ink_change(before, np.zeros_like(added), before, ("", "", ""))
    assert [text.get_text() for text in only.legends[0].get_texts()] == ["+ added"]
    curves.save(figure, tmp_path / "change.png")
    assert Image.open(tmp_path / "change.png").width > 300
