"""The baseline script: both models, both data sets, and the report it leaves."""

import json

import pytest


@pytest.mark.parametrize(
    ("data", "model", "least"),
    [("digits", "svc", 0.96), ("mnist", "logistic", 0.83)],
)
def test_it_trains_judges_and_reports(run, surroundings, data, model, least):
    out = surroundings / "result.json"
    done = run("train_baseline", "--data", data, "--model", model, "--limit", 1000, "--out", out)
    assert done.code == 0
    result = json.loads(out.read_text())
    assert result["accuracy"] >= least
    assert result["interval_95"][0] < result["accuracy"] < result["interval_95"][1]
    (folder,) = (surroundings / "runs").iterdir()
    assert {"args.json", "metrics.json", "classification_report.txt", "confusion_matrix.png"} <= {
        path.name for path in folder.iterdir()
    }


def test_an_unknown_model_ends_with_two(run, surroundings):
    done = run("train_baseline", "--model", "forest")
    assert done.code == 2
    assert "forest" in done.err
