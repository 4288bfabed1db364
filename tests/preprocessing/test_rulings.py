"""Ruled and squared paper loses its lines and no more; strokes across them stay whole; digits stay."""

import numpy as np
import pytest
from pathologies import SIDE, written

from digits.preprocessing.components import find_components
from digits.preprocessing.rulings import remove_rulings

LINE = 0.3
"""How dark a line is; ink has 1."""


def ruling(pitch=34, lean=0.0, upright=False, width=2):
    """Return lines across a picture, or down it, (SIDE, SIDE) float32; `lean` pixels off per pixel."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    along, across = (rows, columns) if upright else (columns, rows)
    return LINE * ((across + lean * along + pitch / 2) % pitch < width).astype(np.float32)


PAPERS = {
    "ruled": ruling(),
    "fine lines": ruling(width=1),
    "narrow": ruling(pitch=20),
    "askew": ruling(lean=0.05),
    "leaving above and below": ruling(lean=0.1),
    "upright": ruling(upright=True),
    "squared": np.maximum(ruling(), ruling(upright=True)),
    "squared askew": np.maximum(ruling(lean=0.04), ruling(lean=-0.04, upright=True)),
}


@pytest.mark.parametrize("name", PAPERS)
def test_lines_vanish(name):
    ruled = remove_rulings(PAPERS[name])
    assert ruled.number >= 6
    assert ruled.where[PAPERS[name] > 0].mean() > 0.97
    assert ruled.contrast.mean() < 0.03 * PAPERS[name].mean()


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("name", PAPERS)
def test_lines_vanish_and_the_strokes_that_cross_them_stay_whole(name, digit):
    ink = written(digit)
    ruled = remove_rulings(np.maximum(ink, PAPERS[name]))
    assert ruled.number >= 6
    _, stats = find_components(ruled.contrast)
    assert sum(area > 20 for *_, area in stats[1:]) == 1
    assert ruled.contrast[ink == 1].mean() > 0.95
    assert ruled.contrast[ink == 0].mean() < 0.01


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("pen", [1.5, 4, 16])
def test_digits_on_plain_paper_are_left_as_they_are(digit, pen):
    for size, left, top in ((120, 60, 60), (200, 20, 20)):
        ink = written(digit, pen, size, left, top)
        ruled = remove_rulings(ink)
        assert ruled.number == 0
        assert np.array_equal(ruled.contrast, ink)


@pytest.mark.parametrize("side", [28, 60, 280, 1000])
def test_a_lone_bar_inside_the_picture_is_no_ruling(side):
    bar = np.zeros((side, side), np.float32)
    thick = max(1, side // 28)
    bar[side // 10 : -side // 10, side // 2 : side // 2 + thick] = 1
    for ink in (bar, bar.T.copy()):
        ruled = remove_rulings(ink)
        assert ruled.number == 0
        assert np.array_equal(ruled.contrast, ink)


def test_noise_and_empty_paper_have_no_rulings():
    noise = np.random.default_rng(1).normal(0, 0.03, (200, 200)).astype(np.float32)
    assert remove_rulings(noise).number == 0
    assert remove_rulings(np.zeros((200, 100), np.float32)).number == 0


def test_thumbnails_are_left_alone():
    thumbnail = np.zeros((20, 16), np.float32)
    thumbnail[9:11] = 1
    ruled = remove_rulings(thumbnail)
    assert ruled.number == 0
    assert np.array_equal(ruled.contrast, thumbnail)
