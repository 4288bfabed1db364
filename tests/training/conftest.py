"""Training scripts as modules, run in this process: TensorFlow is imported once."""

import importlib.util
import sys
from pathlib import Path

import pytest

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
