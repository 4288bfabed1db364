"""What was measured on hostile models and pictures, and on faults, is complete, and harmless."""

import pytest

from digits.config import ROOT
from digits.files import read_json
from evaluation.benchmarks.fuzz.__main__ import summed
from evaluation.benchmarks.gate import ASKED
from evaluation.report.schemas import problems


@pytest.mark.parametrize("kind", ["gate", "fuzz", "faults"])
def test_a_published_result_is_as_the_schema_says(kind):
    path = ROOT / "evaluation" / "results" / f"{kind}.json"
    if not path.exists():
        pytest.skip(f"evaluation/results/{kind}.json was not measured yet")
    assert problems(kind, read_json(path)) == []


def test_harm_is_no_result_that_counts():
    harms = [{"kind": "png: open", "what": "it ended with -11", "file": "harm0.bin"}]
    assert any("harms" in problem for problem in problems("fuzz", {"harms": harms}))
    assert any("ran" in problem for problem in problems("gate", {"ran": True}))
    assert any("broken" in problem for problem in problems("faults", {"broken": 1}))
    rows = [{"section": "disk", "check": "it goes on", "state": "NOT ok", "seen": "it did not"}]
    assert any("NOT ok" in problem for problem in problems("faults", {"rows": rows}))
    slow = problems("gate", {"slowest_ms": ASKED["ms"] + 1})
    assert any("slowest_ms" in problem for problem in slow)


def test_reports_of_several_workers_add_up():
    reports = [{"rows": {"png": {"n": 2, "refused": 1}}}, {}, {"rows": {"png": {"n": 3, "refused": 0}}}]
    assert summed(reports) == {"png": {"n": 5, "refused": 1}}
