"""What the tables say, for results made up."""

import shutil

import pytest

from digits.config import ROOT, results_dir
from digits.files import read_json, write_json
from digits.models import leaderboard
from evaluation.report import context, pages

pytestmark = pytest.mark.usefixtures("surroundings")


def lines(name: str) -> list[str]:
    return pages.table(name, context.gather()).splitlines()


def write(name: str, result: dict) -> None:
    write_json(results_dir() / f"{name}.json", result)


def taught(site, per_class, before, after, refused=0):
    figures = {"error_before": before, "error_after": after, "mnist_drop": 0.1, "seconds": 50.0}
    return {"site": site, "per_class": per_class, "n": 100, "draws": 2, "refused": refused} | figures


def test_the_worst_site_comes_first_with_the_share_of_errors_removed():
    assert "judges.personalization" in lines("personalise")[0]
    rows = [taught("one", 5, 0.02, 0.02, refused=2), taught("two", 5, 0.04, 0.01)]
    mean = {"per_class": 5, "error_before": 0.03, "error_after": 0.015, "error_after_95": [-0.01, 0.04]}
    mean |= {"mnist_drop": 0.1, "mnist_drop_95": [0.05, 0.15], "seconds": 50.0, "seconds_95": [49.0, 51.0]}
    found = {"base": "gone", "sha256": "0", "effort": "quick", "machine": "2 cores", "rows": rows}
    write("personalise", found | {"means": [mean]})
    said, _, _, _, *table = lines("personalise")
    assert said.startswith(
        "`gone` *stale: of another file* taught with digits drawn by lot, 2 times per site"
    )
    assert "2 of 4 fine-tunings were refused" in said
    assert table == [
        "| two | 4.00% | 1.00% (-75% errors) |",
        "| one | 2.00% | 2.00% (+0% errors) |",
        "| **mean of all** | **3.00%** | **1.50%** (0.00% to 4.00%) |",
        "| MNIST lost, points | - | 0.10 (0.05 to 0.15) |",
        "| seconds | - | 50 (49 to 51) |",
    ]


