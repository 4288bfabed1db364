"""Models that Keras 2.13 and 2.15 wrote, in archives and in HDF5, give the answers that they gave there."""

import io
import shutil
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras import layers as L

from digits import Recognizer
from digits.files import sha256
from digits.models.sandbox import build, container, gate, inputs, weights, worker

OLD = Path(__file__).with_name("old")
"""Files of `varied` in evaluation/foreign/make.py: a model inside a model, a fixed batch of 32, augmentation,
`x / 255`, functions of TensorFlow as activations, recurrent layers, outputs in a list."""

ANSWERS = [
    [0.1595, 0.0414, 0.1544, 0.1936, 0.0393, 0.0768, 0.2050, 0.0497, 0.0534, 0.0269],
    [0.1736, 0.0414, 0.1552, 0.1880, 0.0371, 0.0744, 0.2024, 0.0483, 0.0525, 0.0271],
]
"""What TensorFlow 2.13 and 2.15 answered to the first two of `asked`."""


def asked() -> np.ndarray:
    return np.random.default_rng(6).integers(0, 256, (32, 28, 28, 1)).astype(np.float32)


def remade(path: Path) -> keras.Model:
    """Do here what the app and its child process do together."""
    container.check(path)
    plan = worker.plan_of(path)
    return build.build(plan, weights.read(container.read(path, "model.weights.h5"), plan))


@pytest.mark.parametrize("name", ["varied213.keras", "varied215.keras", "varied215.h5"])
def test_an_old_model_answers_as_it_did(name):
    model = remade(OLD / name)
    assert model.input_shape == (None, 28, 28, 1), "whatever the batch was"
    assert np.array(model(asked()[:2], training=False)) == pytest.approx(np.array(ANSWERS), abs=1e-4)


def on_windows(data: bytes) -> bytes:
    r"""Return weights whose groups are named as on Windows: "layers\dense" is one name."""
    out = io.BytesIO()
    with h5py.File(io.BytesIO(data), "r") as one, h5py.File(out, "w") as other:

        def copy(name: str, found) -> None:
            if isinstance(found, h5py.Dataset):
                *group, last, number = name.split("/")
                other.require_group("\\".join(group)).require_group(last)[number] = found[()]

        one.visititems(copy)
    return out.getvalue()


def test_a_model_from_windows_answers_too(tmp_path):
    path = tmp_path / "windows.keras"
    with zipfile.ZipFile(OLD / "varied213.keras") as one, zipfile.ZipFile(path, "w") as other:
        for name in one.namelist():
            data = one.read(name)
            other.writestr(name, on_windows(data) if name.endswith(".h5") else data)
    assert np.array(remade(path)(asked()[:2])) == pytest.approx(np.array(ANSWERS), abs=1e-4)


def test_hdf5_goes_the_whole_way_by_its_name_and_under_another(surroundings, monkeypatch):
    """Listed, looked at, read and answered from; in a process of its own, as `trial` does it."""
    models = surroundings / "models"
    shutil.copyfile(OLD / "varied215.h5", models / "old.h5")
    shutil.copyfile(OLD / "varied215.h5", models / "renamed.keras")
    wanted = Recognizer.load(OLD / "varied215.keras").probabilities(asked()[:2] / 255)
    for name in ("old", "renamed"):
        assert Recognizer.load(name).probabilities(asked()[:2] / 255) == pytest.approx(wanted, abs=1e-5)
    assert gate.look(models / "old.h5") == gate.look(OLD / "varied215.keras")


def test_weights_alone_are_refused_for_what_they_are(tmp_path):
    path = tmp_path / "w.h5"
    with h5py.File(path, "w") as file:
        file["layers/dense/vars/0"] = np.zeros(3)
    with pytest.raises(ValueError, match=r"^w\.h5: .*weights alone.*save the whole model"):
        Recognizer.load(path)


def ending_in(count: int, path: Path, **options) -> Path:
    keras.Sequential([keras.Input((28, 28)), L.Flatten(), L.Dense(count, **options)]).save(path)
    return path


@pytest.mark.parametrize(
    ("count", "what"), [(26, "letters"), (36, "digits and letters"), (14, "14 things"), (1, "1 things")]
)
def test_models_of_other_things_are_refused_for_what_they_are(tmp_path, count, what):
    with pytest.raises(ValueError, match=f"{what}.*expected the 10 digits"):
        gate.look(ending_in(count, tmp_path / "other.keras"))


def test_ten_sigmoids_are_ten_probabilities(tmp_path):
    path = ending_in(10, tmp_path / "sigmoid.keras", activation="sigmoid")
    frames = np.random.default_rng(1).random((5, 28, 28, 1), np.float32)
    before = np.array(keras.saving.load_model(path)(frames[..., 0]))
    answers = Recognizer.load(path).probabilities(frames)
    assert answers.sum(axis=1) == pytest.approx(np.ones(5))
    odds = before / (1 - before)
    assert answers == pytest.approx(odds / odds.sum(axis=1, keepdims=True), abs=1e-4)


def test_what_is_computed_outside_of_layers_is_computed(tmp_path):
    x = given = keras.Input((28, 28))
    x = keras.ops.expand_dims(1.0 - (x / 255.0 - 0.5) * 2.0, -1)
    x = L.Conv2D(4, 3, activation=L.LeakyReLU(0.2))(x)
    x = keras.ops.relu(L.Dense(10)(keras.ops.reshape(x, (-1, 26 * 26 * 4))))
    model = keras.Model(given, [[x]])
    model.save(tmp_path / "m.keras")
    frames = asked()[..., 0]
    assert np.array(remade(tmp_path / "m.keras")(frames)) == pytest.approx(
        np.array(keras.tree.flatten(model(frames))[0]), abs=1e-4
    )


def test_frames_in_a_row_of_columns_and_with_an_edge(tmp_path):
    frames = np.random.default_rng(1).random((3, 28, 28, 1), np.float32)
    for takes, shown in (
        ((784, 1), frames.reshape(3, 784, 1)),
        ((32, 32, 1), np.pad(frames, ((0, 0), (2, 2), (2, 2), (0, 0)))),
        ((None, 28), frames[..., 0]),
    ):
        layers = [L.Flatten()] if takes[0] else [L.SimpleRNN(5)]
        model = keras.Sequential([keras.Input(takes), *layers, L.Dense(10, "softmax")])
        path = tmp_path / f"{len(takes)}{takes[0]}.keras"
        model.save(path)
        wanted = np.array(model(shown))
        assert Recognizer.load(path).probabilities(frames) == pytest.approx(wanted, abs=1e-4)


def test_a_model_of_ours_that_was_adapted_comes_through_as_a_strangers(tmp_path, tiny_model):
    """Whoever teaches an adapted model, and takes it to another computer, has a file that nobody knows."""
    from digits.models.sandbox import adapt

    frames = np.random.default_rng(1).random((3, 28, 28, 1), np.float32)
    for form in inputs.FORMS:
        model = adapt.as_ours(tiny_model, form=form)
        model.save(tmp_path / "m.keras")
        assert not gate.trusted(sha256(tmp_path / "m.keras"))
        assert np.array(remade(tmp_path / "m.keras")(frames)) == pytest.approx(
            np.array(model(frames)), abs=1e-5
        )
