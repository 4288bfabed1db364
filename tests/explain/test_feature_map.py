"""Places on maps: exact ones by PCA, and between neighbours by t-SNE."""

import numpy as np
import pytest
from indexes import index

from digits.explain import neighbours


def test_pca_places_a_digit_exactly():
    place = neighbours.place_pca(index(), np.array([6.0, 8.0]))
    assert (place.x, place.y) == pytest.approx((0.8, 0.6))  # of length 1, and the axes swapped
    assert (place.guides, place.divided) == ((), False)
    moved = index(pca_mean=np.array([0.6, 0], np.float32))
    assert neighbours.place_pca(moved, np.array([6.0, 8.0])).y == pytest.approx(0)


def test_a_known_digit_is_placed_nearly_where_it_is_and_its_guides_are_the_most_alike():
    place = neighbours.place_tsne(index(), np.array([1.0, 0]))
    # Weights by hand: 1/0.001, 1/(0.001 + 0.13397), 1/(0.001 + 0.5).
    weights = np.array([1000, 1 / 0.1349746, 1 / 0.501])
    corners = np.array([[-1, -1], [1, -1], [1, 1]])
    assert (place.x, place.y) == pytest.approx(tuple(weights @ corners / weights.sum()), abs=1e-3)
    assert place.guides == (0, 1, 2)
    assert place.divided  # they lie in three corners


def test_guides_that_lie_together_do_not_divide():
    together = np.array([[0.1, 0], [0.1, 0.05], [0.12, 0], [-1, 1], [1, -1]], np.float32)
    assert not neighbours.place_tsne(index(tsne=together), np.array([1.0, 0])).divided


def test_nothing_to_go_by_is_still_a_place():
    for place in (neighbours.place_pca, neighbours.place_tsne):
        spot = place(index(), np.zeros(2))
        assert np.isfinite([spot.x, spot.y]).all()


def test_axes_are_those_of_the_largest_spread():
    rng = np.random.default_rng(1)
    spread = rng.normal(size=(500, 3)) * [1, 5, 2] + [7, 8, 9]
    middle, axes, shares = neighbours.fit_axes(spread)
    np.testing.assert_allclose(middle, spread.mean(axis=0))
    np.testing.assert_allclose(axes, [[0, 1, 0], [0, 0, 1]], atol=0.1)
    assert shares == pytest.approx([25 / 30, 4 / 30], abs=0.03)
    np.testing.assert_allclose(np.linalg.norm(axes, axis=1), 1, rtol=1e-5)


def test_tsne_keeps_two_groups_apart_and_inside_its_bounds():
    rng = np.random.default_rng(1)
    groups = np.repeat(np.eye(8)[:2], 30, axis=0) + rng.normal(0, 0.05, (60, 8))
    places = neighbours.lay_out(groups.astype(np.float32), seed=1)
    assert places.shape == (60, 2)
    assert np.abs(places).max() == pytest.approx(1)
    away = np.linalg.norm(places[:, None] - places, axis=2) + np.eye(60) * 9
    assert (away.argmin(axis=1) // 30 == np.arange(60) // 30).all()
    np.testing.assert_array_equal(places, neighbours.lay_out(groups.astype(np.float32), seed=1))
