"""The scripts beyond train_cnn: a few steps of each, whole and resumed; the model that each one leaves; and
that none gets at the test digits."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest

from digits import Recognizer
from digits.models import checkpoints

TRAINING = Path(__file__).resolve().parents[2] / "training"
QUICK = {"limit": 200, "epochs": 2, "batch_size": 60, "seed": 3}
SCRIPTS = {
    "train_advanced": {"width": 2, "depth": 1, "epochs": 1, "gentle_epochs": 0},
    "train_robust": {"width": 4, "hidden": 8, "steps": 2, "fast_epochs": 2, "epochs": 1, "epsilon": 1.0},
    "distill": {"teachers": ("teacher",), "copies": 2, "renders": 1, "leave_out": ("there",)},
}


def weights(path):
    model, _ = checkpoints.load(path)
    return np.concatenate([np.ravel(value) for value in model.get_weights()])


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_leaves_its_model_and_resumes_to_what_a_whole_run_gives(
    name, script, left_behind, surroundings, linear_model, tiny_card, strokes_file, monkeypatch
):
    checkpoints.save(linear_model, tiny_card, surroundings / "models" / "teacher.keras")
    module, out = script(name), surroundings / "models" / "new.keras"
    options = QUICK | SCRIPTS[name] | ({"data": strokes_file} if name == "distill" else {})
    module.main(module.Settings(out=out, **options))
    expected, card = weights(out), json.loads(out.with_suffix(".json").read_text())
    assert card["config"]["script"] == name
    assert card["trained_on"][0]["name"] == "MNIST"
    answer = Recognizer.load(out).probabilities(np.zeros((1, 28, 28, 1), np.float32))
    assert answer.sum() == pytest.approx(1, abs=1e-5)
    (folder,) = (surroundings / "runs").iterdir()
    history = json.loads((folder / "history.json").read_text())
    if name == "train_robust":
        assert len(history) == 3, "two against FGSM, one against PGD"
        assert history[-1]["val_accuracy"] < 0.35, "with every pixel free to change, hardly a digit survives"
    if name == "distill":
        assert card["parameters"] <= 25_000
        names = [source["name"] for source in card["trained_on"]]
        assert names == ["MNIST", "nothing", "pen.npz"], "what the teacher knows too"
        assert card["config"]["learnt_from"] == {"pen.npz": ["here"]}

    if name == "train_advanced":
        return  # it resumes as distill does, mean weights and all, and takes TensorFlow longest
    out.unlink()
    monkeypatch.setenv("DIGITS_RUNS_DIR", str(left_behind))
    module.main(module.Settings(out=out, resume=True, **options))
    assert weights(out) == pytest.approx(expected, abs=2e-3)


def test_no_script_names_the_test_digits():
    """A contract holds what a script imports, and the loader refuses; nor may it read them from the file."""
    for path in TRAINING.glob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        constants = {node.value for node in nodes if isinstance(node, ast.Constant)}
        assert not {"test", "x_test", "y_test"} & constants, path
        named = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        assert "load_data" not in named, f"{path}: Keras' own loader gives both parts"


def test_a_script_that_loads_test_digits_fails(run, script, surroundings, monkeypatch):
    from digits.data import mnist, mnist_test

    def peeking(limit=None):
        images, labels = mnist_test.load_test(limit)
        return mnist.TrainVal(images, labels, images, labels)

    monkeypatch.setattr(mnist, "load_train_val", peeking)
    done = run("train_cnn", "--limit", 300, "--epochs", 1, "--width", 2)
    assert done.code == 2
    assert "evaluation alone" in done.err
    assert not list(surroundings.rglob("*.keras"))
