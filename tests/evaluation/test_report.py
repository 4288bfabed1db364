"""The report: tables from results, stale marks, promises, and going on after a stop."""

import json

import pytest
from evaluation_scripts import run


@pytest.fixture
def readmes(judged):
    """Put READMEs with empty tables beside a judged model; return their folder."""
    (judged / "training").mkdir()
    for path, tables in (
        ("README.md", ("results", "handwriting", "canvas")),
        ("training/README.md", ("training", "doubt")),
    ):
        (judged / path).write_text("".join(f"<!-- {name} -->\n<!-- /{name} -->\n" for name in tables))
    return judged


def test_the_report_fills_the_pages_and_marks_stale_results(readmes):
    assert run("report.py", "--root", readmes, "--check").returncode == 1
    assert run("report.py", "--root", readmes).returncode == 0
    readme, report = readmes / "README.md", readmes / "results" / "REPORT.md"
    assert "| `tiny` | 5,000 |" in readme.read_text()
    assert "| `tiny` | 5,000 |" in report.read_text()
    assert "](figures/tiny_confusion.png)" in report.read_text()
    assert "stale: of" not in readme.read_text()
    assert run("report.py", "--root", readmes, "--check").returncode == 0

    result = json.loads((readmes / "results" / "tiny.json").read_text())
    (readmes / "results" / "tiny.json").write_text(json.dumps(result | {"sha256": "of another file"}))
    assert run("report.py", "--root", readmes).returncode == 0
    assert "stale: of another file" in readme.read_text()


def test_the_gate_fails_on_a_broken_promise_only(readmes):
    assert run("report.py", "--root", readmes, "--gate").returncode == 0
    card = readmes / "models" / "tiny.json"
    for promises, status, words in (
        ({"mnist": 0.0}, 0, ""),
        ({"mnist": 0.999}, 1, "tiny promises MNIST test 99.90%"),
    ):
        card.write_text(json.dumps(json.loads(card.read_text()) | {"promises": promises}))
        done = run("report.py", "--root", readmes, "--gate")
        assert done.returncode == status
        assert words in done.stderr


def test_all_runs_what_is_missing_and_goes_on_after_a_stop(readmes):
    """The model's result is there already; its calibration is not."""
    before = (readmes / "results" / "tiny.json").stat().st_mtime_ns
    command = ["report.py", "--root", readmes, "--all", "--scripts", "evaluate", "evaluate_calibration"]
    done = run(*command)
    assert done.returncode == 0, done.stderr
    assert "1/1" in done.stderr
    assert (readmes / "results" / "tiny.json").stat().st_mtime_ns == before
    assert "| `tiny` | MNIST test | 297 |" in (readmes / "results" / "REPORT.md").read_text()
    assert "1/1" not in run(*command).stderr


def test_a_script_that_fails_is_named_and_the_rest_is_done(readmes):
    """The tiny model has no handwriting to be judged on."""
    done = run("report.py", "--root", readmes, "--all", "--scripts", "evaluate_pen")
    assert done.returncode == 1
    assert "evaluate_pen tiny: There is no handwriting/unipen" in done.stderr
    assert "REPORT.md is up to date" in done.stdout


def test_an_unknown_script_is_named():
    done = run("report.py", "--all", "--scripts", "guess")
    assert done.returncode == 2
    assert "--scripts is ['guess']; expected some of evaluate, " in done.stderr


def test_the_pages_of_this_checkout_are_up_to_date():
    done = run("report.py", "--check")
    assert done.returncode == 0, done.stderr
