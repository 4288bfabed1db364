"""The index of a model: made from training and test digits, small, and honest about how good it is."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from indexes import index

from digits import experiment
from digits.config import ROOT
from digits.data.mnist import load_arrays, split_indices
from digits.explain import feature_index, neighbours
from digits.explain.neighbours import Neighbourhood
from digits.files import sha256
from digits.models import checkpoints
from evaluation import build_index
from evaluation.build_index import Settings, choose, fit_axes, labels_near, lay_out, margins, overlap


@pytest.fixture(scope="module")
def indexed_once(tiny_data, linear_model, tiny_card, tmp_path_factory) -> Path:
    """Make the index of a linear model, beside a foreign model without a card; return their folder."""
    path = tmp_path_factory.mktemp("indexed") / "linear.keras"
    checkpoints.save(linear_model, tiny_card, path)
    shutil.copy(path, path.with_name("foreign.keras"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "_claims", set())  # as if in a process of its own
        patch.setenv("DIGITS_DATA_DIR", str(tiny_data))
        patch.setenv("DIGITS_MODELS_DIR", str(path.parent))
        build_index.main(Settings(digits=200, map_digits=100))
    return path.parent


@pytest.fixture
def indexed(indexed_once, surroundings) -> Path:
    """Return the path of a copy of that model in a folder of models."""
    shutil.copytree(indexed_once, surroundings / "models", dirs_exist_ok=True)
    return surroundings / "models" / "linear.keras"


def test_an_index_holds_training_digits_and_places_of_test_digits(indexed):
    made = feature_index.read(indexed, sha256(indexed))
    assert not feature_index.beside(indexed.with_name("foreign.keras")).exists()  # it has no card
    images, labels = load_arrays("train")
    training, validation = split_indices(labels)
    assert 180 < len(made.labels) <= 200
    assert np.isin(made.numbers, training).all()
    assert not np.isin(made.numbers, validation).any()
    np.testing.assert_array_equal(made.pictures, images[made.numbers])
    np.testing.assert_array_equal(made.labels, labels[made.numbers])
    assert np.bincount(made.labels, minlength=10).min() >= 17
    assert np.bincount(made.labels[made.borderline]).tolist() == [5] * 10
    test_images, test_labels = load_arrays("test")
    np.testing.assert_array_equal(made.map_labels, test_labels[made.map_numbers])
    assert np.bincount(made.map_labels).tolist() == [10] * 10
    around = Neighbourhood.load(indexed)
    for place in range(0, 100, 20):
        found = around.look(test_images[made.map_numbers[place]])
        assert found.digit == made.map_answers[place]
        assert (found.pca.x, found.pca.y) == pytest.approx(tuple(made.pca[place]), abs=1e-4)
        assert (found.tsne.x, found.tsne.y) == pytest.approx(tuple(made.tsne[place]), abs=0.2)


def test_an_index_says_what_it_is_made_of_and_how_good_it_is(indexed):
    about = feature_index.read(indexed, sha256(indexed)).about
    assert about["data"][0]["licence"] == "CC BY-SA 3.0"
    assert "LeCun" in about["data"][0]["attribution"]
    assert len(about["usual_distances"]) == 21
    assert np.all(np.diff(about["usual_distances"]) >= 0)
    measured = about["measured"]
    assert measured["nearest_has_label"]["n"] == 150
    assert measured["nearest_has_label"]["accuracy"] > 0.85
    assert measured["ten_nearest_kept"] > 0.95
    assert set(measured["nearest_on_map_has_label"]) == {"pca", "tsne"}


def test_a_foreign_model_gets_an_index_when_it_is_named(indexed):
    foreign = indexed.with_name("foreign.keras")
    with pytest.raises(ValueError, match=r"--model foreign"):
        Neighbourhood.load(foreign)
    build_index.main(Settings(model="foreign", digits=80, map_digits=50))
    assert len(Neighbourhood.load(foreign).index.map_labels) == 50


def test_what_makes_no_index_is_said(surroundings):
    with pytest.raises(ValueError, match="--digits is 39; expected 40 or more"):
        Settings(digits=39)
    with pytest.raises(ValueError, match="no model in models/ has a card"):
        build_index.main(Settings())


def test_overlap_counts_common_neighbours():
    first = np.array([[1, 2, 3, 4], [1, 2, 3, 4]])
    second = np.array([[1, 2, 3, 4], [1, 9, 2, 8]])
    assert overlap(first, second, 2) == 0.75


def test_the_label_next_to_a_place_is_the_nearest_digits():
    directions = np.array([[1, 0], [0, 1]], np.float32)
    assert labels_near(index(), "pca", neighbours.place_pca, directions).tolist() == [1, 4]


def test_every_shipped_model_has_an_index_of_its_own():
    entries = [entry for entry in checkpoints.entries() if entry.card]
    assert entries
    for entry in entries:
        assert entry.path.parent == ROOT / "models"
        made = feature_index.read(entry.path, entry.card.sha256)
        assert feature_index.beside(entry.path).stat().st_size <= feature_index.LARGEST
        assert len(made.labels) <= 2000
        assert made.about["measured"]["nearest_has_label"]["accuracy"] > 0.97
        assert made.about["measured"]["ten_nearest_kept"] > 0.97


def test_the_chosen_are_typical_or_borderline_but_not_misread():
    rng = np.random.default_rng(1)
    labels = np.repeat(np.arange(10), 30)
    features = (np.eye(10, dtype=np.float32)[labels] + rng.normal(0, 0.02, (300, 10))).astype(np.float32)
    logits = 10 * np.eye(10, dtype=np.float32)[labels]
    close, misread = np.arange(300) % 30 == 4, np.arange(300) % 30 == 7
    logits[close, (labels[close] + 1) % 10] = 9  # nearly something else
    logits[misread, (labels[misread] + 1) % 10] = 11
    places, borderline = choose(features, labels, logits, 40, seed=1)
    assert (np.diff(places) > 0).all()
    assert set(places[borderline]) == set(np.flatnonzero(close))
    assert np.bincount(labels[places]).tolist() == [4] * 10
    assert margins(logits, labels)[[4, 7, 0]].tolist() == [1, -1, 10]
    with pytest.raises(ValueError, match="20 digits to choose; expected 40 or more"):
        choose(features, labels, logits, 20, seed=1)


def test_axes_are_those_of_the_largest_spread():
    rng = np.random.default_rng(1)
    spread = rng.normal(size=(500, 3)) * [1, 5, 2] + [7, 8, 9]
    middle, axes, shares = fit_axes(spread)
    np.testing.assert_allclose(middle, spread.mean(axis=0))
    np.testing.assert_allclose(axes, [[0, 1, 0], [0, 0, 1]], atol=0.1)
    assert shares == pytest.approx([25 / 30, 4 / 30], abs=0.03)
    np.testing.assert_allclose(np.linalg.norm(axes, axis=1), 1, rtol=1e-5)


def test_tsne_keeps_two_groups_apart_and_inside_its_bounds():
    rng = np.random.default_rng(1)
    groups = np.repeat(np.eye(8)[:2], 30, axis=0) + rng.normal(0, 0.05, (60, 8))
    places = lay_out(groups.astype(np.float32), seed=1)
    assert places.shape == (60, 2)
    assert np.abs(places).max() == pytest.approx(1)
    away = np.linalg.norm(places[:, None] - places, axis=2) + np.eye(60) * 9
    assert (away.argmin(axis=1) // 30 == np.arange(60) // 30).all()
    np.testing.assert_array_equal(places, lay_out(groups.astype(np.float32), seed=1))
