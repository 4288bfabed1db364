"""The baseline script: both models, both data sets, and the report it leaves."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "training" / "train_baseline.py"


@pytest.mark.parametrize(
    ("data", "model", "least"),
    [("digits", "logistic", 0.95), ("digits", "svc", 0.97), ("mnist", "logistic", 0.85)],
)
def test_it_trains_judges_and_reports(surroundings, data, model, least):
    out = surroundings / "result.json"
    flags = ["--data", data, "--model", model, "--out", str(out)]
    done = subprocess.run([sys.executable, str(SCRIPT), *flags], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(out.read_text())
    assert result["accuracy"] >= least
    assert result["interval_95"][0] < result["accuracy"] < result["interval_95"][1]
    (folder,) = (surroundings / "runs").iterdir()
    assert {"args.json", "metrics.json", "classification_report.txt", "confusion_matrix.png"} <= {
        path.name for path in folder.iterdir()
    }


def test_an_unknown_model_ends_with_two(surroundings):
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--model", "forest"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "forest" in done.stderr
