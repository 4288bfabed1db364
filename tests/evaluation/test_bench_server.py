"""The server under load, as bench_server.py measures it, and its table."""

import io
import json
import shutil

import pytest
from evaluation_scripts import run

from digits.models import leaderboard
from evaluation.benchmarks import server
from evaluation.report import judge_tables
from evaluation.report.schemas import problems

ROW = {
    "clients": 8,
    "per_second": 120.4,
    "requests": 3600,
    "errors": 0,
    "p50_ms": 61.2,
    "p95_ms": 80.0,
    "p99_ms": 95.1,
    "largest_ms": 130.0,
    "together": 4.04,
}
FIGURES = {"data": "made", "n": 1, "seed": 1, "machine": "any", "tool": "wrk", "seconds": 30, "rows": [ROW]}


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_a_server_is_started_asked_and_ended(judged, handwriting_data):
    done = run("benchmarks.server", "--model", "tiny", "--n", 3, "--seconds", 1, "--clients", 1, 4)
    assert done.returncode == 0, done.stderr
    result = json.loads((judged / "results" / "tiny.server.some.json").read_text())
    assert problems("server", result) == []
    assert [row["clients"] for row in result["rows"]] == [1, 4]
    for row in result["rows"]:
        assert row["errors"] == 0
        assert row["requests"] >= 1
        assert row["p50_ms"] <= row["p95_ms"] <= row["p99_ms"] <= row["largest_ms"]
        assert 1 <= row["together"] <= 4
    assert result["tool"].startswith("wrk")


def test_errors_make_no_result(judged):
    path = judged / "models" / "tiny.keras"
    good = leaderboard.write(path, "server", FIGURES)
    assert problems("server", good) == []
    assert "errors" in problems("server", good | {"rows": [ROW | {"errors": 2}]})[0]


def test_the_table_says_how_long_clients_wait(judged):
    leaderboard.write(judged / "models" / "tiny.keras", "server", FIGURES)
    line = judge_tables.server_table().splitlines()[2]
    assert line == ("| `tiny` | 8 | 120 | 61 ms | 80 ms | 95 ms | 130 ms | 4.0 | 0 of 3,600 | any |")


def test_without_wrk_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ValueError, match="apt install wrk"):
        server.wrk()


def test_a_server_that_never_comes_to_rest_is_given_up(monkeypatch):
    monkeypatch.setattr(
        server.urllib.request, "urlopen", lambda url: io.BytesIO(b"digits_requests_inside 1\n")
    )
    monkeypatch.setattr(server, "PATIENCE", 0)
    with pytest.raises(ValueError, match="still reads 0 seconds after"):
        server.batches("http://any")
