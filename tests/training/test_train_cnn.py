"""The training script as a user runs it: a few steps, and bad flags. (Kills are in tests/test_kills.py.)"""

import json
import re
from dataclasses import replace

import pytest

from digits import Recognizer, experiment
from digits.train import trainer

SMALL = ["--width", "4", "--limit", "600", "--batch-size", "60"]
LEFT_BEHIND = {
    "args.json",
    "classification_report.txt",
    "confusion_matrix.png",
    "history.json",
    "metrics.json",
    "misclassified.png",
    "mnist_cnn.keras",
    "training_curves_acc.png",
    "training_curves_loss.png",
}


def test_a_quick_try_leaves_everything_in_its_folder_and_replaces_no_model(run, surroundings):
    done = run("train_cnn", *SMALL, "--epochs", 2)
    assert done.code == 0
    assert "epochs = 2" in done.out
    assert not list((surroundings / "models").iterdir())
    (folder,) = (surroundings / "runs").iterdir()
    assert {path.name for path in folder.iterdir()} >= LEFT_BEHIND
    assert re.fullmatch(r"train_cnn-\d{8}-\d{6}", folder.name)
    assert [row["epoch"] for row in json.loads((folder / "history.json").read_text())] == [1, 2]
    written = folder / "mnist_cnn.keras"
    assert str(written) in done.out
    card = Recognizer.load(written).card
    assert (card.name, card.validation["n"], card.trained_on[0]["name"]) == ("mnist_cnn", 66, "MNIST")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--epochs", 0], "epochs is 0"),
        (["--limit", 5], "limit is 5"),
        (["--min-accuracy", 7], "7.0"),
        (["--dropout", 2], "dropout is 2.0"),
        (["--seed", -1], "seed is -1"),
        (["--epochs", "x"], "'x'"),
    ],
)
def test_bad_flags_end_with_two_and_name_the_value(run, surroundings, flags, words):
    done = run("train_cnn", *flags)
    assert done.code == 2
    assert words in done.err


def test_an_accuracy_under_the_least_saves_nothing(script, surroundings, tiny_model, tiny_card):
    out = surroundings / "models" / "poor.keras"
    settings = script("train_cnn").Settings(out=out, min_accuracy=0.999)
    with pytest.raises(
        SystemExit, match=r"0\.5000 is under --min-accuracy 0\.999: .*poor\.keras was not written"
    ):
        trainer.save(tiny_model, tiny_card, settings, surroundings / "runs")
    assert not out.exists()


def test_a_run_with_other_settings_is_not_resumed(script, surroundings):
    settings = script("train_cnn").Settings(out=surroundings / "models" / "new.keras")
    folder = experiment.start(settings)
    assert experiment.start(replace(settings, resume=True)) == folder
    with pytest.raises(ValueError, match="started with seed = 1, not 2"):
        experiment.start(replace(settings, resume=True, seed=2))
