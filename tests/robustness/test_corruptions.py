"""Corruptions: seeded, graded, and with known answers where there are some."""

import numpy as np
import pytest
from handwriting import strokes
from scipy.ndimage import gaussian_filter

from digits.data.strokes import draw
from digits.robustness.corruptions import KINDS, corrupt


@pytest.fixture(scope="module")
def digits():
    """Sevens of two bars."""
    images = np.zeros((12, 28, 28), np.uint8)
    images[:, 4:24, 12:16] = 255
    images[:, 4:8, 8:20] = 255
    return images


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_keeps_form_and_changes_pixels_the_same_way_every_time(kind, digits):
    severity = KINDS[kind].paper or 3
    once = corrupt(digits, kind, severity, seed=7)
    assert once.shape == digits.shape
    assert once.dtype == np.uint8
    assert (once != digits).any(axis=(1, 2)).mean() > 0.8  # an occluder may miss a digit's ink
    assert np.array_equal(once, corrupt(digits, kind, severity, seed=7))
    assert np.array_equal(corrupt(digits[:0], kind, severity), digits[:0])
    same = corrupt(digits, kind, 0)
    assert np.array_equal(same, digits)
    assert same is not digits


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_severity_changes_more_than_the_one_before_on_average(kind, written):
    # Blurred, since what has left its place by its own width differs no more when it goes further.
    before = gaussian_filter(written.astype(float), (0, 1, 1))
    after = [gaussian_filter(corrupt(written, kind, s, seed=1).astype(float), (0, 1, 1)) for s in range(6)]
    changes = [np.abs(blurred - before).mean() for blurred in after]
    assert changes == sorted(changes)
    assert changes[5] > changes[1] > 0


@pytest.fixture(scope="module")
def written():
    """Drawn digits, all ten of them ten times."""
    frames = [draw(strokes(digit, 20, 4, 4), 28, 2.5) for digit in range(10)]
    return np.stack(frames * 10)


@pytest.mark.parametrize("kind", ["rotate", "rotation", "shear", "shift", "occlusion"])
def test_a_larger_severity_meets_with_the_same_chance(kind, digits):
    """A digit is turned further, not the other way, so that a slider moves it smoothly."""
    one, two = (corrupt(digits, kind, s, seed=3)[0].astype(float) for s in (1, 2))
    assert np.corrcoef(one.ravel(), two.ravel())[0, 1] > 0.5


@pytest.mark.parametrize(("kind", "severity", "width"), [("thin", 3, 2), ("thick", 4, 8.8)])
def test_a_pen_is_made_thinner_and_thicker_by_its_own_width(kind, severity, width):
    bar = np.zeros((1, 28, 28), np.uint8)
    bar[:, 4:24, 12:16] = 255  # four pixels wide
    assert corrupt(bar, kind, severity)[0, 14].sum() / 255 == pytest.approx(width, abs=0.4)


@pytest.mark.parametrize(
    ("kind", "severity", "values"), [("contrast", 2, [63, 191]), ("brightness", 5, [127, 255])]
)
def test_ink_and_paper_get_new_values(digits, kind, severity, values):
    assert np.unique(corrupt(digits, kind, severity)).tolist() == values


def test_stripe_turns_seven_columns_on_either_side_inside_out(digits):
    striped = corrupt(digits, "stripe")
    assert np.array_equal(striped[:, :, 7:21], digits[:, :, 7:21])
    assert np.array_equal(striped[:, :, :7], 255 - digits[:, :, :7])
    assert np.array_equal(striped[:, :, 21:], 255 - digits[:, :, 21:])


def test_translate_moves_three_pixels_along_both_axes(digits):
    for before, after in zip(digits, corrupt(digits, "translate"), strict=True):
        moved = [np.roll(before, (3 * down, 3 * right), (0, 1)) for down in (-1, 1) for right in (-1, 1)]
        assert any(np.array_equal(after, candidate) for candidate in moved)


def test_scale_keeps_the_middle_and_shrinks_the_area_by_half(digits):
    amount = corrupt(digits, "scale").sum() / digits.sum()
    assert amount == pytest.approx(0.7**2, abs=0.03)


def test_impulse_noise_hits_its_share(digits):
    blank = np.full((12, 28, 28), 128, np.uint8)
    noisy = corrupt(blank, "impulse_noise")
    assert (noisy != 128).mean() == pytest.approx(0.17, abs=0.02)
    assert set(np.unique(noisy)) == {0, 128, 255}


def test_motion_blur_keeps_the_amount_of_ink(digits):
    assert corrupt(digits, "motion_blur").sum() == pytest.approx(digits.sum(), rel=0.02)


def test_canny_draws_the_two_edges_of_a_bar(digits):
    edges = corrupt(digits, "canny_edges", 5)
    assert set(np.unique(edges)) == {0, 255}
    assert (edges[:, 14] > 0).sum(axis=1).tolist() == [2] * 12


def test_bad_requests_name_the_value(digits):
    with pytest.raises(ValueError, match="'rain' is unknown"):
        corrupt(digits, "rain")
    with pytest.raises(ValueError, match="Severity 6 of fog"):
        corrupt(digits, "fog", 6)
