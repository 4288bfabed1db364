"""What is made of a finder network's answer; the answers are given by hand, no network is asked."""

import numpy as np
import pytest

from digits.models import finder as network
from digits.models import glimpse as glimpse_reader
from digits.models.finder import KINDS, MAPS, REACH, USUAL
from digits.preprocessing.finder import RATHER, even, evenness, glimpse, see, see_at
from digits.preprocessing.layout import find_layout

SURE, NOT = 6.0, -8.0
"""Logits."""


class Answer:
    """What a network says: at first nothing is written anywhere."""

    def __init__(self, height, width):
        self.ink = np.full((height, width), NOT, np.float32)
        self.maps = np.full((height // 2, width // 2, MAPS), NOT, np.float32)
        self.maps[..., len(KINDS) :] = 0
        self.labels = np.zeros((height // 4, width // 4, 10), np.float32)
        self.text = np.zeros((width // 4, 11), np.float32)

    def write(self, x, y, width, height, kind="digit", logit=SURE, points_to=None):
        """Write a block of ink; its centre is seen at (x, y), or its ink points elsewhere and none is
        seen."""
        left, top = x - width // 2, y - height // 2
        self.ink[max(0, top) : top + height, max(0, left) : left + width] = SURE
        rows = np.s_[max(0, top // 2) : (top + height) // 2]
        columns = np.s_[max(0, left // 2) : (left + width) // 2]
        down, across = np.mgrid[rows, columns].astype(np.float32) * 2 + 1
        to_x, to_y = points_to or (x, y)
        self.maps[rows, columns, len(KINDS)] = (to_x - across) / REACH
        self.maps[rows, columns, len(KINDS) + 1] = (to_y - down) / REACH
        if points_to is None:
            near = np.s_[y // 2 - 1 : y // 2 + 2, x // 2 - 1 : x // 2 + 2]
            self.maps[near][..., KINDS.index(kind)] = logit - 0.5
            self.maps[y // 2, x // 2, KINDS.index(kind)] = logit
            self.maps[near][..., -2:] = np.log(np.array([width, height]) / USUAL)
        return self


@pytest.fixture
def answer(monkeypatch):
    """Return what makes the network answer so: a function of height and width -> `Answer`."""

    def give(make):
        def look(shown):
            said = [make(*one.shape[:2]) for one in shown]
            looked_at.append(shown.shape)
            parts = ("ink", "maps", "labels", "text")
            return tuple(np.stack([getattr(one, name) for one in said]) for name in parts)

        looked_at = []
        monkeypatch.setattr(network, "look", look)
        return looked_at

    return give


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def grey(height=64, width=96, level=0.9):
    return np.full((height, width), level, np.float32)


def striped(rng, low, high):
    """Return dense random strokes, (120, 160) float32, of two levels."""
    return np.where(rng.random((120, 160)) < 0.3, low, high).astype(np.float32)


def test_light_changes_nothing_and_contrast_hardly(rng):
    picture = striped(rng, 0.1, 0.6)
    assert even(picture + 0.3) == pytest.approx(even(picture), abs=1e-3)
    assert even(0.4 * picture) == pytest.approx(even(picture), rel=0.15, abs=0.05)
    assert even(1 - picture) == pytest.approx(-even(picture), abs=1e-3)


def test_plain_paper_is_even_and_its_grain_is_not_blown_up(rng):
    assert even(grey()) == pytest.approx(0, abs=1e-3)
    assert np.abs(even(grey() + rng.normal(0, 0.002, (64, 96)).astype(np.float32))).max() < 0.6


def test_a_slow_change_of_light_is_taken_out():
    light = np.linspace(0.3, 0.9, 300, dtype=np.float32)[None].repeat(100, axis=0)
    stroke = light.copy()
    stroke[40:60, 30:34] *= 0.4
    stroke[40:60, 266:270] *= 0.4
    found = even(stroke)
    assert found[50, 31] < -1.5
    assert found[50, 267] < -1.5
    assert np.abs(found[:, 100:200]).max() < 1.5


def test_centres_have_kind_chance_place_and_size(answer):
    answer(lambda h, w: Answer(h, w).write(24, 32, 16, 28).write(70, 48, 6, 8, "comma", 2.0))
    seen = see(grey())
    digit, comma = seen.centres
    assert (digit.kind, comma.kind) == ("digit", "comma")
    assert digit.chance == digit.digit == pytest.approx(1 / (1 + np.exp(-SURE - RATHER)), abs=0.01)
    assert comma.chance == pytest.approx(1 / (1 + np.exp(-2)), abs=0.01)
    assert comma.digit < 0.01
    assert (digit.x, digit.y) == pytest.approx((24, 32), abs=1.1)
    assert (digit.width, digit.height) == pytest.approx((16, 28), rel=0.01)
    assert seen.ink[32, 24] > 0.99
    assert seen.ink[2, 2] < 0.01


def test_touching_ink_goes_to_the_centre_that_it_points_to(answer):
    answer(lambda h, w: Answer(h, w).write(24, 32, 20, 28).write(44, 32, 20, 28))  # from 14 to 54, no gap
    seen = see(grey())
    left, right = sorted(range(2), key=lambda i: seen.centres[i].x)
    assert (seen.owner[20:44, 15:33] == left + 1).all()
    assert (seen.owner[20:44, 36:53] == right + 1).all()
    assert (seen.owner[:, 60:] == 0).all()


def test_ink_that_points_to_nothing_seen_is_nobodys(answer):
    answer(lambda h, w: Answer(h, w).write(40, 32, 16, 28).write(4, 32, 8, 28, points_to=(-20, 32)))
    seen = see(grey())
    assert len(seen.centres) == 1
    assert (seen.owner[20:44, :8] == 0).all()
    assert (seen.owner[20:44, 34:46] == 1).all()


def test_two_peaks_on_one_thing_are_one_centre(answer):
    def make(height, width):
        said = Answer(height, width).write(40, 32, 20, 28)
        said.maps[16, 23, 0] = 4.0  # six points beside
        return said

    answer(make)
    assert len(see(grey()).centres) == 1


def test_nothing_beyond_the_picture_is_seen(answer):
    answer(lambda h, w: Answer(h, w).write(20, 28, 12, 26).write(w - 2, h - 2, 4, 4))
    seen = see(grey(64, 107))  # shown as 64 x 112
    assert seen.grey.shape == seen.ink.shape == seen.owner.shape == (64, 107)
    assert len(seen.centres) == 1


def test_nothing_is_seen_where_nothing_is(answer):
    answer(Answer)
    seen = see(grey())
    assert seen.centres == []
    assert not seen.owner.any()


def test_pictures_of_several_sizes_come_back_in_order(answer):
    looked_at = answer(lambda h, w: Answer(h, w).write(24, 24, 16, 28))
    shapes = [(64, 96), (80, 64), (64, 96), (64, 200), (80, 64), (64, 90)] * 5
    levels = np.linspace(0.1, 0.9, len(shapes))
    pictures = [grey(*shape, level) for shape, level in zip(shapes, levels, strict=True)]
    seen = see_at(pictures, [1.0] * len(pictures))
    assert [one.grey.shape for one in seen] == shapes
    assert [float(one.grey.mean()) for one in seen] == pytest.approx(levels, abs=1e-5)
    assert sum(shape[0] for shape in looked_at) == len(shapes)
    assert len(looked_at) < len(shapes), "small ones of one size are shown together"


def test_places_come_back_in_pixels_of_the_picture(answer):
    answer(lambda h, w: Answer(h, w).write(w // 2, h // 2, 16, 28))
    picture = grey(128, 256)  # looked at half as large
    seen = [see(picture, scale) for scale in (1.0, 3.0)]
    assert [one.scale for one in seen] == pytest.approx([2, 6])
    for one in seen:
        x, y, w, h = find_layout(one).box(0)
        assert (w, h) == pytest.approx((16 * one.scale, 28 * one.scale), abs=one.scale)
        assert (x + w / 2, y + h / 2) == pytest.approx((64 * one.scale, 32 * one.scale), abs=2 * one.scale)


def test_writing_of_another_height_is_looked_at_again_at_its_best_size(answer):
    def make(height, width):
        size = height // 4  # of the picture
        fits = 20 <= size <= 42
        return Answer(height, width).write(
            width // 2, height // 2, size // 2, size, logit=SURE if fits else 2
        )

    looked_at = answer(make)
    seen = see(grey(320, 320))
    assert len(looked_at) == 2
    assert seen.centres[0].height == pytest.approx(USUAL, rel=0.1)
    assert seen.scale == pytest.approx(320 / seen.grey.shape[0])
    assert seen.grey.shape[0] == pytest.approx(112, abs=4)


def test_a_size_is_looked_at_once(answer):
    looked_at = answer(lambda h, w: Answer(h, w).write(w // 2, h // 2, 8, 14 if h < 100 else 60, logit=2.0))
    see(grey(320, 320))
    assert len({shape for shape in looked_at}) == len(looked_at)


def test_a_glimpse_shows_a_thing_its_surroundings_and_nothing_beyond():
    picture = grey(200, 400)
    picture[80:120, 190:210] = 0.2
    shown = glimpse(picture, (190, 80, 20, 40))
    assert shown.shape == (64, 64, 2)
    assert (shown[..., 1] == 1).all()
    rows, columns = np.nonzero(shown[..., 0] < -1)
    assert (rows.min(), rows.max()) == pytest.approx((7, 56), abs=2), "a share of 1 / 1.3 of it is the thing"
    assert (columns.min(), columns.max()) == pytest.approx((19, 44), abs=2)
    edge = glimpse(picture, (0, 0, 100, 200))
    inside = edge[..., 1].astype(bool)
    assert 0 < inside.mean() < 1
    assert not edge[~inside].any()


def test_of_several_views_the_mean_is_answered(rng):
    things = rng.uniform(-1, 1, (2, 3, 64, 64, 2)).astype(np.float32)
    each = np.stack([glimpse_reader.read(views) for views in things])
    assert glimpse_reader.read(things) == pytest.approx(each.mean(axis=1), abs=1e-4)
    assert glimpse_reader.read(things[:0]).shape == (0, 11)


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (399, 199, 1, 1), (0, 100, 400, 1), (0, 0, 400, 200)])
def test_any_box_can_be_glimpsed(box):
    assert np.isfinite(glimpse(grey(200, 400), box)).all()


def test_paper_has_a_grain_and_a_screen_has_none(rng):
    screen = grey()
    screen[20:40, 30:34] = 0.1
    assert evenness(screen) > 0.95
    assert evenness(np.clip(screen + rng.normal(0, 0.01, screen.shape), 0, 1).astype(np.float32)) < 0.5
