"""Strokes files are read as written, and drawn with the brush asked for, or with any."""

import numpy as np
import pytest

from digits.data import strokes as pens
from digits.data.strokes import draw, fit_box, load_strokes


@pytest.fixture
def rng():
    return np.random.default_rng(1)


@pytest.fixture
def arrays():
    return {
        "points": np.array([[0, 0], [0, 10], [5, 5], [9, 5], [1, 1], [2, 3]], np.float32),
        "stroke_ends": np.array([2, 4, 6]),
        "sample_ends": np.array([2, 3]),
        "labels": np.array([4, 1]),
        "source": np.array(["aaa", "bbb"]),
    }


def test_samples_are_cut_at_their_ends_and_turned_downwards(tmp_path, arrays):
    np.savez(tmp_path / "s.npz", **arrays)
    strokes = load_strokes(tmp_path / "s.npz")
    assert len(strokes) == 2
    assert [stroke.tolist() for stroke in strokes[0]] == [[[0, 0], [0, -10]], [[5, -5], [9, -5]]]
    assert [stroke.tolist() for stroke in strokes[-1]] == [[[1, -1], [2, -3]]]
    with pytest.raises(IndexError):
        strokes[2]


def test_files_that_do_not_fit_are_refused(tmp_path, arrays):
    np.savez(tmp_path / "short.npz", **(arrays | {"points": arrays["points"][:-1]}))
    np.savez(tmp_path / "partial.npz", points=arrays["points"])
    (tmp_path / "text.npz").write_text("strokes")
    for name, words in (("short", "inconsistent"), ("partial", "lacks stroke_ends"), ("text", "text.npz")):
        with pytest.raises(ValueError, match=words):
            load_strokes(tmp_path / f"{name}.npz")


def test_fit_box_scales_the_longer_side_and_keeps_the_shape():
    (stroke,) = fit_box([np.array([[0, 0], [10, 40]], np.float32)], size=100, centre=(140, 140))
    assert stroke.tolist() == pytest.approx(np.array([[127.5, 90], [152.5, 190]]))


def test_a_line_is_as_wide_as_the_brush_and_a_dot_as_large():
    for brush in (6, 17, 40):
        canvas = draw([np.array([[40, 140], [240, 140]], np.float32)], 280, brush)
        assert canvas[:, 140].sum() / 255 == pytest.approx(brush, abs=0.6)
    dot = draw([np.array([[140, 140]], np.float32)], 280, 20)
    assert dot.sum() / 255 == pytest.approx(np.pi * 100, rel=0.1)


STROKES = [np.array([[0, 0], [50, 100]], np.float32), np.array([[0, 60], [60, 50]], np.float32)]


def test_pens_leave_ink_on_canvases_of_several_kinds(rng):
    sides = set()
    for _ in range(200):
        picture = pens.draw_anyhow(STROKES, rng)
        assert picture.dtype == np.uint8
        assert picture.max() > 100
        sides.add(max(picture.shape))
        if picture.shape == (pens.PAINT, pens.PAINT):
            assert set(np.unique(picture)) == {0, 255}, "a paint program has hard edges"
    assert {pens.CANVAS, pens.PAINT, pens.SCAN + 2 * pens.MARGIN} <= sides


def test_scans_fill_their_sixteen_points(rng):
    ink = np.zeros((60, 60), np.float32)
    ink[10:50, 25:33] = 1  # an upright bar, 8 by 40
    shapes = {tuple(np.array(pens.rescan(ink, rng).shape) - 2 * pens.MARGIN) for _ in range(60)}
    assert {height for height, _ in shapes} == {16}
    assert min(width for _, width in shapes) in (3, 4), "grey scans keep the shape"
    assert max(width for _, width in shapes) > 10, "black and white ones stretch a bar"
    assert max(width for _, width in shapes) <= 16, "but not beyond their points"
    kept = {len(np.unique(pens.rescan(ink, rng))) <= 2 for _ in range(30)}
    assert True in kept


def test_bending_moves_a_hand_only_a_little(rng):
    for _ in range(50):
        bent = np.concatenate(pens.bend(STROKES, rng))
        assert np.abs(bent - np.concatenate(STROKES)).max() < 90
        assert bent.dtype == np.float32


def test_a_joined_letter_has_as_many_strokes_and_longer_ones(rng):
    upright = [np.array([[0, 0], [0, 50], [0, 100]], np.float32)]
    for _ in range(20):
        (joined,) = pens.join(upright, rng)
        assert len(joined) > 3