WAITED = {"n": 100, "p50_s": 0.25, "p95_s": 0.5, "max_s": 0.9, "errors": [], "other_answers": 0}
WEIGHED = {"warm_mib": 300.4, "end_mib": 302.0, "growth_mib": 1.6, "mib_per_unit": 0.01}
ABOUT = {"model": "small", "sha256": "0" * 64, "seed": 1, "created": "2026-11-22T05:00:00+00:00"}
ABOUT |= {"versions": {"python": "3.11", "keras": "3", "numpy": "2"}, "machine": "two cores"}
LOAD = ABOUT | {
    "data": "drawings",
    "n": 200,
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


def test_what_has_no_result_is_left_out_and_what_does_not_count_says_so():
    assert lines("trust") == ["Not measured yet."]
    write("load", {"n": 1})  # what is incomplete, or broken, is not hidden
    assert lines("trust")[2].startswith("| `load.json` | - | **does not count**")
    assert len(lines("trust")) == 3


def test_a_load_is_told_with_its_errors_and_its_memory():
    write("load", LOAD)
    table = lines("trust")
    assert len(table) == 2 + 5
    assert "30 visitors by protocol and 4 in Chromium" in table[2]
    assert "**1 errors** in 200 answers" in table[2]
    assert "300 to 302 MiB (**+2**)" in table[3]
    assert "95 % within **0.70 s** beside it, 0.50 s without it" in table[6]
    write("load", {key: value for key, value in LOAD.items() if key not in ("sessions", "reader_alone")})
    assert lines("trust")[2].startswith("| 4 visitors in Chromium, each a stroke every 3 s")
    assert len(lines("trust")) == 2 + 4


def test_faults_are_counted_by_section():
    states = {"disk": ["ok"] * 78, "kills": ["ok", "skipped"]}
    rows = [
        {"section": section, "check": "a", "state": state, "seen": ""}
        for section, several in states.items()
        for state in several
    ]
    found = {
        "data": "faults",
        "n": 80,
        "asked": {"kills": 50},
        "held": 79,
        "skipped": 1,
        "broken": 0,
        "seconds": {},
    }
    write("faults", ABOUT | found | {"rows": rows})
    table = lines("trust")
    assert "| **78 of 78** checks held |" in table[2]
    assert "(50 each)" in table[3]
    assert "| **1 of 2** checks held, 1 skipped |" in table[3]
    assert len(table) == 4  # what was not tried is not told


@pytest.fixture
def save(surroundings):
    """Return what puts a shipped network into models/ under another name and returns its path."""

    def saved(name):
        path = surroundings / "models" / f"{name}.keras"
        shutil.copy(ROOT / "models" / "mnist_tiny.keras", path)
        card = read_json(ROOT / "models" / "mnist_tiny.json")
        write_json(path.with_suffix(".json"), card | {"name": name})
        return path

    return saved


def test_a_figure_is_held_against_what_was_asked(save):
    figures = {"data": "canvases", "n": 3, "seed": 1, "machine": "two cores", "runtimes": []}
    found = {"page_seconds": 1.9, "stroke_p95_ms": 250, "canvases_per_second": 390, "import_seconds": 7.5}
    asked = {"page_seconds": 2, "stroke_p95_ms": 200, "canvases_per_second": 400}
    result = figures | found | {"asked": asked, "canvas_ms": 6.1}
    leaderboard.Result(path=save("handwriting"), kind="speed", figures=result).write()
    assert [line.split("|")[2:4] for line in lines("speed")[2:]] == [
        [" 2 s ", " **1.9 s** "],
        [" 200 ms ", " **250 ms**, missed "],
        [" - ", " **7.5 s** "],
        [" - ", " **6.1 ms** "],
        [" 400 a second ", " **390 a second**, missed "],
    ]


def test_real_writing_comes_first_also_where_an_older_result_does_not_say_so(save):
    figures = {"data": "all", "n": 3, "seed": 1}
    one = {
        "words": "digits",
        "asked": 0.9,
        "ece_missed": False,
        "n": 3,
        "accuracy": 1.0,
        "interval_95": [0.4, 1.0],
    }
    for marks in (
        {"pen": {}, "ledger": {}},
        {"pen": {"real": False}, "amounts": {"real": True, "ece": 0.02}},
    ):
        rows = [one | {"set": name} | mark for name, mark in marks.items()]
        result = figures | {"sets": rows, "calibration": {"ece": 0.01}}
        leaderboard.Result(path=save("handwriting"), kind="handwriting", figures=result).write()
        assert ["| real |" in line for line in lines("handwriting")[2:]] == [True, False]
        assert len(lines("real")) == 3
    assert lines("handwriting")[2].endswith("| 2.00% |")
    assert lines("handwriting")[3].endswith("| 1.00% |")


def test_the_classic_table_of_attacks_puts_before_beside_after(save):
    assert "Not measured yet" in lines("adversarial")[0]
    for name, fgsm, pgd in (("mnist_plain", 0.25, 0.0), ("mnist_robust", 0.95, 0.9)):
        known = {"fgsm": fgsm, "fgsm_interval_95": [0, 1], "pgd": pgd, "pgd_interval_95": [0, 1]}
        rows = [{"epsilon": epsilon, **known} for epsilon in (0.05, 0.1, 0.2, 0.3)]
        strongest = {"epsilon": 0.3, "accuracy": pgd, "n": 60, "interval_95": [0, 1]}
        found = {"data": "MNIST", "n": 60, "seed": 1, "steps": 40, "step": 0.01, "restarts": 3, "clean": 0.99}
        found |= {
            "strongest": strongest,
            "rows": rows,
            "checks": {"converged": {"holds": name == "mnist_plain"}},
        }
        leaderboard.Result(path=save(name), kind="adversarial", figures=found).write()
    said, _, header, _, *table = lines("adversarial")
    assert said == "Before is `mnist_plain`, after `mnist_robust`."
    assert (
        header
        == "| epsilon | clean before | clean after | FGSM before | FGSM after | PGD before | PGD after |"
    )
    assert table[0] == "| 0.1 | 99.0% | 99.0% | 25.0% | 95.0% | 0.0% | 90.0% |"
    assert len(table) == 3
    assert lines("attacks")[-1].endswith("90.0% (0.0% to 100.0%) | converged |")
