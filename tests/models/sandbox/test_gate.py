"""Sound models come through, ours and untrusted ones, and are tried once; uploads replace no other."""

import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import corpus
import h5py
import keras
import numpy as np
import pytest
from keras import layers as L

from digits import Recognizer
from digits.config import ROOT
from digits.files import sha256
from digits.models import checkpoints
from digits.models.alphabet import DIGITS
from digits.models.sandbox import (
    arguments,
    build,
    container,
    description,
    gate,
    outline,
    trial,
    weights,
    worker,
)
from digits.models.sandbox import calls as call_order
from digits.models.sandbox.gate import SHIPPED


@pytest.fixture
def own_notes(tmp_path, monkeypatch):
    """Let nothing be known from before."""
    monkeypatch.setenv("DIGITS_USER_DIR", str(tmp_path / "user"))
    monkeypatch.setattr(gate, "_here", set())


@pytest.fixture
def counted(monkeypatch):
    """Count trials instead of holding them."""
    calls = []
    monkeypatch.setattr(trial, "run", lambda path, parameters, labels: calls.append(parameters))
    return calls


def weights_of(path: Path, plan: outline.Plan) -> np.ndarray:
    """Read the weights as the child process would, in this one."""
    return weights.read(container.read(path, "model.weights.h5"), plan)


@pytest.fixture
def unlimited(monkeypatch):
    """Let what the child process does be done in this one, which shall live on."""
    for name in ("limit", "lift", "_one_thread"):
        monkeypatch.setattr(worker, name, lambda *seconds: None)


def save(folder, *layers, takes=(28, 28, 1), name="theirs"):
    """Save a Sequential model."""
    path = folder / f"{name}.keras"
    keras.Sequential([keras.Input(takes), *layers]).save(path)
    return path


def in_git() -> list[str]:
    found = subprocess.run(
        ["git", "ls-files", "models/*.keras", "models/*.tflite"], cwd=ROOT, capture_output=True, text=True
    )
    return found.stdout.split()


def test_the_list_of_shipped_models_is_that_of_the_files():
    names = in_git() or [f"models/{name}" for name in SHIPPED]  # in a copy without git
    files = {name.removeprefix("models/"): sha256(ROOT / name) for name in names}
    assert files == SHIPPED, "digits/models/sandbox/gate.py must hold these"


def test_what_was_shipped_or_made_here_needs_no_trial(own_notes, counted, tmp_path, tiny_model, tiny_card):
    assert Recognizer.load(ROOT / "models" / "mnist_tiny.keras").card
    checkpoints.save(tiny_model, tiny_card, tmp_path / "mine.keras")
    checkpoints.load(tmp_path / "mine.keras")
    assert counted == []


def test_an_untrusted_model_is_tried_once_and_again_after_a_change(
    own_notes, counted, tmp_path, tiny_model, tiny_file
):
    path = tmp_path / "theirs.keras"
    shutil.copyfile(tiny_file, path)
    for _ in range(2):
        gate.examine(path)
    assert counted == [tiny_model.count_params()]
    save(tmp_path, L.Flatten(), L.Dense(10))
    gate.examine(path)
    assert len(counted) == 2


def test_what_passed_is_remembered_by_other_processes_until_the_gate_changes(
    own_notes, tmp_path, monkeypatch
):
    gate.remember("a" * 64)
    gate._here.clear()
    assert gate.knows("a" * 64)
    assert not gate.knows("b" * 64)
    with monkeypatch.context() as patch:
        patch.setattr(gate, "GATE", gate.GATE + 1)
        assert not gate.knows("a" * 64)
    (tmp_path / "user" / "models_passed.json").write_text("[")  # damaged: a trial more, and no worse
    assert not gate.knows("a" * 64)
    gate.remember("b" * 64)
    assert gate.knows("b" * 64)


def in_a_row(*steps, takes=(28, 28, 1)) -> keras.Sequential:
    return keras.Sequential([keras.Input(takes), *steps])


NOT_IN_KERAS_3 = {"RandomHeight", "RandomWidth"}


