"""The training script as a user runs it: a few steps, bad flags, and a real kill."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "training" / "train_cnn.py"
SMALL = ["--width", "4", "--limit", "600", "--batch-size", "60", "--deterministic"]
LEFT_BEHIND = {
    "args.json",
    "classification_report.txt",
    "confusion_matrix.png",
    "history.json",
    "metrics.json",
    "misclassified.png",
    "training_curves_acc.png",
    "training_curves_loss.png",
}


def command(out, *flags):
    return [sys.executable, str(SCRIPT), "--out", str(out), *SMALL, *map(str, flags)]


def run(out, *flags, **options):
    return subprocess.run(command(out, *flags), capture_output=True, text=True, check=False, **options)


def weights(path):
    with (
        zipfile.ZipFile(path) as archive,
        archive.open("model.weights.h5") as member,
        h5py.File(member) as file,
    ):
        found = {}
        file.visititems(
            lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None
        )
    return found


def test_a_short_run_from_another_directory_leaves_everything(surroundings, tmp_path):
    out = surroundings / "models" / "short.keras"
    done = run(out, "--epochs", 2, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "epochs = 2" in done.stdout
    (folder,) = (surroundings / "runs").iterdir()
    assert {path.name for path in folder.iterdir()} >= LEFT_BEHIND
    assert re.fullmatch(r"train_cnn-\d{8}-\d{6}", folder.name)
    history = json.loads((folder / "history.json").read_text())
    assert [row["epoch"] for row in history] == [1, 2]
    card = json.loads(out.with_suffix(".json").read_text())
    assert card["name"] == "short"
    assert card["validation"]["n"] == 66
    assert card["trained_on"][0]["name"] == "MNIST"

    from digits import Recognizer

    assert Recognizer.load(out).card.sha256 == card["sha256"]


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
def test_bad_flags_end_with_two_and_name_the_value(surroundings, flags, words):
    done = run(surroundings / "models" / "bad.keras", *flags)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_an_accuracy_under_the_least_saves_nothing(surroundings):
    out = surroundings / "models" / "poor.keras"
    done = run(out, "--epochs", 1, "--min-accuracy", 0.999)
    assert done.returncode == 1
    assert "was not written" in done.stderr
    assert not out.exists()


def test_a_quick_try_does_not_replace_the_model(surroundings):
    command = [sys.executable, str(SCRIPT), *SMALL, "--epochs", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not list((surroundings / "models").iterdir())
    (written,) = (surroundings / "runs").glob("*/mnist_cnn.keras")
    assert str(written) in done.stdout
