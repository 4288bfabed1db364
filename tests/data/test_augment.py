"""Styles are drawn where they belong, in the digit's own pen, and leave the rest alone."""

import numpy as np
import pytest

from digits.data import augment
from digits.data.mnist import load_train_val


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def ring(n=40):
    """Zeros: rings of radius 8 and 3 pixels wide, in the middle of the frame."""
    rows, columns = np.mgrid[:28, :28]
    distance = np.abs(np.hypot(rows - 13.5, columns - 13.5) - 8)
    return np.repeat(np.clip(2 - distance, 0, 1)[None], n, axis=0).astype(np.float32)


def stem(n=40):
    """Ones: an upright bar, rows 4 to 23, columns 13 and 14."""
    frames = np.zeros((n, 28, 28), np.float32)
    frames[:, 4:24, 13:15] = 1
    return frames


def seven(n=40):
    frames = stem(n)
    frames[:, 4:6, 6:15] = 1
    return frames


@pytest.mark.parametrize(
    ("style", "digit"),
    [
        (augment.slash_zero, ring),
        (augment.flag_one, stem),
        (augment.foot_one, stem),
        (augment.cross_seven, seven),
    ],
)
def test_a_style_adds_ink_inside_the_frame_and_takes_none(style, digit, rng):
    before = digit()
    after = style(before, rng)
    assert after.shape == before.shape
    assert after.dtype == np.float32
    assert (after >= before).all()
    assert after.max() <= 1
    assert (after.sum(axis=(1, 2)) > before.sum(axis=(1, 2)) + 3).all()
    border = np.concatenate([after[:, 0], after[:, -1], after[:, :, 0], after[:, :, -1]], axis=1)
    assert border.max() < 0.6, "a stroke one pixel inside the frame may only touch its border"


def test_styles_are_drawn_where_they_belong(rng):
    middle = augment.slash_zero(ring(), rng)[:, 11:17, 11:17]
    assert (middle.max(axis=(1, 2)) > 0.5).mean() > 0.95, "a slash crosses the middle of most zeros"
    flag = augment.flag_one(stem(), rng) - stem()
    assert flag[:, 20:].max() == 0
    assert flag[:, :, :13].sum() > 10 * flag[:, :, 16:].sum(), "a flag goes down to the left"
    assert (augment.foot_one(stem(), rng) - stem())[:, :19].max() == 0
    bar = augment.cross_seven(seven(), rng) - seven()
    assert bar[:, :8].max() == bar[:, 20:].max() == 0


def test_a_break_takes_ink_and_adds_none(rng):
    before, after = stem(), augment.break_line(stem(), rng)
    assert (after <= before).all()
    lost = 1 - after.sum(axis=(1, 2)) / before.sum(axis=(1, 2))
    assert (lost > 0).all()
    assert lost.max() < 0.35


def test_only_digits_that_have_a_style_change_and_only_some(rng):
    frames = np.concatenate([ring(300), stem(300), seven(300), stem(300)])
    labels = np.repeat([0, 1, 7, 4], 300)
    after = augment.add_styles(frames, labels, rng)
    changed = (after != frames).any(axis=(1, 2)).reshape(4, 300).mean(axis=1)
    assert changed[:3] == pytest.approx([0.39, 0.63, 0.39], abs=0.1)
    assert changed[3] == pytest.approx(0.06, abs=0.05), "fours only ever lose a spot of ink"


def test_strength_zero_changes_nothing_seeds_repeat_and_blank_frames_do_no_harm(rng):
    frames, labels = ring(), np.zeros(40, int)
    assert np.array_equal(augment.add_styles(frames, labels, rng, strength=0), frames)
    twice = [augment.add_styles(frames, labels, np.random.default_rng(5)) for _ in range(2)]
    assert np.array_equal(*twice)
    assert np.array_equal(frames, ring()), "the given frames are not written to"
    blank = np.zeros((4, 28, 28), np.float32)
    assert np.isfinite(augment.add_styles(blank, np.array([0, 1, 7, 3]), rng, strength=2)).all()


def test_some_of_mnist_comes_again_as_small_scans(surroundings):
    mnist = load_train_val(200)
    more = augment.with_scans(mnist, seed=1)
    assert len(more.y_train) == len(more.x_train) == 300
    assert np.array_equal(more.x_train[:200], mnist.x_train)
    assert np.array_equal(more.x_val, mnist.x_val)
