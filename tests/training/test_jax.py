"""Under JAX a training script trains too, and TensorFlow loads what it leaves."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from digits.config import ROOT
from digits.files import read_json

FLAGS = ["--limit", "300", "--epochs", "1", "--batch-size", "100", "--width", "2", "--depth", "1"]


def test_what_jax_has_trained_answers_under_tensorflow(surroundings, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    out = surroundings / "models" / "cnn.keras"
    command = [sys.executable, str(ROOT / "training" / "train_cnn.py"), *FLAGS, "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "jax" in read_json(out.with_suffix(".json"))["versions"]
    assert keras.backend.backend() == "tensorflow"
    model = keras.saving.load_model(out)
    answers = model.predict(np.zeros((2, 28, 28, 1), np.float32), verbose=0)
    assert answers.shape == (2, 10)
    assert answers.sum(axis=1) == pytest.approx(1, abs=1e-5)
