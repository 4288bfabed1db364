"""The report: pages filled from results, stale marks, requirements, and going on after a stop."""

import json
import subprocess

import pytest
from requirements_made import require

from digits.config import ROOT
from digits.models import leaderboard
from evaluation.report import __main__ as report
from evaluation.report import context, jobs, pages

MARKED = {
    "README.md": pages.MARKS[:1],
    "docs/results.md": pages.MARKS[1:],
}


@pytest.fixture
def root(judged):
    """Put pages with empty tables beside a judged model; return their folder."""
    for name, marks in MARKED.items():
        (judged / name).parent.mkdir(exist_ok=True)
        (judged / name).write_text("".join(f"<!-- {mark} -->\n<!-- /{mark} -->\n" for mark in marks))
    return judged


@pytest.fixture
def unrun(monkeypatch) -> list[str]:
    """Keep scripts from running; return the list of those that would have."""
    ran = []
    monkeypatch.setattr(jobs.Job, "run", lambda job: ran.append(f"{job.script} {job.model}"))
    return ran


def write(root, **flags):
    report.main(report.Settings(root=root, **flags))


def change(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def table(name):
    return pages.table(name, context.gather())


def test_the_report_fills_the_pages_wherever_the_marks_are_and_marks_stale_results(root):
    with pytest.raises(SystemExit, match="out of date"):
        write(root, check=True)
    write(root)
    readme, said = root / "README.md", root / "results" / "REPORT.md"
    assert "| `tiny` | 5,000 |" in readme.read_text()
    assert "| `tiny` | 5,000 |" in said.read_text()
    assert "](figures/tiny_confusion.png)" in said.read_text()
    assert (
        "Not measured yet: `python -m evaluation.handwriting`" in (root / "docs" / "results.md").read_text()
    )
    write(root, check=True)
    change(root / "results" / "tiny.json", sha256="0" * 64)
    write(root)
    assert "stale: of another file" in readme.read_text()
    assert "| `tiny` *stale: of another file* |" in table("unsure")
    assert not jobs.Job("judges.accuracy", "tiny").done()


def test_a_mark_stands_on_one_page_once_and_names_a_table(root):
    readme = root / "README.md"
    before = readme.read_text()
    for text, words in (
        ("", "<!-- results -->"),
        (before + "<!-- speed -->\n<!-- /speed -->", "stand 2 times"),
        (before + "<!-- moon -->\n<!-- /moon -->", "no such table"),
    ):
        readme.write_text(text)
        with pytest.raises(ValueError, match=words):
            write(root)


def test_the_gate_fails_on_what_is_missed_only(root, capsys):
    write(root, gate=True)
    require("tiny", mnist=0.0)
    write(root, gate=True)
    require("tiny", mnist=0.999)
    with pytest.raises(SystemExit):
        write(root, gate=True)
    assert "tiny must reach MNIST test 99.90%" in capsys.readouterr().err


def test_the_gate_lets_no_unusable_model_pass(judged):
    assert report.gate() == []
    model = judged / "models" / "tiny.keras"
    card = model.with_suffix(".json")
    before = card.read_text()
    change(card, sha256="of another file")
    assert report.gate() == ["tiny: its card belongs to another file."]
    card.write_text(before)
    model.write_bytes(b"garbage")
    assert "Keras archive" in report.gate()[0]
    model.unlink()
    assert report.gate() == ["There is no model of which anything is required."]


def test_results_of_an_older_format_and_broken_ones_are_measured_again(judged):
    job = jobs.Job("judges.accuracy", "tiny")
    assert job.done()
    path = judged / "results" / "tiny.json"
    result = json.loads(path.read_text())
    del result["seed"]
    for broken in ("{", "[]", json.dumps(result)):
        path.write_text(broken)
        assert not job.done()
    assert context.gather()["judged"]["mnist"] == []


def test_all_runs_what_is_missing_or_asked_for_again(root, unrun):
    scripts = ("judges.accuracy", "judges.calibration", "benchmarks.speed")
    write(root, all=True, scripts=scripts)
    assert unrun == ["judges.calibration tiny"]  # its accuracy is there, and speed is of the default model
    write(root, all=True, scripts=scripts, again=True)
    assert unrun[1:] == ["judges.accuracy tiny", "judges.calibration tiny"]
    with pytest.raises(ValueError, match=r"--scripts is \['guess'\]; expected some of judges\.accuracy, "):
        report.Settings(scripts=("guess",))


def test_a_script_that_fails_is_named_and_the_rest_is_done(root, monkeypatch, capsys):
    commands = []

    def run(command, **_):
        commands.append(command[1:])
        return subprocess.CompletedProcess(command, 2, "", "Loading ...\nThere is no handwriting/unipen.\n")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(SystemExit):
        write(root, all=True, scripts=("judges.pen",))
    assert commands == [["-m", "evaluation.judges.pen", "--model=tiny"]]
    said = capsys.readouterr()
    assert "judges.pen tiny: There is no handwriting/unipen." in said.err
    assert "REPORT.md is up to date" in said.out


def test_the_pages_of_this_checkout_are_up_to_date():
    write(ROOT, check=True)


def test_the_gate_asks_the_sets_of_handwriting_too(judged, monkeypatch):
    monkeypatch.setattr(report, "DEFAULT_MODEL", "tiny")
    rule = "limit = {}\nsince = 2026-11-23\nreason = 'A goal.'\n"
    rules = f"[sets.a]\n{rule.format(0.5)}[sets.b]\n{rule.format(0.9)}[calibration.sets]\n{rule.format(0.02)}"
    (judged / "requirements.toml").write_text(rules)
    assert report.missed_sets() == [
        "tiny was not judged on handwriting as it is now: python -m evaluation.handwriting"
    ]
    rows = [{"set": "a", "words": "the first", "accuracy": 0.49, "ece": 0.03}]
    figures = {"data": "some", "n": 1, "seed": 1, "sets": rows}
    leaderboard.Result(path=judged / "models" / "tiny.keras", kind="handwriting", figures=figures).write()
    assert report.missed_sets() == [
        "tiny must be calibrated to 2% on the first, and is to 3.00%.",
        "tiny must read the first: 50.0%, and reaches 49.00%.",
        "tiny must read b: 90.0%, and was not judged.",
    ]
