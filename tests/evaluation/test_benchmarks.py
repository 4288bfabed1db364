"""What the benchmarks reckon with, the quick parts of them run once, and what they have published."""

import shutil

import numpy as np
import pytest

from digits.config import DEFAULT_MODEL, ROOT
from digits.deploy.batch import sources
from digits.files import read_json
from evaluation.benchmarks import batch, inside, load, server, speed
from evaluation.benchmarks.visitors import drawings
from evaluation.handwriting import sets
from evaluation.report.jobs import problems


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Return the folder where results go; models are the shipped ones."""
    monkeypatch.setenv("DIGITS_RESULTS_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("kind", ["gate", "fuzz", "faults", "load"])
def test_what_was_measured_on_the_program_is_as_the_schema_says(kind):
    assert problems(kind, read_json(ROOT / "evaluation" / "results" / f"{kind}.json")) == []


@pytest.mark.parametrize(
    ("kind", "harm", "word"),
    [
        ("fuzz", {"harms": [{"kind": "png: open", "what": "it ended with -11"}]}, "harms"),
        ("gate", {"ran": True}, "ran"),
        ("gate", {"slowest_ms": 5001}, "slowest_ms"),
        ("faults", {"broken": 1}, "broken"),
        ("faults", {"rows": [{"state": "NOT ok"}]}, "NOT ok"),
        ("server", {"rows": [{"errors": 2}]}, "errors"),
    ],
)
def test_harm_is_no_result_that_counts(kind, harm, word):
    assert any(word in problem for problem in problems(kind, harm))


def test_reading_is_timed_stage_by_stage(results, handwriting_data, monkeypatch):
    monkeypatch.setattr(inside, "PHOTO", (900, 1200))
    monkeypatch.setattr(inside, "TALL", 54)
    speed.main(speed.Settings(parts=("road",), n=4, photos=1))
    result = read_json(results / f"{DEFAULT_MODEL}.speed.some.json")
    stages = result["canvas_stages_ms"]
    assert list(stages) == ["decode", "ink", "split", "frame", "network", "judge"]
    assert all(milliseconds > 0 for milliseconds in stages.values())
    assert result["photo_stages_ms"]["decode"] > stages["decode"]  # it is larger
    assert result["asked"]["grad_cam_ms"] == 30
    assert "page_seconds" not in result
    with pytest.raises(ValueError, match="moon"):
        speed.Settings(parts=("road", "moon"))


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_a_server_is_started_asked_and_ended(results, handwriting_data):
    server.main(server.Settings(n=3, seconds=1, clients=(1, 4), readers=(2,)))
    result = read_json(results / f"{DEFAULT_MODEL}.server.some.json")
    assert problems("server", result) == []
    assert [(row["readers"], row["clients"]) for row in result["rows"]] == [(2, 1), (2, 4)]
    for row in result["rows"]:
        assert row["requests"] >= 1
        assert row["p50_ms"] <= row["p95_ms"] <= row["p99_ms"] <= row["largest_ms"]
        assert 1 <= row["together"] <= 4
    assert result["tool"].startswith("wrk")


def test_what_ends_together_is_not_counted_as_done_in_no_time():
    one = [(5.0, 100), (15.0, 100), (25.0, 100)]
    assert batch.rate(one, 1) == 10
    two = [(5.0, 100), (5.1, 100), (15.0, 100), (15.1, 100), (25.0, 100), (25.1, 100)]
    assert batch.rate(two, 2) == pytest.approx(20)


def test_every_kind_of_pile_holds_the_same_pictures(surroundings):
    members = list(batch.pictures(6))
    for kind in batch.KINDS:
        path = batch.make(surroundings / "piles", kind, members)
        assert [item.key for item in sources.items(str(path))] == [name for name, _ in members]


def test_bulk_figures_beyond_what_is_asked_are_named():
    good = {"peak_mb": 900, "rows": [{"largest_difference": 0.0}], "front_door": {"largest_difference": 1e-5}}
    assert batch.missed(good) == []
    bad = good | {"peak_mb": 2000, "front_door": {"largest_difference": float("nan")}}
    assert batch.missed(bad) == [
        "peak_mb is 2000; asked is 1024.",
        "largest_difference is nan; asked is 0.0001.",
    ]


def test_growth_begins_where_it_is_warm():
    at = list(range(100))
    mib = [500 + 10 * min(second, 20) + 0.5 * second for second in at]
    found = load.growth(at, mib, after=20)
    assert found["mib_per_unit"] == pytest.approx(0.5)
    assert found["growth_mib"] == pytest.approx(0.5 * 72, abs=0.11)  # from the first tenth to the last
    with pytest.raises(ValueError, match="weighed 1 times after 99"):
        load.growth(at, mib, after=99)


def test_what_visitors_saw_is_weighed_against_what_is_asked():
    nothing, calm = load.Tally().figures(), {"growth_mib": -3.0}
    good = {"browsers": load.Tally(seconds=[0.1, 0.3, 0.2]).figures(), "memory": calm}
    good |= {"app_alone": nothing | calm, "beside_sweep": {"without": nothing, "with": nothing}}
    assert good["browsers"] | {"n": 3, "p50_s": 0.2, "p95_s": 0.29, "max_s": 0.3} == good["browsers"]
    assert load.faults(good) == []
    bad = good | {"browsers": load.Tally(seconds=[9.0], errors=["No answer."]).figures()}
    bad |= {"memory": {"growth_mib": 900.0}}
    assert [words.partition(":")[0] for words in load.faults(bad)] == ["browsers", "browsers", "memory"]


def test_a_digit_is_drawn_stroke_by_stroke_within_the_canvas(handwriting_data):
    for drawing in drawings(sets.Material(), 4):
        dark = [(step.picture[..., 0] < 128).sum() for step in drawing]
        assert dark == sorted(set(dark))  # each stroke adds to it
        assert [len(step.strokes) for step in drawing] == list(range(1, len(drawing) + 1))
        points = np.concatenate(drawing[-1].strokes)
        assert 0 < points.min() < points.max() < 280
