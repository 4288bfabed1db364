"""An index goes there and back; one that does not fit is refused with the command that makes a new one."""

import numpy as np
import pytest
from indexes import index

from digits.explain import feature_index
from evaluation import build_index

COMMAND = r"`python -m evaluation.build_index --model tiny`"


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


def test_a_feature_as_a_byte_is_off_by_half_a_step_at_most():
    features = np.random.default_rng(1).normal(size=(50, 8)).astype(np.float32)
    features[:, 3] = 0.25  # says nothing
    low, high = features.min(axis=0), features.max(axis=0)
    step = (high - low) / 255
    codes = feature_index.encode(features, low, step)
    assert codes.dtype == np.uint8
    assert codes[:, 3].max() == 0
    assert (np.abs(low + step * codes - features) <= 0.51 * step + 1e-6).all()


def test_no_index_names_the_command_that_makes_one(model, tmp_path):
    with pytest.raises(ValueError, match=f"tiny has no index.*{COMMAND}"):
        feature_index.read(model, "a" * 64)
    elsewhere = tmp_path / "theirs.keras"
    with pytest.raises(ValueError, match=f"--model {elsewhere}`"):
        feature_index.read(elsewhere, "a" * 64)


def test_the_index_of_another_file_is_refused(model):
    feature_index.write(index(), feature_index.beside(model))
    with pytest.raises(ValueError, match=rf"another file than tiny\.keras.*{COMMAND}"):
        feature_index.read(model, "b" * 64)


def cut(path):
    path.write_bytes(path.read_bytes()[:300])


def text(path):
    path.write_text("not an index")


def strip(path):
    np.savez(path, about=np.array("{}"))


def age(path):
    with np.load(path) as file:
        arrays = dict(file)
    np.savez(path, **arrays | {"about": np.array('{"version": 0}')})


def shorten(path):
    with np.load(path) as file:
        arrays = dict(file)
    np.savez(path, **arrays | {"labels": arrays["labels"][:3]})


@pytest.mark.parametrize("harm", [cut, text, strip, age, shorten])
def test_a_broken_index_is_refused(model, harm):
    path = feature_index.beside(model)
    feature_index.write(index(), path)
    harm(path)
    with pytest.raises(ValueError, match=rf"tiny\.index\.npz cannot be read as an index.*{COMMAND}"):
        feature_index.read(model, "a" * 64)


def test_an_index_that_is_too_large_is_not_written(model):
    noise = np.random.default_rng(1).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    many = 600
    large = index(
        features=np.tile(index().features, (many, 1)),
        pictures=np.random.default_rng(1).integers(0, 256, (5 * many, 28, 28), dtype=np.uint8),
        **{name: np.tile(getattr(index(), name), many) for name in ("labels", "numbers", "borderline")},
    )
    assert noise.nbytes * many > feature_index.LARGEST
    with pytest.raises(ValueError, match="expected at most 2,000,000: fewer digits"):
        feature_index.write(large, feature_index.beside(model))
    assert list(model.parent.iterdir()) == []


def test_arrays_that_do_not_fit_together_are_no_index():
    with pytest.raises(ValueError, match=r"tsne \(4, 2\); expected \(5, 2\)"):
        index(tsne=index().tsne[:4])


def test_the_chosen_are_typical_or_borderline_but_not_misread():
    rng = np.random.default_rng(1)
    labels = np.repeat(np.arange(10), 30)
    features = (np.eye(10, dtype=np.float32)[labels] + rng.normal(0, 0.02, (300, 10))).astype(np.float32)
    logits = 10 * np.eye(10, dtype=np.float32)[labels]
    close, misread = np.arange(300) % 30 == 4, np.arange(300) % 30 == 7
    logits[close, (labels[close] + 1) % 10] = 9  # nearly something else
    logits[misread, (labels[misread] + 1) % 10] = 11
    places, borderline = build_index.choose(features, labels, logits, 40, seed=1)
    assert (np.diff(places) > 0).all()
    assert set(places[borderline]) == set(np.flatnonzero(close))
    assert np.bincount(labels[places]).tolist() == [4] * 10
    assert build_index.margins(logits, labels)[[4, 7, 0]].tolist() == [1, -1, 10]
    with pytest.raises(ValueError, match="20 digits to choose; expected 40 or more"):
        build_index.choose(features, labels, logits, 20, seed=1)
