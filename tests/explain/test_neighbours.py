"""Neighbours and places of five digits whose directions are known, and of digits of a linear network."""

import numpy as np
import pytest
from indexes import index

from digits.explain import feature_index, neighbours
from digits.explain.neighbours import Neighbourhood
from digits.files import sha256
from digits.models import checkpoints
from digits.models.representation import unit


def test_the_nearest_come_first_whatever_the_length_of_the_features():
    for length in (0.01, 1, 100):
        found = neighbours.nearest(index(), length * np.array([1, 0]))[:3]
        assert [neighbour.number for neighbour in found] == [10, 11, 12]
        assert [neighbour.label for neighbour in found] == [1, 1, 7]
        assert [n.distance for n in found] == pytest.approx([0, 1 - np.sqrt(3) / 2, 0.5], abs=1e-6)
        assert [neighbour.borderline for neighbour in found] == [False, True, False]
        assert [neighbour.picture[0, 0] for neighbour in found] == [0, 1, 2]


def test_the_nearest_of_one_digit_are_all_of_that_digit():
    found = neighbours.nearest(index(), np.array([1.0, 0.1]), label=7)
    assert [neighbour.number for neighbour in found] == [12, 14]
    assert found[1].distance == pytest.approx(1 + 1 / np.sqrt(1.01))
    assert neighbours.nearest(index(), np.array([1.0, 0]), label=3) == []
    nothing = neighbours.nearest(index(), np.zeros(2))
    assert [neighbour.distance for neighbour in nothing] == [1] * 5


def test_what_cannot_be_is_refused_with_a_sentence():
    with pytest.raises(ValueError, match=r"shape of the features is \(3,\); expected \(2,\)"):
        neighbours.nearest(index(), np.zeros(3))
    with pytest.raises(ValueError, match="label is 10; expected 0 to 9"):
        neighbours.nearest(index(), np.zeros(2), label=10)


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
    together = np.array([[0.1, 0], [0.1, 0.05], [0.12, 0], [-1, 1], [1, -1]], np.float32)
    assert not neighbours.place_tsne(index(tsne=together), np.array([1.0, 0])).divided


@pytest.fixture
def known(tiny_data):
    """Return an index of 60 training digits for the linear network, whose features are the pixels."""
    with np.load(tiny_data / "mnist.npz") as data:
        images, labels = data["x_train"][:60], data["y_train"][:60]
    features = unit(images.reshape(60, -1))
    axes = np.eye(2, 784, dtype=np.float32)
    return index(
        features=features,
        labels=labels,
        numbers=np.arange(60),
        borderline=np.zeros(60, bool),
        pictures=images,
        map_features=features,
        map_labels=labels,
        map_answers=labels,
        map_numbers=np.arange(60),
        pca=features @ axes.T,
        tsne=np.random.default_rng(1).uniform(-1, 1, (60, 2)),
        pca_mean=np.zeros(784, np.float32),
        pca_axes=axes,
    )


def test_a_training_digit_is_its_own_nearest_neighbour(linear_model, known):
    neighbourhood = Neighbourhood(linear_model, known, "linear")
    for place in (0, 7, 41):
        around = neighbourhood.look(known.pictures[place])
        assert around.nearest[0].number == place
        assert around.nearest[0].distance == pytest.approx(0, abs=1e-6)
        assert around.familiar == pytest.approx(1, abs=1e-4)
        assert around.tsne.guides[0] == place
        assert len(around.nearest) == neighbours.SHOWN
        assert {neighbour.label for neighbour in around.rivals} == {around.rival}
        assert around.rival != around.digit
    assert neighbourhood.look(255 - known.pictures[0]).familiar == 0


def test_the_rival_is_the_second_most_probable_or_the_one_asked_for(linear_model, known):
    neighbourhood = Neighbourhood(linear_model, known, "linear")
    picture = known.pictures[3]
    logits = np.array(linear_model(picture[None, ..., None].astype(np.float32) / 255))[0]
    around = neighbourhood.look(picture)
    assert [around.digit, around.rival] == np.argsort(-logits)[:2].tolist()
    around = neighbourhood.look(picture, rival=8)
    assert {neighbour.label for neighbour in around.rivals} == {8}


def test_the_index_of_another_network_is_refused(linear_model):
    with pytest.raises(ValueError, match=r"is \(784,\); expected \(2,\)"):
        Neighbourhood(linear_model, index(), "linear")


def test_a_model_is_loaded_once_until_its_files_change(surroundings, linear_model, tiny_card, known):
    path = surroundings / "models" / "linear.keras"
    checkpoints.save(linear_model, tiny_card, path)
    with pytest.raises(ValueError, match=r"has no index.*build_index --model linear"):
        Neighbourhood.load("linear")
    about = known.about | {"sha256": sha256(path)}
    feature_index.write(index(**vars(known) | {"about": about}), feature_index.beside(path))
    first = Neighbourhood.load("linear")
    assert first is Neighbourhood.load(path)
    assert first.look(known.pictures[2]).nearest[0].number == 2
    feature_index.write(index(**vars(known) | {"about": about | {"new": 1}}), feature_index.beside(path))
    assert Neighbourhood.load("linear") is not first
    with path.open("ab") as file:
        file.write(b"more")
    with pytest.raises(ValueError, match="another file"):
        Neighbourhood.load("linear")
    with pytest.raises(ValueError, match="no model 'none'"):
        Neighbourhood.load("none")
