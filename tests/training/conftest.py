"""Training scripts run in this process: TensorFlow is imported once."""

import importlib
import shutil
from functools import partial
from types import SimpleNamespace

import pytest
import tyro

from digits import experiment


@pytest.fixture
def script():
    """Return a function that loads a training script by name."""
    return lambda name: importlib.import_module(f"training.{name}")


@pytest.fixture
def run(script, capsys):
    """Return a function that runs a script with flags as its command line does: -> code, stdout, stderr."""

    def run(name, *flags):
        module = script(name)
        parse = partial(tyro.cli, module.Settings, args=[str(flag) for flag in flags])
        if name == "train_cnn":  # whose settings may come from a file
            parse = partial(module.settings_of, parse)
        code: object = 0
        try:
            experiment.command(lambda: module.main(parse()))
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        words = code if isinstance(code, str) else ""  # which Python would say, and exit with 1
        return SimpleNamespace(code=1 if words else code, out=said.out, err=said.err + words)

    return run


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


@pytest.fixture
def left_behind(surroundings, monkeypatch):
    """Copy the folder of runs as it is after the first saved epoch, as a kill there would leave it; return
    where."""
    from digits.train import fit

    whole, copy = fit.KeepState.on_epoch_end, surroundings / "left"

    def keep(self, epoch, logs=None):
        whole(self, epoch, logs)
        if not copy.exists():
            shutil.copytree(surroundings / "runs", copy)

    monkeypatch.setattr(fit.KeepState, "on_epoch_end", keep)
    return copy
