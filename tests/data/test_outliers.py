"""Strangers are no digits: what is made, what is left out, and how pens draw."""

import numpy as np
import pytest

from digits.data import doodles, outliers
from digits.data import strokes as pens


@pytest.fixture
def rng():
    return np.random.default_rng(1)


@pytest.fixture(scope="module")
def digits():
    """Ten crude digits in the form of MNIST: one shape per class, each with another height."""
    frames = np.zeros((10, 28, 28), np.uint8)
    for digit in range(10):
        frames[digit, 4 : 14 + digit, 9:19] = 255
        frames[digit, 7 : 10 + digit, 12:16] = 0
    return frames, np.arange(10)


def bar(angle, length=20.0, width=3.0):
    """A frame with one bar through its middle, `angle` degrees above level."""
    y, x = np.mgrid[:28, :28] - 13.5
    along = x * np.cos(np.radians(angle)) - y * np.sin(np.radians(angle))
    across = x * np.sin(np.radians(angle)) + y * np.cos(np.radians(angle))
    return ((np.abs(along) < length / 2) & (np.abs(across) < width / 2)).astype(np.uint8) * 255


def test_strangers_are_ink_of_every_kind(digits, rng):
    made = outliers.make_outliers(*digits, 300, rng)
    assert len(made) == 300
    assert all(ink.dtype == np.float32 and ink.ndim == 2 for ink in made)
    assert all(ink.min() >= 0 and 0.2 < ink.max() <= 1 for ink in made), "each has ink to frame"


@pytest.mark.parametrize("kind", list(outliers.KINDS))
def test_a_kind_repeats_with_its_seed(kind, digits):
    make, share = outliers.KINDS[kind]
    twice = []
    for _ in range(2):
        rng = np.random.default_rng(7)
        twice.append(make(outliers._Picker(*digits, rng), rng))
    assert np.array_equal(*twice)
    assert share > 0


def test_the_shares_add_up():
    assert sum(share for _, share in outliers.KINDS.values()) == pytest.approx(1)


def test_half_a_digit_has_about_half_its_rows_or_columns(digits, rng):
    pick = outliers._Picker(*digits, rng)
    for _ in range(50):
        rows, columns = outliers.half(pick, rng).shape
        whole = {(digit + 10, 10) for digit in range(10)}
        assert any((0.38 <= rows / r <= 0.58) or (0.28 <= columns / c <= 0.58) for r, c in whole)


def test_a_one_keeps_its_distance_in_a_pair():
    for seed in range(60):
        asked = []

        def pick(digit, asked=asked):
            asked.append(digit)
            return np.ones((20, 4 if digit == 1 else 12), np.float32)

        ink = outliers.pair(pick, np.random.default_rng(seed))
        runs = np.diff(np.pad((ink > 0.5).any(axis=0).astype(int), 1)) == 1
        assert len(asked) == 2
        if 1 in asked:
            assert runs.sum() == 2, asked


def test_what_digits_may_become_leaves_none_behind():
    assert not {2, 5} & set(outliers.TURNS["mirror"][1]), "a mirrored 2 is nearly a 5"
    assert not {0, 1, 8} & {*outliers.TURNS["mirror"][1], *outliers.TURNS["upset"][1]}
    assert not {6, 9} & set(outliers.TURNS["quarter"][1])
    assert not any(8 in pair or {0, 1} == set(pair) for pair in outliers.OVERLAYS)


@pytest.mark.parametrize(
    ("angle", "expected"), [(90, True), (70, True), (45, True), (135, True), (10, False), (0, False)]
)
def test_an_upright_bar_is_a_one_and_a_level_one_is_not(angle, expected):
    assert outliers.are_bars(bar(angle)[None]).tolist() == [expected]


def test_a_cross_a_ring_and_nothing_are_no_bars():
    y, x = np.mgrid[:28, :28] - 13.5
    ring = ((np.hypot(x, y) < 10) & (np.hypot(x, y) > 7)).astype(np.uint8) * 255
    frames = np.stack([np.maximum(bar(90), bar(0)), ring, np.zeros((28, 28), np.uint8)])
    assert not outliers.are_bars(frames).any()


@pytest.mark.parametrize("make", [doodles.letter, doodles.scribble])
def test_doodles_are_strokes_of_some_length(make, rng):
    for _ in range(100):
        strokes = make(rng)
        assert all(stroke.ndim == 2 and stroke.shape[1] == 2 and len(stroke) > 1 for stroke in strokes)
        assert np.isfinite(np.concatenate(strokes)).all()
        assert np.ptp(np.concatenate(strokes), axis=0).max() > 1


def test_every_outline_reads_as_points():
    for variants in doodles.OUTLINES.values():
        for outline in variants:
            for stroke in outline.split("|"):
                assert len(stroke.split()) > 1
                assert all(len(point) == 2 and point.isdigit() for point in stroke.split())


STROKES = [np.array([[0, 0], [50, 100]], np.float32), np.array([[0, 60], [60, 50]], np.float32)]


def test_pens_leave_ink_on_canvases_of_several_kinds(rng):
    sides = set()
    for _ in range(200):
        picture = pens.draw_anyhow(STROKES, rng)
        assert picture.dtype == np.uint8
        assert picture.max() > 100
        sides.add(max(picture.shape))
    assert {pens.CANVAS, pens.PAINT, pens.SCAN + 2 * pens.MARGIN} <= sides


def test_a_paint_program_has_hard_edges(rng):
    for _ in range(20):
        assert set(np.unique(pens._painted(STROKES, rng))) == {0, 255}


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
