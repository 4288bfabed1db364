"""The script that holds exports against the model on MNIST's test digits."""

import json

import pytest
from evaluation_scripts import run

from digits.models import leaderboard


def test_exports_are_held_against_the_model(judged):
    done = run("judges.exports", "--model", "tiny", "--to", "keras", "h5", "--limit", 40)
    assert done.returncode == 0, done.stderr
    result = json.loads((judged / "results" / "tiny.exports.some.first40.json").read_text())
    assert (result["data"], result["n"], result["seed"]) == ("MNIST test", 40, None)
    assert [row["format"] for row in result["exports"]] == ["keras", "h5"]
    assert all(row["agreement"] == 1 and row["passed"] for row in result["exports"])
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["tiny.keras", "tiny.h5"]


@pytest.mark.parametrize(("flags", "words"), [(["--limit", 0], "limit is 0"), (["--to", "coreml"], "coreml")])
def test_bad_settings_end_with_two(flags, words, surroundings):
    done = run("judges.exports", *flags)
    assert done.returncode == 2
    assert words in done.stderr


def test_a_result_of_an_exported_file_cannot_pass_for_the_models(surroundings):
    file = surroundings / "models" / "tiny.onnx"
    file.write_bytes(b"an export")
    leaderboard.write(file, "pen", {"data": "some", "n": 1, "seed": None})
    assert [path.name for path in (surroundings / "results").iterdir()] == ["tiny.pen.outside.json"]