def every_layer() -> list[keras.Model]:
    """Return models that hold between them every layer of the list."""
    x = keras.Input((28, 28, 1))
    a, b = L.Conv2D(8, 3, padding="same", dilation_rate=2)(x), L.Conv2D(8, 1, groups=1)(x)
    merges = [L.Add, L.Subtract, L.Multiply, L.Average, L.Maximum, L.Minimum]
    joined = L.Concatenate()([merge()([a, b]) for merge in merges])
    row, twice = keras.Input((784,)), L.Dense(784, "relu")
    extras = {"kernel_regularizer": "l2", "kernel_constraint": "max_norm", "kernel_initializer": "he_normal"}
    return [
        keras.Model(x, L.Dense(10, "softmax")(L.Flatten()(L.GlobalMaxPooling2D(keepdims=True)(joined)))),
        keras.Model(row, L.Dense(10)(twice(twice(row)))),
        in_a_row(
            in_a_row(L.UnitNormalization(1), L.Rescaling(1 / 255), L.Conv2D(8, 3, 2)),
            *[L.BatchNormalization(), L.LeakyReLU(), L.DepthwiseConv2D(3, depth_multiplier=2)],
            *[L.PReLU(shared_axes=[1, 2]), L.SeparableConv2D(6, 3), L.LayerNormalization()],
            *[L.GroupNormalization(3), L.SpatialDropout2D(0.1), L.AlphaDropout(0.1), L.ELU()],
            *[L.ReLU(), L.Activation("relu"), L.ActivityRegularization(), L.Identity()],
            *[L.RandomBrightness(0.1), L.RandomShear(0.1, 0.1), L.Normalization(axis=-1)],
            *[
                L.Resizing(20, 21),
                L.CenterCrop(18, 20),
                L.RandomFlip(),
                L.RandomRotation(0.1),
                L.RandomTranslation(0.1, 0.1),
                L.RandomZoom(0.1),
            ],
            *[L.RandomContrast(0.1), L.GaussianNoise(0.1), L.GaussianDropout(0.1), L.Dropout(0.1)],
            *[L.GlobalAveragePooling2D(), L.Dense(10), L.Softmax()],
        ),
        in_a_row(
            *[L.Conv2DTranspose(4, 3, 2), L.Conv2DTranspose(4, 5, 2, padding="same")],
            *[L.Cropping2D(((1, 2), (3, 4))), L.ZeroPadding2D(2), L.MaxPooling2D()],
            *[L.UpSampling2D(2), L.AveragePooling2D(3, 2), L.Flatten(), L.Dense(10)],
        ),
        in_a_row(
            *[L.LSTM(16, return_sequences=True), L.GRU(8, return_sequences=True)],
            *[L.Bidirectional(L.GRU(5)), L.Dense(7), L.RepeatVector(3), L.TimeDistributed(L.Dense(4))],
            *[L.SimpleRNN(7), L.Dense(10, "softmax")],
            takes=(28, 28),
        ),
        in_a_row(
            *[L.SpatialDropout1D(0.1), L.ZeroPadding1D(2), L.Cropping1D((1, 2)), L.UpSampling1D(2)],
            *[L.Conv1D(8, 3), L.MaxPooling1D(), L.AveragePooling1D(2), L.DepthwiseConv1D(2)],
            *[L.Conv1DTranspose(5, 3, 2), L.SeparableConv1D(8, 3, padding="same"), L.Reshape((-1, 4))],
            *[L.Permute((2, 1)), L.GlobalMaxPooling1D(keepdims=True), L.GlobalAveragePooling1D()],
            L.Dense(10, **extras),
            takes=(28, 28),
        ),
    ]


def test_shapes_and_parameters_on_paper_are_those_of_keras(tmp_path):
    met = set()
    for number, model in enumerate(every_layer()):
        path = tmp_path / f"{number}.keras"
        model.save(path)
        container.check(path)
        read = description.parse(container.read(path, "config.json"))
        plan = outline.plan(read)
        assert plan.parameters == model.count_params()
        remade = build.build(plan, weights_of(path, plan))
        frames = np.random.default_rng(1).random((3, *model.input_shape[1:]), np.float32)
        answers = (np.array(one(frames, training=False)) for one in (remade, model))
        assert next(answers) == pytest.approx(next(answers), abs=1e-5)
        met |= {type(layer).__name__ for layer in model._flatten_layers()}
    assert set(outline.RULES) - met == NOT_IN_KERAS_3
    assert set(arguments.ARGUMENTS) == set(outline.RULES)


