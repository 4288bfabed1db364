"""Fitting: what happens when it goes wrong. (That it resumes to the bit is in tests/training.)"""

import errno
from pathlib import Path

import keras
import numpy as np
import pytest

from digits.models import architectures
from digits.train import fit as fitting
from digits.train import photometric

DIGITS = (np.zeros((20, 28, 28), np.uint8), np.arange(20) % 10)


def linear():
    inputs = keras.Input((28, 28, 1))
    return keras.Model(inputs, keras.layers.Dense(10)(keras.layers.Flatten()(inputs)))


def fit(folder, loss=None, epochs=1):
    training = linear()
    loss = loss or keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    fitting.compile_training(training, "adam", loss)
    options = {"seed": 1, "verbose": 0}
    return fitting.fit(training, fitting.Batches(*DIGITS, 10), DIGITS, folder, epochs=epochs, **options)


def test_a_diverged_training_is_refused(tmp_path):
    with pytest.raises(ValueError, match="diverged"):
        fit(tmp_path, loss=lambda y, logits: keras.ops.sum(logits, axis=-1) * float("nan"))


def test_a_finished_training_is_not_trained_again(tmp_path):
    first = fit(tmp_path, epochs=2)
    assert fit(tmp_path, epochs=2) == first


def test_a_damaged_state_is_refused_by_name(tmp_path):
    for harm in ("{}", "not json"):
        (tmp_path / "state.json").write_text(harm)
        with pytest.raises(ValueError, match=r"state\.json"):
            fitting.load_state(tmp_path)


def test_damaged_or_missing_weights_are_refused_by_name(tmp_path):
    fit(tmp_path)
    (weights,) = tmp_path.glob("last-*.h5")
    weights.write_bytes(b"junk")
    with pytest.raises(ValueError, match=weights.name):
        fit(tmp_path, epochs=2)
    weights.unlink()
    with pytest.raises(ValueError, match=weights.name):
        fit(tmp_path, epochs=2)


def test_a_full_disk_is_an_oserror_and_what_was_saved_stays(tmp_path, monkeypatch):
    fit(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(path, data):
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match=r"No space left on device: .*\.weights\.h5"):
        fit(tmp_path, epochs=2)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_best_weights_are_kept_whatever_is_no_number(tmp_path):
    model = linear()
    best = fitting.KeepBest(tmp_path, every=False)
    best.set_model(model)
    for epoch, loss in enumerate([float("nan"), 2.0, 3.0, 1.0]):
        best.on_epoch_end(epoch, {"val_loss": loss})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best-002.weights.h5", "best-004.weights.h5"]


def test_no_random_generator_repeats_what_another_draws():
    batches = fitting.Batches(*DIGITS, 10)
    model = fitting.with_augmentation(
        architectures.build("cnn", width=4), photometric.photometric_augmentation(seed=1)
    )
    reseed = fitting.SeedEpochs(1, batches)
    reseed.set_model(model)
    begins = []
    for epoch in range(3):
        reseed.on_epoch_begin(epoch)
        begins += [tuple(map(int, g.state.numpy())) for g in fitting._generators(model)]
    assert len(begins) >= 33
    # Draws count the second word up, and no epoch draws a hundred thousand times.
    close = [(a, b) for a in begins for b in begins if a < b and a[0] == b[0] and b[1] - a[1] < 100_000]
    assert not close


def test_batches_cover_every_digit_once_in_an_order_of_the_epoch():
    batches = fitting.Batches(*DIGITS, batch_size=8)
    assert len(batches) == 3
    assert batches[0][0].shape == (8, 28, 28, 1)
    assert batches[2][1].tolist() == [6, 7, 8, 9]
    orders = []
    for epoch in (0, 1, 0):
        batches.shuffle(seed=1, epoch=epoch)
        orders.append(batches.order.tolist())
        assert sorted(orders[-1]) == list(range(20))
    assert orders[0] == orders[2] != orders[1]
