"""The evaluation scripts: results as JSON, figures beside them, tables for the README."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digits.network import checkpoints

ROOT = Path(__file__).resolve().parents[2]


def run(script, *flags, **options):
    command = [sys.executable, str(ROOT / "evaluation" / script), *map(str, flags)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


@pytest.fixture(scope="module")
def judged_once(tiny_data, tiny_model, tiny_card, tmp_path_factory):
    """Judge a tiny model once; return the folder with its models/ and results/."""
    folder = tmp_path_factory.mktemp("judged")
    checkpoints.save(tiny_model, tiny_card, folder / "models" / "tiny.keras")
    places = {f"DIGITS_{name.upper()}_DIR": str(folder / name) for name in ("models", "results")}
    done = run(
        "evaluate.py", "--model", "tiny", env=os.environ | {"DIGITS_DATA_DIR": str(tiny_data)} | places
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def judged(judged_once, surroundings):
    """Return temporary folders with a copy of the judged model."""
    shutil.copytree(judged_once, surroundings, dirs_exist_ok=True)
    return surroundings


def test_a_model_is_judged_on_the_test_digits(judged):
    result = json.loads((judged / "results" / "tiny.json").read_text())
    confusion = np.array(result["confusion"])
    assert confusion.sum() == result["n"] == 297
    assert result["errors"] == 297 - np.trace(confusion)
    assert result["interval_95"][0] <= result["accuracy"] <= result["interval_95"][1]
    assert len(result["f1_per_class"]) == 10
    assert len(result["sha256"]) == 64
    for name in ("confusion", "pairs", "misclassified"):
        assert Image.open(judged / "results" / "figures" / f"tiny_{name}.png").width > 300


def test_a_partial_run_does_not_replace_the_published_result(judged):
    before = (judged / "results" / "tiny.json").read_bytes()
    assert run("evaluate.py", "--model", "tiny", "--limit", 20).returncode == 0
    assert (judged / "results" / "tiny.json").read_bytes() == before
    assert json.loads((judged / "results" / "tiny.first20.json").read_text())["n"] == 20


def test_an_accuracy_under_the_least_ends_with_one(judged):
    assert run("evaluate.py", "--model", "tiny", "--limit", 200, "--min-accuracy", 0.99).returncode == 1


def test_an_unknown_model_ends_with_two_and_one_sentence(surroundings):
    for flags, words in ((["--model", "no_such"], "no_such"), (["--limit", 0], "limit is 0")):
        done = run("evaluate.py", *flags)
        assert done.returncode == 2
        assert words in done.stderr
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
