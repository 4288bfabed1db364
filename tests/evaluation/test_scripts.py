"""The evaluation scripts: results as JSON, figures beside them, tables for the README."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digits.network import checkpoints

ROOT = Path(__file__).resolve().parents[2]


def run(script, *flags):
    command = [sys.executable, str(ROOT / "evaluation" / script), *map(str, flags)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def judged(surroundings, tiny_model, tiny_card):
    checkpoints.save(tiny_model, tiny_card, surroundings / "models" / "tiny.keras")
    done = run("evaluate.py", "--model", "tiny", "--limit", 200)
    assert done.returncode == 0, done.stderr
    return surroundings


def test_a_model_is_judged_on_the_test_digits(judged):
    result = json.loads((judged / "results" / "tiny.json").read_text())
    confusion = np.array(result["confusion"])
    assert confusion.sum() == result["n"] == 200
    assert result["errors"] == 200 - np.trace(confusion)
    assert result["interval_95"][0] <= result["accuracy"] <= result["interval_95"][1]
    assert len(result["f1_per_class"]) == 10
    assert len(result["sha256"]) == 64
    for name in ("confusion", "pairs", "misclassified"):
        assert Image.open(judged / "results" / "figures" / f"tiny_{name}.png").width > 300


def test_an_accuracy_under_the_least_ends_with_one(judged):
    assert run("evaluate.py", "--model", "tiny", "--limit", 200, "--min-accuracy", 0.99).returncode == 1


def test_an_unknown_model_ends_with_two_and_one_sentence(surroundings):
    done = run("evaluate.py", "--model", "no_such")
    assert done.returncode == 2
    assert "no_such" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_report_fills_the_readme_and_notices_stale_results(judged):
    readme = judged / "README.md"
    readme.write_text(
        "".join(f"<!-- {name} -->\n<!-- /{name} -->\n" for name in ("results", "training", "canvas"))
    )
    assert run("report.py", "--readme", readme, "--check").returncode == 1
    assert run("report.py", "--readme", readme).returncode == 0
    assert "| `tiny` | 5,000 |" in readme.read_text()
    assert run("report.py", "--readme", readme, "--check").returncode == 0

    result = json.loads((judged / "results" / "tiny.json").read_text())
    (judged / "results" / "tiny.json").write_text(json.dumps(result | {"sha256": "of another file"}))
    assert run("report.py", "--readme", readme).returncode == 0
    assert "| `tiny` |" not in readme.read_text()


def test_the_canvas_benchmark_compares_with_the_middle(judged):
    done = run("bench_canvas.py", "--model", "tiny", "--n", 12)
    assert done.returncode == 0, done.stderr
    result = json.loads((judged / "results" / "tiny.canvas.json").read_text())
    assert len(result["rows"]) == 25
    assert {row["size"] for row in result["rows"]} == {0.3, 0.5, 0.7, 1.0, 1.3}


def test_the_readme_of_this_checkout_is_up_to_date():
    done = run("report.py", "--check")
    assert done.returncode == 0, done.stderr
