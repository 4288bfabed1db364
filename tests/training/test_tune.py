"""The tuner: killed, it goes on; what it finds is what train_cnn.py takes."""

import json

import pytest

from digits.train import fit

FLAGS = ["--trials", 2, "--epochs", 1, "--limit", 300, "--batch-size", 60, "--widths", 2, 4]


def test_a_killed_search_goes_on_and_its_best_settings_train(run, surroundings, monkeypatch):
    runs, begun = surroundings / "runs", []

    def end(self, epoch, logs=None):
        begun.append(epoch)
        if len(begun) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fit.SeedEpochs, "on_epoch_begin", end)
        with pytest.raises(KeyboardInterrupt):
            run("tune", *FLAGS)
    assert not list(runs.glob("*/best.json"))
    assert run("tune", *FLAGS, "--resume").code == 0
    (folder,) = runs.iterdir()
    trials = json.loads((folder / "metrics.json").read_text())["trials"]
    assert len(trials) == 2
    assert trials[0]["val_accuracy"] == max(trial["val_accuracy"] for trial in trials)
    assert (folder / "trials.md").read_text().count("\n") == 4
    assert (folder / "trials.png").stat().st_size > 5_000

    best = json.loads((folder / "best.json").read_text())
    flags = ["--config", folder / "best.json", "--epochs", 1, "--limit", 300, "--dropout", 0.25]
    assert run("train_cnn", *flags).code == 0
    args = json.loads(next(runs.glob("train_cnn*/args.json")).read_text())
    assert args["width"] == best["width"]
    assert args["depth"] == best["depth"]
    assert args["dropout"] == 0.25, "flags win over the file"


def test_hyperband_searches_too(script, surroundings, monkeypatch):
    import keras_tuner

    asked = {}

    class Once(keras_tuner.RandomSearch):
        """One trial of that many: how Hyperband goes on is its own affair."""

        def __init__(self, max_epochs, **options):
            asked["epochs"] = max_epochs
            super().__init__(max_trials=1, **options)

    monkeypatch.setattr(keras_tuner, "Hyperband", Once)
    module = script("tune")
    module.main(module.Settings(search="hyperband", epochs=1, limit=300, batch_size=60, widths=(2,)))
    assert asked == {"epochs": 1}
    assert next((surroundings / "runs").glob("*/best.json")).exists()


@pytest.mark.parametrize("content", ['{"depht": 2}', '{"width": "x"}', '{"width": 2.5}', "[1]", "no json"])
def test_a_config_that_fits_nothing_is_refused(run, surroundings, tmp_path, content):
    path = tmp_path / "config.json"
    path.write_text(content)
    done = run("train_cnn", "--config", path)
    assert done.code == 2
    assert "config.json" in done.err
