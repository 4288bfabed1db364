"""The tuner: killed, it goes on; what it finds is what train_cnn.py takes."""

import json
from functools import partial
from unittest import mock

import pytest
import tyro

from digits.train import fit

FLAGS = ["--trials", 2, "--epochs", 1, "--limit", 300, "--batch-size", 60, "--widths", 2, 4]


def test_a_killed_search_goes_on_and_train_cnn_takes_its_best_settings(
    run, script, surroundings, monkeypatch
):
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

    best, train_cnn = json.loads((folder / "best.json").read_text()), script("train_cnn")
    flags = ["--config", str(folder / "best.json"), "--dropout", "0.25"]
    taken = train_cnn.settings_of(partial(tyro.cli, train_cnn.Settings, args=flags))
    assert (taken.width, taken.depth, taken.augment) == (best["width"], best["depth"], best["augment"])
    assert taken.dropout == 0.25, "flags win over the file"


def test_hyperband_searches_with_the_epochs_of_its_longest_trials(script, tmp_path):
    settings = script("tune").Settings(search="hyperband", epochs=9)
    asked = mock.Mock(side_effect=KeyboardInterrupt)  # how it goes on is its own affair
    with mock.patch("keras_tuner.Hyperband", asked), pytest.raises(KeyboardInterrupt):
        script("tune").search(settings, tmp_path, None)
    assert asked.call_args.kwargs["max_epochs"] == 9
    assert asked.call_args.kwargs["directory"] == tmp_path


@pytest.mark.parametrize("content", ['{"depht": 2}', '{"width": "x"}', '{"width": 2.5}', "[1]", "no json"])
def test_a_config_that_fits_nothing_is_refused(run, surroundings, tmp_path, content):
    path = tmp_path / "config.json"
    path.write_text(content)
    done = run("train_cnn", "--config", path)
    assert done.code == 2
    assert "config.json" in done.err
