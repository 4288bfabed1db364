"""Under JAX the scripts train too, and TensorFlow loads what they leave. Needs jax, not installed by us."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from digits.models import checkpoints

pytestmark = pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")
FLAGS = ["--limit", "300", "--epochs", "1", "--batch-size", "100", "--width", "4"]


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("train_cnn", []),
        ("train_advanced", ["--depth", "1"]),
        ("train_robust", ["--hidden", "8", "--fast-epochs", "1", "--steps", "2"]),
    ],
)
def test_one_epoch_under_jax_loads_under_tensorflow(name, more, script, surroundings, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    out = surroundings / "models" / f"{name}.keras"
    command = [sys.executable, script(name).__file__, *FLAGS, *more, "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    model, card = checkpoints.load(out)
    assert "jax" in card.versions
    answer = np.array(model(np.zeros((2, 28, 28, 1), np.float32), training=False))
    assert answer.sum(axis=1) == pytest.approx(1, abs=1e-5)
