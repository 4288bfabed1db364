"""The script that judges explanations: what it finds on small models, and where it keeps it."""

import json

import numpy as np
from evaluate_explanations import judge_changes, judge_completeness, judge_methods
from evaluation_scripts import run
from schemas import problems

from digits import Recognizer, explaining
from digits.insight.explain import PIXEL_METHODS, Explainer
from digits.network.runtimes import keras_runtime


def test_a_linear_network_has_complete_gradients_and_none_of_a_stranger(linear_model, tiny_digits, tmp_path):
    linear_model.save(tmp_path / "flat.keras")
    explainer = explaining.load(tmp_path / "flat.keras")
    frames = tiny_digits[0][:6, ..., 0]
    complete = judge_completeness(explainer, frames)
    assert (complete["n"], complete["within_one_percent"]) == (60, 1.0)
    assert complete["missed_largest_error_nats"] == 0
    own = judge_methods(explainer, [explaining.randomised(explainer, tmp_path / "flat.keras")], frames)
    assert list(own) == list(PIXEL_METHODS)  # it has no layer for the others to look at
    assert own["gradients"]["randomised_correlation"] < 0.5
    itself = judge_methods(explainer, [Explainer(linear_model)] * 2, frames)
    assert itself["gradients"]["randomised_correlation"] > 0.999
    assert itself["gradients"]["randomised_empty"] == 0
    assert itself["occlusion"]["deletion_score"] < itself["occlusion"]["random_deletion_score"]


def test_changes_are_counted(linear_model, tiny_digits):
    reader = Recognizer(keras_runtime(linear_model), "linear")
    found = judge_changes(reader, tiny_digits[0][:4, ..., 0], seed=1)
    assert found["any"]["found"] == 1
    assert 0 < found["any"]["median_amount"] <= found["towards"]["median_amount"]
    assert np.isclose(found["towards"]["found"] * 4, round(found["towards"]["found"] * 4))


def test_the_script_writes_a_partial_result_apart(judged):
    done = run("evaluate_explanations.py", "--model", "tiny", "--limit", 2)
    assert done.returncode == 0, done.stderr
    result = json.loads((judged / "results" / "tiny.explanations.some.json").read_text())
    assert problems("explanations", result) == []
    assert (result["n"], result["seed"]) == (2, 0)
    assert not (judged / "results" / "tiny.explanations.json").exists()
    assert run("evaluate_explanations.py", "--limit", 0).returncode == 2
