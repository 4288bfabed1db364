"""Contrast is the same whatever the light; shadows and lamps are not ink; light ink on dark paper is told."""

import cv2
import numpy as np
import pytest
from pathologies import SIDE, rows_and_columns, written

from digits.preprocessing.background import contrast, otsu
from digits.preprocessing.components import INKED, find_components
from digits.preprocessing.ink import find_ink, find_inks

INK = written(3)
Y, X = rows_and_columns()


def shaded(dark):
    """Return light with a shadow (H, W) bool whose edge is as hard as a camera sees it."""
    return cv2.GaussianBlur(np.where(dark, np.float32(0.5), np.float32(1)), (0, 0), 1.0)


LIGHTS = {
    "even": np.ones((SIDE, SIDE), np.float32),
    "falling": 1 - 0.6 * X,
    "lamp": 0.3 + 0.7 * np.exp(-((X - 0.2) ** 2 + (Y - 0.3) ** 2) / 0.5),
    "upright shadow": shaded(X < 0.45),
    "slanting shadow": shaded(X + 0.6 * Y < 0.8),
    "diagonal shadow": shaded(X + Y > 1.1),
    "stripe of shadow": shaded(np.abs(X - 0.5 * Y - 0.3) < 0.2),
}


SLANTING = {"slanting shadow", "diagonal shadow", "stripe of shadow"}
"""Shadows whose edge crosses the picture's aslant: a little of it stays, as ink, at the picture's rim."""


def picture(light, paper=0.9, pen=0.2):
    return ((paper + INK * (pen - paper)) * light).astype(np.float32)


def pixels(grey):
    return np.round(grey * 255).astype(np.uint8)


@pytest.mark.parametrize("name", sorted(LIGHTS.keys() - SLANTING))
def test_light_alone_leaves_no_ink(name):
    (ink,), _ = find_inks(pixels(0.9 * LIGHTS[name]))
    assert ink.blank


@pytest.mark.parametrize("name", sorted(SLANTING))
def test_a_slanting_shadow_leaves_ink_at_the_rim_alone(name):
    left = find_ink(pixels(0.9 * LIGHTS[name])).map > INKED
    assert left.mean() < 0.005
    assert not left[24:-24, 24:-24].any()


@pytest.mark.parametrize("name", LIGHTS)
def test_under_every_light_there_is_ink_where_the_pen_was_and_nowhere_else(name):
    found = find_ink(pixels(picture(LIGHTS[name]))).map
    assert found[INK == 1].mean() > 0.9
    beside = cv2.dilate(INK, np.ones((7, 7), np.uint8)) == 0
    if name in SLANTING:
        beside[:40] = beside[-40:] = beside[:, :40] = beside[:, -40:] = False
    assert len(find_components(found * beside).areas) == 1


def test_strokes_that_fill_a_tight_crop_are_not_taken_for_paper():
    rows, columns = np.flatnonzero(INK.any(axis=1)), np.flatnonzero(INK.any(axis=0))
    thick = written(3, pen=24)[rows[0] - 11 : rows[-1] + 12, columns[0] - 11 : columns[-1] + 12]
    assert thick.mean() > 0.44
    for grey in (1 - 0.7 * thick, 0.2 + 0.7 * thick):
        found = contrast(grey)
        assert found.light_ink == (grey.max() == pytest.approx(0.9))
        assert np.percentile(found.map[thick == 1], 5) > 0.6
        assert np.abs(found.map[thick == 0]).max() < 0.1


def test_two_levels_are_drawn_and_light_is_not():
    assert contrast(1 - INK.astype(np.float32)).drawn
    assert not contrast(picture(LIGHTS["falling"])).drawn
    thin = np.full((100, 100), 0.5, np.float32)
    thin[:, 50:] = np.linspace(0.3, 0.7, 50)
    assert not contrast(thin).drawn


def test_otsu_parts_two_levels_and_takes_one():
    assert 0.2 < otsu(np.repeat([0.2, 0.7], [900, 100])) < 0.7
    assert 0 <= otsu(np.full(10, 0.5)) <= 1
