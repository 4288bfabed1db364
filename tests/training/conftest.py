"""Training scripts as modules, run in this process: TensorFlow is imported once."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from handwriting import strokes

TRAINING = Path(__file__).resolve().parents[2] / "training"


@pytest.fixture
def script():
    """Return a function that loads a training script by name."""

    def load(name: str):
        spec = importlib.util.spec_from_file_location(name, TRAINING / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # dataclasses look their own module up
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture(scope="session")
def strokes_file(tmp_path_factory) -> Path:
    """Return a strokes file of 120 digits by two sources, each a little different."""
    rng = np.random.default_rng(1)
    points, stroke_ends, sample_ends = [], [], []
    for number in range(120):
        for stroke in strokes(number % 10, size=100, left=0, top=0):
            points.append((stroke + rng.normal(0, 1.5, stroke.shape)) * [1, -1])
            stroke_ends.append(sum(map(len, points)))
        sample_ends.append(len(stroke_ends))
    path = tmp_path_factory.mktemp("strokes") / "pen.npz"
    np.savez(
        path,
        points=np.concatenate(points).astype(np.float32),
        stroke_ends=np.array(stroke_ends),
        sample_ends=np.array(sample_ends),
        labels=np.arange(120) % 10,
        source=np.where(np.arange(120) < 80, "here", "there"),
    )
    return path


@pytest.fixture
def killed(monkeypatch):
    """Return a function that runs something and ends it, as Ctrl-C would, after its first saved epoch."""
    from digits.network import fitting

    def run(main, settings):
        with monkeypatch.context() as patch:
            whole = fitting.KeepState.on_epoch_end

            def end(self, epoch, logs=None):
                whole(self, epoch, logs)
                raise KeyboardInterrupt

            patch.setattr(fitting.KeepState, "on_epoch_end", end)
            with pytest.raises(KeyboardInterrupt):
                main(settings)

    return run
