"""The report: tables from results, stale marks, promises, and going on after a stop."""

import json

import pytest
from evaluation_scripts import run

from digits.models import leaderboard
from evaluation.report import __main__ as report
from evaluation.report import jobs, judge_tables, tables


@pytest.fixture
def readmes(judged):
    """Put READMEs with empty tables beside a judged model; return their folder."""
    (judged / "training").mkdir()
    for path, names in (
        (
            "README.md",
            ("results", "handwriting", "canvas", "personalise", "batch", "server", "speed", "trust"),
        ),
        ("SECURITY.md", ("trust",)),
        ("training/README.md", ("training", "doubt")),
    ):
        (judged / path).write_text("".join(f"<!-- {name} -->\n<!-- /{name} -->\n" for name in names))
    return judged


def test_the_report_fills_the_pages_and_marks_stale_results(readmes):
    assert run("report", "--root", readmes, "--check").returncode == 1
    assert run("report", "--root", readmes).returncode == 0
    readme, report = readmes / "README.md", readmes / "results" / "REPORT.md"
    assert "| `tiny` | 5,000 |" in readme.read_text()
    assert "| `tiny` | 5,000 |" in report.read_text()
    assert "](figures/tiny_confusion.png)" in report.read_text()
    assert "stale: of" not in readme.read_text()
    assert run("report", "--root", readmes, "--check").returncode == 0

    result = json.loads((readmes / "results" / "tiny.json").read_text())
    (readmes / "results" / "tiny.json").write_text(json.dumps(result | {"sha256": "of another file"}))
    assert run("report", "--root", readmes).returncode == 0
    assert "stale: of another file" in readme.read_text()


def test_the_gate_fails_on_a_broken_promise_only(readmes):
    assert run("report", "--root", readmes, "--gate").returncode == 0
    card = readmes / "models" / "tiny.json"
    for promises, status, words in (
        ({"mnist": 0.0}, 0, ""),
        ({"mnist": 0.999}, 1, "tiny promises MNIST test 99.90%"),
    ):
        card.write_text(json.dumps(json.loads(card.read_text()) | {"promises": promises}))
        done = run("report", "--root", readmes, "--gate")
        assert done.returncode == status
        assert words in done.stderr


def test_the_gate_lets_no_unusable_model_pass(judged):
    assert report.gate() == []
    model = judged / "models" / "tiny.keras"
    card = model.with_suffix(".json")
    before = card.read_text()
    card.write_text(json.dumps(json.loads(before) | {"sha256": "of another file"}))
    assert report.gate() == ["tiny: its card belongs to another file."]
    card.write_text(json.dumps(json.loads(before) | {"promises": {"mnist": None}}))
    assert "tiny.json has promises" in report.gate()[0]
    card.write_text(before)
    model.write_bytes(b"garbage")
    assert "Keras archive" in report.gate()[0]
    model.unlink()
    assert report.gate() == ["There is no model to hold to its promises."]


def test_results_of_an_older_format_and_broken_ones_are_measured_again(judged):
    job = jobs.Job("evaluate", "tiny")
    assert job.done()
    path = judged / "results" / "tiny.json"
    result = json.loads(path.read_text())
    del result["seed"]
    for broken in (json.dumps(result), "{", "[]"):
        path.write_text(broken)
        assert not job.done()
        if broken.startswith("{") and len(broken) > 1:
            assert tables.results_of("") == {}


def test_a_stale_result_stays_in_the_report_marked(judged):
    path = judged / "results" / "tiny.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"sha256": "0" * 64}))
    assert "| `tiny` *stale: of another file* |" in judge_tables.doubted_table()
    assert not jobs.Job("evaluate", "tiny").done()


def test_a_model_replaced_while_it_is_judged_gets_no_result(judged):
    model = judged / "models" / "tiny.keras"
    with pytest.raises(ValueError, match="was replaced while"):
        leaderboard.write(model, "pen", {"data": "", "n": 1, "seed": None}, judged="of the file before")
    elsewhere = judged / "tiny.keras"
    elsewhere.write_bytes(model.read_bytes())
    leaderboard.write(elsewhere, "pen", {"data": "", "n": 1, "seed": None})
    assert [path.name for path in (judged / "results").glob("*.pen.*")] == ["tiny.pen.outside.json"]


def test_all_runs_what_is_missing_and_goes_on_after_a_stop(readmes):
    """The model's result is there already; its calibration is not."""
    before = (readmes / "results" / "tiny.json").stat().st_mtime_ns
    command = ["report", "--root", readmes, "--all", "--scripts", "judges.accuracy", "judges.calibration"]
    done = run(*command)
    assert done.returncode == 0, done.stderr
    assert "1/1" in done.stderr
    assert (readmes / "results" / "tiny.json").stat().st_mtime_ns == before
    assert "| `tiny` | MNIST test | 297 |" in (readmes / "results" / "REPORT.md").read_text()
    assert "1/1" not in run(*command).stderr


def test_a_script_that_fails_is_named_and_the_rest_is_done(readmes):
    """The tiny model has no handwriting to be judged on."""
    done = run("report", "--root", readmes, "--all", "--scripts", "judges.pen")
    assert done.returncode == 1
    assert "judges.pen tiny: There is no handwriting/unipen" in done.stderr
    assert "REPORT.md is up to date" in done.stdout


def test_an_unknown_script_is_named():
    done = run("report", "--all", "--scripts", "guess")
    assert done.returncode == 2
    assert "--scripts is ['guess']; expected some of evaluate, " in done.stderr


def test_the_pages_of_this_checkout_are_up_to_date():
    done = run("report", "--check")
    assert done.returncode == 0, done.stderr
