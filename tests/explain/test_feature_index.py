"""Features are what enters the last dense layer; an index of them goes there and back, or is refused."""

import keras
import numpy as np
import pytest
from indexes import index
from keras import layers

from digits.explain import feature_index
from digits.models.representation import LOGITS, Representation

COMMAND = r"python -m evaluation.build_index --model tiny"
FRAMES = np.random.default_rng(1).random((3, 28, 28, 1), np.float32)


def sequential():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(2, 5, 5, activation="relu"),
            layers.Flatten(),
            layers.Dense(6, "relu", name="six"),
            layers.Dropout(0.5),
            layers.Dense(10, "softmax", name="answer"),
        ]
    )


def nested():
    frame = keras.Input((28, 28, 1))
    return keras.Model(frame, sequential()(layers.Rescaling(0.5)(frame)))


@pytest.mark.parametrize("build", [sequential, nested])
def test_foreign_networks_show_what_enters_their_last_dense_layer(build, tmp_path):
    model = build()
    path = tmp_path / "theirs.keras"
    model.save(path)
    loaded = keras.saving.load_model(path)
    read = Representation(loaded)
    assert read.layer.endswith("six")
    features, logits = read(FRAMES)
    assert features.shape == (3, 6)
    part = loaded if build is sequential else loaded.layers[-1]
    weights = part.get_layer("answer").get_weights()
    np.testing.assert_allclose(features @ weights[0] + weights[1], logits, atol=1e-5)
    expected = np.array(model(FRAMES))
    np.testing.assert_allclose(np.array(keras.ops.softmax(logits)), expected, atol=1e-5)


def test_a_linear_network_has_its_pixels_for_features(linear_model):
    features, _ = Representation(linear_model)(FRAMES)
    np.testing.assert_allclose(features, FRAMES.reshape(3, -1))


def test_without_a_dense_layer_the_logits_are_the_features():
    convolutions = [layers.Conv2D(10, 28), layers.Flatten(), layers.Softmax()]
    read = Representation(keras.Sequential([keras.Input((28, 28, 1)), *convolutions]))
    features, logits = read(FRAMES)
    assert read.layer == LOGITS
    np.testing.assert_array_equal(features, logits)


def test_many_frames_and_none(linear_model):
    read = Representation(linear_model)
    many = np.tile(FRAMES, (400, 1, 1, 1))
    features, logits = read(many)
    assert (features.shape, logits.shape) == ((1200, 784), (1200, 10))
    np.testing.assert_allclose(logits[-3:], logits[:3], atol=1e-4)
    features, logits = read(many[:0])
    assert (features.shape, logits.shape) == ((0, 784), (0, 10))


@pytest.fixture
def model(surroundings):
    """Return where a model named tiny would be."""
    return surroundings / "models" / "tiny.keras"


def test_an_index_goes_there_and_back(model):
    before = index()
    size = feature_index.write(before, feature_index.beside(model))
    assert size == (model.parent / "tiny.index.npz").stat().st_size
    after = feature_index.read(model, "a" * 64)
    np.testing.assert_array_equal(after.labels, before.labels)
    np.testing.assert_array_equal(after.pictures, before.pictures)
    np.testing.assert_array_equal(after.tsne, before.tsne)
    np.testing.assert_allclose(after.features, before.features, atol=0.01)
    np.testing.assert_allclose(np.linalg.norm(after.features, axis=1), 1, rtol=1e-6)
    assert after.about == before.about | {"version": feature_index.VERSION}


def test_no_index_and_that_of_another_file_are_refused_with_the_command_that_makes_one(model, tmp_path):
    with pytest.raises(ValueError, match=f"tiny has no index.*{COMMAND}"):
        feature_index.read(model, "a" * 64)
    elsewhere = tmp_path / "theirs.keras"
    with pytest.raises(ValueError, match=f"--model {elsewhere}"):
        feature_index.read(elsewhere, "a" * 64)
    feature_index.write(index(), feature_index.beside(model))
    with pytest.raises(ValueError, match=rf"another file than tiny\.keras.*{COMMAND}"):
        feature_index.read(model, "b" * 64)


def rewrite(path, **arrays):
    with np.load(path) as file:
        np.savez(path, **dict(file) | arrays)


HARMS = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[:300]),
    "empty": lambda path: np.savez(path, about=np.array("{}")),
    "old": lambda path: rewrite(path, about=np.array('{"version": 0}')),
    "short": lambda path: rewrite(path, labels=np.zeros(3, np.uint8)),
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_broken_index_is_refused(model, harm):
    path = feature_index.beside(model)
    feature_index.write(index(), path)
    HARMS[harm](path)
    with pytest.raises(ValueError, match=rf"tiny\.index\.npz cannot be read as an index.*{COMMAND}"):
        feature_index.read(model, "a" * 64)


def test_an_index_that_is_too_large_is_not_written(model):
    many = 600
    large = index(
        features=np.tile(index().features, (many, 1)),
        pictures=np.random.default_rng(1).integers(0, 256, (5 * many, 28, 28), dtype=np.uint8),
        **{name: np.tile(getattr(index(), name), many) for name in ("labels", "numbers", "borderline")},
    )
    assert large.pictures.nbytes > feature_index.LARGEST
    with pytest.raises(ValueError, match="expected at most 2,000,000: fewer digits"):
        feature_index.write(large, feature_index.beside(model))
    assert list(model.parent.iterdir()) == []
