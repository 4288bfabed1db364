"""Ink is found whatever the paper and the pen; nothing is found on blank paper."""

import numpy as np
import pytest
from handwriting import strokes
from PIL import Image

from digits.data.strokes import draw
from digits.preprocessing.background import contrast
from digits.preprocessing.decode import to_grey
from digits.preprocessing.frame import frame
from digits.preprocessing.ink import find_ink, find_inks

SEVEN = draw(strokes(7, 180, 50, 50), 280, 16)


def pictures():
    light = np.linspace(0.55, 1.0, 280, dtype=np.float32)
    paper = np.outer(light, light[::-1])
    shaded = paper * (1 - 0.7 * SEVEN / 255.0)
    noise = np.random.default_rng(1).normal(0, 6, SEVEN.shape)
    return {
        "white on black": SEVEN,
        "black on white": 255 - SEVEN,
        "faint pencil": 255 - SEVEN // 6,
        "grey on grey": 140 - SEVEN // 4,
        "noisy": np.clip(200 - 0.5 * SEVEN + noise, 0, 255),
        "uneven light": 255 * shaded,
    }


@pytest.mark.parametrize("name", pictures())
def test_the_same_frame_from_every_paper(name):
    picture = pictures()[name].astype(np.uint8)
    ink = find_ink(picture)
    assert contrast(to_grey(picture)).light_ink == (name == "white on black")
    expected = frame(SEVEN / np.float32(255))
    assert np.abs(frame(ink.map) - expected).mean() < 0.02


def test_what_hardly_stands_out_is_found_by_the_finder():
    grain = np.random.default_rng(1).normal(0, 4, SEVEN.shape)
    faint = np.clip(140 - SEVEN / 16.0 + grain, 0, 255).astype(np.uint8)
    (ink,), _ = find_inks(faint)
    assert (ink.map.shape, ink.grey.shape, ink.scale) == (SEVEN.shape, SEVEN.shape, 1.0)
    for found, there in zip(np.nonzero(ink.map > 0.5), np.nonzero(SEVEN > 127), strict=True):
        assert found.min() == pytest.approx(there.min(), abs=12)
        assert found.max() == pytest.approx(there.max(), abs=12)


@pytest.mark.parametrize(("level", "noise"), [(0, 0), (128, 0), (255, 0), (200, 8)])
def test_even_paper_is_blank(level, noise):
    paper = np.random.default_rng(1).normal(level, noise, (280, 280))
    assert find_ink(np.clip(paper, 0, 255).astype(np.uint8)).blank


@pytest.mark.parametrize("side", [40, 280])
@pytest.mark.parametrize("low", [0, 180])
def test_shadows_and_vignettes_are_blank(side, low):
    slope = np.tile(np.linspace(low, 255, side), (side, 1))
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    vignette = 255 - (255 - low) * (x**2 + y**2) / 2
    for paper in (slope, slope.T, slope[:, ::-1], vignette):
        assert find_ink(paper.astype(np.uint8)).blank


def test_a_tight_crop_full_of_strokes_is_not_noise():
    eight = draw(strokes(8, 180, 50, 50), 280, 26)
    rows, columns = np.flatnonzero(eight.any(axis=1)), np.flatnonzero(eight.any(axis=0))
    tight = Image.fromarray(eight[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    for size in ((8, 11), (10, 14), (14, 20)):
        assert not find_ink(tight.resize(size, Image.Resampling.BOX)).blank


def test_specks_are_dropped_and_dots_of_a_pen_are_not():
    dirty = SEVEN.copy()
    dirty[10:12, 10:12] = 255
    dirty[250:270, 20:40] = 255
    ink = find_ink(dirty).map
    assert ink[5:20, 5:20].max() == 0
    assert ink[260, 30] == 1


@pytest.mark.parametrize(("side", "screen"), [(28, False), (64, False), (65, True), (280, True)])
def test_no_picture_as_small_as_a_glimpse_was_drawn_on_a_screen(side, screen):
    drawing = np.zeros((side, side), np.uint8)
    drawing[side // 4 : -side // 4, side // 2 : side // 2 + max(2, side // 12)] = 255
    assert find_ink(drawing).screen is screen


def test_on_a_screen_the_finder_is_not_asked_unless_something_may_be_cut_off_or_boxed():
    boxed = SEVEN.copy()
    boxed[20:260, [20, 21, 258, 259]] = boxed[[20, 21, 258, 259], 20:260] = 255
    cut = SEVEN[np.flatnonzero((SEVEN > 127).any(axis=1))[0] :]
    for drawn, hypotheses in ((SEVEN, 1), (255 - SEVEN, 1), (boxed, 3), (cut, 2)):
        inks, seen = find_inks(drawn)
        assert (len(inks), seen is not None) == (hypotheses, hypotheses > 1)
    assert np.array_equal(find_inks(boxed)[0][-1].map, find_ink(SEVEN).map)


def test_a_stroke_within_a_zero_is_no_digit_in_a_box():
    slashed = draw([*strokes(0, 180, 50, 50), np.array([[130, 160], [150, 120]])], 280, 12)
    assert len(find_inks(slashed)[0]) == 1


def test_on_paper_the_finder_leaves_rulings_out():
    grain = np.random.default_rng(1).normal(0, 4, SEVEN.shape)
    ruled = 220 - 0.7 * SEVEN + grain
    ruled[[80, 81, 140, 141, 200, 201]] -= 100
    (differs, written, *_), _ = find_inks(np.clip(ruled, 0, 255).astype(np.uint8))
    assert differs.map[140, :60].mean() > 0.5
    assert written.map[140, :60].mean() < 0.1
    assert written.map[SEVEN > 127].mean() > 0.8
