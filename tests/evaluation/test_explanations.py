"""The script that judges explanations: what it finds on small models, and where it keeps it."""

import json

import numpy as np
from evaluation_scripts import run

from digits import Recognizer
from digits.explain import report
from digits.explain.attribution import PIXEL_METHODS, Explainer
from digits.models.runtimes import keras_runtime
from evaluation.judges.explanations import judge_changes, judge_completeness, judge_methods
from evaluation.report.schemas import problems


def test_a_linear_network_has_complete_gradients_and_none_of_a_stranger(linear_model, tiny_digits, tmp_path):
    linear_model.save(tmp_path / "flat.keras")
    explainer = report.load(tmp_path / "flat.keras")
    frames = tiny_digits[0][:6, ..., 0]
    complete = judge_completeness(explainer, frames)
    assert (complete["n"], complete["within_one_percent"]) == (60, 1.0)
    assert complete["missed_largest_error_nats"] == 0
    own = judge_methods(explainer, [report.randomised(explainer, tmp_path / "flat.keras")], frames)
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
    done = run("judges.explanations", "--model", "tiny", "--limit", 2)
    assert done.returncode == 0, done.stderr
    result = json.loads((judged / "results" / "tiny.explanations.some.json").read_text())
    assert problems("explanations", result) == []
    assert (result["n"], result["seed"]) == (2, 0)
    assert not (judged / "results" / "tiny.explanations.json").exists()
    assert run("judges.explanations", "--limit", 0).returncode == 2
