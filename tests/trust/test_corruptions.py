"""Corruptions: seeded, graded, and with known answers where there are some."""

import numpy as np
import pytest

from digits.trust.corruptions import KINDS, corrupt

MNIST_C = {
    "shot_noise", "impulse_noise", "glass_blur", "motion_blur", "shear", "scale", "rotate", "brightness",
    "translate", "stripe", "fog", "spatter", "dotted_line", "zigzag", "canny_edges",
}  # fmt: skip


@pytest.fixture(scope="module")
def digits():
    images = np.zeros((12, 28, 28), np.uint8)
    images[:, 4:24, 12:16] = 255
    images[:, 4:8, 8:20] = 255
    return images


def test_the_registry_holds_the_fifteen_kinds_of_mnist_c():
    assert KINDS.keys() == MNIST_C
    assert all(len(kind.levels) == 5 for kind in KINDS.values())


@pytest.mark.parametrize("kind", sorted(MNIST_C))
def test_each_kind_changes_pixels_the_same_way_every_time(kind, digits):
    once = corrupt(digits, kind, seed=7)
    assert once.shape == digits.shape
    assert once.dtype == np.uint8
    assert (once != digits).any(axis=(1, 2)).all()
    assert np.array_equal(once, corrupt(digits, kind, seed=7))
    assert np.array_equal(once, corrupt(digits, kind, KINDS[kind].paper, seed=7))


@pytest.mark.parametrize("kind", sorted(MNIST_C - {"canny_edges", "fog", "spatter", "glass_blur"}))
def test_severities_are_graded(kind, digits):
    changes = [np.abs(corrupt(digits, kind, s).astype(float) - digits).mean() for s in (1, 5)]
    assert changes[1] > changes[0]


def test_stripe_turns_seven_columns_on_either_side_inside_out(digits):
    striped = corrupt(digits, "stripe")
    assert np.array_equal(striped[:, :, 7:21], digits[:, :, 7:21])
    assert np.array_equal(striped[:, :, :7], 255 - digits[:, :, :7])
    assert np.array_equal(striped[:, :, 21:], 255 - digits[:, :, 21:])


def test_brightness_adds_half_of_the_range(digits):
    assert np.unique(corrupt(digits, "brightness")).tolist() == [127, 255]


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
    edges = corrupt(digits, "canny_edges")
    assert set(np.unique(edges)) == {0, 255}
    assert (edges[:, 14] > 0).sum(axis=1).tolist() == [2] * 12


def test_bad_requests_name_the_value(digits):
    with pytest.raises(ValueError, match="'rain' is unknown"):
        corrupt(digits, "rain")
    with pytest.raises(ValueError, match="Severity 6 of fog"):
        corrupt(digits, "fog", 6)
