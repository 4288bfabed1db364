"""MNIST: one fixed split, found in the promised places; and no test digits for who trains."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from digits import experiment
from digits.config import find_data
from digits.data import mnist
from digits.data.mnist_test import load_test


def test_the_split_is_fixed_stratified_and_without_overlap():
    labels = np.random.default_rng(1).integers(0, 10, 60_000)
    train, val = mnist.split_indices(labels)
    assert (len(train), len(val)) == (54_000, 6_000)
    assert len(np.union1d(train, val)) == 60_000
    shares = np.bincount(labels[val]) / np.bincount(labels)
    assert shares == pytest.approx(0.1, abs=0.001)
    again = mnist.split_indices(labels.copy())
    assert np.array_equal(val, again[1])


@pytest.mark.skipif(find_data("mnist.npz") is None, reason="MNIST is not here (DIGITS_DATA_DIR, data/)")
def test_the_split_of_the_real_digits_never_changes():
    data = mnist.load_train_val()
    assert data.x_train.shape == (54_000, 28, 28)
    assert data.x_val.dtype == np.uint8
    assert np.bincount(data.y_val).tolist() == [592, 674, 596, 613, 584, 542, 592, 627, 585, 595]
    assert data.y_train[:12].tolist() == [1, 2, 6, 0, 0, 4, 7, 4, 9, 0, 1, 4]
    assert data.y_val[:12].tolist() == [6, 9, 1, 3, 2, 8, 8, 9, 9, 1, 0, 2]


def test_training_digits_and_test_digits_come_from_the_folder_named(surroundings):
    data = mnist.load_train_val()
    assert len(data.y_train) + len(data.y_val) == 1500
    images, labels = load_test(limit=20)
    assert images.shape == (20, 28, 28)
    assert labels.dtype == np.int64


def test_a_limit_keeps_the_first_digits(surroundings):
    whole, part = mnist.load_train_val(), mnist.load_train_val(limit=180)
    assert np.array_equal(part.x_train, whole.x_train[:180])
    assert np.array_equal(part.y_val, whole.y_val[:20])


def test_without_data_and_internet_one_sentence_says_what_to_do(tmp_path, monkeypatch):
    def no_internet():
        raise Exception("URL fetch failure")

    monkeypatch.setenv("DIGITS_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("digits.config.ROOT", tmp_path)
    datasets = SimpleNamespace(mnist=SimpleNamespace(load_data=no_internet))
    monkeypatch.setitem(sys.modules, "keras.datasets", datasets)  # Keras itself takes seconds to import
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(datasets=datasets))
    with pytest.raises(FileNotFoundError, match=r"put mnist\.npz .* into the folder data/"):
        mnist.load_train_val()


def test_a_process_that_trains_gets_no_test_digits(surroundings):
    experiment.claim_process(experiment.TRAINS)
    mnist.load_train_val()
    for load in (load_test, lambda: mnist.load_arrays("test")):
        with pytest.raises(ValueError, match="evaluation alone"):
            load()


def test_a_process_with_test_digits_does_not_train(surroundings):
    load_test()
    mnist.load_train_val()
    with pytest.raises(ValueError, match="evaluation alone"):
        experiment.start(experiment.Settings())
