"""The evaluation scripts: results as JSON, figures beside them, tables for the README."""

import json

import numpy as np
import pytest
from evaluation_scripts import run
from PIL import Image


def test_a_model_is_judged_on_the_test_digits(judged):
    result = json.loads((judged / "results" / "tiny.json").read_text())
    confusion = np.array(result["confusion"])
    assert confusion.sum() == result["n"] == 297
    assert result["errors"] == 297 - np.trace(confusion)
    assert result["interval_95"][0] <= result["accuracy"] <= result["interval_95"][1]
    assert len(result["f1_per_class"]) == 10
    assert len(result["sha256"]) == 64
    for pair in result["most_confused"]:
        assert len(pair["examples"]) == min(8, pair["count"])
    for name in ("confusion", "pairs", "misclassified"):
        assert Image.open(judged / "results" / "figures" / f"tiny_{name}.png").width > 300


def test_a_partial_run_does_not_replace_the_published_result(judged):
    before = (judged / "results" / "tiny.json").read_bytes()
    assert run("judges.accuracy", "--model", "tiny", "--limit", 20).returncode == 0
    assert (judged / "results" / "tiny.json").read_bytes() == before
    assert json.loads((judged / "results" / "tiny.first20.json").read_text())["n"] == 20


def test_an_accuracy_under_the_least_ends_with_one(judged):
    assert run("judges.accuracy", "--model", "tiny", "--limit", 200, "--min-accuracy", 0.99).returncode == 1


def test_an_unknown_model_ends_with_two_and_one_sentence(surroundings):
    for flags, words in ((["--model", "no_such"], "no_such"), (["--limit", 0], "limit is 0")):
        done = run("judges.accuracy", *flags)
        assert done.returncode == 2
        assert words in done.stderr
        assert "Traceback" not in done.stderr


def test_damaged_digits_are_judged_kind_by_kind(judged):
    flags = ["--model", "tiny", "--kinds", "stripe", "fog", "--severities", 1, 5, "--limit", 30]
    done = run("judges.corruptions", *flags)
    assert done.returncode == 0, done.stderr
    result = json.loads((judged / "results" / "tiny.robustness.some.first30.json").read_text())
    pairs = [(row["kind"], row["severity"]) for row in result["rows"]]
    assert pairs == [("stripe", 1), ("stripe", 5), ("fog", 1), ("fog", 5)]
    assert result["mean_accuracy"] == pytest.approx(
        np.mean([row["accuracy"] for row in result["rows"]]), abs=1e-4
    )
    assert result["interval_95"][0] <= result["mean_accuracy"] <= result["interval_95"][1]
    assert result["clean"]["n"] == 30
    assert "mnist_c" not in result
    curves = judged / "results" / "figures" / "tiny.some.first30_robustness.png"
    assert Image.open(curves).width > 300
    assert curves.with_suffix(".svg").read_text().startswith("<?xml")
    assert run("judges.corruptions", "--model", "tiny", "--kinds", "rain").returncode == 2


def test_pen_drawings_are_judged_by_site_and_trained_sites_do_not_count(judged):
    folder = judged / "pen"
    for digit, site in ((1, "aa"), (7, "aa"), (1, "bb")):
        (folder / str(digit)).mkdir(parents=True, exist_ok=True)
        picture = Image.new("L", (60, 60), "white")
        picture.paste(0, (28, 8, 33, 52))
        picture.save(folder / str(digit) / f"{site}_1.png")
    card = judged / "models" / "tiny.json"
    config = {"learnt_from": {"pen": ["aa"]}}
    card.write_text(json.dumps(json.loads(card.read_text()) | {"config": config}))
    done = run("judges.pen", "--model", "tiny", "--data", folder)
    assert done.returncode == 0, done.stderr
    result = json.loads((judged / "results" / "tiny.pen.own.json").read_text())
    assert [(row["site"], row["n"], row["held_out"]) for row in result["rows"]] == [
        ("aa", 2, False),
        ("bb", 1, True),
    ]
    assert result["held_out"]["n"] == 1


def test_the_canvas_benchmark_compares_with_the_middle(judged):
    done = run("judges.canvas", "--model", "tiny", "--n", 12)
    assert done.returncode == 0, done.stderr
    result = json.loads((judged / "results" / "tiny.canvas.some.json").read_text())
    assert len(result["rows"]) == 25
    assert {row["size"] for row in result["rows"]} == {0.3, 0.5, 0.7, 1.0, 1.3}


def test_a_model_is_judged_on_handwriting_of_every_kind(judged, handwriting_data):
    sets = ["pen", "touching", "letters", "nothing"]
    done = run("handwriting", "--model", "tiny", "--sets", *sets, "--n", 6)
    assert done.returncode == 0, done.stderr
    result = json.loads((judged / "results" / "tiny.handwriting.some.n6.json").read_text())
    rows = {row["set"]: row for row in result["sets"]}
    assert list(rows) == [*sets, "answered"]
    for row in rows.values():
        assert row["interval_95"][0] <= row["accuracy"] <= row["interval_95"][1]
    for name in sets:
        assert (
            rows[name]["n"] == sum(rows[name]["statuses"].values()) == sum(r["n"] for r in rows[name]["rows"])
        )
        wrong = judged / "results" / "figures" / f"tiny.some.n6_handwriting_{name}.png"
        assert wrong.exists() == (rows[name]["accuracy"] < 1)
    assert rows["pen"]["asked"] == 0.99
    assert {row["source"] for row in rows["pen"]["rows"]} == {"aga", "app"}
    for name in ("risk_coverage", "reliability"):
        assert Image.open(judged / "results" / "figures" / f"tiny.some.n6_handwriting_{name}.png").width > 300


def test_reading_is_timed_stage_by_stage(judged, handwriting_data):
    few = ["--n", 4, "--photos", 1, "--swept", 5, "--turns", 1]
    done = run("benchmarks.speed", "--model", "tiny", "--parts", "road", "pages", *few)
    assert done.returncode == 0, done.stderr
    result = json.loads((judged / "results" / "tiny.speed.some.json").read_text())
    stages = result["canvas_stages_ms"]
    assert list(stages) == ["decode", "ink", "split", "frame", "network", "judge"]
    assert all(milliseconds > 0 for milliseconds in stages.values())
    assert result["photo_stages_ms"]["decode"] > stages["decode"]  # 12 megapixels
    assert result["explained"] == 4
    for method in ("grad_cam_ms", "integrated_gradients_ms", "occlusion_ms"):
        assert result[method] > 0
        assert result["explain_processor_ms"][method] > 0
        assert result["asked"][method] in (30, 200, 300)
    assert "page_seconds" not in result
    assert run("benchmarks.speed", "--parts", "road", "moon").returncode == 2
