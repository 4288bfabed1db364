"""What the tables of a taught hand say, for results made up."""

import json

import pytest

from evaluation.report import trust_tables


def row(site, per_class, before, after, refused=0):
    figures = {"error_before": before, "error_after": after, "mnist_drop": 0.1, "seconds": 50.0}
    return {"site": site, "per_class": per_class, "n": 100, "draws": 2, "refused": refused} | figures


@pytest.fixture
def result(surroundings):
    """Write a result of two sites; return it."""
    rows = [row("one", 5, 0.02, 0.02, refused=2), row("two", 5, 0.04, 0.01)]
    mean = {"per_class": 5, "error_before": 0.03, "error_after": 0.015, "error_after_95": [-0.01, 0.04]}
    mean |= {"mnist_drop": 0.1, "mnist_drop_95": [0.05, 0.15], "seconds": 50.0, "seconds_95": [49.0, 51.0]}
    found = {"base": "gone", "sha256": "0", "effort": "quick", "machine": "2 cores", "rows": rows}
    found["means"] = [mean]
    (surroundings / "results" / "personalise.json").write_text(json.dumps(found))
    return found


def test_the_worst_site_comes_first_with_the_share_of_errors_removed(result):
    lines = trust_tables.personalise_table().splitlines()
    assert lines[4] == "| two | 4.00% | 1.00% (-75% errors) |"
    assert lines[5] == "| one | 2.00% | 2.00% (+0% errors) |"
    assert lines[6] == "| **mean of all** | **3.00%** | **1.50%** (0.00% to 4.00%) |"


def test_the_table_says_what_was_refused_and_that_the_model_is_another_now(result):
    words = trust_tables.personalise_table()
    assert "2 of 4 lessons were refused" in words
    assert "*stale: of another file*" in words


def test_without_a_result_it_says_how_to_get_one(surroundings):
    assert "judges.personalization" in trust_tables.personalise_table()
    assert trust_tables.sheets_table().count("\n") == 1, "the header alone"