def test_a_model_that_was_trained_comes_through(tmp_path):
    """Its optimizer's state and its loss are in the file too."""
    model = keras.Sequential([keras.Input((784,)), L.Dropout(0.5), L.Dense(10)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    model.fit(np.zeros((4, 784)), np.zeros(4), verbose=0)
    path = tmp_path / "trained.keras"
    model.save(path)
    plan = worker.plan_of(path)
    kernel, bias = model.get_weights()
    assert np.array_equal(weights_of(path, plan), np.concatenate([kernel.ravel(), bias]))


@pytest.mark.parametrize(
    ("limit", "most", "words"),
    [
        ("MOST_WORK", 1000, "multiplies"),
        ("MOST_VALUES", 1000, "values"),
        ("MOST_VALUES_IN_ALL", 1000, "values of one frame up to"),
        ("MOST_LAYERS", 5, "layers"),
        ("MOST_PARAMETERS", 5, "parameters"),
    ],
)
def test_each_limit_is_held_and_named(tiny_file, monkeypatch, limit, most, words):
    monkeypatch.setattr(outline, limit, most)
    with pytest.raises(ValueError, match=words):
        gate.look(tiny_file)


def test_an_untrusted_model_goes_the_whole_way(own_notes, tmp_path, monkeypatch):
    """The real trial: rows of 28, logits, a file that nobody knows, by a path that leads from here alone."""
    dense = L.Dense(10)
    path = save(tmp_path, L.Flatten(), dense, takes=(28, 28))
    frames = np.random.default_rng(1).random((3, 28, 28, 1), np.float32)
    logits = frames.reshape(3, -1) @ dense.get_weights()[0] + dense.get_weights()[1]
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    monkeypatch.chdir(tmp_path)
    gate.examine(Path(path.name))
    assert Recognizer.load(path).probabilities(frames) == pytest.approx(expected, abs=1e-4)
    assert sha256(path) in (tmp_path / "user" / "models_passed.json").read_text()


def test_weights_of_another_shape_are_refused(tmp_path, unlimited):
    """Two layers whose weights were exchanged: the count is right, the shapes are not."""
    sound = save(tmp_path, L.Dense(20), L.Dense(10), takes=(784,), name="sound")

    def turn(file: h5py.File) -> None:
        kernel = file[corpus.KERNEL][()]
        del file[corpus.KERNEL]
        file["layers/dense/vars"].create_dataset("0", data=kernel.T)

    path = tmp_path / "turned.keras"
    path.write_bytes(corpus.Kit(sound, tmp_path / "canary.txt").weighed(turn))
    assert re.fullmatch(r"Its weights [^\n]+\.", worker._answer("trial", path, DIGITS)[0]["problem"])
    assert worker._answer("trial", sound, DIGITS)[0]["problem"] is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have not all limits")
@pytest.mark.parametrize(
    ("greedy", "ends"),
    [
        ("bytearray(2**31)", "MemoryError"),
        ("open('made', 'wb', 0).write(b'x')", "OSError"),
        ("worker.SECONDS = 1; worker.limit()\nwhile True: pass", "signal"),
        ("worker.CLOCK = 1; worker.limit()\nimport time; time.sleep(60)", "signal"),
    ],
)
def test_the_child_is_held_within_limits(tmp_path, greedy, ends):
    code = f"from digits.models.sandbox import worker; worker.limit()\n{greedy}"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode < 0 if ends == "signal" else ends in done.stderr


@pytest.mark.parametrize("words", [b"", b"[]", b"[" * 9000])
def test_a_child_that_says_nothing_is_a_refusal(words):
    assert "ended before it had answered once (signal 9)" in trial._understood(words, -9)["problem"]
    assert trial._understood(words, -14)["problem"] == trial.LATE
    assert trial._understood(b'{"problem": null}', 0)["problem"] is None
    assert trial._understood(b'{"problem": "Bad.\\nWorse."}', 0)["problem"] == "Bad. Worse."


def test_a_trial_that_comes_too_late_is_no_verdict(monkeypatch, tmp_path):
    monkeypatch.setattr(trial, "LONGEST", 0.0)
    with pytest.raises(ValueError, match="try again when the machine is less busy"):
        trial.run(tmp_path / "m.keras", 10)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.keras")
    with pytest.raises(ValueError, match="^It is no plain file"):
        gate.look(tmp_path / "pipe.keras")


def test_layers_that_only_vary_training_pictures_do_nothing_to_answers(counted, tmp_path):
    rest = keras.Sequential([keras.Input((28, 28, 1)), L.Flatten(), L.Dense(10, "softmax")])
    vary = [L.RandomRotation(0.4), L.RandomContrast(0.9), L.RandomTranslation(0.4, 0.4), L.RandomZoom(0.4)]
    path = save(tmp_path, *vary, L.RandomFlip(), rest)
    frames = np.random.default_rng(1).random((3, 28, 28, 1), np.float32)
    expected = np.asarray(rest(frames))
    assert Recognizer.load(path).probabilities(frames) == pytest.approx(expected, abs=1e-4)


def test_many_calls_in_the_worst_order_are_followed_at_once():
    """Each layer adds up 60 times the one before it, and the last stands first."""

    def tensor(name):
        return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, 0]}}

    def layer(name, before):
        node = {"args": [[tensor(before)] * 60], "kwargs": {}}
        return {"class_name": "Add", "name": name, "config": {"name": name}, "inbound_nodes": [node]}

    layers = {
        f"a{n}": layer(f"a{n}", f"a{n - 1}" if n else "in") for n in reversed(range(call_order.MOST_CALLS))
    }
    calls = [call for call, _ in call_order.in_order(layers, ("in", 0, 0))]
    assert calls == [(f"a{n}", 0) for n in range(call_order.MOST_CALLS)]


