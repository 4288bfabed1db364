# ruff: noqa: E402
"""Shared fixtures: a tiny MNIST and a tiny model, so that no test needs the real ones or a network."""

import json
import os
import sys
import types
from datetime import timedelta
from pathlib import Path

# Before NumPy and scikit-learn come: on small arrays their threads do little but wait for each other.
for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import hypothesis
import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # for `handwriting`

from handwriting import strokes, write_strokes

COMMON = {"database": None, "suppress_health_check": list(hypothesis.HealthCheck)}
hypothesis.settings.register_profile("quick", max_examples=60, derandomize=True, deadline=None, **COMMON)
hypothesis.settings.register_profile("fuzz", max_examples=5000, deadline=timedelta(seconds=5), **COMMON)
hypothesis.settings.load_profile("quick")  # `pytest --hypothesis-profile=fuzz` for the long one

MAIN = sys.modules["__main__"]

CANVAS = types.ModuleType("streamlit_drawable_canvas")  # no test harness can run the real one
sys.modules[CANVAS.__name__] = CANVAS


LONG = (
    "test_teach.py",
    "test_walkthrough.py",
    "test_web.py",
    "test_every_page.py",
    "test_kills.py",
    "test_suite.py",
)


def pytest_collection_modifyitems(items):
    """Begin with the files that take longest, so that in the end no worker waits for another."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


@pytest.fixture(autouse=True)
def same_main():
    """Put the main module back: AppTest leaves a page in its place, which processes begun later would run."""
    yield
    sys.modules["__main__"] = MAIN


@pytest.fixture(autouse=True)
def unclaimed(monkeypatch):
    """Let each test train, or see test digits, as if in a process of its own."""
    from digits import experiment

    monkeypatch.setattr(experiment, "_claims", set())


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory) -> Path:
    """Return a data folder with an mnist.npz of 1,797 real small digits, enlarged to 28 x 28."""
    digits = load_digits()
    images = np.stack([_enlarge(image) for image in digits.images])
    folder = tmp_path_factory.mktemp("data")
    np.savez(
        folder / "mnist.npz",
        x_train=images[:1500],
        y_train=digits.target[:1500].astype(np.uint8),
        x_test=images[1500:],
        y_test=digits.target[1500:].astype(np.uint8),
    )
    return folder


@pytest.fixture(autouse=True)
def no_trials(request, tmp_path_factory, monkeypatch):
    """Spare the models that tests make their trial, ten seconds each; tests/models/sandbox/ has it."""
    from digits.models.sandbox import gate, trial

    monkeypatch.setattr(gate, "_here", set())  # what passed in a test before is not known in the next
    if "sandbox" not in request.path.parts:
        monkeypatch.setattr(trial, "run", lambda *_: None)
    monkeypatch.setenv("DIGITS_USER_DIR", str(tmp_path_factory.getbasetemp() / "user"))


@pytest.fixture
def surroundings(tiny_data, tmp_path, monkeypatch) -> Path:
    """Point data, models, runs and results into temporary folders; return their parent."""
    monkeypatch.setenv("DIGITS_DATA_DIR", str(tiny_data))
    for name in ("models", "runs", "results", "user"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(f"DIGITS_{name.upper()}_DIR", str(tmp_path / name))
    return tmp_path


@pytest.fixture(scope="session")
def strokes_file(tmp_path_factory) -> Path:
    """Return a strokes file of 120 digits by two sources, each a little different."""
    rng = np.random.default_rng(1)
    digits = [
        [(stroke + rng.normal(0, 1.5, stroke.shape)) for stroke in strokes(n % 10, size=100, left=0, top=0)]
        for n in range(120)
    ]
    path = tmp_path_factory.mktemp("strokes") / "pen.npz"
    write_strokes(path, digits, np.arange(120) % 10, np.where(np.arange(120) < 80, "here", "there"))
    return path


@pytest.fixture(scope="session")
def letters_file(tmp_path_factory) -> Path:
    """Return a strokes file of 60 letters by two sources."""
    from digits.data import doodles

    rng = np.random.default_rng(1)
    letters = [[10 * stroke for stroke in doodles.letter(rng)] for _ in range(60)]
    path = tmp_path_factory.mktemp("letters") / "letters.npz"
    write_strokes(path, letters, np.full(60, "A"), np.where(np.arange(60) < 40, "here", "elsewhere"))
    return path


@pytest.fixture(scope="session")
def tiny_card():
    """Return the card of an untrained model."""
    from digits.models.card import Card

    return Card(
        name="tiny",
        architecture="cnn",
        parameters=5000,
        trained_on=[{"name": "nothing", "licence": "none", "attribution": "none"}],
        config={},
        seed=1,
        validation={"n": 10, "accuracy": 0.5, "loss": 1.0},
        temperature=2.0,
        thresholds={"unsure_below": 0.5, "refused": 0.01, "errors_caught": 0.5},
        created="2026-01-01T00:00:00+00:00",
        versions={"python": "3.11"},
        minutes=0.1,
        hardware="any",
    )


@pytest.fixture(scope="session")
def tiny_model():
    """Return an untrained network of a few thousand parameters."""
    import keras

    from digits.models import architectures

    keras.utils.set_random_seed(1)
    return architectures.build("cnn", width=4)


@pytest.fixture(scope="session")
def tiny_file(tiny_model, tiny_card, tmp_path_factory) -> Path:
    """Return the file of that network, its card beside it; copy both to change them."""
    from digits.models import checkpoints

    path = tmp_path_factory.mktemp("tiny") / "tiny.keras"
    checkpoints.save(tiny_model, tiny_card, path)
    return path


@pytest.fixture(scope="session")
def linear_model(tiny_data):
    """Return a linear network that reads the tiny MNIST nine times in ten: the nearest mean wins."""
    import keras

    with np.load(tiny_data / "mnist.npz") as data:
        frames, labels = data["x_train"].reshape(-1, 28 * 28) / 255, data["y_train"]
    means = np.stack([frames[labels == digit].mean(axis=0) for digit in range(10)])
    inputs = keras.Input((28, 28, 1), name="frame")
    logits = keras.layers.Dense(10, name="logits")
    outputs = keras.layers.Softmax(name="probabilities")(logits(keras.layers.Flatten()(inputs)))
    logits.set_weights([means.T, -(means**2).sum(axis=1) / 2])
    return keras.Model(inputs, outputs, name="linear")


@pytest.fixture(scope="session")
def tiny_digits(tiny_data):
    """Return 60 test digits of the tiny MNIST: frames (60, 28, 28, 1) float32 in [0, 1] and labels (60,)."""
    with np.load(tiny_data / "mnist.npz") as data:
        return data["x_test"][:60, ..., None].astype(np.float32) / 255, data["y_test"][:60]


@pytest.fixture(scope="session")
def recognizer():
    """Return the shipped default model's light copy: it needs no TensorFlow, and reads the same."""
    from digits import Recognizer

    return Recognizer.load(ROOT / "models" / "handwriting.tflite")


@pytest.fixture(scope="session")
def shipped():
    """Return what explains the shipped default model."""
    from digits.explain import report

    return report.load()


@pytest.fixture(scope="session")
def golden_frames() -> np.ndarray:
    """Return the frames of the golden canvases, (10, 28, 28) float32 in [0, 1]: a 0, a 1, and so on."""
    records = json.loads((ROOT / "tests" / "golden" / "golden.json").read_text(encoding="utf-8"))
    assert [record["label"] for record in records] == list(range(10))
    return np.array([record["frame"] for record in records], np.float32).reshape(-1, 28, 28) / 255


def _enlarge(image: np.ndarray) -> np.ndarray:
    picture = Image.fromarray((image * 15).astype(np.uint8)).resize((20, 20), Image.Resampling.BICUBIC)
    return np.pad(np.asarray(picture), 4)
