"""The tables of trust and of speed say what was found, missed or not."""

import pytest

from digits.files import write_json
from evaluation.report import tables, trust_tables

WAITED = {"n": 100, "p50_s": 0.25, "p95_s": 0.5, "max_s": 0.9, "errors": [], "other_answers": 0}
WEIGHED = {"warm_mib": 300.4, "end_mib": 302.0, "growth_mib": 1.6, "mib_per_unit": 0.01}
LOAD = {
    "model": "small",
    "sha256": "0" * 64,
    "data": "drawings",
    "n": 200,
    "seed": 1,
    "created": "2026-11-22T05:00:00+00:00",
    "versions": {"python": "3.11", "keras": "3", "numpy": "2"},
    "machine": "two cores",
    "asked": {"p95_s": 1.0, "growth_mib": 64.0},
    "settings": {
        "sessions": 30,
        "browsers": 4,
        "pause": 3.0,
        "minutes": 3.0,
        "predictions": 2000,
        "drawers": 6,
    },
    "first_answer_s": 2.0,
    "sessions": WAITED,
    "browsers": WAITED | {"errors": ["blank"]},
    "memory": WEIGHED,
    "app_alone": WEIGHED | WAITED,
    "reader_alone": WEIGHED,
    "beside_sweep": {"with": WAITED | {"p95_s": 0.7, "swept": "3 of 8"}, "without": WAITED},
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITS_RESULTS_DIR", str(tmp_path))
    return tmp_path


def test_what_has_no_result_is_left_out_and_what_does_not_count_says_so(folder):
    assert trust_tables.trust_table() == "Not measured yet."
    write_json(folder / "load.json", {"n": 1})  # what is incomplete, or broken, is not hidden
    assert "`load.json` | - | **does not count**" in trust_tables.trust_table()


def test_a_load_is_told_with_its_errors_and_its_memory(folder):
    write_json(folder / "load.json", LOAD)
    lines = trust_tables.trust_table().splitlines()
    assert len(lines) == 2 + 5
    assert "30 visitors by protocol and 4 in Chromium" in lines[2]
    assert "**1 errors** in 200 answers" in lines[2]
    assert "300 to 302 MiB (**+2**)" in lines[3]
    assert "95 % within **0.70 s** beside it, 0.50 s without it" in lines[6]


def test_faults_are_counted_by_section():
    rows = [
        {"section": "disk", "check": "a", "state": "ok", "seen": ""},
        {"section": "disk", "check": "b", "state": "NOT ok", "seen": "a stack"},
        {"section": "kills", "check": "c", "state": "skipped", "seen": "no right"},
    ]
    told = {words: found for words, _, found in trust_tables._faults({"rows": rows, "asked": {"kills": 50}})}
    assert told[trust_tables.FAULTS["disk"]] == "**1 of 2** checks held"
    assert told[trust_tables.FAULTS["kills"] + " (50 each)"] == "**0 of 1** checks held, 1 skipped"
    assert len(told) == 2  # what was not tried is not told


@pytest.mark.parametrize(
    ("value", "asked", "unit", "words"),
    [
        (1.9, 2.0, "s", ["2 s", "**1.9 s**"]),
        (2.1, 2.0, "s", ["2 s", "**2.1 s**, missed"]),
        (390.0, 400.0, "a second", ["400 a second", "**390 a second**, missed"]),
        (7.5, None, "s", ["-", "**7.5 s**"]),
    ],
)
def test_a_figure_is_held_against_what_was_asked(value, asked, unit, words):
    assert tables._held(value, asked, unit) == words