@pytest.fixture
def uploads(tmp_path, monkeypatch):
    """Return an empty models/ into which every file may come."""
    monkeypatch.setenv("DIGITS_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setattr(gate, "examine", lambda path, labels: None)
    return tmp_path / "models"


def test_no_model_is_written_over(uploads):
    first, second = (gate.take_in(io.BytesIO(data), "Mine.keras") for data in (b"one", b"two"))
    assert (first.name, second.name) == ("Mine.keras", "Mine-2.keras")
    assert gate.take_in(io.BytesIO(b"three"), "mine.keras").name == "mine-3.keras"
    assert [first.read_bytes(), second.read_bytes()] == [b"one", b"two"]
    assert len(list(uploads.iterdir())) == 3
    (uploads / "other.json").write_text("{}")  # a card that waits for a model does not get this one
    assert gate.take_in(io.BytesIO(b"four"), "other.keras").name == "other-2.keras"
    for name in (r"C:\models\Mein Netz (2).keras", "../../Mein Netz (2).keras"):
        assert gate.take_in(io.BytesIO(name.encode()), name).name.startswith("Mein_Netz_2")
    with pytest.raises(ValueError, match="Other.keras is here already, as Mine: the same file"):
        gate.take_in(io.BytesIO(b"one"), "Other.keras")
    assert gate.take_in(io.BytesIO(b"six"), "…\n.keras").name == "model.keras"


def test_a_refused_file_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITS_MODELS_DIR", str(tmp_path / "models"))
    with pytest.raises(ValueError, match=r"^evil\.keras: It is no ZIP archive; [^\n]+\.$"):
        gate.take_in(io.BytesIO(b"a letter"), "evil.keras")
    assert list((tmp_path / "models").iterdir()) == []


def test_an_app_for_everyone_takes_in_nothing(uploads, monkeypatch):
    monkeypatch.setenv("DIGITS_PUBLIC", "1")
    with pytest.raises(ValueError, match="open to everyone"):
        gate.take_in(io.BytesIO(b"one"), "mine.keras")
    assert not uploads.exists()
