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


def write_strokes(path: Path, samples: list[list[np.ndarray]], labels: np.ndarray, sources: np.ndarray):
    """Write a strokes file; the samples' y points down."""
    flat = [stroke * [1, -1] for sample in samples for stroke in sample]
    np.savez(
        path,
        points=np.concatenate(flat).astype(np.float32),
        stroke_ends=np.cumsum([len(stroke) for stroke in flat]),
        sample_ends=np.cumsum([len(sample) for sample in samples]),
        labels=labels,
        source=sources,
    )


@pytest.fixture
def killed(monkeypatch):
    """Return a function that runs something and ends it, as Ctrl-C would, after its first saved epoch."""
    from digits.train import fit

    def run(main, settings):
        with monkeypatch.context() as patch:
            whole = fit.KeepState.on_epoch_end

            def end(self, epoch, logs=None):
                whole(self, epoch, logs)
                raise KeyboardInterrupt

            patch.setattr(fit.KeepState, "on_epoch_end", end)
            with pytest.raises(KeyboardInterrupt):
                main(settings)

    return run
