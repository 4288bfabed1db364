"""The scripts beyond train_cnn: a few steps of each, fresh and resumed; the model that each one leaves."""

import json

import numpy as np
import pytest

from digits import Recognizer
from digits.models import checkpoints

QUICK = {"limit": 300, "epochs": 2, "batch_size": 60, "seed": 3}
SCRIPTS = {
    "train_advanced": {"width": 4, "depth": 1, "gentle_epochs": 1},
    "train_robust": {"width": 4, "hidden": 8, "steps": 2, "fast_epochs": 2},
    "distill": {"width": 4, "teachers": ("teacher",)},
}


@pytest.fixture
def teacher(surroundings, tiny_model, tiny_card):
    checkpoints.save(tiny_model, tiny_card, surroundings / "models" / "teacher.keras")


def weights(path):
    model, _ = checkpoints.load(path)
    return np.concatenate([np.ravel(value) for value in model.get_weights()])


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_stopped_run_resumes_to_what_a_whole_one_gives(
    name, script, killed, surroundings, teacher, monkeypatch
):
    module = script(name)
    whole, resumed = (surroundings / "models" / f"{part}.keras" for part in ("whole", "resumed"))
    module.main(module.Settings(out=whole, **QUICK, **SCRIPTS[name]))
    monkeypatch.setenv("DIGITS_RUNS_DIR", str(surroundings / "second"))
    settings = module.Settings(out=resumed, resume=True, **QUICK, **SCRIPTS[name])
    killed(module.main, settings)
    assert not resumed.exists()
    module.main(settings)
    assert weights(resumed) == pytest.approx(weights(whole), abs=2e-3)

    card = json.loads(whole.with_suffix(".json").read_text())
    assert card["config"]["script"] == name
    assert card["trained_on"][0]["name"] == "MNIST"
    answer = Recognizer.load(whole).probabilities(np.zeros((1, 28, 28, 1), np.float32))
    assert answer.sum() == pytest.approx(1, abs=1e-5)


def test_a_pupil_is_small_and_may_learn_from_own_digits(script, surroundings, teacher, strokes_file):
    module = script("distill")
    out = surroundings / "models" / "small.keras"
    options = QUICK | {"epochs": 1, "teachers": ("teacher",), "renders": 1}
    module.main(module.Settings(out=out, data=strokes_file, leave_out=("there",), **options))
    card = json.loads(out.with_suffix(".json").read_text())
    assert card["parameters"] <= 25_000
    assert [source["name"] for source in card["trained_on"]] == [
        "MNIST",
        "nothing",
        "pen.npz",
    ]  # the teacher's too
    assert card["config"]["learnt_from"] == {"pen.npz": ["here"]}


def test_validation_of_the_robust_network_is_attacked(script, surroundings):
    module = script("train_robust")
    options = QUICK | {"epochs": 1} | SCRIPTS["train_robust"]
    module.main(module.Settings(epsilon=1.0, **options))
    (folder,) = (surroundings / "runs").iterdir()
    history = json.loads((folder / "history.json").read_text())
    assert len(history) == 3, "two against FGSM, one against PGD"
    assert history[-1]["val_accuracy"] < 0.35, "with every pixel free to change, hardly a digit survives"
