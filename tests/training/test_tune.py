"""The tuner: killed for real, it goes on; what it finds is what train_cnn.py takes."""

import json
import subprocess
import sys
import time

import pytest

FLAGS = ["--trials", 3, "--epochs", 1, "--limit", 300, "--batch-size", 60, "--widths", 2, 4]


def command(script, *flags):
    return [sys.executable, str(script), *map(str, flags)]


@pytest.fixture
def tune(script):
    return script("tune").__file__


def test_a_killed_search_goes_on_and_its_best_settings_train(tune, script, surroundings):
    process = subprocess.Popen(command(tune, *FLAGS), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    runs = surroundings / "runs"
    while not list(runs.glob("*/checkpoints/trial_1*/trial.json")):  # the first trial has ended
        assert process.poll() is None
        time.sleep(0.05)
    process.kill()
    process.wait()
    done = subprocess.run(command(tune, *FLAGS, "--resume"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (folder,) = runs.iterdir()
    trials = json.loads((folder / "metrics.json").read_text())["trials"]
    assert len(trials) == 3
    assert trials[0]["val_accuracy"] == max(trial["val_accuracy"] for trial in trials)
    assert (folder / "trials.md").read_text().count("\n") == 5
    assert (folder / "trials.png").stat().st_size > 5_000

    best = json.loads((folder / "best.json").read_text())
    cnn = script("train_cnn")
    flags = ["--config", folder / "best.json", "--epochs", 1, "--limit", 300, "--dropout", 0.25]
    done = subprocess.run(command(cnn.__file__, *flags), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    args = json.loads(next(runs.glob("train_cnn*/args.json")).read_text())
    assert args["width"] == best["width"]
    assert args["depth"] == best["depth"]
    assert args["dropout"] == 0.25, "flags win over the file"


def test_hyperband_searches_too(script, surroundings):
    module = script("tune")
    module.main(module.Settings(search="hyperband", epochs=2, limit=300, batch_size=60, widths=(2,)))
    assert next((surroundings / "runs").glob("*/best.json")).exists()


@pytest.mark.parametrize(
    "content", ['{"depht": 2}', '{"width": "x"}', '{"width": 2.5}', '{"out": "a.keras"}', "[1]", "no json"]
)
def test_a_config_that_fits_nothing_is_refused(script, surroundings, tmp_path, content):
    path = tmp_path / "config.json"
    path.write_text(content)
    done = subprocess.run(
        command(script("train_cnn").__file__, "--config", path), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "config.json" in done.stderr
    assert "Traceback" not in done.stderr
